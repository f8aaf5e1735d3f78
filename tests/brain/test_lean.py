"""Rasa made light: the lists of modules are those that the installed Rasa needs, and the model still works."""

import ast
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from brain.lean import CHAT_SERVICES, NEEDS_TENSORFLOW

RASA = Path(find_spec("rasa").origin).parent


def module_of(path):
    parts = path.relative_to(RASA.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_at_once(path):
    """Names of the modules a file imports when it is itself imported: not those of its functions."""
    names = set()
    pending = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, (ast.If, ast.Try)) and "TYPE_CHECKING" not in ast.dump(node):
            pending += node.body + getattr(node, "orelse", [])
    return names


def test_every_module_that_would_bring_tensorflow_is_emptied_and_no_other_must_be():
    imports = {module_of(path): imported_at_once(path) for path in RASA.rglob("*.py")}
    heavy = {name for name, names in imports.items() if any(n.split(".")[0].startswith("tensorflow") for n in names)}
    reached, left = set(), {"rasa.__main__", "rasa.model_training", "rasa.engine.recipes.default_components"}
    while left:
        name = left.pop()
        if name in reached or name not in imports:
            continue
        reached.add(name)
        if name not in NEEDS_TENSORFLOW:
            left |= imports[name] | {name.rpartition(".")[0]}
    assert not (reached & heavy) - set(NEEDS_TENSORFLOW), "add them to brain/lean.py"
    assert set(NEEDS_TENSORFLOW) <= reached, "no longer imported by Rasa: take them off brain/lean.py"


def test_the_chat_services_are_all_those_of_the_installed_rasa():
    kept = {"callback", "channel", "console", "rasa_chat", "rest"}  # they bring no client of their own
    files = {path.stem for path in (RASA / "core" / "channels").glob("*.py")} - {"__init__"}
    assert files - kept == {name.rpartition(".")[2] for name in CHAT_SERVICES}


def test_rasa_starts_and_registers_its_components_without_them():
    code = (
        "from brain.lean import lighten_rasa; lighten_rasa()\n"
        "import rasa.__main__, rasa.model_training, json, sys\n"
        "from rasa.engine.recipes.default_recipe import DefaultV1Recipe\n"
        "import rasa.engine.recipes.default_components\n"
        "import brain.decision, brain.classifier\n"
        "heavy = [name for name in ('tensorflow', 'aiogram', 'slack_sdk', 'socketio') if name in sys.modules]\n"
        "print(json.dumps([heavy, sorted(DefaultV1Recipe()._registered_components)]))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    loaded, components = json.loads(done.stdout.splitlines()[-1])
    assert not loaded
    assert {"ThemeClassifier", "RulePolicy", "MemoizationPolicy"} <= set(components)
