"""What our understanding components share: how Rasa makes them, and where they keep what they learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

__all__ = ["Component"]


class Component(GraphComponent):
    """Made of its configuration. One that learns calls `keep` when trained, and finds its file again in `restore`."""

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Component:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Component:
        component = cls(config, model_storage, resource)
        if cls.restore is not Component.restore:
            with model_storage.read_from(resource) as folder:
                component.restore(folder)
        return component

    def restore(self, folder: Path) -> None:
        """Read what training kept in `folder`. Nothing, for a component that does not learn."""
