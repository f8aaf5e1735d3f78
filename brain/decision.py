"""The decision: the last understanding component, in place of Rasa's FallbackClassifier (DESIGN §5).

It reads the ranking, the nearest examples and the conversation, and sets the intent that rules obey: a theme,
`precision`, `clarification`, `plusieurs_questions`, `decliner_relais` or `nlu_fallback`. Its evidence goes to
`latest_message["decision"]`, with one line an author understands.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Optional, Text

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from brain.context import Context, read_context
from brain.words import fold

__all__ = ["Decision"]

ORDINALS = (
    ("premier", "premiere", "1er", "1ere", "1", "un", "la 1", "le 1"),
    ("deuxieme", "second", "seconde", "2eme", "2e", "2", "deux", "la 2", "le 2"),
    ("troisieme", "3eme", "3e", "3", "trois", "dernier", "derniere", "la 3", "le 3"),
)
YES = {"oui", "oui svp", "oui merci", "ok", "d accord", "daccord", "je veux bien", "oui je veux bien", "volontiers"}
SMALL_TALK = {"salutation", "remerciement", "au_revoir"}
# Intents that are no theme to answer with: they steer the talk, and never stand in a clarification.
STEERING = {
    "parler_conseiller", "salutation", "remerciement", "au_revoir", "identite_bot", "capacites_bot", "insatisfaction",
    "satisfaction", "insulte", "hors_sujet", "precision", "clarification", "decliner_relais", "nlu_fallback",
    "urgence_medicale", "urgence_suicide", "urgence_violences",
}  # fmt: skip


# Words of a button's label that choose nothing.
LINKING = {
    "le", "la", "les", "l", "un", "une", "de", "des", "du", "d", "a", "au", "mon", "ma", "mes", "ou", "et", "en",
    "pour", "carte", "son", "sa", "ne", "n", "pas", "non", "qui", "que", "qu", "c", "ce", "ca", "est", "se", "je", "j",
}  # fmt: skip


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Decision(GraphComponent, IntentClassifier):
    """Answers when sure, asks when two or three themes are plausible, admits otherwise."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "answer": 0.55,  # probability of the first theme from which it is answered at once
            "steer": 0.45,  # the same for small talk, satisfaction, a person asked for ...
            "plausible": 0.08,  # a theme under this is not offered in a clarification
            "clarify": 0.35,  # what the offered themes must weigh together, else the message is not understood
            "part": 0.6,  # probability from which a part of a message counts as a question of its own
            "precisions_file": "data/precisions.yml",
        }

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource, phrases: Dict) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._phrases: Dict[Text, List[Text]] = phrases

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Decision:
        return cls(config, model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Decision:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, rasa.shared.utils.io.read_json_file(folder / "phrases.json"))

    def train(self, training_data: TrainingData) -> Resource:
        """Keeps the authors' phrases for precisions inside the model, so that model and phrases move together."""
        written = rasa.shared.utils.io.read_yaml_file(Path(self._config["precisions_file"]))["precisions"]
        phrases = {key: [_bare(phrase) for phrase in row["phrases"]] for key, row in written.items()}
        with self._storage.write_to(self._resource) as folder:
            rasa.shared.utils.io.dump_obj_as_json_to_file(folder / "phrases.json", phrases)
        return self._resource

    def process(self, messages: List[Message], tracker: Optional[DialogueStateTracker] = None) -> List[Message]:
        context = read_context(tracker)
        for message in messages:
            if message.get(TEXT) and message.get("intent_ranking"):
                self._decide(message, context)
        return messages

    def _decide(self, message: Message, context: Context) -> None:
        ranking = message.get("intent_ranking")
        text = _bare(message.get(TEXT))
        decision = (
            self._typed_choice(text, ranking, context)
            or self._typed_offer_reply(text, ranking, context)
            or self._follow_up(text, ranking, context)
            or self._several(message.get("parts") or [], context)
            or self._by_confidence(ranking, context)
        )
        decision["reason"] = _reason(decision, ranking, message.get("nearest") or [])
        confidence = next((row["confidence"] for row in ranking if row["name"] == decision["intent"]), 1.0)
        message.set(INTENT, {"name": decision["intent"], "confidence": confidence}, add_to_output=True)
        if decision.get("precision"):
            found = {"entity": "precision", "value": decision["precision"], "extractor": "Decision"}
            message.set(ENTITIES, [found], add_to_output=True)
        message.set("decision", decision, add_to_output=True)

    def _typed_choice(self, text: Text, ranking: List[Dict], context: Context) -> Optional[Dict]:
        """A reply to a clarification: «la deuxième», or the words of one of its buttons."""
        if context.last_kind not in ("clarify", "retry") or not context.choices:
            return None
        themes = [choice["theme"] for choice in context.choices]
        for n, words in enumerate(ORDINALS[: len(themes)]):
            if _without_article(text) in words:
                return {"intent": themes[n], "why": "choix"}
        steering = ranking[0]["name"] in STEERING - {"clarification", "precision"}
        if ranking[0]["confidence"] >= self._config["steer" if steering else "answer"]:
            return None  # a new, clear question beats the old choices, and so does a clear refusal
        said = set(text.split())
        shared = [len(said & (set(_bare(choice["label"]).split()) - LINKING)) for choice in context.choices]
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

    def _follow_up(self, text: Text, ranking: List[Dict], context: Context) -> Optional[Dict]:
        """A precision about the current theme, when the message names no other theme."""
        if not context.theme:
            return None
        padded = f" {text} "
        found = next((key for key, phrases in self._phrases.items() if any(f" {p} " in padded for p in phrases)), None)
        if not found:
            return None
        best = next((row for row in ranking if row["name"] not in STEERING), ranking[0])
        elsewhere = best["name"] not in (context.theme, "precision") and best["confidence"] >= self._config["answer"]
        if elsewhere and len(text.split()) > 5:
            return None
        if ranking[0]["name"] in ("insatisfaction", "parler_conseiller") and ranking[0]["confidence"] > 0.7:
            return None
        return {"intent": "precision", "precision": found, "theme": context.theme, "why": "suite"}

    def _several(self, parts: List[Dict], context: Context) -> Optional[Dict]:
        """Two questions on two themes; a greeting beside a question does not make two."""
        themes: List[Text] = []
        for part in parts:
            sure = part["confidence"] >= self._config["part"] and part["name"] not in STEERING
            if sure and part["name"] not in themes and part["name"] not in context.refused:
                themes.append(part["name"])
        if len(themes) < 2:
            return None
        return {"intent": "plusieurs_questions", "themes": themes[:2], "why": "deux questions"}

    def _by_confidence(self, ranking: List[Dict], context: Context) -> Dict:
        first = ranking[0]
        if first["name"] in STEERING:
            return self._steer(first, ranking, context)
        if first["name"] in context.refused and first["confidence"] >= self._config["answer"]:
            return {"intent": "nlu_fallback", "why": "déjà refusé", "theme": first["name"]}
        if first["confidence"] >= self._config["answer"]:
            return {"intent": first["name"], "why": "sûr"}
        return self._ask_or_admit(ranking, context)

    def _steer(self, first: Dict, ranking: List[Dict], context: Context) -> Dict:
        if first["name"] == "clarification":
            return self._ask_or_admit(ranking, context, vague=True)
        if first["name"] == "precision" and not context.theme:
            return self._ask_or_admit(ranking, context, vague=True)
        if first["name"] == "precision":
            return {"intent": "precision", "precision": None, "theme": context.theme, "why": "suite"}
        if first["name"] == "decliner_relais" and context.last_kind != "handoff_offer":
            return self._ask_or_admit(ranking, context)
        if first["confidence"] >= self._config["steer"]:
            return {"intent": first["name"], "why": "sûr"}
        return self._ask_or_admit(ranking, context)

    def _ask_or_admit(self, ranking: List[Dict], context: Context, vague: bool = False) -> Dict:
        """Two or three plausible themes make a question; otherwise the bot says that it did not understand."""
        offered = [
            row
            for row in ranking
            if row["name"] not in STEERING
            and row["name"] not in context.refused
            and row["confidence"] >= (self._config["plausible"] / 4 if vague else self._config["plausible"])
        ][:3]
        enough = sum(row["confidence"] for row in offered) >= self._config["clarify"]
        if offered and (vague or (enough and ranking[0]["name"] not in SMALL_TALK)):
            themes = [row["name"] for row in offered]
            return {"intent": "clarification", "themes": themes, "vague": vague, "why": "hésite"}
        if vague:
            return {"intent": "clarification", "themes": [], "vague": True, "why": "vague"}
        return {"intent": "nlu_fallback", "why": "pas sûr"}


def _bare(text: Text) -> Text:
    """Folded, without punctuation, apostrophes kept as spaces."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


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
