"""Out of domain: says whose job it is, refuses medical advice kindly, or says no honestly (DESIGN §5.8)."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import choices, ground
from guichet.content import Content, Organisme

CARE = ("medecin_traitant_trouver", "annuaire_sante")  # where to find someone who may give medical advice


class ActionOrienter(Action):
    def name(self) -> str:
        return "action_orienter"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list:
        content = ground.content()
        said = tracker.latest_message.get("text") or ""
        named = next(
            tracker.get_latest_entity_values("organisme"), None
        )  # found in the message as read: a slip hides none
        advice = (tracker.latest_message.get("decision") or {}).get("advice")
        body = None if advice else content.organismes.get(named or "") or content.organisme_in(said)
        if body:
            text = _whose_job(content, body)
        elif advice:
            text = content.texts["avis_medical"]
        else:
            text = content.themes["hors_sujet"].answer
        custom = {"kind": "out_of_scope", "theme": "hors_sujet", "organisme": body.id if body else None}
        near = choices.themes(content, CARE) if advice else []
        custom["choices"] = [*near, choices.person(content)]
        dispatcher.utter_message(text=text, json_message=custom)
        return []


def _whose_job(content: Content, body: Organisme) -> str:
    said = [content.texts["orienter"].format(nom=body.nom, role=body.role)]
    if body.chez_nous:
        said.append(content.texts["orienter_reste"].format(chez_nous=body.chez_nous))
    return "\n\n".join(said)
