"""Two questions in one message get their two answers, in order."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher


class ActionRepondreAPlusieurs(Action):
    def name(self) -> str:
        return "action_repondre_a_plusieurs"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        for theme in (tracker.latest_message.get("decision") or {})["themes"]:
            dispatcher.utter_message(response=f"utter_{theme}")
        return []
