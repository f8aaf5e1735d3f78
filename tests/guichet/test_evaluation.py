"""The development questions, and the figures drawn from them."""

from collections import Counter
from pathlib import Path

import pytest

from guichet.content import load_content
from guichet.content.library import fold
from guichet.evaluation import Rate, evaluation
from guichet.safety import Detection
from guichet.understanding import Question, read_questions

QUESTIONS = Path("tests/brain/questions.yml")


@pytest.fixture(scope="module")
def questions():
    return read_questions(QUESTIONS)


@pytest.fixture(scope="module")
def content():
    return load_content(Path("data"))


def test_no_question_stands_among_the_examples(questions, content):
    learnt = {fold(example) for theme in content.themes.values() for example in theme.examples}
    assert [question.text for question in questions if fold(question.text) in learnt] == []


def test_every_theme_has_enough_questions(questions, content):
    count = Counter(theme for question in questions for theme in question.right)
    assert set(count) == set(content.themes)
    assert {theme: n for theme, n in count.items() if n < 8} == {}


def test_there_are_enough_questions_out_of_the_domain(questions):
    kinds = Counter(question.kind for question in questions if "hors_sujet" in question.right)
    assert sum(kinds.values()) >= 120
    assert kinds["near"] >= 60


def test_the_two_parts_are_about_as_large(questions):
    parts = Counter(question.part for question in questions)
    assert set(parts) == {"reglage", "preuve"}
    assert min(parts.values()) > 0.4 * len(questions)


def test_an_interval_is_wilsons():
    low, high = Rate(8, 10).interval
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Rate(0, 0).interval == (0.0, 1.0)


def understood(intent, *ranking, themes=()):
    return {
        "intent": {"name": intent},
        "ranking": [{"name": name, "confidence": 0.5} for name in ranking],
        "decision": {"themes": list(themes)},
    }


@pytest.mark.parametrize(
    ("reply", "detection", "decision", "first", "third"),
    [
        (understood("ceam", "ceam", "ald"), None, "bonne réponse", 1, 1),
        (understood("ald", "ald", "ceam"), None, "mauvaise réponse", 0, 1),
        (understood("clarification", "ald", "ame", "ceam", themes=["ceam"]), None, "bonne clarification", 0, 1),
        (understood("clarification", "ald", themes=["ald"]), None, "clarification à côté", 0, 0),
        (understood("nlu_fallback", "ald", "ame", "deces", "ceam"), None, "aveu", 0, 0),
        (understood("ceam", "ceam"), Detection("urgence_medicale", "x"), "mauvaise réponse", 0, 1),
    ],
)
def test_what_the_bot_would_have_done_is_counted(reply, detection, decision, first, third):
    result = evaluation([Question("?", frozenset({"ceam"}), "reglage")], [reply], [detection])
    assert result.decisions == Counter({decision: 1})
    assert result.rates["toutes", "premier"] == Rate(first, 1)
    assert result.rates["toutes", "parmi trois"] == Rate(third, 1)
    assert len(result.misses) == 1 - first
