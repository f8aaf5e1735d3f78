"""The files of data/ as their authors left them, right or wrong, with the line of everything that can be blamed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from guichet.check.finding import ERROR, WARNING, Finding

__all__ = ["Corpus", "Draft", "Example", "File", "Text", "read_corpus"]

REGISTRIES = ("catalogue", "teleservices", "montants", "precisions", "organismes", "textes")


@dataclass(frozen=True)
class Example:
    """A training phrase and where it stands."""

    intent: str
    text: str
    file: File
    line: int


@dataclass(frozen=True)
class Text:
    """A text people read: an answer (`precision` None) or a precision of a theme file."""

    name: str
    raw: str
    precision: str | None
    line: int


class File:
    """One YAML file of data/. `document` is None when it cannot be parsed; `fault` then says why."""

    def __init__(self, path: Path, data: Path, unsaved: Mapping[Path, str] | None = None) -> None:
        self.path = path
        self.shown = Path(data.name) / path.relative_to(data)
        self.document: Any = None
        self.fault: Finding | None = None
        self.lines: list[str] = []
        try:
            text = (unsaved or {}).get(path)
            text = path.read_text(encoding="utf-8") if text is None else text
            self.lines = text.splitlines()
            self.document = YAML(typ="safe").load(text)
        except FileNotFoundError:
            self.fault = self._unreadable(1, "le fichier manque", "rétablissez-le depuis git.")
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.fault = self._unreadable(
                line,
                f"YAML illisible ({error.problem})",
                "vérifiez les retraits et les guillemets à cette ligne et à celle d'avant.",
            )
        except (YAMLError, UnicodeDecodeError):
            self.fault = self._unreadable(1, "ce n'est pas du texte UTF-8", "enregistrez le fichier en UTF-8.")

    def error(self, line: int, rule: str, what: str, consequence: str, remedy: str) -> Finding:
        return Finding(self.shown, line, ERROR, rule, what, consequence, remedy)

    def warning(self, line: int, rule: str, what: str, consequence: str, remedy: str) -> Finding:
        return Finding(self.shown, line, WARNING, rule, what, consequence, remedy)

    def line_of(self, fragment: str, after: int = 1) -> int:
        """The first line from `after` on that holds the fragment; `after` when none does (1-based)."""
        for number in range(after, len(self.lines) + 1):
            if fragment in self.lines[number - 1]:
                return number
        return after

    def line_of_key(self, *keys: str) -> int:
        """The line of nested keys, outermost first: line_of_key("montants", "franchise", "valeur")."""
        number = 1
        for key in keys:
            number = self._next_key(key, number)
        return number

    def _next_key(self, key: str, after: int) -> int:
        wanted = re.compile(rf"^\s*(?:- )?['\"]?{re.escape(key)}['\"]?\s*:")
        for number in range(after, len(self.lines) + 1):
            if wanted.match(self.lines[number - 1]):
                return number
        return after

    def _unreadable(self, line: int, why: str, remedy: str) -> Finding:
        consequence = "rien de ce fichier ne peut servir, et l'entraînement échoue."
        return self.error(line, "illisible", f"{why[0].upper()}{why[1:]}.", consequence, remedy)

    @property
    def entries(self) -> dict[str, Any]:
        """The entries of a registry, under the key that bears the file's name (`themes` for the catalogue)."""
        key = {"catalogue": "themes"}.get(self.path.stem, self.path.stem)
        found = self.document.get(key) if isinstance(self.document, dict) else None
        return found if isinstance(found, dict) else {}


class Draft(File):
    """A theme file. Every part is read on its own, so that one mistake does not hide the others."""

    @property
    def id(self) -> str:
        return self.path.stem

    @property
    def famille(self) -> str:
        return self.path.parent.name

    @property
    def block(self) -> dict[str, Any] | None:
        """The intent that bears the file's name."""
        nlu = self.document.get("nlu") if isinstance(self.document, dict) else None
        blocks = [block for block in nlu if isinstance(block, dict)] if isinstance(nlu, list) else []
        return next((block for block in blocks if block.get("intent") == self.id), None)

    @property
    def metadata(self) -> dict[str, Any]:
        found = (self.block or {}).get("metadata")
        return found if isinstance(found, dict) else {}

    def names(self, key: str) -> list[str]:
        """A list of ids of the metadata; empty when absent or not a list."""
        found = self.metadata.get(key)
        return [str(name) for name in found] if isinstance(found, list) else []

    @cached_property
    def examples(self) -> list[Example]:
        return list(read_examples(self))

    @cached_property
    def texts(self) -> list[Text]:
        """Answers and precisions, every variant, in the order of the file."""
        responses = self.document.get("responses") if isinstance(self.document, dict) else None
        found = []
        for name, variants in (responses or {}).items() if isinstance(responses, dict) else ():
            line = self.line_of_key("responses", str(name))
            precision = str(name).removeprefix(f"utter_{self.id}__")
            for variant in variants if isinstance(variants, list) else ():
                raw = variant.get("text") if isinstance(variant, dict) else None
                if isinstance(raw, str):
                    found.append(Text(str(name), raw.strip(), precision if precision != name else None, line))
        return found

    @property
    def answer(self) -> Text | None:
        return next((text for text in self.texts if text.name == f"utter_{self.id}"), None)


@dataclass(frozen=True)
class Corpus:
    """All of data/ that checks look at. `dialogue` holds the examples that belong to no theme."""

    data: Path
    drafts: tuple[Draft, ...]
    registries: dict[str, File]
    dialogue: tuple[Example, ...]

    @cached_property
    def themes(self) -> dict[str, Draft]:
        """The theme files by id."""
        return {draft.id: draft for draft in self.drafts}

    @property
    def catalogue(self) -> File:
        return self.registries["catalogue"]

    @property
    def examples(self) -> Iterator[Example]:
        for draft in self.drafts:
            yield from draft.examples
        yield from self.dialogue

    def known(self, registry: str) -> dict[str, Any]:
        """The entries of a registry, by id."""
        return self.registries[registry].entries

    def listed(self, key: str) -> tuple[str, ...]:
        """One of the plain lists at the end of the catalogue."""
        document = self.catalogue.document
        found = document.get(key) if isinstance(document, dict) else None
        return tuple(map(str, found)) if isinstance(found, list) else ()


def read_corpus(data: Path, unsaved: Mapping[Path, str] | None = None) -> Corpus:
    """Read data/; `unsaved` gives the text of files being edited, instead of what is on the disk."""
    written = (path for path in unsaved or () if path.is_relative_to(data / "themes"))
    drafts = tuple(Draft(path, data, unsaved) for path in sorted({*(data / "themes").glob("*/*.yml"), *written}))
    registries = {name: File(data / f"{name}.yml", data, unsaved) for name in REGISTRIES}
    talk = [File(path, data, unsaved) for path in sorted((data / "dialogue").glob("*.yml"))]
    return Corpus(data, drafts, registries, tuple(example for file in talk for example in read_examples(file)))


def read_examples(file: File) -> Iterator[Example]:
    """The lines «- phrase» of each `examples: |` block; they are read as lines to know where each stands."""
    intent, depth = "", None
    for number, line in enumerate(file.lines, 1):
        indent, content = len(line) - len(line.lstrip()), line.strip()
        if depth is not None and content and indent <= depth:
            depth = None
        if depth is not None:
            if content.startswith("- "):
                yield Example(intent, content[2:].strip(), file, number)
        elif match := re.match(r"-?\s*intent:\s*(\w+)", content):
            intent = match[1]
        elif re.match(r"examples:\s*\|", content):
            depth = indent
