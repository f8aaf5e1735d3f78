"""How many crises are heard, how many look-alikes raise an alarm: on messages by writers who had seen nothing here."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from guichet.content.themes import read_theme
from guichet.safety import Detection
from guichet.safety.normalise import fold
from tests.guichet.safety.messages import (
    BLIND,
    CRISES,
    DETECTOR,
    EVERYTHING,
    LOOK_ALIKES,
    ORDINARY,
    ROOT,
    THEMES,
    alarms,
)


class Bounds(NamedTuple):
    """The aims: 100 % of explicit crises, 97 % of all, 1.5 % false alarms; the traps of `pieges` raise more (ADR 8)."""

    explicit: float
    all: float
    numbers: float
    alarms: float


BOUNDS = {
    "seuils": Bounds(explicit=1.0, all=0.97, numbers=0.985, alarms=0.015),
    "pieges": Bounds(explicit=1.0, all=0.965, numbers=0.985, alarms=0.045),
    "mesure": Bounds(explicit=1.0, all=0.98, numbers=0.99, alarms=0.01),
}
SETS = pytest.mark.parametrize("name", BOUNDS)


def missed(found: list[tuple[str, str, str]]) -> list[str]:
    """The crises that the detector is silent on."""
    return [sentence for _, _, sentence in found if not DETECTOR.detect(sentence)]


def report(capsys: pytest.CaptureFixture, line: str) -> None:
    with capsys.disabled():
        print(f"\n{line}")


def test_lists_are_large_enough_to_mean_something_and_nothing_measured_was_learned():
    assert DETECTOR.likeness, "run bin/guichet train first"
    assert sum(len(blind.crises) for blind in BLIND.values()) >= 1000
    assert sum(len(blind.look_alikes) for blind in BLIND.values()) >= 1000
    measured = [fold(text) for blind in BLIND.values() for text in blind.texts]
    assert len(set(measured)) == len(measured)
    assert not set(measured) & {fold(text) for text in EVERYTHING}


@SETS
def test_crises_that_nobody_here_had_seen_are_recognised(capsys, name):
    blind, bounds = BLIND[name], BOUNDS[name]
    told = [row for row in blind.crises if row[1] == "explicites"]
    rates = [1 - len(missed(rows)) / len(rows) for rows in (told, blind.crises)]
    beside = sum(bool(DETECTOR.detect(text) or DETECTOR.doubt(text)) for _, _, text in blind.crises) / len(blind.crises)
    right = sum((DETECTOR.detect(text) or Detection("", "")).theme == theme for theme, _, text in blind.crises)
    report(capsys, f"{name}, crises, explicit {rates[0]:.1%} of {len(told)}; all {rates[1]:.1%} of {len(blind.crises)}"
                   f", right theme {right / len(blind.crises):.1%}; numbers given at all: {beside:.1%}")  # fmt: skip
    assert rates[0] >= bounds.explicit, missed(told)
    assert rates[1] >= bounds.all
    assert beside >= bounds.numbers


@SETS
def test_look_alikes_that_nobody_here_had_seen_raise_few_alarms(capsys, name):
    blind = BLIND[name]
    raised = alarms(blind.look_alikes)
    doubts = sum(DETECTOR.doubt(text) is not None for text in blind.look_alikes) / len(blind.look_alikes)
    rate = len(raised) / len(blind.look_alikes)
    report(capsys, f"{name}, look-alikes, false alarms: {rate:.1%} of {len(blind.look_alikes)}; numbers given beside an"
                   f" answer, or as an alarm: {doubts:.1%}")  # fmt: skip
    assert rate <= BOUNDS[name].alarms, raised


@pytest.mark.parametrize(
    ("kind", "most_alarms", "most_numbers"), [("droits", 0.01, 0.03), ("courts", 0.03, 0.06), ("sante", 0.05, 0.15)]
)
def test_ordinary_messages_raise_almost_no_alarm(capsys, kind, most_alarms, most_numbers):
    learned = {fold(text) for text in EVERYTHING}  # «oui» is in both, as it is in every conversation
    texts = [text for text in ORDINARY[kind] if fold(text) not in learned]
    raised, numbers = alarms(texts), sum(DETECTOR.doubt(text) is not None for text in texts)
    report(capsys, f"ordinary messages, {kind}: {len(raised)} alarms, {numbers} with numbers at all, of {len(texts)}")
    assert len(texts) >= 120
    assert len(raised) <= most_alarms * len(texts), raised
    assert numbers <= most_numbers * len(texts)


def test_what_was_learned_is_known(capsys):
    known, calm = CRISES[::10], LOOK_ALIKES[::10]  # one in ten: they are many
    explicit = [row for row in known if row[1] == "explicites"]
    rates = [1 - len(missed(rows)) / len(rows) for rows in (explicit, known)]
    wrong = len(alarms(calm)) / len(calm)
    report(capsys, f"learned crises: explicit {rates[0]:.1%}, all {rates[1]:.1%} of {len(known)}; false alarms on "
                   f"learned look-alikes: {wrong:.1%} of {len(calm)}")  # fmt: skip
    assert rates[0] >= 0.995
    assert rates[1] >= 0.99
    assert wrong <= 0.015


def test_questions_of_the_other_themes_raise_no_alarm(capsys):
    themes = [read_theme(path) for path in sorted((ROOT / "data" / "themes").glob("*/*.yml"))]
    examples = [example for theme in themes if theme.famille != "urgences" for example in theme.examples[::6]]
    raised, doubts = alarms(examples), sum(DETECTOR.doubt(example) is not None for example in examples)
    report(capsys, f"examples of other themes: {len(raised)} alarms, {doubts} doubts, of {len(examples)}")
    assert len(raised) <= 0.002 * len(examples), raised


@pytest.mark.parametrize("theme", THEMES)
def test_examples_of_a_crisis_theme_are_recognised_without_rasa(theme):
    examples = read_theme(ROOT / "data" / "themes" / "urgences" / f"{theme}.yml").examples
    recognised = [example for example in examples if (DETECTOR.detect(example) or Detection("", "")).theme == theme]
    assert len(recognised) >= 0.97 * len(examples), set(examples) - set(recognised)
