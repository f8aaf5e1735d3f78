"""A brain that answers badly, late or not at all: an explicit message, other ways to be helped, and one more try."""

from __future__ import annotations

from threading import Timer

import pytest

from tests.channels.web.conftest import plain
from tests.faults.rig import Caller, Rig, until


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    made = Rig(tmp_path_factory.mktemp("brain")).start("stand_in", "web")
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def mended(service):
    yield
    service.breaks("")


def explained(messages):
    """The messages tell the person, in French, what happened and the other ways; returns «Réessayer»."""
    notice, offer = messages[-2:]
    assert (notice["kind"], offer["kind"]) == ("notice", "handoff_offer")
    assert "Je n'arrive pas à répondre" in plain(notice["text"])
    assert "36 46" in plain(notice["text"])
    return notice["choices"][0]["id"]


FAULTS = [
    "empty",
    "blank",
    "html",
    "list",
    "half",
    "foreign",
    "error",
    "no_model",
    "cut_before",
    "cut",
    "trickle",
    "slow:8",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_lasts_is_explained_and_the_question_can_be_asked_again(service, fault):
    caller = Caller(service.web)
    service.breaks(fault)
    caller.says(f"question {fault}")
    again = explained(caller.waits())
    service.breaks("")
    caller.chooses(again)
    assert caller.waits()[-1]["text"] == f"Réponse à question {fault}"
    assert service.runs().count(f"question {fault}") == 1  # a late turn that the brain ended after all is not run again


@pytest.mark.parametrize("fault", ["error", "no_model", "cut_before", "cut", "slow:3"])
def test_a_fault_that_passes_is_not_seen(service, fault):
    caller = Caller(service.web)
    service.breaks(fault)
    text = f"bonjour {fault}"
    mend = Timer(1.0, service.breaks, [""])
    mend.start()
    caller.says(text)
    messages = caller.waits()
    mend.join()
    assert [message["text"] for message in messages[1:]] == [text, f"Réponse à {text}"]
    assert service.runs().count(text) == 1


def test_an_emergency_is_answered_whatever_the_brain_does(service):
    caller = Caller(service.web)
    for fault in ("error", "half", "slow:30"):
        service.breaks(fault)
        reply = caller.says("je vais me suicider ce soir").json()
        assert reply["messages"][1]["kind"] == "emergency", fault
        assert "3114" in reply["messages"][1]["text"]


def test_a_brain_killed_in_the_middle_of_a_turn(service, chance, many):
    caller = Caller(service.web)
    for n in range(many(30, 4)):
        service.breaks("slow:0.4")
        kill = Timer(chance.uniform(0.0, 0.6), service.kill, ["stand_in"])
        kill.start()
        caller.says(f"tour {n}")
        kill.join()
        until(lambda: service.answers("stand_in"), 20, "the brain is back")
        service.breaks("")
        assert caller.waits()[-1]["text"] == f"Réponse à tour {n}"
        assert service.runs().count(f"tour {n}") == 1
