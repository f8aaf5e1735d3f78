"""What the model understands of a phrase, without a server: JSON lines in, JSON lines out.

    python -m brain.ask MODEL.tar.gz  < {"text": ...}
                                      > {"text", "reading", "intent", "ranking", "out_of_domain", "nearest", "entities",
                                         "decision"}

Runs the understanding components of the archive in their order, on a conversation that is just beginning; policies and
actions are left aside. Starts in about 4 s, where `rasa.core.agent` takes 20.
"""

from __future__ import annotations

import importlib
import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Text

from brain.lean import lighten_rasa

__all__ = ["load"]

START = "nlu_message_converter"  # what Rasa puts before our first component


def load(archive: Path, folder: Path) -> Callable[[Text], Dict[Text, Any]]:
    """Unpack a trained archive in an empty folder; gives the function that reads one phrase."""
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.resource import Resource
    from rasa.shared.nlu.training_data.message import Message

    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    storage = LocalModelStorage(folder / "components")
    components = []
    for node in _understanding(metadata["predict_schema"]["nodes"]):
        module, _, name = node["uses"].rpartition(".")
        kind = getattr(importlib.import_module(module), name)
        resource = node["resource"] or {"name": node["uses"]}
        config = {**kind.get_default_config(), **node["config"]}
        components.append(getattr(kind, node["constructor_name"])(config, storage, Resource(resource["name"]), None))

    def ask(text: Text) -> Dict[Text, Any]:
        messages = [Message({"text": text.strip() or "?"})]
        for component in components:
            messages = component.process(messages)
        understood = messages[0]
        return {
            "text": text,
            "intent": understood.get("intent"),
            "reading": understood.get("reading") or "",
            "ranking": understood.get("intent_ranking") or [],
            "out_of_domain": understood.get("out_of_domain"),
            "entities": understood.get("entities") or [],
            "nearest": understood.get("nearest") or [],
            "decision": understood.get("decision") or {},
        }

    return ask


def _understanding(nodes: Dict[Text, Dict]) -> List[Dict]:
    """Our own components of the archive's graph, in the order in which a message passes through them."""
    follows = {node["needs"].get("messages"): name for name, node in nodes.items()}
    chain, name = [], follows.get(START)
    while name:
        chain.append(nodes[name])
        name = follows.get(name)
    return [node for node in chain if node["uses"].startswith("brain.")]


def main() -> None:
    lighten_rasa()
    with tempfile.TemporaryDirectory() as folder:
        ask = load(Path(sys.argv[1]), Path(folder))
        for line in sys.stdin:
            sys.stdout.write(json.dumps(ask(json.loads(line)["text"]), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
