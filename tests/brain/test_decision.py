"""The decision, with rankings made by hand."""

import pytest
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from brain.decision import Decision


def decide(text, ranking, *events, halves=(), entities=(), outside=0.0):
    """The decision for a message; `ranking` is {intent: probability}, `entities` pairs of kind and value."""
    component = Decision(Decision.get_default_config(), None, None)
    message = Message({"text": text})
    message.set("intent_ranking", [{"name": name, "confidence": p} for name, p in ranking.items()])
    message.set("nearest", [{"text": "un exemple", "intent": next(iter(ranking)), "similarity": 0.8}])
    message.set("out_of_domain", outside)
    message.set("entities", [{"entity": kind, "value": value} for kind, value in entities])
    told = [({"name": a, "confidence": p}, {"name": b, "confidence": q}) for (a, p), (b, q) in halves]
    message.set("halves", told)
    tracker = DialogueStateTracker.from_events("someone", list(events))
    component.process([message], tracker)
    return message.get("decision"), message


def answered(theme):
    return BotUttered("...", {"custom": {"kind": "answer", "theme": theme}})


def asked(*choices):
    rows = [{"label": label, "intent": theme, "theme": theme} for theme, label in choices]
    return BotUttered("?", {"custom": {"kind": "clarify", "choices": rows}})


def did(intent):
    return UserUttered("...", {"name": intent, "confidence": 1.0})


def test_it_answers_when_sure():
    decision, message = decide("carte européenne pour l'Espagne", {"ceam": 0.91, "depart_etranger": 0.06})
    assert message.get("intent")["name"] == "ceam"
    assert decision["reason"] == (
        "compris comme *ceam* (0,91), proche de « un exemple » ; *depart_etranger* écarté (0,06)"
    )


def test_it_asks_when_two_themes_are_plausible():
    decision, _ = decide("ma carte marche pas", {"carte_vitale_probleme": 0.4, "ceam": 0.3, "ald": 0.02})
    assert decision["intent"] == "clarification"
    assert decision["themes"] == ["carte_vitale_probleme", "ceam"]


def test_it_admits_when_nothing_is_plausible():
    assert decide("blabla", {"ceam": 0.04, "ald": 0.03, "ame": 0.02})[0]["intent"] == "nlu_fallback"


def test_a_vague_message_is_asked_about():
    decision, _ = decide("mon dossier", {"clarification": 0.9, "css_demande": 0.04, "ald": 0.03})
    assert decision["intent"] == "clarification"
    assert decision["vague"] is True


def test_a_follow_up_is_about_the_theme_in_hand():
    ranking, entities = {"delai_traitement": 0.7, "ceam": 0.1}, [("precision", "delai")]
    decision, _ = decide("combien de temps ?", ranking, answered("ceam"), entities=entities)
    assert (decision["intent"], decision["precision"], decision["theme"]) == ("precision", "delai", "ceam")


def test_a_new_question_with_a_follow_up_word_is_a_new_question():
    text = "combien de temps pour toucher mes indemnités après un arrêt"
    entities = [("precision", "delai")]
    decision, _ = decide(text, {"arret_travail_suivi_ij": 0.9}, answered("ceam"), entities=entities)
    assert decision["intent"] == "arret_travail_suivi_ij"


@pytest.mark.parametrize(
    ("reply", "theme"),
    [("la deuxième", "carte_vitale_probleme"), ("1", "carte_vitale_perte_vol"), ("perdue", "carte_vitale_perte_vol")],
)
def test_a_clarification_takes_a_typed_reply(reply, theme):
    choices = asked(
        ("carte_vitale_perte_vol", "Carte Vitale perdue ou volée"),
        ("carte_vitale_probleme", "Carte Vitale qui ne fonctionne pas"),
    )
    decision, _ = decide(reply, {"deces": 0.4, "ceam": 0.1}, choices)
    assert decision["intent"] == theme


@pytest.mark.parametrize("reply", ["c'est pas ça", "non pas du tout", "ça marche pas"])
def test_a_refusal_is_not_taken_for_one_of_the_choices(reply):
    choices = asked(("carte_vitale_probleme", "Carte Vitale qui ne fonctionne pas"), ("ceam", "Carte européenne"))
    assert (
        decide(reply, {"insatisfaction": 0.9, "carte_vitale_probleme": 0.05}, choices)[0]["intent"] == "insatisfaction"
    )
    assert decide(reply, {"ald": 0.2, "carte_vitale_probleme": 0.01}, choices)[0]["intent"] != "carte_vitale_probleme"


