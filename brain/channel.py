"""The seam: one POST is one turn (DESIGN §5). Private, on loopback; the web process is its only client.

POST /webhooks/guichet/turns  {sender, message_id, text | intent + entities, answers_only?, again?}
  200 {utterances: [{text, custom}], intent, decision, replayed}
      A message_id that the tracker holds is not run again: its reply is rebuilt. `again` is an earlier message_id that
      this one repeats (its reply came too late, or failed): rebuilt too when it is whole, else this one is run.
      With answers_only a text that is no clear question on a theme runs nothing, and `utterances` is empty.
  400 {error} when the request is malformed; 503 while no model is loaded; 500 when the turn failed in any way.
DELETE /webhooks/guichet/conversations/<sender>   204; the tracker of the conversation is deleted.
GET  /webhooks/guichet/       200 once a model is loaded, else 503.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text
from weakref import WeakValueDictionary

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered
from sanic import Blueprint, Request, Sanic, response
from sanic.response import HTTPResponse

from brain.decision import STEERING
from brain.lean import settle

__all__ = ["GuichetInput", "TurnOutput", "cleaned"]

logger = logging.getLogger(__name__)


class TurnOutput(OutputChannel):
    """Collects nothing: the reply is read from the tracker, the same way for a turn just run and for a replay."""

    @classmethod
    def name(cls) -> Text:
        return "guichet"

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """One object per utterance is rebuilt from the tracker; nothing is sent here."""


class TurnFailed(RuntimeError):
    """The turn ran but its reply cannot be trusted: an action failed, or nothing was said."""


class GuichetInput(InputChannel):
    """Rasa's input channel for the web process."""

    @classmethod
    def name(cls) -> Text:
        return "guichet"

    def url_prefix(self) -> Text:
        return "guichet"  # joined to /webhooks/ by Rasa

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        webhook = Blueprint("guichet_channel")
        running: WeakValueDictionary = WeakValueDictionary()  # sender -> lock: looked up and run in one piece

        @webhook.after_server_start
        async def at_rest(_app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
            settle()

        @webhook.get("/")
        async def health(request: Request) -> HTTPResponse:
            ready = _agent(request) is not None
            return response.json({"status": "ok" if ready else "loading"}, status=200 if ready else 503)

        @webhook.post("/turns")
        async def turn(request: Request) -> HTTPResponse:
            asked = _read(request.json)
            if asked is None:
                return response.json({"error": "expected {sender, message_id, text | intent + entities}"}, status=400)
            agent = _agent(request)
            if agent is None:
                return response.json({"error": "no model"}, status=503)
            try:
                async with running.setdefault(asked["sender"], asyncio.Lock()):
                    return response.json(await _run(agent, asked, on_new_message))
            except Exception:
                logger.exception("turn failed")
                return response.json({"error": "turn failed"}, status=500)

        @webhook.delete("/conversations/<sender:str>")
        async def forget(request: Request, sender: str) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return response.json({"error": "no model"}, status=503)
            async with agent.lock_store.lock(sender):
                _delete(agent.processor.tracker_store, sender)
            return response.empty()

        return webhook


async def _run(agent: Any, asked: Dict[Text, Any], on_new_message: Callable) -> Dict[Text, Any]:
    """Run the turn unless the tracker already holds it. The caller lets in one turn of a sender at a time."""
    before = await agent.processor.tracker_store.retrieve_full_tracker(asked["sender"])
    if before and asked["again"]:
        earlier = _of_turn(before.events, asked["again"])
        if earlier:
            try:
                return {**_reply(earlier, agent), "replayed": True}
            except TurnFailed:
                logger.info("a failed turn is run again")
    events = _of_turn(before.events, asked["message_id"]) if before else None
    replayed = events is not None
    if not replayed:
        message = UserMessage(
            text=asked["text"],
            output_channel=TurnOutput(),
            sender_id=asked["sender"],
            parse_data=asked["parse_data"],
            input_channel="guichet",
            message_id=asked["message_id"],
        )
        if asked["answers_only"]:
            message.parse_data = await agent.processor.parse_message(message, before)
            intent = message.parse_data["intent"]["name"]
            if intent in STEERING:
                nothing = {"utterances": [], "ranking": [], "replayed": False}
                return {**nothing, "intent": intent, "decision": message.parse_data.get("decision")}
        await on_new_message(message)
        after = await agent.processor.tracker_store.retrieve_full_tracker(asked["sender"])
        events = _of_turn(after.events, asked["message_id"]) if after else None
    if events is None:
        raise TurnFailed("the turn is not in the tracker")
    return {**_reply(events, agent), "replayed": replayed}


def _reply(events: List[Event], agent: Any) -> Dict[Text, Any]:
    """What the bot said in a turn's events. Raises TurnFailed when an action left nothing behind it."""
    silent = None  # the last custom action run, until it speaks: every action of ours says something
    for event in events:
        if isinstance(event, BotUttered):
            silent = None
        elif isinstance(event, ActionExecuted):
            if silent:
                break
            silent = event.action_name if event.action_name in agent.domain.user_actions else None
    if silent:
        raise TurnFailed(f"{silent} failed")
    utterances = [
        {"text": event.text, "custom": (event.data or {}).get("custom") or {}}
        for event in events
        if isinstance(event, BotUttered)
    ]
    if not utterances:
        raise TurnFailed("nothing was said")
    said = events[0]
    return {
        "utterances": utterances,
        "intent": said.intent_name,
        "decision": said.parse_data.get("decision"),
        "ranking": said.parse_data.get("intent_ranking") or [],
    }


def _delete(tracker_store: Any, sender: Text) -> None:
    """Rasa 3.6 has no call for it: the rows of its SQL store, or the entry of the in-memory one."""
    store = getattr(tracker_store, "_tracker_store", tracker_store)  # Rasa wraps the configured store
    if hasattr(store, "SQLEvent"):
        with store.session_scope() as session:
            session.query(store.SQLEvent).filter_by(sender_id=sender).delete()
            session.commit()
    else:
        store.store.pop(sender, None)


def _of_turn(events: Any, message_id: Text) -> Optional[List[Event]]:
    """The events of one turn, its UserUttered first, or None when the tracker does not hold it."""
    found: Optional[List[Event]] = None
    for event in events:
        if isinstance(event, UserUttered):
            if found is not None:
                break
            if event.message_id == message_id:
                found = []
        if found is not None:
            found.append(event)
    return found


def _read(body: Any) -> Optional[Dict[Text, Any]]:
    """The request, checked; None when malformed. Parsed data never comes from a user's text."""
    if not isinstance(body, dict):
        return None
    sender, message_id, text, intent = (body.get(key) for key in ("sender", "message_id", "text", "intent"))
    if not (isinstance(sender, str) and sender and isinstance(message_id, str) and message_id):
        return None
    again = body.get("again")
    known = {"sender": sender, "message_id": message_id, "again": again if isinstance(again, str) else None}
    if isinstance(intent, str) and intent:
        return known | {
            "text": text if isinstance(text, str) and text else intent,
            "parse_data": _parsed(intent, body.get("entities") or {}),
            "answers_only": False,
        }
    if not isinstance(text, str):
        return None
    text = cleaned(text)
    parse_data = None if text else _parsed("nlu_fallback", {})
    return known | {
        "text": text or "?",
        "parse_data": parse_data,
        "answers_only": body.get("answers_only") is True and bool(text),
    }


def _parsed(intent: Text, entities: Dict[Text, Any]) -> Dict[Text, Any]:
    return {
        "text": "",
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [],
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": 0, "extractor": "choice"}
            for name, value in entities.items()
        ],
        "decision": {"intent": intent, "why": "bouton", "reason": f"bouton : *{intent}*"},
    }


def cleaned(text: Text) -> Text:
    """A user's text without what Rasa would obey: it strips white space, then reads a leading «/» as an order."""
    while text and (text[0].isspace() or text[0] == "/"):
        text = text.lstrip().lstrip("/")
    return text.rstrip()


def _agent(request: Request) -> Optional[Any]:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None
