"""What counts as which outcome."""

import pytest

from guichet.evaluate.outcome import outcomes
from guichet.questions import Question
from tests.guichet.evaluate.builders import outcome, reply


@pytest.mark.parametrize(
    ("said", "crisis", "decision", "first", "third", "served"),
    [
        (reply("ceam", "ceam", "ald"), "", "bonne réponse", True, True, True),
        (reply("ald", "ald", "ceam"), "", "mauvaise réponse", False, True, True),
        (reply("hors_sujet", "hors_sujet", "ceam"), "", "mauvaise réponse", False, True, False),
        (reply("clarification", "ald", "ame", "ceam", themes=("ceam",)), "", "bonne clarification", False, True, True),
        (reply("clarification", "ald", themes=("ald",)), "", "clarification à côté", False, False, True),
        (reply("plusieurs_questions", "ald", themes=("ald", "ceam")), "", "bonne réponse", False, False, True),
        (reply("plusieurs_questions", "ald", themes=("ald", "ame")), "", "mauvaise réponse", False, False, True),
        (reply("nlu_fallback", "ald", "ame", "deces", "ceam"), "", "aveu", False, False, False),
        (reply("ceam", "ceam"), "urgence_medicale", "mauvaise réponse", False, True, True),
    ],
)
def test_what_is_done_of_a_question_of_the_domain(said, crisis, decision, first, third, served):
    one = outcome("ceam", said, crisis=crisis)
    assert (one.decision, one.first, one.third, one.served) == (decision, first, third, served)


@pytest.mark.parametrize(
    ("said", "crisis", "decision"),
    [
        (reply("hors_sujet"), "", "refusée"),
        (reply("nlu_fallback", "ald"), "", "refusée"),
        (reply("parler_conseiller"), "", "refusée"),  # acceptable for this question
        (reply("clarification", "ald", themes=("ald",)), "", "clarification"),
        (reply("ald"), "", "réponse à tort"),
        (reply("plusieurs_questions", "ald", themes=("ald", "ame")), "", "réponse à tort"),
        (reply("hors_sujet"), "urgence_medicale", "réponse à tort"),
    ],
)
def test_what_is_done_of_a_question_out_of_the_domain(said, crisis, decision):
    one = outcome("hors_sujet", said, crisis=crisis, acceptable=("parler_conseiller",), kind="near")
    assert one.decision == decision


def test_an_acceptable_theme_is_right_and_stands_for_the_expected_one():
    one = outcome("ceam", "soins_etranger", acceptable=("soins_etranger",))
    assert (one.decision, one.first, one.taken_for) == ("bonne réponse", True, "ceam")


def test_hors_sujet_may_be_acceptable_in_the_domain():
    one = outcome("retraite", "hors_sujet", acceptable=("hors_sujet",))
    assert (one.decision, one.served, one.turned_away) == ("bonne réponse", True, False)


def test_a_crisis_is_recognised_before_the_model_and_for_sure():
    one = outcome("urgence_suicide", reply("ald", "ald", "urgence_suicide"), crisis="urgence_suicide")
    assert one.ranking == ("urgence_suicide", "ald")
    assert (one.confidence, one.out_of_domain, one.by_rule) == (1.0, 0.0, True)


def test_the_model_s_own_word_on_the_domain_comes_first():
    assert outcome("ceam", reply("ceam", out_of_domain=0.25)).out_of_domain == 0.25
    assert outcome("ceam", reply("ceam", out_of_domain=0.0)).out_of_domain == 0.0
    assert outcome("ceam", reply("ceam", decision={"themes": [], "out_of_domain": 0.75})).out_of_domain == 0.75


def test_without_it_the_confidences_speak():
    # hors_sujet 0.4, the best of the others 0.2: (0.4 + 0.8) / 2; then 0 and 0.5; then alone
    assert outcome("ceam", reply("hors_sujet", "hors_sujet", "ceam", confidence=0.4)).out_of_domain == pytest.approx(
        0.6
    )
    assert outcome("ceam", reply("ceam", confidence=0.5)).out_of_domain == pytest.approx(0.25)
    assert outcome("ceam", reply("hors_sujet", confidence=1.0)).out_of_domain == 1.0


def test_a_reply_with_nothing_but_an_intent_is_read():
    bare = {"text": "?", "intent": {"name": "nlu_fallback", "confidence": 0.0}, "ranking": []}
    assert outcome("ceam", bare).decision == "aveu"


def test_no_question_is_left_without_a_reply():
    with pytest.raises(ValueError, match="zip"):
        outcomes([Question("?", "ceam")], [], [])


@pytest.mark.parametrize(
    ("themes", "both", "half"),
    [
        (("ceam", "ald"), True, False),
        (("ald", "soins_etranger"), True, False),
        (("ceam", "soins_etranger"), False, False),
        (("ceam", "ame"), False, True),
        (("ame", "deces"), False, False),
    ],
)
def test_two_questions_are_answered_both_or_by_half(themes, both, half):
    said = reply("plusieurs_questions", "ceam", themes=themes)
    one = outcome("ceam", said, acceptable=("soins_etranger",), second="ald")
    assert (one.both, one.half) == (both, half)


def test_one_answer_is_right_to_either_of_two_questions():
    one = outcome("ceam", "ald", second="ald")
    assert (one.decision, one.both, one.half, one.first) == ("bonne réponse", False, False, True)
