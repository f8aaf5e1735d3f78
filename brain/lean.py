"""Rasa made light: half the memory and a quicker start for a process that uses nothing of what is left out.

Importing Rasa imports DIET, TED and their kin, hence TensorFlow (about 9 s and 350 MB), and the clients of a dozen chat
services, whatever the configuration. Called before any import of Rasa, `lighten_rasa` stands empty modules in their
places: the recipe registers their names and nothing else happens, as long as config.yml and credentials.yml name none
of them. The plain `rasa` command line is not concerned. docs/adr/0007-rasa-without-tensorflow.md tells why;
tests/brain/test_lean.py reads the lists off the installed Rasa.
"""

from __future__ import annotations

import atexit
import gc
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Optional

__all__ = ["CHAT_SERVICES", "NEEDS_TENSORFLOW", "lighten_rasa", "settle"]

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
# Its channels to services of others; ours is brain/channel.py.
CHAT_SERVICES = (
    "rasa.core.channels.botframework",
    "rasa.core.channels.facebook",
    "rasa.core.channels.hangouts",
    "rasa.core.channels.mattermost",
    "rasa.core.channels.rocketchat",
    "rasa.core.channels.slack",
    "rasa.core.channels.socketio",
    "rasa.core.channels.telegram",
    "rasa.core.channels.twilio",
    "rasa.core.channels.twilio_voice",
    "rasa.core.channels.webexteams",
)
# Objects made before Python looks for cycles among them: rarely while millions are made to stay, then as usual.
STARTING, USUAL = (50_000, 20, 100), (700, 10, 10)


class _Empty(ModuleType):
    """A module in which every name is an empty class: enough to be imported, registered or compared with."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = type(name, (), {"__module__": self.__name__, "name": classmethod(lambda channel: channel.__name__)})
        setattr(self, name, found)
        return found


class _EmptyModules(MetaPathFinder, Loader):
    """Finds the modules above before the real ones are looked for."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Optional[ModuleSpec]:
        return ModuleSpec(fullname, self) if fullname in NEEDS_TENSORFLOW + CHAT_SERVICES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run: the module is empty."""


def lighten_rasa() -> None:
    """Leave TensorFlow and chat services out of this process. Changes nothing to a module that is already imported."""
    if not any(isinstance(finder, _EmptyModules) for finder in sys.meta_path):
        sys.meta_path.insert(0, _EmptyModules())
        gc.set_threshold(*STARTING)
        atexit.register(gc.freeze)  # what a process holds when it ends need not be searched once more


def settle() -> None:
    """For a server that has loaded what it serves: that stays, and cycles are looked for as usual from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*USUAL)
