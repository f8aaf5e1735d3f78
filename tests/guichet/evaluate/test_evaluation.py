"""The measures of a small set of questions, all counted by hand."""

import pytest

from guichet.evaluate.evaluation import ALL, BOTH, CAREFUL, FAR, HALF, INSIDE, NEAR, NOISY, Evaluation
from guichet.evaluate.measures import Rate
from guichet.evaluate.targets import TARGETS, Target
from tests.guichet.evaluate.builders import outcome, reply

ROWS = (
    outcome("ceam", reply("ceam", confidence=0.9), text="un"),
    outcome("ceam", reply("ald", "ald", "ceam", confidence=0.8), text="deux", noise="sms"),
    outcome("ceam", reply("clarification", "ald", "ceam", confidence=0.4, themes=("ceam",)), text="trois", noise="sms"),
    outcome("ald", reply("hors_sujet", "hors_sujet", confidence=0.6), text="quatre"),
    outcome("ald", reply("nlu_fallback", "ame", confidence=0.2), text="cinq", noise="slips"),
    outcome("urgence_suicide", reply("ald", confidence=0.3), crisis="urgence_suicide", text="six"),
    outcome("hors_sujet", reply("hors_sujet", confidence=0.7), kind="near"),
    outcome("hors_sujet", reply("ceam", confidence=0.5), kind="near"),
    outcome("hors_sujet", reply("nlu_fallback", "ald", confidence=0.1), kind="far"),
    outcome("hors_sujet", reply("clarification", "ald", confidence=0.1, themes=("ald",))),
)


@pytest.fixture(scope="module")
def found():
    return Evaluation(ROWS)


def test_accuracy_is_counted_by_group(found):
    assert {group: len(rows) for group, rows in found.groups.items()} == {
        INSIDE: 6, CAREFUL: 3, NOISY: 3, NEAR: 2, FAR: 1, ALL: 10,
    }  # fmt: skip
    assert [found.first(group) for group in (INSIDE, CAREFUL, NOISY)] == [Rate(2, 6), Rate(2, 3), Rate(0, 3)]
    assert [found.third(group) for group in (INSIDE, CAREFUL, NOISY)] == [Rate(4, 6), Rate(2, 3), Rate(2, 3)]
    assert [found.first(group) for group in (NEAR, FAR, ALL)] == [Rate(1, 2), Rate(0, 1), Rate(3, 10)]


def test_accuracy_is_counted_by_kind_of_noise(found):
    counts = {kind: (sum(one.first for one in rows), len(rows)) for kind, rows in found.noises.items()}
    assert counts == {"none": (2, 3), "sms": (0, 2), "slips": (0, 1)}


def test_decisions_are_counted_in_the_domain(found):
    assert found.decisions == {"bonne réponse": 2, "mauvaise réponse": 2, "bonne clarification": 1, "aveu": 1}
    assert (found.well_done, found.mistaken, found.turned_away) == (Rate(3, 6), Rate(2, 6), Rate(1, 6))
    assert found.served == Rate(4, 6)


def test_two_questions_in_a_message_are_counted_apart():
    def told(*themes):
        return reply("plusieurs_questions", "ceam", themes=themes)

    found = Evaluation((
        outcome("ceam", told("ceam", "ald"), second="ald"),
        outcome("ceam", told("ceam", "ame"), second="ald"),
        outcome("ceam", "ald", second="ald"),
        outcome("ceam", "ame", second="ald"),
        outcome("ceam", told("ceam", "ald")),
        outcome("ceam", told("ame", "ald")),
        outcome("ceam", "ceam"),
        outcome("hors_sujet", told("ceam", "ald")),
    ))  # fmt: skip
    assert found.seconds == {BOTH: 1, HALF: 1, "bonne réponse": 1, "mauvaise réponse": 1}
    assert found.one_too_many == Rate(2, 3)


def test_refusals_are_counted_out_of_the_domain_by_kind(found):
    assert found.refusals == {
        "near": {"refusée": 1, "réponse à tort": 1},
        "far": {"refusée": 1},
        "": {"clarification": 1},
    }
    assert (found.refused(NEAR), found.refused(FAR)) == (Rate(1, 2), Rate(1, 1))


def test_themes_are_scored_over_all_questions(found):
    assert found.themes["ceam"].recall == pytest.approx(1 / 3)
    assert found.themes["ceam"].precision == pytest.approx(1 / 2)
    assert (found.themes["hors_sujet"].total, found.themes["hors_sujet"].precision) == (4, 0.5)
    assert set(found.themes) == {"ald", "ceam", "hors_sujet", "urgence_suicide"}


def test_confusions_keep_their_sentences_the_most_frequent_first(found):
    pairs = [(pair.theme, pair.taken_for, len(pair.outcomes)) for pair in found.confusions]
    assert pairs == [
        ("ceam", "ald", 2),
        ("hors_sujet", "ald", 2),
        ("ald", "ame", 1),
        ("ald", "hors_sujet", 1),
        ("hors_sujet", "ceam", 1),
    ]
    assert [one.question.text for one in found.confusions[0].outcomes] == ["deux", "trois"]


def test_confidence_is_judged_on_the_model_alone(found):
    # five rows of the domain have a confidence: .9 right, .8 .6 .4 .2 wrong
    assert found.trust[INSIDE].ece == pytest.approx((0.1 + 0.8 + 0.6 + 0.4 + 0.2) / 5)
    assert sum(one.total for one in found.trust[ALL].bins) == 9


def test_a_crisis_is_answered_first_on_the_curve(found):
    curve = found.trust[INSIDE].curve
    assert [point.confidence for point in curve] == [1.0, 0.9, 0.8, 0.6, 0.4, 0.2]
    assert found.trust[INSIDE].coverage == {0.02: pytest.approx(2 / 6), 0.05: pytest.approx(2 / 6)}


def test_out_of_domain_is_told_from_the_whole_domain(found):
    # inside: .05 .1 .3 .8 .4 0; near: .85 .25; far: .45
    assert found.auroc(NEAR) == pytest.approx((6 + 3) / 12)
    assert found.auroc(FAR) == pytest.approx(5 / 6)


def test_an_empty_group_has_no_measure():
    found = Evaluation(ROWS[:1])
    assert (found.auroc(NEAR), found.refused(FAR), found.refusals) == (None, Rate(0, 0), {})
    assert {target.name: target.met(found) for target in TARGETS} == {
        "first": True, "first_noisy": None, "third": True, "mistaken": True, "well_done": True, "refused_near": None,
        "refused_far": None, "served": True, "ece": False,
    }  # fmt: skip


def test_the_targets_are_those_that_were_set():
    assert {target.name: target.bound for target in TARGETS} == {
        "first": 0.91, "first_noisy": 0.87, "third": 0.975, "mistaken": 0.04, "well_done": 0.95, "refused_near": 0.85,
        "refused_far": 0.95, "served": 0.95, "ece": 0.05,
    }  # fmt: skip
    assert {target.name for target in TARGETS if target.at_most} == {"mistaken", "ece"}


@pytest.mark.parametrize(
    ("found", "met"), [(Rate(9, 10), True), (Rate(8, 10), False), (Rate(0, 0), None), (None, None)]
)
def test_a_target_is_met_at_its_bound(found, met):
    assert Target("x", "x", lambda _: found, 0.9).met(Evaluation(())) is met
    assert Target("x", "x", lambda _: 0.05, 0.05, at_most=True).met(Evaluation(())) is True
