"""The failure rule, as a table: a history, and the count after it (DESIGN §5.4, §5.5)."""

import pytest

from actions.failures import exchanges, progress
from tests.actions.builders import history


@pytest.mark.parametrize(
    ("words", "failures"),
    [
        ("", 0),
        ("ceam", 0),
        ("bonjour", 0),
        # each way to fail counts once
        ("ceam non", 1),
        ("?", 1),
        ("clarifier aucune", 1),
        ("ceam non non", 2),
        ("? ?", 2),
        ("ceam non ?", 2),
        ("? ceam non", 2),
        ("clarifier aucune ?", 2),
        ("ceam non non non", 3),
        # clarifications, small talk, emergencies and other bodies' questions neither count nor reset
        ("clarifier clarifier", 0),
        ("ceam non clarifier", 1),
        ("ceam non bonjour non", 2),
        ("ceam non merci ?", 2),
        ("ceam non urgence non", 2),
        ("ceam non caf ?", 2),
        ("ceam non insulte ?", 2),
        ("? clarifier aucune", 2),
        ("ceam non conseiller", 1),
        # satisfaction resets
        ("ceam non oui", 0),
        ("ceam non oui non", 1),
        ("? ceam oui ?", 1),
        # the offer declined, or the form sent, resets
        ("ceam non non decline", 0),
        ("ceam non non decline ?", 1),
        ("ceam non non formulaire", 0),
        ("conseiller decline ceam non", 1),
        # an answer on another theme resets only once a further question or satisfaction follows it
        ("ceam non rib", 1),
        ("ceam non rib non", 2),
        ("ceam non rib ald", 0),
        ("ceam non rib ald non", 1),
        ("ceam non rib delai:rib", 0),
        ("ceam non rib oui", 0),
        ("ceam non rib ?", 2),
        ("? ceam ald", 0),
        ("? ceam", 1),
        # the same theme again is no fresh start
        ("ceam non ceam", 1),
        ("ceam non ceam ceam", 1),
        ("ceam non delai:ceam", 1),
        ("ceam non delai:ceam non", 2),
        # an emergency, an insult or a person asked for between two failures hides neither
        ("? urgence ?", 2),
        ("ceam non insulte insulte non", 2),
        ("ceam non conseiller non", 2),
        ("ceam non conseiller decline non", 1),
        # the same question again, after a success and after a hand-off
        ("ceam oui ceam non", 1),
        ("ceam non non formulaire ceam non", 1),
        # precisions refused, and a clarification refused after an answer
        ("ceam delai:ceam non", 1),
        ("ceam delai:ceam non clarifier aucune", 2),
        # an offer accepted in words, then a new question instead of the form
        ("ceam non non conseiller rib", 2),
        ("ceam non non conseiller rib ald", 0),
        # small talk between the new answer and the question after it changes nothing
        ("ceam non rib merci ald", 0),
        ("ceam non rib bonjour non", 2),
        # a turn that broke, then run again: the person saw one of them
        ("ceam !non non", 1),
        ("!? ?", 1),
        ("ceam !non ald", 0),
        ("ceam non !oui non", 2),
        ("ceam !non", 1),
    ],
)
def test_the_count_after_a_history(words, failures):
    assert progress(history(words)).failures == failures


def test_a_refused_theme_is_remembered_until_a_reset():
    assert progress(history("ceam non")).refused == ("ceam",)
    assert progress(history("ceam non rib non")).refused == ("ceam", "rib")
    assert progress(history("ceam non oui")).refused == ()


def test_a_refusal_of_no_answer_refuses_no_theme():
    assert progress(history("ceam clarifier aucune")).refused == ()


def test_the_current_theme_is_that_of_the_last_answer():
    assert progress(history("ceam bonjour rib merci")).theme == "rib"
    assert progress(history("bonjour")).theme is None


def test_counting_does_not_change_the_events():
    events = history("ceam non rib ald")
    before = repr(events)
    progress(events)
    assert repr(events) == before


def test_a_turn_groups_what_the_bot_said():
    (turn,) = exchanges(history("ceam"))
    assert (turn.intent, turn.kinds, turn.themes) == ("ceam", ["answer"], ["ceam"])
