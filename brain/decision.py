"""The decision: the last understanding component, in place of Rasa's FallbackClassifier (DESIGN §5).

It reads the ranking, the entities, the nearest examples and the conversation, and sets the intent that rules obey: a
theme, `precision`, `clarification`, `plusieurs_questions`, `decliner_relais` or `nlu_fallback`. Between answering,
asking and admitting it takes what is expected to cost the person least (brain/costs.py). Its evidence goes to
`latest_message["decision"]`, with one line an author understands.
"""

from __future__ import annotations

import re
from dataclasses import fields
from math import log
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from brain.component import Component
from brain.context import Context, read_context
from brain.costs import ADMIT, ANSWER, Costs, cheapest
from brain.entities import bare
from brain.spelling import KNOWN

__all__ = ["Decision"]

ORDINALS = (
    ("premier", "premiere", "1er", "1ere", "1", "un", "la 1", "le 1"),
    ("deuxieme", "second", "seconde", "2eme", "2e", "2", "deux", "la 2", "le 2"),
    ("troisieme", "3eme", "3e", "3", "trois", "dernier", "derniere", "la 3", "le 3"),
)
YES = {"oui", "oui svp", "oui merci", "ok", "d accord", "daccord", "je veux bien", "oui je veux bien", "volontiers"}
OUTSIDE = "hors_sujet"
ANOTHER_BODY = "autre organisme"
# Intents that are no theme to answer with: they steer the talk, and never stand in a clarification.
STEERING = {
    "parler_conseiller", "salutation", "remerciement", "au_revoir", "identite_bot", "capacites_bot", "insatisfaction",
    "satisfaction", "insulte", OUTSIDE, "precision", "clarification", "decliner_relais", "nlu_fallback",
    "urgence_medicale", "urgence_suicide", "urgence_violences",
}  # fmt: skip
CHAT = STEERING - {OUTSIDE}  # «not for us» costs as much as a wrong theme
TRACE = 0.0001  # probability up to which a theme is nowhere in a message
VAGUE_SHARE = 0.02  # probability from which a theme is offered to a message that names none

