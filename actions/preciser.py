"""A follow-up on the current theme: «combien de temps ?», «pour mon fils ?», answered by the theme's precision."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import progress

# Themes that answer a precision for whatever theme has none of its own.
ELSEWHERE = {"sans_internet": ("france_services", "rendez_vous_cpam")}


class ActionPreciser(Action):
    def name(self) -> str:
        return "action_preciser"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        entities = {row["entity"]: row.get("value") for row in tracker.latest_message.get("entities") or ()}
        decided = tracker.latest_message.get("decision") or {}
        meant = entities.get("theme") or decided.get("theme") or progress(tracker.events).theme
        theme = content.themes.get(meant or "")
        precision = entities.get("precision")
        if theme and precision in theme.precisions:
            dispatcher.utter_message(response=f"utter_{theme.id}__{precision}")
            return []
        key = "precision_laquelle" if theme is None or not precision else "precision_absente"
        elsewhere = ELSEWHERE.get(precision or "")
        if elsewhere:
            key, others = f"absente_{precision}", elsewhere
        else:
            others = choices.likely(content, tracker.latest_message, besides={theme.id} if theme else set())
        dispatcher.utter_message(
            text=content.texts[key],
            json_message={
                "kind": "clarify",
                "theme": theme.id if theme else None,
                "choices": [
                    *(choices.precisions(content, theme.id) if theme else ()),
                    *choices.themes(content, others),
                    choices.person(content),
                ],
            },
        )
        return []
