"""A case's conversation as a counsellor reads it: plain text, harmless characters, a bounded size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from guichet.content.bare import harmless, unmarked

__all__ = ["SIZE_LIMIT", "Line", "Transcript", "plain", "read_transcript"]

SIZE_LIMIT = 60_000  # bytes of UTF-8; Gmail clips an HTML part above 102 kB
LINE_COST = 100  # bytes that a line costs besides its text: its author, its markup
BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Line:
    """One thing said. `paragraphs` are lists of text lines."""

    who: str
    bot: bool
    paragraphs: list[list[str]]


@dataclass(frozen=True)
class Transcript:
    """The newest lines that fit, in order, and how many older ones were left out."""

    lines: list[Line]
    cut: int


def read_transcript(said: list[dict[str, Any]], limit: int = SIZE_LIMIT) -> Transcript:
    """The end of a conversation ({from, text} each) that fits in `limit` bytes."""
    kept: list[Line] = []
    room = limit
    for turn in reversed(said):
        bot = turn.get("from") != "user"
        text = plain(str(turn.get("text") or ""))
        text = unmarked(text) if bot else text
        room -= len(text.encode()) + LINE_COST
        if room < 0:
            break
        kept.append(Line("Assistant" if bot else "Assuré", bot, paragraphs(text)))
    return Transcript(kept[::-1], cut=len(said) - len(kept))


def plain(text: str, limit: int | None = None) -> str:
    """A text without control, direction-changing or half characters, its line breaks made one kind.

    With `limit` (characters), what is beyond is replaced by «[…]».
    """
    text = BREAKS.sub("\n", text)
    text = harmless(text)
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip()
    return text if limit is None or len(text) <= limit else text[:limit].rstrip() + " […]"


def paragraphs(text: str) -> list[list[str]]:
    return [block.split("\n") for block in text.split("\n\n")]
