"""The data sets: ours, and public ones given as a path prefix; which intents are held out; what a right answer is."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

from bench.contender import read_yaml

__all__ = ["KINDS", "OUR_SET", "DataSet", "Row", "held_out", "limited", "our_set", "public_set", "side"]

OUR_SET = "themes"
REFUSAL = "hors_sujet"  # the theme of ours that says "out of the domain"
TUNING = "reglage"  # the only part of our questions that a measure may read while we still choose
KINDS = ("clean", "noisy")
SEED = 0  # of the intents held out and of the rows kept by --limit

Example = tuple[str, str]  # text, intent


@dataclass(frozen=True)
class Row:
    """A test message and every intent that is a right answer."""

    text: str
    right: frozenset[str]


@dataclass(frozen=True)
class DataSet:
    """`tests`: rows by kind. `refusal`: an intent of the training data that itself means "out of the domain"."""

    name: str
    training: list[Example]
    tests: dict[str, list[Row]]
    refusal: str = ""

    @property
    def intents(self) -> list[str]:
        return sorted({intent for _, intent in self.training})

    @property
    def rows(self) -> list[Row]:
        """All test rows, clean first."""
        return [row for kind in KINDS for row in self.tests[kind]]

    def without(self, intents: frozenset[str]) -> list[Example]:
        """The training examples of the other intents."""
        return [example for example in self.training if example[1] not in intents]


def our_set(examples: list[Example], questions: Path, ignored: list[str]) -> DataSet:
    """The examples of data/ but for the `ignored` intents, and the tuning part of tests/brain/questions.yml."""
    tests: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    for question in read_yaml(questions)["questions"]:
        if question["part"] == TUNING:
            right = frozenset([question["theme"], *question.get("acceptable", ())])
            tests["clean" if question["noise"] == "none" else "noisy"].append(Row(question["text"], right))
    return DataSet(OUR_SET, [example for example in examples if example[1] not in ignored], tests, REFUSAL)


def public_set(prefix: Path) -> DataSet:
    """PREFIX-train.jsonl, PREFIX-test.jsonl and, when there is one, PREFIX-test-noisy.jsonl: {text, intent} a line."""
    noisy = Path(f"{prefix}-test-noisy.jsonl")
    return DataSet(
        prefix.name,
        _lines(Path(f"{prefix}-train.jsonl")),
        {
            "clean": [Row(text, frozenset([intent])) for text, intent in _lines(Path(f"{prefix}-test.jsonl"))],
            "noisy": [Row(text, frozenset([intent])) for text, intent in (_lines(noisy) if noisy.exists() else ())],
        },
    )


def limited(dataset: DataSet, limit: int) -> DataSet:
    """At most `limit` training examples, taken from each intent in turn, and `limit` test rows of each kind."""
    waiting: dict[str, list[Example]] = {}
    for example in dataset.training:
        waiting.setdefault(example[1], []).append(example)
    turns = [(turn, example) for examples in waiting.values() for turn, example in enumerate(examples)]
    kept = [example for _, example in sorted(turns, key=lambda one: one[0])[:limit]]
    tests = {
        kind: random.Random(SEED).sample(rows, limit) if len(rows) > limit else rows
        for kind, rows in dataset.tests.items()
    }
    return replace(dataset, training=kept, tests=tests)


def held_out(dataset: DataSet) -> frozenset[str]:
    """A quarter of the intents, drawn with a fixed seed: the same for every contender. The refusal is never drawn."""
    drawn_from = [intent for intent in dataset.intents if intent != dataset.refusal]
    return frozenset(random.Random(SEED).sample(drawn_from, len(drawn_from) // 4))


def side(row: Row, held: frozenset[str], refusal: str) -> str | None:
    """ "outside" when every right answer is held out, "inside" when none is; None when a row counts on neither side.

    A refusal was trained on and yet is out of the domain by its name; a row with answers on both sides is neither.
    """
    if refusal in row.right:
        return None
    if row.right <= held:
        return "outside"
    return "inside" if row.right.isdisjoint(held) else None


def _lines(path: Path) -> list[Example]:
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip())
    return [(row["text"], row["intent"].replace("/", "_")) for row in rows]  # Rasa reads a/b as a retrieval intent
