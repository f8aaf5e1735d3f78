"""Texts made harmless and bare, for people who read them elsewhere than in the widget: mails and console."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["harmless", "unmarked"]

# Characters that turn the direction of writing: a text could be made to read otherwise than it is.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINK = re.compile(r"\[([^\]\n]+)\]\([^)\s]*\)")
BOLD = re.compile(r"\*\*(.+?)\*\*")


def harmless(text: str) -> str:
    """A text without control, direction-changing or half characters; line feeds and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or (c not in TURNING and unicodedata.category(c) not in ("Cc", "Cs")))


def unmarked(text: str) -> str:
    """The bot's small Markdown as bare text: the words of a link, without its address."""
    return BOLD.sub(r"\1", LINK.sub(r"\1", text))
