"""Training phrases: enough of them, varied, written plainly, and each in one theme only."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from guichet.check.files import Corpus, Draft, Example
from guichet.check.finding import Finding
from guichet.content.library import fold

__all__ = ["draft_findings", "findings", "near_pairs", "same_words"]

ENOUGH, ENOUGH_FREQUENT, MINIMUM = 30, 60, 5
SHORT, LONG = 5, 25  # words: a short phrase, a long one
SHORT_SHARE, SHORT_ENOUGH = 0.15, 6  # short phrases wanted: a share, or this many
SAME_START_SHARE = 0.2  # of the examples of one theme that begin with the same two words
NEARLY = 0.8  # share of common three-letter runs from which two phrases are nearly the same
LETTERS = 16  # under this length one letter says it all («formulaire S1», «formulaire S2»)
SHARED = 3  # of the rarest runs: more of them leave fewer pairs to compare, but more to count
# Words that change nothing to what is asked; «pas», «qui», «comment», «avec», «sans» do.
EMPTY = frozenset(
    "je j tu il elle on nous vous ils elles me m te se s moi mon ma mes votre vos notre nos son sa ses le la les l un "  # noqa: SIM905
    "une des de du d au aux a à y et est ce c svp stp ai suis".split()
)


def findings(corpus: Corpus) -> Iterator[Finding]:
    """The same example, or nearly the same, in two themes."""
    examples = list(corpus.examples)
    yield from _same(examples)
    yield from _nearly_the_same(examples)


def draft_findings(draft: Draft, corpus: Corpus) -> Iterator[Finding]:
    """Number, form and variety of one theme's examples."""
    if draft.block is None:
        return
    yield from _enough(draft, corpus)
    yield from _stray_lines(draft)
    for example in draft.examples:
        if "[" in example.text or "]" in example.text:
            yield draft.error(
                example.line,
                "crochets",
                f"des crochets dans « {_cut(example.text)} ».",
                "Rasa y lit une entité et apprend une autre phrase.",
                "enlevez les crochets.",
            )
    yield from _uniform(draft)


def _enough(draft: Draft, corpus: Corpus) -> Iterator[Finding]:
    row = corpus.catalogue.entries.get(draft.id)
    frequent = isinstance(row, dict) and row.get("frequent")
    wanted, count = ENOUGH_FREQUENT if frequent else ENOUGH, len(draft.examples)
    if count >= wanted:
        return
    line = draft.line_of_key("examples")
    remedy = "écrivez-en d'autres, un par un, comme des gens différents le diraient (docs/fr/rediger.md)."
    if count < MINIMUM:
        yield draft.error(
            line, "peu-d-exemples", f"{count} exemple(s), il en faut {wanted}.", "ce thème n'est pas reconnu.", remedy
        )
    else:
        why = "besoin fréquent : " if frequent else ""
        yield draft.warning(
            line,
            "peu-d-exemples",
            f"{count} exemples, {why}il en faut {wanted}.",
            "le bot aura du mal à reconnaître cette demande.",
            remedy,
        )


def _stray_lines(draft: Draft) -> Iterator[Finding]:
    """Lines of the examples block that Rasa ignores or glues to the one before."""
    lines = {example.line for example in draft.examples}
    for number in range(min(lines, default=0), max(lines, default=-1) + 1):
        content = draft.lines[number - 1].strip()
        if content and number not in lines:
            yield draft.error(
                number,
                "ligne-perdue",
                f"la ligne « {_cut(content)} » ne commence pas par « - ».",
                "l'exemple est perdu.",
                "commencez-la par « - », alignée sur les autres.",
            )


def _uniform(draft: Draft) -> Iterator[Finding]:
    count = len(draft.examples)
    if count < MINIMUM:
        return
    line = draft.line_of_key("examples")
    starts = Counter(" ".join(fold(example.text).split()[:2]) for example in draft.examples)
    start, times = starts.most_common(1)[0]
    if times > max(SAME_START_SHARE * count, 3):
        yield _same_mould(draft, line, f"{times} exemples sur {count} commencent par « {start} ».")
    if draft.famille == "conversation":  # «merci», «au revoir»: short by nature
        return
    lengths = [len(example.text.split()) for example in draft.examples]
    short = sum(length <= SHORT for length in lengths)
    if short < min(SHORT_SHARE * count, SHORT_ENOUGH):
        yield _same_mould(draft, line, f"{short} exemple(s) court(s) sur {count}, de {SHORT} mots au plus.")
    if max(lengths) < LONG:
        yield _same_mould(draft, line, f"aucun exemple long, de {LONG} mots ou plus.")


