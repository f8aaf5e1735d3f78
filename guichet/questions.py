"""Files of questions with their right themes: ours (tests/brain/questions.yml), or a public set, in JSONL or YAML."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from guichet.content.themes import read_yaml

__all__ = ["OUT", "PROOF", "TUNING", "Question", "QuestionsRefused", "catalogue", "in_part", "read_questions"]

OUT = "hors_sujet"  # the theme of questions out of the domain
TUNING, PROOF = "reglage", "preuve"  # parts: to choose and mend; only to report, so its sentences are never shown
JSONL = (".jsonl", ".ndjson")
TOLD = 20  # faults told one by one

Row = tuple[int, Any]  # line (1-based), what stands there


class QuestionsRefused(ValueError):
    """The file cannot be measured as it stands; the text says where and what to do (in French)."""


@dataclass(frozen=True)
class Question:
    """What a person could ask. `theme` is the right answer; `acceptable` themes would do as well."""

    text: str
    theme: str
    acceptable: frozenset[str] = frozenset()
    part: str = ""  # "reglage", "preuve", another word, or "" in a file without parts
    noise: str = "none"  # none | sms | accents | slips | capitals | anger | learner | mixed | another word
    kind: str = ""  # of an out-of-domain question: near | far
    second: str = ""  # the theme of another question in the same message

    @property
    def right(self) -> frozenset[str]:
        """Every theme that is a right answer, to either question."""
        return self.acceptable | ({self.theme, self.second} - {""})

    @property
    def outside(self) -> bool:
        """Whether it is out of the domain."""
        return self.theme == OUT


def catalogue(data: Path) -> frozenset[str]:
    """The ids of the themes of `data`/catalogue.yml. Raises ContentError."""
    return frozenset(read_yaml(data / "catalogue.yml")["themes"])


def read_questions(path: Path, themes: Collection[str]) -> list[Question]:
    """The questions of a file, one a row {text, theme, acceptable?, part?, noise?, kind?, second?}.

    JSON lines (.jsonl, .ndjson), or a YAML list, alone or under `questions:`. `intent` is read as `theme`. `themes` are
    the known ids. A file is read whole or refused: a measure on the rows that happened to be readable would not be the
    measure of the file. Raises QuestionsRefused with the line of every bad row; ContentError when it is no YAML.
    """
    if not path.is_file():
        raise QuestionsRefused(f"{path} — fichier introuvable. Donnez un fichier de questions, en JSONL ou en YAML.")
    rows = list(_json_rows(path) if path.suffix.lower() in JSONL else _yaml_rows(path))
    if not rows:
        raise QuestionsRefused(f"{path} — aucune question. Écrivez une ligne {{text, theme}} par question.")
    divided = any(isinstance(row, dict) and row.get("part") for _, row in rows)
    faults = [(line, fault) for line, row in rows for fault in _faults(row, themes, divided)]
    if faults:
        told = [f"{path}:{line} — {fault}" for line, fault in faults[:TOLD]]
        if len(faults) > TOLD:
            told.append(f"… et {len(faults) - TOLD} autres.")
        told.append(f"{len({line for line, _ in faults})} ligne(s) à corriger sur {len(rows)} : rien n'a été mesuré.")
        raise QuestionsRefused("\n".join(told))
    return [_question(row) for _, row in rows]


def in_part(questions: Sequence[Question], part: str | None) -> list[Question]:
    """The questions of a part: of «reglage» when None, all of them in a file without parts. Raises QuestionsRefused."""
    parts = sorted({question.part for question in questions})
    if parts == [""] and part is None:
        return list(questions)
    wanted = TUNING if part is None else part
    found = [question for question in questions if question.part == wanted]
    if not found:
        written = ", ".join(f"« {one} »" for one in parts if one)
        advice = f"Choisissez avec --part : {written}" if written else "Le fichier n'a pas de parts : enlevez --part"
        raise QuestionsRefused(f"Aucune question de la part « {wanted} ». {advice}.")
    return found


def _json_rows(path: Path) -> Iterator[Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionsRefused(f"{path} — fichier illisible ({error}). Enregistrez-le en UTF-8.") from None
    for line, written in enumerate(text.split("\n"), 1):
        if written.strip():
            try:
                yield line, json.loads(written)
            except ValueError as error:
                yield line, f"JSON illisible ({error})"


def _yaml_rows(path: Path) -> Iterator[Row]:
    document = read_yaml(path)
    node = YAML(typ="safe").compose(path.read_text(encoding="utf-8"))
    if isinstance(document, dict):
        node = next((value for key, value in node.value if key.value == "questions"), None)
        document = document.get("questions")
    if document is None:
        return
    if not isinstance(document, list):
        raise QuestionsRefused(f"{path}:1 — pas une liste. Écrivez une ligne « - {{text: …, theme: …}} » par question.")
    yield from zip((item.start_mark.line + 1 for item in node.value), document, strict=True)


def _faults(row: Any, themes: Collection[str], divided: bool) -> Iterator[str]:
    """What is wrong with a row. `divided`: other rows of the file have a part."""
    if not isinstance(row, dict):
        why = row if isinstance(row, str) and row.startswith("JSON illisible") else "ce n'est pas une question"
        yield f"{why}. Écrivez {{text: …, theme: …}}."
        return
    text, theme = row.get("text"), row.get("theme", row.get("intent"))
    if text is None or (isinstance(text, str) and not text.strip()):
        yield "« text » manque. Écrivez la question."
    elif not isinstance(text, str):
        yield f"« text » n'est pas du texte ({text}). Mettez-le entre guillemets."
    elif not _writable(text):
        yield "« text » contient un caractère qui n'existe pas (moitié d'émoji). Réécrivez-le."
    if theme is None or theme == "":
        yield "« theme » manque. Écrivez l'identifiant du thème attendu (data/catalogue.yml)."
    acceptable = row.get("acceptable") or []
    if not isinstance(acceptable, list):
        yield f"« acceptable » n'est pas une liste ({acceptable}). Écrivez [thème, thème]."
        acceptable = []
    named = [one for one in (theme, row.get("second")) if one not in (None, "")]
    for one in [*named, *acceptable]:
        if not isinstance(one, str) or one not in themes:
            near = get_close_matches(str(one), themes, n=1)
            advice = f"Vouliez-vous dire « {near[0]} » ?" if near else "Corrigez-le, ou ajoutez-le au catalogue."
            yield f"thème inconnu « {one} » : il n'est pas dans data/catalogue.yml. {advice}"
    if divided and not row.get("part"):
        yield "« part » manque, alors que d'autres lignes en ont une : cette question ne serait lue dans aucune."


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _question(row: dict[str, Any]) -> Question:
    return Question(
        text=row["text"],
        theme=row.get("theme", row.get("intent")),
        acceptable=frozenset(row.get("acceptable") or ()),
        part=str(row.get("part") or ""),
        noise=str(row.get("noise") or "none"),
        kind=str(row.get("kind") or ""),
        second=row.get("second") or "",
    )
