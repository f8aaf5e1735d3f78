"""What became of a turn, in one word."""

import pytest

from guichet.outcomes import OUTCOMES, outcome_of, verdict_of


def said(kind: str, theme: str | None = None) -> dict:
    return {"kind": kind, "theme": theme}


@pytest.mark.parametrize(
    ("request_", "status", "bodies", "intent", "word", "theme"),
    [
        ({}, "done", [said("answer", "ceam")], "ceam", "answered", "ceam"),
        ({}, "done", [said("notice"), said("answer", "ceam"), said("answer", "ald")], "x", "answered", "ald"),
        ({}, "done", [said("notice", "urgence_suicide"), said("answer", "ceam")], "ceam", "answered", "ceam"),
        ({}, "done", [said("notice", "urgence_suicide"), said("smalltalk")], "salutation", "talk", None),
        ({}, "done", [said("notice", "ceam")], "ceam", "suspended", "ceam"),
        ({}, "done", [said("notice"), said("handoff_offer")], "arret", "suspended", None),
        ({}, "failed", [said("notice"), said("handoff_offer")], None, "broken", None),
        ({}, "done", [said("retry")], "nlu_fallback", "failed", "proche"),
        ({"intent": "insatisfaction"}, "done", [said("handoff_offer")], None, "failed", None),
        ({}, "done", [said("handoff_offer", "parler_conseiller")], "parler_conseiller", "offered", None),
        ({"intent": "soumettre_dossier"}, "done", [said("handoff_done")], None, "handed_off", None),
        ({"safety": {}}, "done", [], "urgence_medicale", "emergency", None),
        ({}, "done", [said("clarify")], "clarification", "clarified", None),
        ({}, "done", [said("out_of_scope", "hors_sujet")], "hors_sujet", "elsewhere", None),
        ({"intent": "satisfaction"}, "done", [said("smalltalk")], None, "talk", None),
    ],
)
def test_a_turn_has_one_outcome(request_, status, bodies, intent, word, theme):
    found = outcome_of(request_, status, bodies, {"intent": intent, "ranking": [{"name": "proche"}]})
    assert (found.word, found.theme) == (word, theme)
    assert word in OUTCOMES


@pytest.mark.parametrize(
    ("word", "following", "verdict"),
    [("answered", "satisfaction", "yes"), ("answered", "insatisfaction", "no"), ("answered", "ceam", "more"),
     ("answered", "remerciement", None), ("clarified", "insatisfaction", "no"), ("failed", "insatisfaction", None),
     ("suspended", "insatisfaction", None), (None, "ceam", None)],
)  # fmt: skip
def test_the_next_turn_judges_an_answer(word, following, verdict):
    assert verdict_of(word, following) == verdict
