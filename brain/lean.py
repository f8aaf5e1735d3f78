"""Rasa without TensorFlow: half the memory and two thirds of the start of a process that uses nothing of it.

Importing Rasa imports DIET, TED and their kin, hence TensorFlow (about 9 s and 350 MB), whatever the pipeline. Called
before any import of Rasa, `without_tensorflow` stands empty modules in their places: the recipe registers their names
and nothing else happens, as long as config.yml names none of them. The plain `rasa` command line is not concerned.
docs/adr/0007-rasa-without-tensorflow.md tells why; tests/brain/test_lean.py reads the list off the installed Rasa.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Optional

__all__ = ["NEEDS_TENSORFLOW", "without_tensorflow"]

# Every module of Rasa 3.6.21 that the rest of Rasa imports and that imports TensorFlow, directly or through another.
NEEDS_TENSORFLOW = (
    "rasa.core.policies.ted_policy",
    "rasa.core.policies.unexpected_intent_policy",
    "rasa.nlu.classifiers.diet_classifier",
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer",
    "rasa.nlu.selectors.response_selector",
    "rasa.utils.tensorflow.environment",
    "rasa.utils.train_utils",
)


class _Empty(ModuleType):
    """A module in which every name is an empty class: enough to be imported, registered or compared with."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = type(name, (), {"__module__": self.__name__})
        setattr(self, name, found)
        return found


class _EmptyModules(MetaPathFinder, Loader):
    """Finds the modules above before the real ones are looked for."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Optional[ModuleSpec]:
        return ModuleSpec(fullname, self) if fullname in NEEDS_TENSORFLOW else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: the module is empty."""


def without_tensorflow() -> None:
    """Leave TensorFlow out of this process. Changes nothing to a module that is already imported."""
    if not any(isinstance(finder, _EmptyModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, _EmptyModules())