# Words of a button's label that choose nothing.
LINKING = {
    "le", "la", "les", "l", "un", "une", "de", "des", "du", "d", "a", "au", "mon", "ma", "mes", "ou", "et", "en",
    "pour", "carte", "son", "sa", "ne", "n", "pas", "non", "qui", "que", "qu", "c", "ce", "ca", "est", "se", "je", "j",
}  # fmt: skip


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Decision(Component, IntentClassifier):
    """Answers when sure, asks when two or three themes are plausible, admits otherwise."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            **{cost.name: cost.default for cost in fields(Costs)},  # shares of what a wrong answer costs
            "clear": 0.55,  # probability from which a new question or a refusal beats the choices on offer
            "two": 0.99,  # how sure two halves of a message are together to be two questions
            "two_unseen": 0.999,  # the same when one of their themes is nowhere in the message as a whole
        }

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, storage, resource)
        self._costs = Costs(**{cost.name: config[cost.name] for cost in fields(Costs)})

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        context = read_context(tracker)
        for message in messages:
            if message.get(TEXT) and message.get("intent_ranking"):
                self._decide(message, context)
        return messages

    def _decide(self, message: Message, context: Context) -> None:
        ranking = message.get("intent_ranking")
        outside = message.get("out_of_domain") or 0.0
        text = bare(message.get("reading") or message.get(TEXT))
        said = {row["entity"]: row["value"] for row in message.get(ENTITIES) or ()}
        decision = (
            self._typed_choice(text, ranking, context)
            or self._typed_offer_reply(text, ranking, context)
            or self._follow_up(text, said.get("precision"), ranking, context)
            or self._several(message.get("halves") or [], ranking, context)
            or self._unreadable(text, message.get(KNOWN) is not False)
            or self._by_cost(ranking, outside, said, context)
        )
        asked_for = decision["intent"] == OUTSIDE and decision["why"] != ANOTHER_BODY
        decision["advice"] = asked_for and 2 * (message.get("advice") or 0.0) >= max(outside, 0.01)
        decision["about"] = {kind: said[kind] for kind in ("beneficiaire", "departement") if kind in said}
        decision["reason"] = _reason(decision, ranking, message.get("nearest") or [])
        confidence = next((row["confidence"] for row in ranking if row["name"] == decision["intent"]), 1.0)
        message.set(INTENT, {"name": decision["intent"], "confidence": confidence}, add_to_output=True)
        message.set("decision", decision, add_to_output=True)

    def _typed_choice(self, text: Text, ranking: List[Dict], context: Context) -> Optional[Dict]:
        """A reply to a clarification: «la deuxième», or the words of one of its buttons."""
        if context.last_kind not in ("clarify", "retry") or not context.choices:
            return None
        themes = [choice["theme"] for choice in context.choices]
        for n, words in enumerate(ORDINALS[: len(themes)]):
            if _without_article(text) in words:
                return {"intent": themes[n], "why": "choix"}
        first = ranking[0]
        vague = first["name"] in ("clarification", "precision")
        if not vague and first["confidence"] >= self._config["clear"]:
            return None  # a new, clear question beats the old choices, and so does a clear refusal
        said = set(text.split())
        shared = [len(said & (set(bare(choice["label"]).split()) - LINKING)) for choice in context.choices]
        if max(shared) and shared.count(max(shared)) == 1 and len(said) <= 6:
            return {"intent": themes[shared.index(max(shared))], "why": "choix"}
        weights = {row["name"]: row["confidence"] for row in ranking if row["name"] in themes}
        total = sum(weights.values())
        if total >= 0.15 and max(weights.values()) >= 0.7 * total:
            return {"intent": max(weights, key=weights.get), "why": "choix"}
        return None

    def _typed_offer_reply(self, text: Text, ranking: List[Dict], context: Context) -> Optional[Dict]:
        """«oui» or «non» to the offer of a counsellor."""
        if context.last_kind != "handoff_offer":
            return None
        if text in YES or (ranking[0]["name"] == "satisfaction" and text.startswith("oui")):
            return {"intent": "parler_conseiller", "why": "relais accepté"}
        if text == "non" or text.startswith("non ") or ranking[0]["name"] == "decliner_relais":
            return {"intent": "decliner_relais", "why": "relais refusé"}
        return None

    def _follow_up(self, text: Text, asked: Optional[Text], ranking: List[Dict], context: Context) -> Optional[Dict]:
        """A precision about the current theme, when the message names no other theme."""
        if not context.theme or not asked:
            return None
        best = next((row for row in ranking if row["name"] not in STEERING), ranking[0])
        elsewhere = best["name"] not in (context.theme, "precision") and best["confidence"] >= self._config["clear"]
        if elsewhere and len(text.split()) > 5:
            return None
        if ranking[0]["name"] in ("insatisfaction", "parler_conseiller") and ranking[0]["confidence"] > 0.7:
            return None
        return {"intent": "precision", "precision": asked, "theme": context.theme, "why": "suite"}

    def _several(self, halves: List[Tuple[Dict, Dict]], ranking: List[Dict], context: Context) -> Optional[Dict]:
        """Two questions on two themes; a greeting beside a question does not make two."""
        seen = {row["name"] for row in ranking if row["confidence"] > TRACE}
        best, surest = None, 0.0
        for before, after in halves:
            themes = [before["name"], after["name"]]
            if themes[0] == themes[1] or STEERING.union(context.refused).intersection(themes):
                continue
            odds = (_odds(before["confidence"]) + _odds(after["confidence"])) / 2
            wanted = self._config["two" if seen.issuperset(themes) else "two_unseen"]
            if odds >= max(_odds(wanted), surest):
                best, surest = themes, odds
        return best and {"intent": "plusieurs_questions", "themes": best, "why": "deux questions"}

    def _unreadable(self, text: Text, known: bool) -> Optional[Dict]:
        """No word that exists, or «la deuxième» when nothing is on offer: asked about, not taken for a goodbye."""
        if any(_without_article(text) in words for words in ORDINALS):
            return {"intent": "clarification", "themes": [], "vague": True, "why": "vague"}
        return None if known or len(text.split()) < 2 else {"intent": "nlu_fallback", "why": "mots inconnus"}

    def _by_cost(self, ranking: List[Dict], outside: float, said: Dict[Text, Text], context: Context) -> Dict:
        first, asked = ranking[0], said.get("precision")
        if first["name"] in context.refused and first["confidence"] >= self._config["clear"]:
            return {"intent": "nlu_fallback", "why": "déjà refusé", "theme": first["name"]}
        choice = cheapest(ranking, outside, self._costs, STEERING, CHAT, context.refused)
        if choice.what == ADMIT and said.get("organisme"):
            decision = {"intent": OUTSIDE, "why": ANOTHER_BODY}  # whose job it is can be said
        elif choice.what == ADMIT:
            decision = {"intent": "nlu_fallback", "why": "pas sûr"}
        elif choice.what == ANSWER:
            decision = self._steer(choice.themes[0], ranking, asked, context)
        else:
            decision = {"intent": "clarification", "themes": list(choice.themes), "vague": False, "why": "hésite"}
        return {**decision, "cost": round(choice.cost, 3)}

    def _steer(self, intent: Text, ranking: List[Dict], asked: Optional[Text], context: Context) -> Dict:
        """What the first intent means here; a theme means itself."""
        if intent == "precision" and context.theme:
            return {"intent": "precision", "precision": asked, "theme": context.theme, "why": "suite"}
        if intent in ("precision", "clarification"):
            return self._vague(ranking, context)
        if asked and intent in context.answered and intent not in context.refused:
            return {"intent": "precision", "precision": asked, "theme": intent, "why": "retour"}
        if intent == "decliner_relais" and context.last_kind != "handoff_offer":
            return {"intent": "nlu_fallback", "why": "pas sûr"}
        return {"intent": intent, "why": "sûr"}

    def _vague(self, ranking: List[Dict], context: Context) -> Dict:
        """«mon dossier»: the likeliest themes are offered, however unlikely; the action has better ones if none is."""
        themes = [
            row["name"]
            for row in ranking
            if row["name"] not in STEERING and row["name"] not in context.refused and row["confidence"] >= VAGUE_SHARE
        ][:3]
        return {"intent": "clarification", "themes": themes, "vague": True, "why": "vague"}


def _odds(probability: float) -> float:
    """In logarithms; a probability is never taken for surer than one in ten thousand."""
    return log(max(probability, 1e-4) / max(1 - probability, 1e-4))


def _without_article(text: Text) -> Text:
    return re.sub(r"^(?:le|la|l|c est|plutot|oui)\s+", "", re.sub(r"^(?:c est|plutot|oui)\s+", "", text))


def _reason(decision: Dict, ranking: List[Dict], nearest: List[Dict]) -> Text:
    """«compris comme *ceam* (0,91), proche de «...» ; *depart_etranger* écarté (0,06)»."""
    first, intent = ranking[0], decision["intent"]
    close = f", proche de « {nearest[0]['text']} »" if nearest else ""
    if intent == "clarification":
        offered = [row for row in ranking if row["name"] in decision["themes"]]
        return ("hésite entre " + " ; ".join(map(_named, offered)) if offered else "message trop vague") + close
    if intent == "nlu_fallback":
        return f"pas compris ({decision['why']}), le plus proche est {_named(first)}{close}"
    if intent == "plusieurs_questions":
        return "deux questions : " + " puis ".join(f"*{theme}*" for theme in decision["themes"])
    if intent == "precision":
        return f"suite sur *{decision['theme']}*, précision : {decision.get('precision') or 'non reconnue'}"
    if decision["why"] != "sûr":
        return f"*{intent}* ({decision['why']})"
    other = next((row for row in ranking[1:] if row["name"] != intent), None)
    return f"compris comme {_named(first)}{close}" + (f" ; {_named(other, 'écarté ')}" if other else "")


def _named(row: Dict, word: Text = "") -> Text:
    return f"*{row['name']}* {word}({_comma(row['confidence'])})"


def _comma(number: float) -> Text:
    return f"{number:.2f}".replace(".", ",")
