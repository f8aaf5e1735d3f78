"""All the content of data/, read once and cross-linked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guichet.content.canned import CannedReply, check_canned, read_canned
from guichet.content.themes import ContentError, Theme, read_theme, read_yaml

__all__ = ["Caisse", "Content", "ContentError", "Montant", "Organisme", "Teleservice", "fold", "load_content"]


@dataclass(frozen=True)
class Teleservice:
    """An online service. `login`: one must sign in to the ameli account to use it."""

    id: str
    libelle: str
    url: str
    login: bool
    chemin: str | None


@dataclass(frozen=True)
class Montant:
    """An amount: shown as valeur + unite, e.g. «2 €»."""

    id: str
    libelle: str
    valeur: str
    unite: str
    depuis: str
    source: str


@dataclass(frozen=True)
class Organisme:
    """Another body, and the words that point to it."""

    id: str
    nom: str
    role: str
    chez_nous: str | None
    mots: tuple[str, ...]
    url: str | None
    telephone: str | None


@dataclass(frozen=True)
class Caisse:
    """A local office of the health insurance."""

    id: str
    departement: str
    nom: str


@dataclass(frozen=True)
class Content:
    """Everything authors wrote. `texts` are the sentences of the web process, by key, as in data/textes.yml."""

    themes: dict[str, Theme]
    teleservices: dict[str, Teleservice]
    montants: dict[str, Montant]
    organismes: dict[str, Organisme]
    caisses: tuple[Caisse, ...]
    departements: dict[str, str]
    precisions: dict[str, str]  # id -> label of its button
    texts: dict[str, str]
    frequent: tuple[str, ...]  # themes offered when nothing is known yet
    frequent_for: dict[str, tuple[str, ...]]  # the same, when it is only known for whom: a key of beneficiaires.yml
    canned: dict[str, CannedReply] = field(default_factory=dict)  # for counsellors

    def caisse_of(self, departement: str) -> Caisse | None:
        """The only caisse of a département, or None when it has several or none."""
        found = [caisse for caisse in self.caisses if caisse.departement == departement]
        return found[0] if len(found) == 1 else None

    def two_questions(self, first: str, second: str) -> str:
        """What is said before the answers, on two themes, to a message that asks two questions."""
        named = {"premier": self.themes[first].bouton, "second": self.themes[second].bouton}
        return self.texts["deux_questions"].format(**named)

    def organisme_in(self, text: str) -> Organisme | None:
        """The body whose longest word, phrase or id stands in a message already known to be out of domain."""
        said = f" {fold(text)} "
        hits = [
            (len(mot), organisme)
            for organisme in self.organismes.values()
            for mot in map(fold, (*organisme.mots, organisme.id.replace("_", " ")))
            if f" {mot} " in said
        ]
        return max(hits, key=lambda hit: hit[0])[1] if hits else None


def fold(text: str) -> str:
    """Lower case, no accents, words separated by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def load_content(data: Path) -> Content:
    """Read data/. Raises ContentError (French, file and line) on the first thing that cannot be used."""
    paths = sorted((data / "themes").glob("*/*.yml"))
    if not paths:
        raise ContentError(f"{data / 'themes'} — aucun thème. Vérifiez GUICHET_DATA_DIR.")
    themes = {path.stem: read_theme(path) for path in paths}
    teleservices = {
        key: Teleservice(key, row["libelle"], row["url"], bool(row.get("connexion")), row.get("chemin"))
        for key, row in _registry(data, "teleservices").items()
    }
    montants = {
        key: Montant(
            key, row["libelle"], str(row["valeur"]), row.get("unite") or "", str(row.get("depuis", "")), row["source"]
        )
        for key, row in _registry(data, "montants").items()
    }
    organismes = {
        key: Organisme(
            key,
            row["nom"],
            row["role"],
            row.get("chez_nous"),
            tuple(map(str, row["mots"])),
            row.get("url"),
            row.get("telephone"),
        )
        for key, row in _registry(data, "organismes").items()
    }
    places = read_yaml(data / "caisses.yml")
    texts = read_yaml(data / "textes.yml")
    content = Content(
        themes=themes,
        teleservices=teleservices,
        montants=montants,
        organismes=organismes,
        caisses=tuple(Caisse(row["id"], str(row["departement"]), row["nom"]) for row in places["caisses"]),
        departements={str(code): name for code, name in places["departements"].items()},
        precisions={key: row["libelle"] for key, row in _registry(data, "precisions").items()},
        texts={key: str(value).strip() for key, value in texts["textes"].items()},
        frequent=tuple(texts["frequents"]),
        frequent_for={whom: tuple(themes) for whom, themes in texts["frequents_pour"].items()},
        canned=read_canned(data),
    )
    _check_links(content)
    check_canned(content)
    return content


def _registry(data: Path, name: str) -> dict[str, Any]:
    path = data / f"{name}.yml"
    document = read_yaml(path)
    if not isinstance(document, dict) or not isinstance(document.get(name), dict):
        raise ContentError(f"{path}:1 — le fichier doit commencer par « {name}: ».")
    return document[name]


def _check_links(content: Content) -> None:
    """What would break at display is refused at load."""
    for theme in content.themes.values():
        for teleservice in theme.teleservices:
            if teleservice not in content.teleservices:
                raise ContentError(
                    f"{theme.path}:1 — téléservice inconnu « {teleservice} ». Ajoutez-le à data/teleservices.yml."
                )
        for near in theme.proches:
            if near not in content.themes:
                raise ContentError(f"{theme.path}:1 — thème proche inconnu « {near} ». Corrigez « proches: ».")
        for text in (theme.answer, *theme.precisions.values()):
            for montant in re.findall(r"\[\[montant\.([^\]]*)\]\]", text):
                if montant not in content.montants:
                    raise ContentError(
                        f"{theme.path}:1 — montant inconnu « {montant} ». Ajoutez-le à data/montants.yml."
                    )
            for teleservice in re.findall(r"\]\(teleservice:([^)]*)\)", text):
                if teleservice not in content.teleservices:
                    raise ContentError(
                        f"{theme.path}:1 — téléservice inconnu « {teleservice} ». Ajoutez-le à data/teleservices.yml."
                    )
        for precision in theme.precisions:
            if precision not in content.precisions:
                raise ContentError(
                    f"{theme.path}:1 — précision inconnue « {precision} ». Choisissez parmi data/precisions.yml."
                )
