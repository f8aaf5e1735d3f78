"""The theme importer: a theme is one file, and Rasa's domain, responses and rules follow from it (DESIGN §4)."""

from __future__ import annotations

import copy
import multiprocessing
from pathlib import Path
from typing import Any, Dict, List, Optional, Set, Text, Union

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

# What kind of message (DESIGN §6) a theme's own answer is, by family; else "answer".
KIND_OF_FAMILY = {"conversation": "smalltalk", "urgences": "emergency"}


class _ThemeReader(RasaYAMLReader):
    """Rasa's reader without what a theme file tells its authors: it would be stored, and hashed, with each example."""

    def _parse_intent(self, intent_data: Dict[Text, Any]) -> None:
        super()._parse_intent({key: value for key, value in intent_data.items() if key != "metadata"})


def _read(path: Text) -> TrainingData:
    return _ThemeReader().read(path)


class _Example(Message):
    """A training example. Rasa copies and compares all of them a dozen times before it trains: here both are quick."""

    @classmethod
    def of(cls, message: Message) -> _Example:
        return cls(data={key: copy.deepcopy(value) for key, value in message.data.items()})

    def __deepcopy__(self, memo: Dict[int, Any]) -> _Example:
        copied = self.of(self)
        copied.features = list(self.features)
        copied.output_properties = set(self.output_properties)
        copied.time = self.time
        copied._cached_fingerprint = self._cached_fingerprint
        return copied

    def set(self, prop: Text, info: Any, add_to_output: bool = False) -> None:
        if add_to_output or prop not in self.data or self.data[prop] != info:
            super().set(prop, info, add_to_output)


class ThemeImporter(RasaFileImporter):
    """Rasa's file importer, plus what theme files imply.

    - every intent found in the training data is declared in the domain (so domain.yml lists none of them);
    - every answer carries `custom: {theme, kind}`, every precision `{theme, kind, precision}`;
    - a theme without a rule or story of its own gets the rule *intent -> answer*;
    - an answer that no rule says (an action picks its words) is left out of the domain.
    """

    def __init__(
        self,
        config_file: Optional[Text] = None,
        domain_path: Optional[Text] = None,
        training_data_paths: Optional[Union[List[Text], Text]] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._themes = {
            path.stem: path.parent.name for path in map(Path, self._nlu_files) if path.parent.parent.name == "themes"
        }
        self._nlu: Optional[TrainingData] = None
        self._written: Optional[StoryGraph] = None

    def get_domain(self) -> Domain:
        """domain.yml plus the intents of the training data."""
        return super().get_domain().merge(Domain.from_dict({"intents": sorted(self._read_nlu().intents)}))

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """Examples and answers; set here because what get_domain() says of responses is overwritten later."""
        return self._read_nlu()

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """The authors' rules and stories, plus the derived rules."""
        written = self._read_stories(exclusion_percentage)
        rules = [
            {"rule": f"{theme} : sa réponse", "steps": [{"intent": theme}, {"action": f"utter_{theme}"}]}
            for theme in sorted(set(self._themes) - self._intents_with_rules())
        ]
        reader = YAMLStoryReader(self.get_domain())
        return written.merge(StoryGraph(reader.read_from_parsed_yaml({"version": "3.1", "rules": rules})))

    def _read_nlu(self) -> TrainingData:
        if self._nlu is None:
            with multiprocessing.get_context("fork").Pool() as pool:  # Rasa parses each file twice, with care
                files = pool.map(_read, self._nlu_files)
            self._nlu = TrainingData(
                [_Example.of(message) for data in files for message in data.training_examples],
                responses={name: variants for data in files for name, variants in data.responses.items()},
            )
            self._attach_themes(self._nlu.responses)
        return self._nlu

    def _attach_themes(self, responses: Dict[Text, List[Dict[Text, Any]]]) -> None:
        for name in list(responses):
            theme, _, precision = name[len("utter_") :].partition("__")
            if theme not in self._themes:
                continue
            kind = KIND_OF_FAMILY.get(self._themes[theme], "answer")
            custom = {"theme": theme, "kind": kind}
            if precision:
                custom["precision"] = precision
            for variant in responses[name]:
                variant["custom"] = {**custom, **variant.get("custom", {})}
        for theme in self._themes:
            if theme in self._intents_with_rules() and f"utter_{theme}" not in self._said_by_rules():
                responses.pop(f"utter_{theme}", None)

    def _read_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        if self._written is None or exclusion_percentage:
            graph = super().get_stories(exclusion_percentage)
            if exclusion_percentage:
                return graph
            self._written = graph
        return self._written

    def _intents_with_rules(self) -> Set[Text]:
        """Intents that open a hand-written rule or story."""
        opened = set()
        for step in self._rule_steps():
            first = next((event for event in step.events if isinstance(event, UserUttered)), None)
            if first and first.intent_name:
                opened.add(first.intent_name)
        return opened

    def _said_by_rules(self) -> Set[Text]:
        return {
            event.action_name
            for step in self._rule_steps()
            for event in step.events
            if isinstance(event, ActionExecuted) and event.action_name
        }

    def _rule_steps(self) -> List[Any]:
        """Steps of the written rules and stories, read without the domain's help (which needs the examples first)."""
        if not hasattr(self, "_steps"):
            reader = YAMLStoryReader()
            self._steps = [step for path in self._story_files for step in reader.read_from_file(path)]
        return self._steps
