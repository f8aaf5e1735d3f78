"""What a trained model makes of phrases, for `guichet try` and `guichet diff`: they ask brain/ask.py."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from guichet.content.themes import read_yaml
from guichet.model import run_in_brain

__all__ = ["Change", "NotUnderstood", "Question", "ask", "changes", "read_questions"]

TIME_LIMIT = 300  # seconds


class NotUnderstood(RuntimeError):
    """The model could not be asked; the text says what to do (in French)."""


def ask(phrases: Sequence[str], archive: Path) -> list[dict[str, Any]]:
    """One {text, intent, ranking, nearest, decision} a phrase, as brain/ask.py gives them. Raises NotUnderstood."""
    if not archive.exists():
        raise NotUnderstood("Il n'y a pas encore de modèle. Lancez « bin/guichet train ».")
    lines = "".join(json.dumps({"text": phrase}, ensure_ascii=False) + "\n" for phrase in phrases)
    try:
        printed = run_in_brain("brain.ask", archive, lines, TIME_LIMIT)
    except FileNotFoundError:
        raise NotUnderstood("L'environnement du cerveau manque. Lancez « make setup ».") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["?"])[-1]
        raise NotUnderstood(
            f"{archive.name} ne se lit pas avec le code actuel ({last}). Lancez « bin/guichet train --force »."
        ) from None
    except subprocess.TimeoutExpired:
        raise NotUnderstood(f"Le modèle n'a pas répondu en {TIME_LIMIT} s. Relancez avec moins de phrases.") from None
    return [json.loads(line) for line in printed.splitlines()]


@dataclass(frozen=True)
class Question:
    """A development question (tests/brain/questions.yml) and the themes that are right answers to it."""

    text: str
    right: frozenset[str]
    part: str  # "reglage": to choose and mend; "preuve": only to report
    noise: str = "none"  # none | sms | accents | slips | capitals | anger | learner | mixed
    kind: str = ""  # of an out-of-domain question: near | far


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


def read_questions(path: Path) -> list[Question]:
    """The questions of the file. Raises NotUnderstood when it is missing."""
    if not path.exists():
        raise NotUnderstood(f"{path} manque : c'est lui qui tient les questions de mise au point.")
    rows = read_yaml(path)
    return [
        Question(
            text=str(row["text"]),
            right=frozenset({row["theme"], *(row.get("acceptable") or ())}),
            part=row.get("part", "reglage"),
            noise=row.get("noise", "none"),
            kind=row.get("kind", ""),
        )
        for row in (rows["questions"] if isinstance(rows, dict) else rows)
    ]


def changes(questions: Sequence[Question], before: Path, after: Path) -> list[Change]:
    """The questions whose decided intent differs between two archives. Raises NotUnderstood."""
    texts = [question.text for question in questions]
    was, now = ask(texts, before), ask(texts, after)
    return [
        Change(question, old["intent"]["name"], new["intent"]["name"])
        for question, old, new in zip(questions, was, now, strict=True)
        if old["intent"]["name"] != new["intent"]["name"]
    ]
