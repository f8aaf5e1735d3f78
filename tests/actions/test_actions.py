"""What each action says, on the real content."""

import asyncio

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import ground
from actions.apaiser import ActionApaiser
from actions.clarifier import ActionClarifier
from actions.orienter import ActionOrienter
from actions.preciser import ActionPreciser
from actions.proposer_conseiller import ActionProposerConseiller
from actions.relancer import ActionRelancer
from actions.repondre_a_plusieurs import ActionRepondreAPlusieurs
from tests.actions.builders import history, tracker


def run(action, words, **latest):
    dispatcher = CollectingDispatcher()
    asyncio.run(action.run(dispatcher, tracker(history(words), latest), {}))
    return dispatcher.messages


def answering(action, events, **latest):
    """What an action says to the last message of `events`, which has no reply yet."""
    last = max(n for n, event in enumerate(events) if event["event"] == "user")
    dispatcher = CollectingDispatcher()
    asyncio.run(action.run(dispatcher, tracker(events[: last + 1], latest), {}))
    return dispatcher.messages


def labels(message):
    return [choice["label"] for choice in message["custom"]["choices"]]


def test_the_first_refusal_gets_the_near_themes_and_a_person():
    (message,) = run(ActionRelancer(), "carte_vitale_perte_vol non")
    near = [choice.get("theme") for choice in message["custom"]["choices"]]
    assert message["custom"]["kind"] == "retry"
    assert near[:-1] == list(ground.content().themes["carte_vitale_perte_vol"].proches)[:3]
    assert labels(message)[-1] == "Parler à un conseiller"


@pytest.mark.parametrize("words", ["ceam non non", "? ?", "ceam non ?", "clarifier aucune aucune"])
def test_the_second_failure_offers_the_hand_off(words):
    (message,) = run(ActionRelancer(), words)
    assert message["custom"]["kind"] == "handoff_offer"
    assert "36 46" in message["text"]


def test_the_offer_is_not_said_twice_with_the_same_words():
    events = history("ceam non non")
    (first,) = run(ActionRelancer(), "ceam non non")
    events[-1]["text"] = first["text"]
    dispatcher = CollectingDispatcher()
    asyncio.run(ActionRelancer().run(dispatcher, tracker(events + history("?")[:1]), {}))
    assert dispatcher.messages[0]["text"] != first["text"]
    assert dispatcher.messages[0]["custom"]["kind"] == "handoff_offer"


def test_what_was_not_understood_gets_the_plausible_themes():
    ranking = [{"name": "ceam", "confidence": 0.3}, {"name": "salutation", "confidence": 0.2}]
    (message,) = run(ActionRelancer(), "?", intent_ranking=ranking)
    assert [choice.get("theme") for choice in message["custom"]["choices"]] == ["ceam", None]


def test_a_clarification_is_labelled_by_authors_and_can_be_refused():
    decision = {"themes": ["ceam", "attestation_ij"], "vague": False}
    (message,) = run(ActionClarifier(), "clarifier", decision=decision)
    assert labels(message)[-1] == "Aucune de ces propositions"
    assert message["custom"]["choices"][-1]["intent"] == "insatisfaction"
    assert all(len(label) <= 40 for label in labels(message))


def test_a_vague_message_without_a_lead_gets_the_frequent_themes():
    (message,) = run(ActionClarifier(), "clarifier", decision={"themes": [], "vague": True})
    assert [c["theme"] for c in message["custom"]["choices"][:-1]] == list(ground.content().frequent)


def test_a_vague_message_that_names_a_thing_gets_what_concerns_it():
    (message,) = run(ActionClarifier(), "clarifier", decision={"themes": [], "vague": True}, text="carte vitale")
    offered = [choice["theme"] for choice in message["custom"]["choices"][:-1]]
    assert offered
    assert all(theme.startswith("carte_vitale") for theme in offered)


def test_a_precision_is_the_themes_own():
    entities = [{"entity": "precision", "value": "cout"}, {"entity": "theme", "value": "carte_vitale_perte_vol"}]
    (message,) = run(ActionPreciser(), "delai:ceam", entities=entities)
    assert message["response"] == "utter_carte_vitale_perte_vol__cout"


