"""A case's conversation as a counsellor reads it: plain text, harmless characters, a bounded size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from guichet.content.bare import harmless, unmarked

__all__ = ["SIZE_LIMIT", "Block", "Line", "Transcript", "blocks", "plain", "read_transcript", "themes_answered"]

SIZE_LIMIT = 60_000  # bytes of UTF-8; Gmail clips an HTML part above 102 kB
LINE_COST = 100  # bytes that a line costs besides its text: its author, its markup
ITEM = re.compile(r"[-*•] +(?=\S)")
BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Block:
    """A paragraph, or a list whose items have lost their dashes; `lines` of text."""

    lines: list[str]
    is_list: bool


@dataclass(frozen=True)
class Line:
    """One thing said."""

    who: str
    bot: bool
    blocks: list[Block]


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
        kept.append(Line("Assistant" if bot else "Assuré", bot, blocks(text)))
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


def blocks(text: str) -> list[Block]:
    """The paragraphs and lists of a text; lines that follow each other and begin with a dash are a list."""
    found: list[Block] = []
    for paragraph in text.split("\n\n"):
        for is_list, lines in groupby(paragraph.split("\n"), lambda line: bool(ITEM.match(line))):
            found.append(Block([ITEM.sub("", line, count=1) if is_list else line for line in lines], is_list))
    return found


def themes_answered(said: list[dict[str, Any]]) -> list[str]:
    """The themes that the bot gave an answer on, in order, each once."""
    return list(
        dict.fromkeys(str(turn["theme"]) for turn in said if turn.get("kind") == "answer" and turn.get("theme"))
    )
