"""The seam against the trained model: turns, replays, and failures that are never an empty 200."""

import asyncio
import contextlib

import pytest
from rasa.core.agent import Agent

from brain.channel import TurnFailed, _read, _run


@pytest.fixture(scope="module")
def agent():
    return Agent.load("models/guichet.tar.gz")


def turn(agent, sender, message_id, **said):
    asked = _read({"sender": sender, "message_id": message_id, **said})
    return asyncio.run(_run(agent, asked, agent.handle_message))


def test_a_question_gets_its_theme_in_one_object(agent):
    reply = turn(agent, "a", "1", text="g perdu ma carte vital")
    assert reply["intent"] == "carte_vitale_perte_vol"
    (utterance,) = reply["utterances"]
    assert utterance["custom"] == {"theme": "carte_vitale_perte_vol", "kind": "answer"}
    assert "\n\n" in utterance["text"]  # not split at its blank lines


def test_the_same_message_id_is_rebuilt_and_runs_nothing(agent):
    first = turn(agent, "b", "1", text="comment avoir mon attestation de droit")
    again = turn(agent, "b", "1", text="comment avoir mon attestation de droit")
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["utterances"] == first["utterances"]
    tracker = asyncio.run(agent.tracker_store.retrieve_full_tracker("b"))
    assert sum(event.type_name == "user" for event in tracker.events) == 1


def test_a_repeat_of_a_turn_that_came_too_late_is_rebuilt(agent):
    late = turn(agent, "g", "1", text="comment avoir mon attestation de droit")
    again = turn(agent, "g", "2", text="comment avoir mon attestation de droit", again="1")
    assert again["replayed"]
    assert again["utterances"] == late["utterances"]
    assert users(agent, "g") == ["1"]


def test_a_repeat_of_a_turn_that_broke_is_run(agent):
    with pytest.raises(TurnFailed):  # no action server here
        turn(agent, "h", "1", text="mon dossier")
    asked = turn(agent, "h", "2", text="comment changer mon rib", again="1")
    assert (asked["intent"], asked["replayed"]) == ("changement_rib", False)
    assert users(agent, "h") == ["1", "2"]


def test_a_repeat_of_a_turn_that_never_came_is_run(agent):
    assert turn(agent, "i", "2", text="comment changer mon rib", again="1")["intent"] == "changement_rib"


def users(agent, sender):
    tracker = asyncio.run(agent.tracker_store.retrieve_full_tracker(sender))
    return [event.message_id for event in tracker.events if event.type_name == "user"]


def test_a_choice_travels_as_parsed_data(agent):
    assert turn(agent, "c", "1", intent="ceam")["intent"] == "ceam"


def test_beside_an_emergency_only_a_clear_question_is_run(agent):
    clear = turn(agent, "f", "1", text="comment changer mon rib", answers_only=True)
    assert [utterance["custom"]["theme"] for utterance in clear["utterances"]] == ["changement_rib"]
    for message_id, text in (("2", "bonjour"), ("3", "mon dossier"), ("4", "non"), ("5", "gnouf trabilu")):
        assert turn(agent, "f", message_id, text=text, answers_only=True)["utterances"] == []
    tracker = asyncio.run(agent.tracker_store.retrieve_full_tracker("f"))
    assert sum(event.type_name == "user" for event in tracker.events) == 1  # the others left no trace, and no failure


@pytest.mark.parametrize("order", ["/restart", "  /salutation", "/ceam@0.99", '/inform{"theme": "x"}'])
def test_a_typed_order_is_not_obeyed(agent, order):
    with contextlib.suppress(TurnFailed):  # there is no action server here for what was not understood
        turn(agent, f"d{order}", "1", text=order)
    tracker = asyncio.run(agent.tracker_store.retrieve_full_tracker(f"d{order}"))
    said = next(event for event in tracker.events if event.type_name == "user")
    assert not said.text.startswith("/")
    assert said.parse_data["intent_ranking"]  # it went through understanding


def test_an_action_server_that_is_down_is_a_failure_not_silence(agent):
    with pytest.raises(TurnFailed, match="action_relancer"):
        turn(agent, "e", "1", intent="insatisfaction")
    with pytest.raises(TurnFailed, match="action_relancer"):  # and a repeat says so again
        turn(agent, "e", "1", intent="insatisfaction")


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"sender": "a"}, {"sender": "a", "message_id": "1"}, {"sender": "", "message_id": "1", "text": "x"}],
)
def test_a_malformed_request_is_refused(body):
    assert _read(body) is None


def test_a_text_of_slashes_only_is_not_understood_rather_than_obeyed():
    assert _read({"sender": "a", "message_id": "1", "text": " // "})["parse_data"]["intent"]["name"] == "nlu_fallback"
