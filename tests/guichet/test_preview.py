"""`try`: what the model makes of a phrase, and what a person would see of it."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.console import Console

from guichet import model, safety
from guichet.cli.looks import show_trial
from guichet.content import load_content
from guichet.preview import preview
from guichet.settings import ROOT
from guichet.understanding import NotUnderstood, ask


@pytest.fixture(scope="module")
def content():
    return load_content(ROOT / "data")


@pytest.fixture(scope="module")
def detector():
    return safety.load(ROOT / "data" / "urgences.yml")


def understood(text: str, intent: str, **decision: object) -> dict:
    ranking = [{"name": intent, "confidence": 0.9}, {"name": "ceam", "confidence": 0.06}]
    said = {"intent": intent, "why": "sûr", "reason": f"compris comme *{intent}* (0,90)", **decision}
    near = [{"text": "un exemple", "intent": intent, "similarity": 0.8}]
    return {"text": text, "intent": ranking[0], "ranking": ranking, "nearest": near, "decision": said}


def test_the_model_is_asked_without_a_server():
    lost, vague = ask(["j'ai perdu ma carte vitale", "  /mon dossier"], model.MODEL)
    assert lost["decision"]["intent"] == "carte_vitale_perte_vol"
    assert lost["ranking"][0]["confidence"] > 0.5
    assert lost["nearest"][0]["text"]
    assert "carte_vitale_perte_vol" in lost["decision"]["reason"]
    assert vague["text"] == "  /mon dossier"


def test_a_phrase_with_a_line_separator_is_one_phrase():
    phrases = ["ma\u2028carte", "mon\x85rib"]
    assert [said["text"] for said in ask(phrases, model.MODEL)] == phrases


def test_a_missing_model_and_one_that_cannot_be_read_say_what_to_do(tmp_path):
    with pytest.raises(NotUnderstood, match="bin/guichet train"):
        ask(["bonjour"], tmp_path / "none.tar.gz")
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    with pytest.raises(NotUnderstood, match="broken.tar.gz ne se lit pas"):
        ask(["bonjour"], broken)


def test_an_answer_is_previewed_with_its_links_and_buttons(content, detector):
    why, (message,) = preview(content, detector, understood("carte perdue", "carte_vitale_perte_vol"))
    assert why == "compris comme carte_vitale_perte_vol (0,90)"
    assert message["kind"] == "answer"
    assert message["links"]
    assert message["source"]["url"].startswith("https://")
    assert message["choices"][-1]["label"] == "Non"


def test_two_questions_are_previewed_as_two_answers(content, detector):
    asked = understood("...", "plusieurs_questions", themes=["ceam", "changement_rib"])
    announced, *answers = preview(content, detector, asked)[1]
    assert (announced["kind"], announced["theme"]) == ("notice", None)
    assert [message["theme"] for message in answers] == ["ceam", "changement_rib"]


def test_a_hesitation_is_previewed_as_a_choice(content, detector):
    asked = understood("ma carte", "clarification", themes=["ceam", "carte_vitale_probleme"], vague=False)
    (message,) = preview(content, detector, asked)[1]
    assert message["kind"] == "clarify"
    assert len(message["choices"]) == 3


def test_a_phrase_not_understood_is_previewed_with_near_themes_and_a_person(content, detector):
    (message,) = preview(content, detector, understood("blabla", "nlu_fallback"))[1]
    assert message["kind"] == "retry"
    near, person = (choice["label"] for choice in message["choices"])
    assert (near[:16], person) == ("Carte européenne", "Parler à un conseiller")


def test_a_question_for_others_is_previewed_with_whose_job_it_is(content, detector):
    (message,) = preview(content, detector, understood("mon dossier caf", "hors_sujet"))[1]
    assert "Caf" in message["text"]


def test_a_crisis_is_previewed_whatever_the_model_understood(content, detector):
    why, (message,) = preview(content, detector, understood("je veux mourir", "ceam"))
    assert why.startswith("message de crise")
    assert message["kind"] == "emergency"
    assert message["text"].startswith("[3114](tel:3114)")


def test_a_trial_shows_themes_examples_reason_and_the_answer(content, detector):
    screen = Console(file=StringIO(), width=160, highlight=False)
    asked = understood("carte [perdue]", "carte_vitale_perte_vol")
    show_trial(screen, content, asked, *preview(content, detector, asked))
    shown = screen.file.getvalue()
    assert "« carte [perdue] »" in shown
    assert "compris comme carte_vitale_perte_vol (0,90)" in shown
    assert re.search(r"carte_vitale_perte_vol\s+Carte Vitale perdue ou volée\s+90 %", shown)
    assert "« un exemple » — carte_vitale_perte_vol, ressemblance 80 %" in shown
    assert "https://assure.ameli.fr/" in shown
    assert "[ Oui, merci ]" in shown
