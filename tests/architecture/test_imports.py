"""Who may import whom (DESIGN §3), and who may open a database session."""

import ast
from pathlib import Path

import pytest

PACKAGES = ("actions", "bench", "brain", "channels", "console", "guichet")
MAY_IMPORT = {
    "actions": {"guichet"},
    "bench": {"brain", "guichet"},  # each bench in the environment of what it measures
    "brain": set(),
    "channels": {"guichet"},
    "console": {"guichet"},
    "guichet": set(),
}


def modules(package):
    return sorted(Path(package).rglob("*.py"))


def imported(path):
    """Full names of what a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides who imports whom"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_may(package):
    for path in modules(package):
        for name in imported(path):
            other = name.split(".")[0]
            if other in PACKAGES and other != package:
                assert other in MAY_IMPORT[package], f"{path} imports {name}"


def test_the_two_channels_do_not_know_each_other():
    for own, other in (("web", "mail"), ("mail", "web")):
        for path in modules(f"channels/{own}"):
            assert not [name for name in imported(path) if name.startswith(f"channels.{other}")], path


def test_only_the_brain_and_its_benchmark_import_rasa():
    for package in PACKAGES:
        for path in modules(package):
            if package not in ("brain", "bench"):
                assert not [name for name in imported(path) if name.split(".")[0] == "rasa"], path


def test_sessions_are_opened_only_in_the_store():
    for package in PACKAGES:
        for path in modules(package):
            if path.is_relative_to("guichet/store") or path == Path("bench/inbox.py"):  # it fills a database in bulk
                continue
            text = path.read_text(encoding="utf-8")
            assert ".begin()" not in text, path
            assert "sessionmaker" not in text, path
            assert "create_engine" not in text, path


def test_migrations_are_numbered_and_linear():
    paths = sorted(Path("guichet/store/migrations/versions").glob("[0-9]*.py"))
    for n, path in enumerate(paths, start=1):
        text = path.read_text(encoding="utf-8")
        assert path.name.startswith(f"{n:04d}_"), path
        revision, down = (f"{n:04d}", f"{n - 1:04d}" if n > 1 else None)
        assert f"revision = {revision!r}" in text.replace('"', "'"), path
        assert f"down_revision = {down!r}" in text.replace('"', "'"), path


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_exists_and_is_sorted(package):
    for path in modules(package):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                names = [element.value for element in node.value.elts]
                assert names == sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name)), path


def test_every_module_says_what_it_is_for():
    for package in PACKAGES:
        for path in modules(package):
            if "versions" not in path.parts:
                assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path
