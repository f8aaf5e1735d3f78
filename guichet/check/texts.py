"""Answers and precisions: length, plain language, amounts, acronyms, and the little markup that is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import textstat

from guichet.check.files import Corpus, Draft, File, Text
from guichet.check.finding import PLACEHOLDER, Finding
from guichet.check.links import LINK, MONTANT
from guichet.check.prose import plain, sentences, word_count

__all__ = ["ANSWER", "draft_findings", "findings", "readability"]

ANSWER = {"conversation": (1, 30), "urgences": (1, 40)}  # words by family (issue 3)
USUAL_ANSWER, PRECISION = (40, 90), (15, 60)
SENTENCE = 25  # words
EASY = 60.0  # Flesch's «standard» with the French weights of Kandel and Moles; lower is harder
TARGET = re.compile(r"(?:tel:\+?\d+|sms:\d+|teleservice:\w+)")
EMPTY_LABELS = {"", "ici", "lien", "ce lien", "cliquez ici", "cliquer ici", "là"}
MARKUP = (
    (re.compile(r"https?://|www\."), "une adresse en clair", "citez un téléservice : « [texte](teleservice:ID) »"),
    (re.compile(r"</?[a-zA-Z!]"), "du HTML", "enlevez-le"),
    (re.compile(r"^\s{0,3}#{1,6} ", re.MULTILINE), "un titre", "faites-en une phrase, en **gras** s'il le faut"),
    (re.compile(r"^\s*(?:[*+•–]|\d+[.)])\s", re.MULTILINE), "une liste qui ne commence pas par « - »", "écrivez « - »"),
    (re.compile(r"^\s*>", re.MULTILINE), "une citation", "enlevez le « > »"),
    (re.compile(r"`|^\s*\|", re.MULTILINE), "du code ou un tableau", "faites-en une phrase"),
    (re.compile(r"!\["), "une image", "enlevez-la"),
    (re.compile(r"(?<![\w*])([*_])(?![\s*_])[^*_\n]+\1(?![\w*])"), "de l'italique", "préférez le **gras**"),
    (re.compile(r"[\u2600-\u27bf\U0001f000-\U0001faff]"), "un émoji", "enlevez-le : un lecteur d'écran l'énonce"),
)  # fmt: skip
NUMBER_WORDS = r"(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|quinze|vingt|trente|quarante|cinquante|soixante)"
AMOUNT = re.compile(
    rf"(?:\d[\d\s,.]*\s?(?:€|%|euros?\b|centimes?\b|pour cent\b)|\b{NUMBER_WORDS} (?:euros?|pour cent)\b)",
    re.IGNORECASE,
)
PROPER_NAME = re.compile(r"100 % Santé")  # a scheme's name, not a rate
ACRONYM = re.compile(r"\b[A-ZÀ-Þ][A-ZÀ-Þ0-9]+\b")
FORM = re.compile(r"S\d+")  # forms are known by their number: S1, S3125


def findings(corpus: Corpus) -> Iterator[Finding]:
    """The sentences of data/textes.yml and data/organismes.yml."""
    texts = corpus.registries["textes"]
    for key, text in texts.entries.items():
        line = texts.line_of_key("textes", key)
        yield from _markup(texts, line, str(text))
        yield from _amounts(texts, line, str(text))
        yield from _long_sentences(texts, line, plain(str(text), corpus.known("montants")))
    bodies = corpus.registries["organismes"]
    for key, row in bodies.entries.items():
        for part in ("role", "chez_nous"):
            if isinstance(row, dict) and row.get(part):
                yield from _amounts(bodies, bodies.line_of_key("organismes", key, part), str(row[part]))


def draft_findings(draft: Draft, corpus: Corpus) -> Iterator[Finding]:
    """Everything said in one theme file."""
    written = [text for text in draft.texts if PLACEHOLDER not in text.raw]
    for text in written:
        said = plain(text.raw, corpus.known("montants"))
        yield from _length(draft, text, word_count(said))
        yield from _number_first(draft, text, said)
        yield from _long_sentences(draft, text.line, said)
        yield from _hard(draft, text, said)
        yield from _amounts(draft, text.line, text.raw)
        yield from _markup(draft, text.line, text.raw)
    yield from _acronyms(draft, written, corpus)


def readability(text: str) -> float:
    """Ease of reading a plain French text: 100 very easy, 60 standard, 30 hard (Flesch, by textstat)."""
    textstat.set_lang("fr")
    return textstat.flesch_reading_ease("\n".join(s if s[-1] in ".!?…" else f"{s}." for s in sentences(text)))


def _length(draft: Draft, text: Text, count: int) -> Iterator[Finding]:
    low, high = PRECISION if text.precision else ANSWER.get(draft.famille, USUAL_ANSWER)
    what = f"« {text.name} » fait {count} mots, pour {low} à {high}."
    if count > high:
        yield draft.error(
            text.line,
            "trop-long",
            what,
            "sur un téléphone, le début sort de l'écran ; on ne lit pas la fin.",
            "gardez ce qu'il faut faire d'abord ; le reste va dans une précision."
            if not text.precision
            else "gardez l'essentiel, en phrases courtes.",
        )
    elif 0 < count < low:
        yield draft.warning(
            text.line,
            "trop-court",
            what,
            "il manque sans doute quoi faire, où, ou l'autre moyen quand on n'a pas internet.",
            "complétez à partir de la source, sans rien inventer.",
        )


def _number_first(draft: Draft, text: Text, said: str) -> Iterator[Finding]:
    if draft.famille == "urgences" and not text.precision and not re.match(r"\d", said):
        yield draft.error(
            text.line,
            "numero-d-abord",
            "la réponse ne commence pas par un numéro.",
            "une personne en danger perd du temps à lire.",
            "commencez par « [15](tel:15) », « [3114](tel:3114) » ou « [17](tel:17) ».",
        )


def _long_sentences(file: File, line: int, said: str) -> Iterator[Finding]:
    for sentence in sentences(said):
        count = word_count(sentence)
        if count > SENTENCE:
            yield file.warning(
                file.line_of(sentence[:25], line),
                "phrase-longue",
                f"une phrase de {count} mots : « {sentence[:60]}… »",
                "beaucoup de gens perdent le fil au-delà de vingt mots.",
                "coupez-la en deux.",
            )


def _hard(draft: Draft, text: Text, said: str) -> Iterator[Finding]:
    if word_count(said) >= PRECISION[0] and (score := readability(said)) < EASY:
        yield draft.warning(
            text.line,
            "difficile",
            f"« {text.name} » est difficile à lire (lisibilité {score:.0f}, il en faut {EASY:.0f}).",
            "une personne inquiète ou qui lit mal ne comprend pas.",
            "raccourcissez les phrases et remplacez les mots longs par des mots courants.",
        )


def _amounts(file: File, line: int, raw: str) -> Iterator[Finding]:
    for match in AMOUNT.finditer(PROPER_NAME.sub("", MONTANT.sub("", raw))):
        yield file.error(
            file.line_of(match[0].strip(), line),
            "montant-en-clair",
            f"un montant ou un taux est écrit dans le texte : « {match[0].strip()} ».",
            "le jour où il change, ce texte devient faux et personne ne le voit.",
            "écrivez « [[montant.ID]] », avec un identifiant de data/montants.yml.",
        )


def _markup(file: File, line: int, raw: str) -> Iterator[Finding]:
    bare = MONTANT.sub("", raw)
    for label, target in LINK.findall(bare):
        if not TARGET.fullmatch(target):
            what, remedy = f"un lien vers « {target} »", "seuls tel:, sms: et teleservice: sont permis"
            yield _forbidden(file, file.line_of(target, line), what, remedy)
        elif label.strip().lower() in EMPTY_LABELS:
            yield file.warning(
                file.line_of(target, line),
                "lien-muet",
                f"un lien s'appelle « {label} ».",
                "un lecteur d'écran énonce les liens seuls : celui-ci ne dit pas où il mène.",
                "nommez ce qu'on y fait : « [télécharger l'attestation](teleservice:…) ».",
            )
    outside = LINK.sub(r"\1", bare)
    for pattern, what, remedy in MARKUP:
        if match := pattern.search(outside):
            yield _forbidden(file, file.line_of(match[0].strip(), line), what, remedy)
    if outside.count("**") % 2:
        yield _forbidden(file, line, "un « ** » qui n'est pas refermé", "refermez-le")
    if re.search(r"\[\[|\]\]", outside):
        yield _forbidden(file, line, "des doubles crochets sans montant", "écrivez « [[montant.ID]] »")


def _forbidden(file: File, line: int, what: str, remedy: str) -> Finding:
    return file.error(
        line, "balisage", f"{what} dans le texte.", "les gens voient des signes, ou un lien mort.", f"{remedy}."
    )


def _acronyms(draft: Draft, texts: list[Text], corpus: Corpus) -> Iterator[Finding]:
    known = set(corpus.listed("sigles_connus"))
    answer = draft.answer.raw if draft.answer else ""
    for text in texts:
        for acronym in dict.fromkeys(ACRONYM.findall(plain(text.raw, {}))):
            if acronym in known or FORM.fullmatch(acronym) or _explained(acronym, f"{answer}\n{text.raw}"):
                continue
            yield draft.warning(
                draft.line_of(acronym, text.line),
                "sigle",
                f"le sigle « {acronym} » n'est pas expliqué.",
                "ceux qui ne le connaissent pas croient que la réponse n'est pas pour eux.",
                f"écrivez les mots en entier, puis « ({acronym}) » ; ou ajoutez-le à « sigles_connus » du catalogue.",
            )


def _explained(acronym: str, text: str) -> bool:
    """«indemnités journalières (IJ)», «IJ (indemnités journalières)», «un accompagnement nommé HELP»."""
    return bool(re.search(rf"\w+ \({acronym}\)|\b{acronym} \(|(?:nommée?|appelée?|dite?) {acronym}\b", text))
