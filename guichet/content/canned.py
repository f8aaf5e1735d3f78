"""Canned replies: texts that authors wrote for counsellors, who complete them before they send them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from guichet.content.themes import ContentError, read_yaml

if TYPE_CHECKING:
    from guichet.content.library import Content

__all__ = ["CannedReply", "by_theme", "canned_text", "check_canned", "read_canned"]

FILE = "reponses_types.yml"
PLACE = re.compile(r"\[\[(montant|teleservice)\.([^\]]*)\]\]")


@dataclass(frozen=True)
class CannedReply:
    """A text ready for a mail; `themes`: where it is offered first, every theme when empty."""

    id: str
    titre: str
    themes: tuple[str, ...]
    texte: str


def read_canned(data: Path) -> dict[str, CannedReply]:
    """Those of data/reponses_types.yml, by id; none without the file. Raises ContentError."""
    path = data / FILE
    if not path.exists():
        return {}
    document = read_yaml(path)
    rows = document.get("reponses_types") if isinstance(document, dict) else None
    if not isinstance(rows, dict):
        raise ContentError(f"{path}:1 — le fichier doit commencer par « reponses_types: ».")
    for key, row in rows.items():
        for name in ("titre", "texte"):
            if not isinstance(row, dict) or not str(row.get(name) or "").strip():
                raise ContentError(f"{path}:1 — réponse type « {key} » sans « {name}: ». Ajoutez-le.")
    return {
        key: CannedReply(key, row["titre"], tuple(row.get("themes") or ()), row["texte"].strip())
        for key, row in rows.items()
    }


def check_canned(content: Content) -> None:
    """What a canned reply names must exist. Raises ContentError."""
    known: dict[str, Mapping] = {"montant": content.montants, "teleservice": content.teleservices}
    for reply in content.canned.values():
        for theme in reply.themes:
            if theme not in content.themes:
                raise ContentError(f"data/{FILE}:1 — « {reply.id} » : thème inconnu « {theme} ». Corrigez « themes: ».")
        for kind, name in PLACE.findall(reply.texte):
            if name not in known[kind]:
                raise ContentError(
                    f"data/{FILE}:1 — « {reply.id} » : {kind} inconnu « {name} ». Choisissez parmi data/{kind}s.yml."
                )


def canned_text(content: Content, reply: CannedReply) -> str:
    """The text as a counsellor gets it: amounts, and the addresses of téléservices, in their places."""

    def filled(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "teleservice":
            return content.teleservices[name].url
        amount = content.montants[name]
        return f"{amount.valeur} {amount.unite}".strip()

    return PLACE.sub(filled, reply.texte)


def by_theme(content: Content, theme: str | None) -> tuple[list[CannedReply], list[CannedReply]]:
    """(those for this theme, the others), as the file has them."""
    first = [reply for reply in content.canned.values() if theme in reply.themes]
    return first, [reply for reply in content.canned.values() if reply not in first]
