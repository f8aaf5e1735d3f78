"""No text stops the detector, nor keeps others waiting."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.safety import Detection
from tests.guichet.safety.messages import DETECTOR, EVERYTHING, without_accents


@given(st.text(max_size=400))
def test_no_text_makes_it_raise(text):
    result = DETECTOR.detect(text)
    assert result is None or isinstance(result, Detection)


@given(st.lists(st.sampled_from(sorted({w for s in EVERYTHING for w in s.split()})), max_size=60))
def test_the_same_words_always_give_the_same_answer(words):
    text = " ".join(words)
    assert DETECTOR.detect(text) == DETECTOR.detect(text.upper()) == DETECTOR.detect(without_accents(text))


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "\ufdfa", "\u0301" * 50, "🆘", "ne", "a" * 10_000])
def test_odd_texts_are_calm(text):
    assert DETECTOR.detect(text) is None


HOSTILE = {
    "one letter": "a",
    "one word": "je ",
    "start of many rules": "je veux ",
    "almost a crisis": "mon mari me il je veux pas mourir de rire ",
    "crisis and exception": "mourir de rire je veux mourir de faim ",
    "combining marks": "a\u0301\u0327\u0301\u0327",
    "expanding character": "\ufdfa",
    "lone letters": "a b c d e ",
    "negations": "pas plus jamais ne pas ",
    "new lines": "\n\t",
    "nearly known words": "mouriq suicidq respirq ",
}


def seconds(text: str) -> float:
    """Processor seconds to read `text`, the best of three so that a busy machine does not count."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        DETECTOR.detect(text)
        spent.append(time.process_time() - start)
    return min(spent)


SHORT, LONG = 6_000, 60_000  # characters; a message has 2,000 unless GUICHET_TEXT_LIMIT says more


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear_in_the_length_of_a_hostile_text(unit):
    short, long = ((unit * (size // len(unit) + 1))[:size] for size in (SHORT, LONG))
    assert seconds(long) <= max(0.5, 25 * seconds(short))
    assert seconds(long) < 6


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=12))
def test_any_repeated_text_is_read_in_bounded_time(unit):
    assert seconds((unit * (LONG // len(unit) + 1))[:LONG]) < 6
