"""French typography, where there is no doubt: spaces, apostrophes, quotation marks, ligatures, accents on capitals.

In the files spaces are ordinary and apostrophes straight: the program makes them right at display.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guichet.check.files import Corpus, Draft, File
from guichet.check.finding import Finding
from guichet.check.links import LINK, MONTANT

__all__ = ["draft_findings", "faults", "findings"]

# Words that always take an accent on their first letter.
ACCENTED = (
    "Ecole|Ecoles|Ecoute|Ecoutez|Ecran|Ecrire|Ecrit|Ecrits|Ecrivez|Egalement|Election|Elève|Elèves|Epoux|Epouse|Equipe|Etape|Etapes|Etat|"
    "Etats|Eté|Etes|Etiez|Etranger|Etrangers|Etrangère|Etre|Etude|Etudes|Etudiant|Etudiante|Etudiants|Evitez|Eviter|"
    "Echéance|Echec|Echographie|Education|Etablissement|Etablissements"
)  # fmt: skip
LIGATURE = "soeur|coeur|noeud|voeu|boeuf|oeuvre|manoeuvre|oeuf"
RULES = (
    (re.compile(r"[^\s(«!?….][;!?]"), "il manque une espace avant « {} »", -1),
    (re.compile(r"[^\s(«]:(?=\s|$)", re.MULTILINE), "il manque une espace avant « {} »", -1),
    (re.compile(r"«(?=[^\s])"), "il manque une espace après « « »", None),
    (re.compile(r"(?<=[^\s])»"), "il manque une espace avant « » »", None),
    (re.compile(r"\d[€%]"), "il manque une espace avant « {} »", -1),
    (re.compile(r"[ \t][,.](?!\.|\d)"), "il y a une espace de trop avant « {} »", -1),
    (re.compile(r",(?=[^\W\d_])"), "il manque une espace après « , »", None),
    (re.compile(r"(?<=\S)[ ]{2,}(?=\S)"), "il y a deux espaces de suite", None),
    (re.compile(r"[\u2018\u2019]"), "l'apostrophe « {} » n'est pas droite", 0),
    (re.compile(r"[\u00a0\u202f\u2009]"), "il y a une espace insécable : le programme la met lui-même", None),
    (re.compile(r"[\"“”]"), "les guillemets français sont « et »", None),
    (re.compile(r"(?:^|[.!?:] |\n)(?:- )?A (?=[a-zà-ÿ])"), "en début de phrase, « A » s'écrit « À »", None),
    (re.compile(rf"\b(?:{ACCENTED})\b"), "il manque un accent à la majuscule de « {} »", 0),
    (re.compile(rf"\b(?:{LIGATURE})", re.IGNORECASE), "« {} » s'écrit avec « œ »", 0),
    (re.compile(r"\betc\.\.+|\betc…"), "« etc. » ne prend qu'un point", None),
)  # fmt: skip


def findings(corpus: Corpus) -> Iterator[Finding]:
    """What people read in the registries."""
    for registry, parts in (
        ("textes", ()),
        ("precisions", ("libelle",)),
        ("teleservices", ("libelle",)),
        ("organismes", ("nom", "role", "chez_nous")),
    ):
        file = corpus.registries[registry]
        for key, row in file.entries.items():
            if not isinstance(row, dict):
                yield from _report(file, file.line_of_key(registry, key), str(row))
            for part in parts if isinstance(row, dict) else ():
                if row.get(part):
                    yield from _report(file, file.line_of_key(registry, key, part), str(row[part]))


def draft_findings(draft: Draft) -> Iterator[Finding]:
    """Labels and texts of one theme file."""
    for key in ("titre", "bouton"):
        if draft.metadata.get(key):
            yield from _report(draft, draft.line_of_key(key), str(draft.metadata[key]))
    for text in draft.texts:
        yield from _report(draft, text.line, text.raw)


def faults(raw: str) -> list[tuple[str, str]]:
    """(what is wrong, the words around it) for each certain fault of a text."""
    text = MONTANT.sub("0", LINK.sub(r"\1", raw))
    found = []
    for pattern, what, sign in RULES:
        if match := pattern.search(text):
            shown = match[0].strip() if sign == 0 else match[0][-1]
            around = text[max(0, match.start() - 15) : match.end() + 15].replace("\n", " ").strip()
            found.append((what.format(shown), around))
    return found


def _report(file: File, line: int, raw: str) -> Iterator[Finding]:
    for what, around in faults(raw):
        yield file.warning(
            file.line_of(around[:12], line),
            "typographie",
            f"{what} : « {around} ».",
            "le texte paraît négligé, et des signes passent seuls à la ligne.",
            "corrigez ce passage.",
        )
