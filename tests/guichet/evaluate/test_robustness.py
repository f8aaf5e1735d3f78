"""What is lost to noise, on questions whose fate is written in their text."""

import pytest

from guichet.evaluate.measures import Rate
from guichet.evaluate.robustness import careful, robustness
from guichet.evaluate.robustness_report import robustness_report
from guichet.noise import NOISES
from guichet.questions import Question
from tests.guichet.evaluate.builders import outcome

CARD = Question("Où est ma carte européenne ?", "ceam")
HEALTH = Question("affection longue durée", "ald", frozenset({"ame"}))
DIGITS = Question("123", "ceam")


def read(questions):
    """A model that knows «carte», and «affection» unless it is in capitals; counts how often it is asked."""
    read.asked.append([question.text for question in questions])
    return [
        outcome(
            question.theme,
            "ceam" if "carte" in question.text else ("ame" if "affection" in question.text else "x"),
            acceptable=tuple(question.acceptable),
        )
        for question in questions
    ]


@pytest.fixture
def found():
    read.asked = []
    return robustness([CARD, HEALTH, DIGITS], read, "reglage")


def test_only_careful_questions_of_the_domain_are_spoilt():
    rows = [CARD, Question("jai", "ceam", noise="sms"), Question("météo", "hors_sujet")]
    assert careful(rows) == [CARD]


def test_the_model_is_asked_once_and_no_text_twice_for_nothing(found):
    assert len(read.asked) == 1
    assert read.asked[0].count(CARD.text) == 1
    assert "123" not in read.asked[0]


def test_a_text_that_noise_leaves_alone_is_not_counted(found):
    assert "apostrophes" not in found.kinds
    assert found.kinds["capitals"].noisy.total == 2
    assert found.kinds["learner"].noisy.total == 1
    assert found.questions == 3


def test_the_drop_is_against_the_same_texts_clean(found):
    drop = found.kinds["capitals"]
    assert (drop.clean, drop.noisy, drop.third) == (Rate(2, 2), Rate(0, 2), Rate(0, 2))
    assert drop.lost == 1.0
    assert found.kinds["accents"].lost == 0.0
    assert found.kinds["accents"].noisy == Rate(2, 2)


def test_themes_that_lose_most_come_first_with_what_costs_them(found):
    losses = [drop.lost for drop in found.themes.values()]
    assert losses == sorted(losses, reverse=True)
    assert "capitals" in [kind for kind, drop in found.kinds_of("ald").items() if drop.lost == 1.0]
    assert list(found.kinds_of("ald").values())[0].lost == 1.0
    assert sum(drop.noisy.total for drop in found.themes.values()) == len(found.trials) == found.total.noisy.total


def test_the_report_names_kinds_and_themes(found):
    report = robustness_report(found)
    kinds, worst, themes = (section.tables[0] for section in report.sections)
    assert f"3 questions soignées du domaine, part « reglage », abîmées de {len(NOISES)} façons" in report.note
    assert [row for row in kinds.rows if row[0] == "capitales"] == [
        ("capitales", "2", "100,0\xa0%", "0,0\xa0% (0,0 à 65,8)", "0,0\xa0%", "100,0")
    ]
    assert kinds.rows[-1][0] == "ensemble"
    assert "capitales : 100,0" in dict((row[0], row[1]) for row in worst.rows)["ald"]
    assert {row[0] for row in themes.rows} == {"ald", "ceam"}
