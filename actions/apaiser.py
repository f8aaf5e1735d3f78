"""Insults: one calm word the first time, a counsellor the next; never a lecture."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from actions.failures import exchanges

INSULT = "insulte"


class ActionApaiser(Action):
    def name(self) -> str:
        return "action_apaiser"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        insults = sum(turn.intent == INSULT for turn in exchanges(tracker.events))
        if insults <= 1:
            dispatcher.utter_message(
                text=content.themes[INSULT].answer, json_message={"kind": "smalltalk", "theme": INSULT}
            )
        else:
            dispatcher.utter_message(
                text=content.texts["relais_colere"],
                json_message={"kind": "handoff_offer", "theme": INSULT, "choices": [choices.stay(content)]},
            )
        return []
