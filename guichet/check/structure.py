"""The shape of a theme: in the catalogue, in its folder, with an answer, a source, dates and short labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from guichet.check.files import Corpus, Draft, File
from guichet.check.finding import PLACEHOLDER, Finding

__all__ = ["draft_findings", "findings"]

BUTTON = 40  # characters, DESIGN: a button must fit a 320 px screen
LINK_LABEL = 60  # characters, as data/teleservices.yml says
SOURCELESS = {"conversation", "urgences"}  # families that may give no source


def findings(corpus: Corpus) -> Iterator[Finding]:
    """What concerns the list of themes and the labels of the registries."""
    yield from _unreadable(corpus)
    yield from _missing(corpus)
    yield from _twice(corpus)
    yield from _labels(corpus)


def draft_findings(draft: Draft, corpus: Corpus, today: date) -> Iterator[Finding]:
    """What concerns one theme file."""
    if draft.fault:
        return
    yield from _place(draft, corpus)
    if draft.block is None:
        yield draft.error(
            1,
            "intention",
            f"pas d'intention « {draft.id} ».",
            "le thème n'est jamais reconnu.",
            f"sous « nlu: », écrivez « - intent: {draft.id} », comme le nom du fichier.",
        )
        return
    yield from _unfilled(draft)
    yield from _title(draft)
    yield from _answer(draft)
    yield from _precisions(draft)
    yield from _source(draft)
    yield from _dates(draft, today)


def _unreadable(corpus: Corpus) -> Iterator[Finding]:
    for file in (*corpus.drafts, *corpus.registries.values()):
        if file.fault:
            yield file.fault


def _missing(corpus: Corpus) -> Iterator[Finding]:
    catalogue = corpus.catalogue
    for theme, row in catalogue.entries.items():
        if theme not in corpus.themes:
            famille = row.get("famille") if isinstance(row, dict) else "?"
            yield catalogue.error(
                catalogue.line_of_key("themes", theme),
                "theme-absent",
                f"le thème « {theme} » n'a pas de fichier.",
                "ce besoin n'a pas de réponse.",
                f"lancez « bin/guichet new theme {theme} », puis remplissez data/themes/{famille}/{theme}.yml.",
            )


def _twice(corpus: Corpus) -> Iterator[Finding]:
    count = Counter(draft.id for draft in corpus.drafts)
    for draft in corpus.drafts:
        if count[draft.id] > 1:
            yield draft.error(
                1,
                "theme-double",
                f"le thème « {draft.id} » a deux fichiers.",
                "une seule des deux réponses est gardée, au hasard.",
                "gardez celui du bon dossier et effacez l'autre.",
            )


def _place(draft: Draft, corpus: Corpus) -> Iterator[Finding]:
    row = corpus.catalogue.entries.get(draft.id)
    if not isinstance(row, dict):
        yield draft.error(
            1,
            "theme-inconnu",
            f"« {draft.id} » n'est pas dans le catalogue.",
            "personne n'a fixé ce que ce thème couvre, ses exemples brouillent les autres.",
            "corrigez le nom du fichier, ou décrivez ce besoin dans data/catalogue.yml.",
        )
    elif row.get("famille") != draft.famille:
        yield draft.error(
            1,
            "famille",
            f"le fichier est dans « {draft.famille} », le catalogue dit « {row.get('famille')} ».",
            "le bot traite ce thème comme un autre genre de message.",
            f"déplacez-le dans data/themes/{row.get('famille')}/.",
        )


def _unfilled(draft: Draft) -> Iterator[Finding]:
    for number, line in enumerate(draft.lines, 1):
        if PLACEHOLDER in line and not line.lstrip().startswith("#"):
            yield draft.error(
                number,
                "a-completer",
                "une ligne du modèle n'est pas remplie.",
                f"les gens liraient « {PLACEHOLDER} ».",
                "écrivez le texte à la place, ou enlevez la ligne.",
            )


def _title(draft: Draft) -> Iterator[Finding]:
    titre = draft.metadata.get("titre")
    if not titre:
        yield draft.error(
            draft.line_of_key("metadata"),
            "titre",
            "pas de titre.",
            "les boutons et les écrans n'ont rien à afficher, le service ne démarre pas.",
            "ajoutez « titre: » sous « metadata: », quelques mots simples.",
        )
        return
    key = "bouton" if draft.metadata.get("bouton") else "titre"
    remedy = f"ajoutez sous le titre une ligne « bouton: » de {BUTTON} caractères au plus."
    yield from _label(draft, draft.line_of_key(key), str(draft.metadata[key]), BUTTON, remedy)


def _answer(draft: Draft) -> Iterator[Finding]:
    if draft.answer is None:
        yield draft.error(
            draft.line_of_key("responses"),
            "sans-reponse",
            f"pas de réponse « utter_{draft.id} ».",
            "le bot reconnaît la question et n'a rien à dire, le service ne démarre pas.",
            f"écrivez « utter_{draft.id}: » sous « responses: », puis « - text: |- » et le texte.",
        )
    for text in draft.texts:
        if not text.raw:
            yield draft.error(
                text.line, "texte-vide", f"« {text.name} » est vide.", "le bot se tait.", "écrivez le texte."
            )


def _precisions(draft: Draft) -> Iterator[Finding]:
    responses = draft.document.get("responses")
    for name in responses if isinstance(responses, dict) else ():
        line = draft.line_of_key("responses", name)
        base, separator, _ = str(name).partition("__")
        if base != f"utter_{draft.id}":
            yield draft.error(
                line,
                "precision-sans-base",
                f"« {name} » n'appartient pas au thème « {draft.id} ».",
                "ce texte ne sera jamais affiché.",
                f"renommez-le « utter_{draft.id}{separator}… », ou mettez-le dans le fichier de son thème.",
            )
        elif separator and draft.answer is None:
            yield draft.error(
                line,
                "precision-sans-base",
                f"la précision « {name} » n'a pas de réponse de base.",
                "le bouton de la précision ne peut apparaître sous rien.",
                f"écrivez d'abord la réponse « utter_{draft.id} ».",
            )


def _source(draft: Draft) -> Iterator[Finding]:
    if not draft.metadata.get("source") and draft.famille not in SOURCELESS:
        yield draft.error(
            draft.line_of_key("metadata"),
            "sans-source",
            "réponse sans source.",
            "personne ne peut vérifier ce qui est dit, ni le lecteur ni le prochain auteur.",
            "ajoutez « source: » sous « metadata: », l'adresse de la page officielle où les faits ont été lus.",
        )


def _dates(draft: Draft, today: date) -> Iterator[Finding]:
    for key in ("verifie_le", "a_revoir_le"):
        value = draft.metadata.get(key)
        if value is not None and _date(value) is None:
            yield draft.error(
                draft.line_of_key(key),
                "date",
                f"« {key}: {value} » n'est pas une date.",
                "le service ne démarre pas.",
                "écrivez année, mois et jour : 2026-05-12.",
            )
    checked, review = _date(draft.metadata.get("verifie_le")), draft.metadata.get("a_revoir_le")
    if checked and checked > today:
        yield draft.error(
            draft.line_of_key("verifie_le"),
            "date",
            f"les faits sont dits vérifiés le {checked}, qui n'est pas encore passé.",
            "les gens lisent une date fausse.",
            "mettez le jour de la plus ancienne des sources, ou enlevez la ligne.",
        )
    if review is None and draft.famille not in SOURCELESS:
        yield draft.warning(
            draft.line_of_key("metadata"),
            "a-revoir",
            "pas de date de relecture.",
            "la réponse peut vieillir sans que personne ne s'en aperçoive.",
            "ajoutez « a_revoir_le: », dans un an au plus.",
        )
    elif (due := _date(review)) and due < today:
        yield draft.warning(
            draft.line_of_key("a_revoir_le"),
            "a-revoir",
            f"la relecture était prévue avant le {due}.",
            "un fait a pu changer depuis.",
            "relisez la source, corrigez le texte, puis avancez « verifie_le » et « a_revoir_le ».",
        )


def _labels(corpus: Corpus) -> Iterator[Finding]:
    """The buttons that come from registries."""
    for registry, limit in (("precisions", BUTTON), ("teleservices", LINK_LABEL)):
        file = corpus.registries[registry]
        for key, row in file.entries.items():
            label = str(row.get("libelle", "")) if isinstance(row, dict) else ""
            yield from _label(file, file.line_of_key(registry, key, "libelle"), label, limit)
    texts = corpus.registries["textes"]
    for key, text in texts.entries.items():
        if key.startswith(("choix_", "bouton_")):
            yield from _label(texts, texts.line_of_key("textes", key), str(text), BUTTON)


def _label(file: File, line: int, label: str, limit: int, remedy: str = "") -> Iterator[Finding]:
    if len(label) > limit:
        yield file.error(
            line,
            "bouton-long",
            f"« {label} » fait {len(label)} caractères.",
            "le bouton déborde sur un téléphone.",
            remedy or f"raccourcissez-le à {limit} caractères au plus.",
        )


def _date(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
