"""Answer, ask or admit: the cheapest for the person, on rankings made by hand."""

import pytest

from brain.costs import ADMIT, ANSWER, ASK, Costs, cheapest

STEERING, CHAT = {"salutation", "hors_sujet"}, {"salutation"}


def choose(outside=0.0, refused=(), costs=None, **ranking):
    rows = [{"name": name, "confidence": p} for name, p in ranking.items()]
    return cheapest(rows, outside, costs or Costs(), STEERING, CHAT, refused)


@pytest.mark.parametrize(
    ("ranking", "what", "themes"),
    [
        ({"ceam": 0.95, "ald": 0.02}, ANSWER, ("ceam",)),
        ({"ceam": 0.5, "ald": 0.45, "ame": 0.01}, ASK, ("ceam", "ald")),
        ({"ceam": 0.36, "ald": 0.3, "ame": 0.3}, ASK, ("ceam", "ald", "ame")),
        ({"ceam": 0.04, "ald": 0.03, "ame": 0.02}, ADMIT, ()),
    ],
)
def test_it_answers_when_sure_asks_between_a_few_and_admits_the_rest(ranking, what, themes):
    choice = choose(**ranking)
    assert (choice.what, choice.themes) == (what, themes)


def test_the_cost_is_what_the_person_is_expected_to_lose():
    assert choose(ceam=0.95, ald=0.03).cost == pytest.approx(0.05)
    assert choose(ceam=0.5, ald=0.45).cost == pytest.approx(0.03 + 2 * 0.02 + 0.8 * 0.05)


def test_asking_dearer_makes_it_answer_more_and_a_dearer_mistake_makes_it_answer_less():
    ranking = {"ceam": 0.72, "ald": 0.26}
    assert choose(**ranking).what == ASK
    assert choose(costs=Costs(question=0.4), **ranking).what == ANSWER
    assert choose(ceam=0.93, ald=0.05).what == ANSWER
    assert choose(costs=Costs(wrong=3.0), ceam=0.93, ald=0.05).what == ASK


def test_a_stranger_is_told_whose_job_it_is_rather_than_that_we_did_not_understand():
    choice = choose(outside=0.95, hors_sujet=0.95, ceam=0.02, ald=0.01)
    assert (choice.what, choice.themes) == (ANSWER, ("hors_sujet",))


def test_a_likely_stranger_costs_little_to_turn_away_and_is_not_sent_away_on_a_doubt():
    ranking = {"hors_sujet": 0.5, "ceam": 0.2, "ald": 0.15}
    assert choose(outside=0.5, **ranking).what == ADMIT


def test_talk_is_answered_with_less_certainty_than_a_theme():
    assert choose(salutation=0.7, ceam=0.1, ald=0.1).what == ANSWER
    assert choose(ald=0.7, ceam=0.28).what == ASK


def test_a_refused_theme_is_neither_answered_nor_offered_again():
    assert choose(refused=("ceam",), ceam=0.9, ald=0.06, ame=0.02).what == ADMIT
    assert choose(refused=("ceam",), ceam=0.2, ald=0.4, ame=0.38).themes == ("ald", "ame")


def test_steering_intents_are_never_offered():
    assert "hors_sujet" not in choose(ceam=0.4, hors_sujet=0.3, ald=0.28).themes
