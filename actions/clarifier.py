"""«Parlez-vous de A, B ou C ?»: the themes the decision hesitates between, as buttons."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import progress
from guichet.content import Content
from guichet.content.library import fold

MOST = 5  # buttons
SHORT = 3  # letters: shorter words name nothing


class ActionClarifier(Action):
    def name(self) -> str:
        return "action_clarifier"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        decision = tracker.latest_message.get("decision") or {}
        named = _named(content, tracker.latest_message.get("text") or "") if decision.get("vague") else []
        offered = choices.themes(content, named or decision.get("themes") or content.frequent)
        asked = "clarifier_vague" if decision.get("vague") else "clarifier"
        if content.texts[asked] in progress(tracker.events).texts:
            asked = "clarifier_encore"  # never the same text twice in a row
        dispatcher.utter_message(
            text=content.texts[asked],
            json_message={"kind": "clarify", "choices": [*offered, choices.none_of_these(content)]},
        )
        return []


def _named(content: Content, text: str) -> list[str]:
    """Themes whose titles share the most words with a vague message: «carte vitale» names all that concerns it."""
    said = {word for word in fold(text).split() if len(word) > SHORT}
    shared = {
        theme.id: len(said & set(fold(theme.titre).split()))
        for theme in content.themes.values()
        if theme.famille not in ("conversation", "urgences")
    }
    most = max(shared.values())
    return [theme for theme, count in shared.items() if most and count == most][:MOST]
