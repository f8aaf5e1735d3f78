"""What is switched off now, and what people read instead (DESIGN §4, at display)."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["NOTHING_OFF", "Off"]


@dataclass(frozen=True)
class Off:
    """The operators' messages, as they typed them: of the whole bot, by theme id, by téléservice id."""

    bot: str | None = None
    themes: dict[str, str] = field(default_factory=dict)
    teleservices: dict[str, str] = field(default_factory=dict)


NOTHING_OFF = Off()
