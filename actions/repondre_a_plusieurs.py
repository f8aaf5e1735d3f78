"""Two questions in one message get their two answers, in order, once it is said that there are two."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import ground
from actions.failures import progress


class ActionRepondreAPlusieurs(Action):
    def name(self) -> str:
        return "action_repondre_a_plusieurs"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content, themes = ground.content(), tracker.latest_message["decision"]["themes"]
        announced = content.two_questions(*themes)
        if announced not in progress(tracker.events).texts:  # never the same text twice in a row
            dispatcher.utter_message(text=announced, json_message={"kind": "notice"})
        for theme in themes:
            dispatcher.utter_message(response=f"utter_{theme}")
        return []
