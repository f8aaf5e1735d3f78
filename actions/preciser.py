"""A follow-up on the current theme: «combien de temps ?», «pour mon fils ?», answered by the theme's precision."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import progress


class ActionPreciser(Action):
    def name(self) -> str:
        return "action_preciser"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        entities = {row["entity"]: row.get("value") for row in tracker.latest_message.get("entities") or ()}
        theme = content.themes.get(entities.get("theme") or progress(tracker.events).theme or "")
        precision = entities.get("precision")
        if theme and precision in theme.precisions:
            dispatcher.utter_message(response=f"utter_{theme.id}__{precision}")
            return []
        known = theme is not None
        dispatcher.utter_message(
            text=content.texts["precision_absente" if known and precision else "precision_laquelle"],
            json_message={
                "kind": "clarify",
                "theme": theme.id if theme else None,
                "choices": [*(choices.precisions(content, theme.id) if theme else ()), choices.person(content)],
            },
        )
        return []