def test_a_precision_that_the_theme_lacks_is_admitted_with_those_it_has():
    entities = [{"entity": "precision", "value": "inconnue"}, {"entity": "theme", "value": "ceam"}]
    (message,) = run(ActionPreciser(), "delai:ceam", entities=entities)
    assert message["custom"]["kind"] == "clarify"
    assert len(message["custom"]["choices"]) > 1


def test_two_questions_are_said_to_be_two_and_get_their_answers_in_order():
    announced, *said = run(ActionRepondreAPlusieurs(), "ceam", decision={"themes": ["ceam", "changement_rib"]})
    assert announced["custom"]["kind"] == "notice"
    names = [announced["text"].index(ground.content().themes[theme].bouton) for theme in ("ceam", "changement_rib")]
    assert names == sorted(names)
    assert [message["response"] for message in said] == ["utter_ceam", "utter_changement_rib"]


@pytest.mark.parametrize(
    ("text", "organisme"),
    [("je veux mon attestation caf pour les apl", "caf"), ("declaration de revenus aux impots", "impots")],
)
def test_another_bodys_question_is_sent_to_that_body(text, organisme):
    (message,) = run(ActionOrienter(), "caf", text=text)
    assert message["custom"]["organisme"] == organisme
    assert ground.content().organismes[organisme].nom in message["text"]


def test_a_body_named_with_a_slip_is_the_one_that_was_read():
    entities = [{"entity": "organisme", "value": "impots"}]
    (message,) = run(ActionOrienter(), "caf", text="declaration aux impos", entities=entities)
    assert message["custom"]["organisme"] == "impots"


def test_medical_advice_is_refused_with_pharmacist_doctor_and_15():
    (message,) = run(ActionOrienter(), "caf", text="quel medicament pour la toux ?", decision={"advice": True})
    assert "pharmacien" in message["text"]
    assert "médecin" in message["text"]
    assert "15" in message["text"]
    assert [choice["theme"] for choice in message["custom"]["choices"] if "theme" in choice] == [
        "medecin_traitant_trouver",
        "annuaire_sante",
    ]


def test_the_rest_gets_an_honest_no():
    (message,) = run(ActionOrienter(), "caf", text="quelle est la recette des crêpes")
    assert message["text"] == ground.content().themes["hors_sujet"].answer


# --- insults, a person asked for, a vague message after an answer


def test_the_first_insult_is_calmed_and_the_second_offers_a_counsellor():
    (first,) = run(ActionApaiser(), "insulte")
    (second,) = run(ActionApaiser(), "insulte merci insulte")
    assert first["custom"]["kind"] == "smalltalk"
    assert second["custom"]["kind"] == "handoff_offer"
    assert "36 46" in second["text"]
    assert labels(second) == ["Non, je continue ici"]


def test_a_person_asked_for_after_a_case_is_told_its_reference():
    events = history("conseiller formulaire")
    events[-1]["data"]["custom"]["reference"] = "ABCD-2345"
    (message,) = answering(ActionProposerConseiller(), [*events, *history("conseiller")])
    assert "ABCD-2345" in message["text"]
    assert message["custom"]["kind"] == "handoff_offer"


def test_a_vague_message_after_an_answer_asks_what_is_not_clear_in_it():
    said = {"text": "je comprends pas", "decision": {"vague": True}}
    (message,) = answering(ActionClarifier(), history("ceam clarifier"), **said)
    assert "pas clair" in message["text"]
    assert "Combien de temps ?" in labels(message)


def test_little_words_name_no_theme():
    (message,) = run(ActionClarifier(), "clarifier", text="voyez cela avec vous", decision={"vague": True})
    themes = [choice["theme"] for choice in message["custom"]["choices"] if "theme" in choice]
    assert themes == list(ground.content().frequent)


def test_a_refused_clarification_offers_what_it_had_left_aside():
    events = history("clarifier aucune")
    events[0]["parse_data"] |= {
        "decision": {"themes": ["ceam", "ald"]},
        "intent_ranking": [{"name": name, "confidence": 0.2} for name in ("ceam", "ald", "deces", "salutation")],
    }
    (message,) = answering(ActionRelancer(), events)
    assert [choice["theme"] for choice in message["custom"]["choices"] if "theme" in choice] == ["deces"]
