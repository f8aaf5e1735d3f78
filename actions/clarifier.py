"""«Parlez-vous de A, B ou C ?»: the themes the decision hesitates between, as buttons."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import progress


class ActionClarifier(Action):
    def name(self) -> str:
        return "action_clarifier"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        decision = tracker.latest_message.get("decision") or {}
        offered = choices.themes(content, decision.get("themes") or content.frequent)
        asked = "clarifier_vague" if decision.get("vague") else "clarifier"
        if content.texts[asked] in progress(tracker.events).texts:
            asked = "clarifier_encore"  # never the same text twice in a row
        dispatcher.utter_message(
            text=content.texts[asked],
            json_message={"kind": "clarify", "choices": [*offered, choices.none_of_these(content)]},
        )
        return []
