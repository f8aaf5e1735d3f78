"""What a trained model makes of phrases, for `guichet try`, `diff`, `evaluate`, `robustness`: they ask brain/ask.py."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guichet.model import run_in_brain
from guichet.questions import Question

__all__ = ["Change", "NotUnderstood", "ask", "changes"]

SHORTEST_LIMIT = 300  # seconds
PHRASE_LIMIT = 0.2  # seconds a phrase; it takes about 0.03


class NotUnderstood(RuntimeError):
    """The model could not be asked; the text says what to do (in French)."""


def ask(phrases: Sequence[str], archive: Path) -> list[dict[str, Any]]:
    """One {text, intent, ranking, nearest, decision} a phrase, as brain/ask.py gives them. Raises NotUnderstood."""
    if not archive.exists():
        raise NotUnderstood("Il n'y a pas encore de modèle. Lancez « bin/guichet train ».")
    lines = "".join(json.dumps({"text": phrase}, ensure_ascii=False) + "\n" for phrase in phrases)
    limit = max(SHORTEST_LIMIT, PHRASE_LIMIT * len(phrases))
    try:
        printed = run_in_brain("brain.ask", archive, lines, limit)
    except FileNotFoundError:
        raise NotUnderstood("L'environnement du cerveau manque. Lancez « make setup ».") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["?"])[-1]
        raise NotUnderstood(
            f"{archive.name} ne se lit pas avec le code actuel ({last}). Lancez « bin/guichet train --force »."
        ) from None
    except subprocess.TimeoutExpired:
        raise NotUnderstood(f"Le modèle n'a pas répondu en {limit:.0f} s. Relancez avec moins de phrases.") from None
    # not splitlines(): a phrase may hold U+2028, which ends no line of JSON
    return [json.loads(line) for line in printed.split("\n") if line]


@dataclass(frozen=True)
class Change:
    """A question that two models do not understand alike."""

    question: Question
    before: str
    after: str

    @property
    def verdict(self) -> str:
        """«gagnée», «perdue», or «autre» when both are right or both wrong."""
        was, now = (intent in self.question.right for intent in (self.before, self.after))
        return "autre" if was == now else ("gagnée" if now else "perdue")


def changes(questions: Sequence[Question], before: Path, after: Path) -> list[Change]:
    """The questions whose decided intent differs between two archives. Raises NotUnderstood."""
    texts = [question.text for question in questions]
    was, now = ask(texts, before), ask(texts, after)
    return [
        Change(question, old["intent"]["name"], new["intent"]["name"])
        for question, old, new in zip(questions, was, now, strict=True)
        if old["intent"]["name"] != new["intent"]["name"]
    ]
