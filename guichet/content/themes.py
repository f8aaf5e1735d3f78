"""Theme files: one need of an insured person, in Rasa's own training format (DESIGN §4)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

__all__ = ["FAMILIES", "PRECISIONS", "ContentError", "Theme", "read_theme", "read_yaml"]

FAMILIES = (
    "attestations",
    "remboursements",
    "mes_informations",
    "carte_vitale",
    "famille",
    "arret_travail",
    "droits",
    "sante",
    "etranger",
    "compte",
    "contact",
    "litiges",
    "urgences",
    "conversation",
)
PRECISIONS = ("delai", "pieces", "cout", "enfant", "sans_internet", "suivi")


class ContentError(ValueError):
    """A content file cannot be used: «fichier:ligne — ce qui ne va pas. Que faire.» (in French, for authors)."""


@dataclass(frozen=True)
class Theme:
    """One theme file, parsed. `answer` and `precisions` are raw texts, as the author wrote them."""

    id: str
    famille: str
    path: Path
    titre: str
    bouton: str
    teleservices: tuple[str, ...]
    source: str | None
    verifie_le: date | None
    a_revoir_le: date | None
    proches: tuple[str, ...]
    examples: tuple[str, ...]
    answer: str
    precisions: dict[str, str] = field(default_factory=dict)
    has_rules: bool = False


def read_yaml(path: Path) -> Any:
    """One YAML file. Raises ContentError with the line, in French, when it is missing or broken."""
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContentError(f"{path} — fichier introuvable. Rétablissez-le depuis git.") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(
            f"{path}:{line} — YAML illisible ({error.problem}). Vérifiez l'indentation et les guillemets."
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ContentError(f"{path} — fichier illisible ({error}). Enregistrez-le en UTF-8.") from None


def read_theme(path: Path) -> Theme:
    """One theme file. Raises ContentError when its shape is wrong; what it says is judged by `guichet check`."""
    document = read_yaml(path)
    name = path.stem
    if not isinstance(document, dict) or not isinstance(document.get("nlu"), list):
        raise ContentError(f"{path}:1 — pas de bloc « nlu ». Partez du modèle : bin/guichet new theme {name}.")
    block = next((b for b in document["nlu"] if isinstance(b, dict) and b.get("intent") == name), None)
    if block is None:
        raise ContentError(f"{path}:1 — l'intention doit s'appeler comme le fichier : « intent: {name} ».")
    metadata = block.get("metadata") or {}
    responses = document.get("responses") or {}
    if f"utter_{name}" not in responses:
        raise ContentError(f"{path}:1 — pas de réponse. Ajoutez « utter_{name} » sous « responses: ».")
    if "titre" not in metadata:
        raise ContentError(f"{path}:1 — pas de titre. Ajoutez « titre: » sous « metadata: ».")
    prefix = f"utter_{name}__"
    return Theme(
        id=name,
        famille=path.parent.name,
        path=path,
        titre=str(metadata["titre"]),
        bouton=str(metadata.get("bouton", metadata["titre"])),
        teleservices=tuple(metadata.get("teleservices") or ()),
        source=metadata.get("source"),
        verifie_le=_date(path, "verifie_le", metadata.get("verifie_le")),
        a_revoir_le=_date(path, "a_revoir_le", metadata.get("a_revoir_le")),
        proches=tuple(metadata.get("proches") or ()),
        examples=tuple(_examples(str(block.get("examples", "")))),
        answer=_text(path, responses[f"utter_{name}"]),
        precisions={
            key.removeprefix(prefix): _text(path, value) for key, value in responses.items() if key.startswith(prefix)
        },
        has_rules=bool(document.get("rules") or document.get("stories")),
    )


def _examples(block: str) -> list[str]:
    return [match.group(1).strip() for match in re.finditer(r"^- (.+)$", block, re.MULTILINE)]


def _text(path: Path, variants: Any) -> str:
    if not isinstance(variants, list) or not variants or not isinstance(variants[0], dict) or "text" not in variants[0]:
        raise ContentError(f"{path}:1 — une réponse n'a pas de texte. Écrivez « - text: … » sous son nom.")
    return str(variants[0]["text"]).strip()


def _date(path: Path, name: str, value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ContentError(f"{path}:1 — {name} : « {value} » n'est pas une date. Écrivez AAAA-MM-JJ.") from None