def _same_mould(draft: Draft, line: int, what: str) -> Finding:
    return draft.warning(
        line,
        "uniformes",
        what,
        "le bot apprend une tournure au lieu du besoin.",
        "variez : deux mots, une question polie, une histoire, du style SMS ; changez le verbe et la place du mot clé.",
    )


def _same(examples: list[Example]) -> Iterator[Finding]:
    """In one theme an example twice teaches nothing; in two, whatever its spaces and accents, it misleads."""
    seen: dict[str, Example] = {}
    repeated: set[tuple[str, str]] = set()
    for example in examples:
        first = seen.setdefault(_letters(example.text), example)
        if first.intent != example.intent:
            yield example.file.error(
                example.line,
                "exemple-double",
                f"« {_cut(example.text)} » est ici et dans « {first.intent} » (ligne {first.line}).",
                "le bot ne peut pas choisir, il se trompe une fois sur deux.",
                "gardez-le dans le seul thème qui l'emporte (data/catalogue.yml).",
            )
        elif (example.intent, fold(example.text)) in repeated:
            yield example.file.warning(
                example.line,
                "exemple-double",
                f"« {_cut(example.text)} » est deux fois.",
                "il ne sert à rien.",
                "effacez-en un.",
            )
        repeated.add((example.intent, fold(example.text)))


def _nearly_the_same(examples: list[Example]) -> Iterator[Finding]:
    """Of two themes only: data/dialogue says like words on purpose («et pour mon fils ?», «c'est pour mon fils»)."""
    for first, second in {*same_words(examples), *near_pairs(examples)}:
        if first.intent == second.intent or not (isinstance(first.file, Draft) or isinstance(second.file, Draft)):
            continue
        yield second.file.warning(
            second.line,
            "exemple-proche",
            f"« {_cut(second.text)} » ressemble à « {_cut(first.text)} » de « {first.intent} » (ligne {first.line}).",
            "le bot hésite entre les deux thèmes.",
            "gardez la phrase dans le thème qui l'emporte, ou dites-y ce qui fait la différence.",
        )


def same_words(examples: Iterable[Example]) -> Iterator[tuple[Example, Example]]:
    """Pairs of distinct phrases made of the same words, in any order, empty words apart."""
    groups: defaultdict[frozenset[str], list[Example]] = defaultdict(list)
    for example in examples:
        if words := frozenset(fold(example.text).split()) - EMPTY:
            groups[words].append(example)
    for group in groups.values():
        for second in group[1:]:
            if _letters(second.text) != _letters(group[0].text):
                yield group[0], second


def near_pairs(examples: Iterable[Example]) -> Iterator[tuple[Example, Example]]:
    """Pairs of phrases of two intents that share at least NEARLY of their three-letter runs (Jaccard).

    Prefix filter (Wang, Li and Feng, 2012): with the runs sorted from the rarest, two sets of n runs or more this close
    share at least SHARED of their first n - ceil(NEARLY n) + SHARED runs, so only those are indexed and counted.
    """
    distinct = {_letters(example.text): example for example in examples if len(_letters(example.text)) >= LETTERS}
    runs = {letters: {letters[n : n + 3] for n in range(len(letters) - 2)} for letters in distinct}
    count = Counter(chain.from_iterable(runs.values()))
    rank = {run: n for n, run in enumerate(sorted(count, key=lambda run: (count[run], run)))}
    index: defaultdict[str, list[str]] = defaultdict(list)
    for letters, found in runs.items():
        prefix = sorted(found, key=rank.__getitem__)[: len(found) - math.ceil(NEARLY * len(found)) + SHARED]
        candidates = Counter(chain.from_iterable(index[run] for run in prefix))
        for other, times in candidates.items():
            if times >= SHARED and distinct[other].intent != distinct[letters].intent:
                both = len(found & runs[other])
                if both >= NEARLY * (len(found) + len(runs[other]) - both):
                    yield distinct[other], distinct[letters]
        for run in prefix:
            index[run].append(letters)


def _letters(text: str) -> str:
    """What remains of a phrase without case, accents, spaces and signs; spaces are kept out so that «jai» is «j'ai»."""
    return fold(text).replace(" ", "") or text


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