def test_a_clear_new_question_beats_the_choices_on_offer():
    choices = asked(("ceam", "Carte européenne"), ("ald", "Affection de longue durée"))
    decision, _ = decide("non je veux changer mon rib", {"changement_rib": 0.95}, choices)
    assert decision["intent"] == "changement_rib"


def test_a_refused_theme_is_not_answered_again():
    events = (did("ceam"), answered("ceam"), did("insatisfaction"), BotUttered("?", {"custom": {"kind": "retry"}}))
    decision, _ = decide("la carte européenne", {"ceam": 0.9}, *events)
    assert (decision["intent"], decision["why"], decision["theme"]) == ("nlu_fallback", "déjà refusé", "ceam")


@pytest.mark.parametrize(("reply", "intent"), [("oui", "parler_conseiller"), ("non merci", "decliner_relais")])
def test_the_offer_of_a_counsellor_takes_a_typed_reply(reply, intent):
    offer = BotUttered("...", {"custom": {"kind": "handoff_offer"}})
    assert decide(reply, {"satisfaction": 0.5, "insatisfaction": 0.4}, offer)[0]["intent"] == intent


def test_two_questions_are_two_questions():
    halves = [(("ald", 0.7), ("ceam", 0.7)), (("ceam", 0.999), ("changement_rib", 0.98))]
    decision, _ = decide("... et ...", {"ceam": 0.5, "changement_rib": 0.01}, halves=halves)
    assert (decision["intent"], decision["themes"]) == ("plusieurs_questions", ["ceam", "changement_rib"])


def test_of_two_places_to_cut_the_surer_is_taken():
    halves = [(("ald", 0.995), ("ceam", 0.995)), (("ald", 0.999), ("changement_rib", 0.999))]
    ranking = {"ald": 0.5, "changement_rib": 0.4, "ceam": 0.1}
    assert decide("...", ranking, halves=halves)[0]["themes"] == ["ald", "changement_rib"]


@pytest.mark.parametrize(("sure", "intent"), [(0.995, "ceam"), (0.9995, "plusieurs_questions")])
def test_a_theme_that_the_whole_message_denies_must_be_surer(sure, intent):
    """«combien coûte une IRM, est-ce remboursé ?»: the end, alone, is about refunds that do not come."""
    halves = [(("ceam", sure), ("changement_rib", sure))]
    assert decide("...", {"ceam": 1.0, "changement_rib": 0.0}, halves=halves)[0]["intent"] == intent


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("salutation", 1.0), ("ceam", 1.0)),
        (("ceam", 1.0), ("ceam", 1.0)),
        (("ceam", 1.0), ("changement_rib", 0.4)),
        (("ceam", 0.9), ("changement_rib", 0.9)),
    ],
)
def test_a_greeting_the_same_theme_or_a_doubt_do_not_make_two(before, after):
    assert decide("...", {"ceam": 0.8}, halves=[(before, after)])[0]["intent"] == "ceam"


def test_a_refused_theme_is_no_second_question():
    events = (did("ceam"), answered("ceam"), did("insatisfaction"), BotUttered("?", {"custom": {"kind": "retry"}}))
    halves = [(("changement_rib", 1.0), ("ceam", 1.0))]
    assert decide("...", {"changement_rib": 0.9}, *events, halves=halves)[0]["intent"] == "changement_rib"


def test_a_message_that_is_none_of_our_business_is_not_asked_about():
    ranking = {"ceam": 0.3, "ald": 0.25, "hors_sujet": 0.2}
    assert decide("...", ranking, outside=0.0)[0]["intent"] == "clarification"
    assert decide("...", ranking, outside=0.95)[0]["intent"] == "nlu_fallback"


def test_whom_it_is_for_and_where_are_told_with_the_decision():
    decision, _ = decide("...", {"ceam": 0.9}, entities=[("beneficiaire", "enfant"), ("departement", "33")])
    assert decision["about"] == {"beneficiaire": "enfant", "departement": "33"}


def test_a_message_that_is_surely_none_of_our_business_is_sent_where_it_belongs():
    assert decide("la caf ...", {"hors_sujet": 0.97, "ceam": 0.01}, outside=0.97)[0]["intent"] == "hors_sujet"


def test_what_is_not_understood_but_names_another_body_is_sent_there_and_is_no_medical_advice():
    ranking = {"ceam": 0.2, "ald": 0.05, "deces": 0.05}
    decision, _ = decide("la caf ...", ranking, entities=[("organisme", "caf")], outside=0.9)
    assert (decision["intent"], decision["advice"]) == ("hors_sujet", False)
    assert decide("...", ranking, outside=0.9)[0]["intent"] == "nlu_fallback"
