"""The hand-off form was sent: opens the case it names, once (DESIGN §7)."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import ground
from guichet import cases


class ActionOuvrirDossier(Action):
    def name(self) -> str:
        return "action_ouvrir_dossier"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        entities = {row["entity"]: row.get("value") for row in tracker.latest_message.get("entities") or ()}
        content = ground.content()
        reference = await ground.bounded(cases.open_case, ground.store(), content, str(entities.get("handoff")))
        dispatcher.utter_message(
            text=content.texts["dossier_ouvert"],
            json_message={"kind": "handoff_done", "reference": reference, "handoff": entities["handoff"]},
        )
        return []
