"""A person asked for: the hand-off is offered at once, or added to when the conversation has its case already."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground

THEME = "parler_conseiller"


class ActionProposerConseiller(Action):
    def name(self) -> str:
        return "action_proposer_conseiller"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        reference = _reference(tracker.events)
        dispatcher.utter_message(
            text=content.texts["relais_ajouter"].format(reference=reference)
            if reference
            else content.themes[THEME].answer,
            json_message={"kind": "handoff_offer", "theme": THEME, "choices": [choices.stay(content)]},
        )
        return []


def _reference(events: list[dict[str, Any]]) -> str | None:
    """Of the case this conversation opened, if it did."""
    said = [(event.get("data") or {}).get("custom") or {} for event in events if event.get("event") == "bot"]
    return next((custom["reference"] for custom in reversed(said) if custom.get("kind") == "handoff_done"), None)
