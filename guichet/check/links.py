"""What a theme points to: near themes, téléservices, amounts, precisions, and the site its facts come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from guichet.check.files import Corpus, Draft, File
from guichet.check.finding import PLACEHOLDER, Finding

__all__ = ["LINK", "MONTANT", "draft_findings", "findings"]

MONTANT = re.compile(r"\[\[montant\.([^\]]*)\]\]")
LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")
NEAR = (2, 4)  # near themes a file should name


def findings(corpus: Corpus) -> Iterator[Finding]:
    """What the registries point to."""
    texts = corpus.registries["textes"]
    document = texts.document if isinstance(texts.document, dict) else {}
    offered = {"frequents": document.get("frequents") or ()}
    offered["frequents_pour"] = [theme for row in (document.get("frequents_pour") or {}).values() for theme in row]
    for key, themes in offered.items():
        for theme in themes:
            if theme not in corpus.themes:
                yield _dead(texts, texts.line_of_key(key), "thème", theme, "un nom de data/catalogue.yml")
    for key, text in texts.entries.items():
        yield from _amounts(texts, texts.line_of_key("textes", key), str(text), corpus)
    services = corpus.registries["teleservices"]
    for key, row in services.entries.items():
        url = str(row.get("url", "")) if isinstance(row, dict) else ""
        yield from _site(services, services.line_of_key("teleservices", key, "url"), url, corpus)


def draft_findings(draft: Draft, corpus: Corpus) -> Iterator[Finding]:
    """What one theme file points to."""
    yield from _near(draft, corpus)
    for name in draft.names("teleservices"):
        if name not in corpus.known("teleservices"):
            yield _dead(draft, draft.line_of_key("teleservices"), "téléservice", name, "data/teleservices.yml")
    for text in draft.texts:
        yield from _amounts(draft, text.line, text.raw, corpus)
        for _, target in LINK.findall(text.raw):
            name = target.removeprefix("teleservice:")
            if name != target and name not in corpus.known("teleservices"):
                yield _dead(draft, draft.line_of(target, text.line), "téléservice", name, "data/teleservices.yml")
        if text.precision and text.precision not in corpus.known("precisions"):
            yield _dead(draft, text.line, "précision", text.precision, "data/precisions.yml")
    source = draft.metadata.get("source")
    if source and source != PLACEHOLDER:
        yield from _site(draft, draft.line_of_key("source"), str(source), corpus)


def _near(draft: Draft, corpus: Corpus) -> Iterator[Finding]:
    line = draft.line_of_key("proches")
    near = draft.names("proches")
    for name in near:
        if name not in corpus.catalogue.entries:
            yield _dead(draft, line, "thème proche", name, "data/catalogue.yml")
        elif name == draft.id:
            yield draft.error(
                line,
                "reference",
                "le thème se cite lui-même dans « proches: ».",
                "après un « Non », le bot propose la réponse qui vient d'être refusée.",
                "enlevez-le.",
            )
    wanted = draft.block is not None and draft.famille not in ("conversation", "urgences")
    if wanted and not NEAR[0] <= len(near) <= NEAR[1]:
        yield draft.warning(
            line,
            "proches",
            f"{len(near)} thème(s) proche(s).",
            "après un « Non », le bot n'a pas assez, ou trop, de pistes à proposer.",
            f"citez {NEAR[0]} à {NEAR[1]} thèmes que la personne a pu vouloir dire.",
        )


def _amounts(file: File, line: int, raw: str, corpus: Corpus) -> Iterator[Finding]:
    for name in MONTANT.findall(raw):
        if name not in corpus.known("montants"):
            yield _dead(file, file.line_of(f"montant.{name}", line), "montant", name, "data/montants.yml")


def _site(file: File, line: int, url: str, corpus: Corpus) -> Iterator[Finding]:
    """An address people may open: https, on a site of the catalogue's list."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" or not host or host.endswith(".") or re.search(r"\s", url):
        yield file.error(
            line,
            "adresse",
            f"« {url} » n'est pas une adresse https bien écrite.",
            "le lien ne s'ouvre pas, ou pas sûrement.",
            "recopiez l'adresse depuis le navigateur, avec https://.",
        )
    elif not any(host == site or host.endswith(f".{site}") for site in corpus.listed("sites_officiels")):
        yield file.error(
            line,
            "site-commercial",
            f"« {host} » n'est pas un site officiel.",
            "on envoie les gens chez un vendeur, ou vers des faits que personne ne garantit.",
            "citez la page officielle ; si ce site est public, ajoutez-le à « sites_officiels » de data/catalogue.yml.",
        )


def _dead(file: File, line: int, kind: str, name: object, where: str) -> Finding:
    return file.error(
        line,
        "reference",
        f"{kind} « {name} » : inconnu.",
        "le service refuse de démarrer.",
        f"corrigez le nom, ou ajoutez-le à {where}.",
    )
