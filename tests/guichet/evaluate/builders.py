"""What the brain says of a phrase, and what the bot made of a question, in few words."""

from __future__ import annotations

from typing import Any

from guichet.evaluate.outcome import Outcome, outcomes
from guichet.questions import Question
from guichet.safety import Detection

__all__ = ["outcome", "reply"]


def reply(intent: str, *ranking: str, confidence: float = 0.5, themes: tuple[str, ...] = (), **more: Any) -> dict:
    """A line of brain/ask.py. `ranking` is the intent alone when absent; each name after the first has half as much."""
    rows = [{"name": name, "confidence": confidence / 2**n} for n, name in enumerate(ranking or (intent,))]
    said = {"intent": intent, "themes": list(themes)}
    return {"text": "?", "intent": {"name": intent, "confidence": confidence}, "ranking": rows, "decision": said} | more


def outcome(
    theme: str,
    said: dict | str,
    *,
    text: str = "?",
    acceptable: tuple[str, ...] = (),
    noise: str = "none",
    kind: str = "",
    crisis: str = "",
    second: str = "",
) -> Outcome:
    """One outcome; `said` is a reply, or the theme it names. `crisis`: the theme that safety recognised."""
    question = Question(text, theme, frozenset(acceptable), "", noise, kind, second)
    detection = Detection(crisis, "x") if crisis else None
    return outcomes([question], [reply(said) if isinstance(said, str) else said], [detection])[0]
