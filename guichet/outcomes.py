"""What became of a turn, in one word: decided once, when it ends; dashboard and authors' page count these words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["HANDOFF", "OUTCOMES", "STOPPED", "Outcome", "outcome_of", "tells_of_a_switch", "verdict_of"]

HANDOFF = "soumettre_dossier"
STOPPED = "arret"  # the intent of a turn while the bot is switched off
OUTCOMES = {  # and its words on the screens
    "answered": "Réponse donnée",
    "clarified": "Précision demandée",
    "failed": "Échec",
    "handed_off": "Demande envoyée à un conseiller",
    "offered": "Conseiller proposé sur demande",
    "elsewhere": "Hors du domaine",
    "emergency": "Urgence",
    "suspended": "Assistant ou sujet arrêté",
    "broken": "Panne",
    "talk": "Échange courant",
}
COURTESY = ("remerciement", "au_revoir", "salutation")  # after an answer they say neither yes nor no
JUDGED = ("answered", "clarified")


@dataclass(frozen=True)
class Outcome:
    """`theme`: answered or switched off; after a message not understood, the nearest one."""

    intent: str | None
    word: str
    theme: str | None


def outcome_of(
    request: dict[str, Any], status: str, said: Sequence[dict[str, Any]], decision: dict[str, Any] | None
) -> Outcome:
    """Of a turn that ends: what was asked of the brain, what the bot said (bodies), and the brain's evidence."""
    intent = request.get("intent") or (decision or {}).get("intent")
    kinds = {body["kind"] for body in said}
    answered = [body["theme"] for body in said if body["kind"] == "answer"]
    stopped = [body["theme"] for body in said if tells_of_a_switch(body)]
    if status == "failed":
        return Outcome(intent, "broken", None)
    if intent == HANDOFF:
        return Outcome(intent, "handed_off", None)
    if "safety" in request:
        return Outcome(intent, "emergency", None)
    if intent == STOPPED:
        return Outcome(intent, "suspended", None)
    if answered:
        return Outcome(intent, "answered", answered[-1])
    if stopped:
        return Outcome(intent, "suspended", stopped[-1])
    if "retry" in kinds or (intent in ("nlu_fallback", "insatisfaction") and "handoff_offer" in kinds):
        return Outcome(intent, "failed", _nearest(decision) if intent == "nlu_fallback" else None)
    if "clarify" in kinds:
        return Outcome(intent, "clarified", None)
    if "handoff_offer" in kinds:
        return Outcome(intent, "offered", None)
    if "out_of_scope" in kinds:
        return Outcome(intent, "elsewhere", None)
    return Outcome(intent, "talk", None)


def tells_of_a_switch(body: dict[str, Any]) -> bool:
    """Whether a message stands in place of an answer that was switched off; other notices on a theme are of crises."""
    theme = body["theme"]
    return body["kind"] == "notice" and bool(theme) and not theme.startswith("urgence_")


def verdict_of(word: str | None, following: str | None) -> str | None:
    """What the intent of the turn that follows says of a turn: yes, no, or more (it went on); None when nothing."""
    if word not in JUDGED or following in COURTESY:
        return None
    return {"satisfaction": "yes", "insatisfaction": "no"}.get(following or "", "more")


def _nearest(decision: dict[str, Any] | None) -> str | None:
    ranking = (decision or {}).get("ranking") or [{}]
    return ranking[0].get("name")
