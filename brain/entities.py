"""The entities that answers use: precision asked, beneficiary, other body, département; by the authors' own words.

Found in the reading of a message, so a slip hides none of them. Words come from data/precisions.yml, organismes.yml,
beneficiaires.yml and caisses.yml, and are kept inside the model: model and words move together.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Text

import rasa.shared.utils.io
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain.component import Component
from brain.spelling import READING, Spelling
from brain.words import fold

__all__ = ["KINDS", "PhraseEntities", "bare"]

KINDS = ("precision", "beneficiaire", "organisme", "departement")
COMMON_WORDS = frozenset({"cher", "lot", "manche", "nord", "somme"})
NUMBERED = re.compile(r"\b(?:dans le|departement|dept|dpt|cpam|cpam du|caisse du) (\d[\dab]\d?)\b")


def bare(text: Text) -> Text:
    """Folded words separated by one space, apostrophes gone: how phrases are compared."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PhraseEntities(Component, EntityExtractorMixin):
    """Adds one entity of each kind at most: the one whose phrase is longest, the first written when they tie."""

    @classmethod
    def required_components(cls) -> List[type]:
        return [Spelling]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"data": "data"}

    def restore(self, folder: Path) -> None:
        self._phrases = rasa.shared.utils.io.read_json_file(folder / "phrases.json")

    def train(self, training_data: TrainingData) -> Resource:
        self._phrases = _written(Path(self._config["data"]))  # {kind: {phrase, bare: value}}
        with self._storage.write_to(self._resource) as folder:
            rasa.shared.utils.io.dump_obj_as_json_to_file(folder / "phrases.json", self._phrases)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            if message.get(READING) is not None:
                found = self.find(message.get(READING))
                message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages

    def find(self, reading: Text) -> List[Dict[Text, Any]]:
        """[{entity, value, extractor}] of a message as read."""
        padded = f" {bare(reading)} "
        found = []
        for kind in KINDS:
            value = self._value(kind, padded)
            if value:
                found.append({"entity": kind, "value": value, "extractor": "PhraseEntities"})
        return found

    def _value(self, kind: Text, padded: Text) -> Optional[Text]:
        phrases = self._phrases.get(kind, {})
        if kind == "departement":
            code = NUMBERED.search(padded)
            if code and code.group(1) in phrases.values():
                return code.group(1)
        said = [phrase for phrase in phrases if f" {phrase} " in padded]
        return phrases[max(said, key=len)] if said else None


def _written(data: Path) -> Dict[Text, Dict[Text, Text]]:
    """The phrases of the authors' registries; of two equal ones the first written stays."""
    read = rasa.shared.utils.io.read_yaml_file
    precisions = read(data / "precisions.yml")["precisions"]
    bodies = read(data / "organismes.yml")["organismes"]
    people = read(data / "beneficiaires.yml")["beneficiaires"]
    places = read(data / "caisses.yml")
    rows = {
        "precision": ((key, row["phrases"]) for key, row in precisions.items()),
        "beneficiaire": ((key, row["phrases"]) for key, row in people.items()),
        "organisme": ((key, (*row["mots"], key.replace("_", " "))) for key, row in bodies.items()),
        "departement": [
            *((row["departement"], (row["nom"], row["nom"].split(" ", 1)[1])) for row in places["caisses"]),
            *((code, _places(name)) for code, name in places["departements"].items()),
        ],
    }
    return {kind: _by_phrase(found) for kind, found in rows.items()}


def _places(name: Text) -> List[Text]:
    """«dans le Var», «en Gironde»: a name alone may be a common word («cher», «la somme»)."""
    before = ("departement du", "departement de la", "departement de l", "departement des")
    if bare(name) not in COMMON_WORDS:
        before += ("dans le", "dans la", "dans l", "dans les", "en")
    return [f"{words} {name}" for words in before]


def _by_phrase(rows: Iterable) -> Dict[Text, Text]:
    found: Dict[Text, Text] = {}
    for value, phrases in rows:
        for phrase in phrases:
            found.setdefault(bare(str(phrase)), str(value))
    return found
