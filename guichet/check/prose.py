"""A text as people read it: without markup, with its amounts, cut into sentences and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from guichet.check.links import LINK, MONTANT

__all__ = ["plain", "sentences", "word_count"]

END = re.compile(r"(?<=[.!?…])\s+(?=[«\"(]?\s?[A-ZÀ-ÖØ-Þ0-9])")


def plain(raw: str, montants: Mapping[str, Any]) -> str:
    """The text a screen reader says. `montants` are the entries of data/montants.yml."""

    def amount(match: re.Match[str]) -> str:
        row = montants.get(match[1])
        return f"{row.get('valeur', '')} {row.get('unite') or ''}".strip() if isinstance(row, dict) else match[1]

    text = LINK.sub(r"\1", MONTANT.sub(amount, raw))
    return text.replace("**", "")


def sentences(text: str) -> list[str]:
    """Sentences of a plain text; each item of a list is one."""
    lines = (re.sub(r"^\s*- ", "", line).strip() for line in text.splitlines())
    return [sentence for line in lines if line for sentence in END.split(line)]


def word_count(text: str) -> int:
    """Words separated by spaces; signs alone do not count."""
    return sum(1 for token in text.split() if re.search(r"\w", token))
