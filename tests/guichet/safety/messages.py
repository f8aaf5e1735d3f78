"""The messages that are learned, those that only measure, and the detector that reads them."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import NamedTuple

from ruamel.yaml import YAML

from guichet.model import LIKENESS
from guichet.safety import load

ROOT = Path(__file__).parents[3]
DATA = ROOT / "data" / "urgences.yml"
DETECTOR = load(DATA, LIKENESS)
THEMES = ("urgence_medicale", "urgence_suicide", "urgence_violences")


def read(path: Path) -> dict:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def crises(themes: dict) -> list[tuple[str, str, str]]:
    """(theme, explicites | voilees, message)."""
    return [(theme, kind, text) for theme in THEMES for kind, texts in themes[theme].items() for text in texts]


def flat(groups: dict) -> list[str]:
    return [text for texts in groups.values() for text in texts]


class Blind(NamedTuple):
    """Messages by writers who had seen nothing here: none of them is learned."""

    crises: list[tuple[str, str, str]]
    look_alikes: list[str]

    @classmethod
    def of(cls, name: str) -> Blind:
        document = read(Path(__file__).parent / f"{name}.yml")
        return cls(crises(document["crises"]), flat(document["ressemblances"]))

    @property
    def texts(self) -> list[str]:
        return [*(text for _, _, text in self.crises), *self.look_alikes]


EXAMPLES = ROOT / "data" / "urgences_exemples"
CRISES = crises({path.stem: read(path) for path in EXAMPLES.glob("*.yml")})
LOOK_ALIKES = [text for path in sorted(EXAMPLES.glob("calmes/*.yml")) for text in flat(read(path))]
EVERYTHING = [sentence for _, _, sentence in CRISES] + LOOK_ALIKES
# seuils: the thresholds were chosen on it. pieges: its writer was asked for traps. mesure: what people really write.
BLIND = {name: Blind.of(name) for name in ("seuils", "pieges", "mesure")}
ORDINARY = read(Path(__file__).parent / "ordinaires.yml")  # every day's messages, by kind: no trap among them


def alarms(sentences: list[str]) -> list[str]:
    return [sentence for sentence in sentences if DETECTOR.detect(sentence)]


def without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
