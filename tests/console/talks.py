"""Conversations written through the store's own functions, for figures."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from guichet.store import Store, conversations
from guichet.store.conversations import Reply

__all__ = ["Talk", "bot"]


def bot(kind: str, theme: str | None = None, text: str = "Réponse.", links: tuple[str, ...] = ()) -> Reply:
    """One message of the bot, without buttons."""
    shown = [{"id": one, "label": one, "url": "https://x", "login": False} for one in links]
    return Reply({"kind": kind, "theme": theme, "text": text, "links": shown, "choices": []})


class Talk:
    """One conversation; each turn is a minute later."""

    def __init__(self, store: Store, at: datetime) -> None:
        self.store, self.at, self.id = store, at, str(uuid4())
        conversations.create(
            store, conversation_id=self.id, token_hash=secrets.token_hex(32), now=at,
            expires_at=at + timedelta(days=1), departement=None, identity=None, welcome=[bot("welcome")],
        )  # fmt: skip

    def turn(self, text: str, intent: str, *said: Reply, status: str = "done", **more: Any) -> int:
        """A message, understood as `intent`, and what the bot said; returns the seq of its last message.

        More: `choice=True` for a button; anything else goes into the decision.
        """
        self.at += timedelta(minutes=1)
        request = {"intent": intent, "entities": {}} if more.pop("choice", False) else {"text": text}
        person = Reply({"kind": "user", "theme": None, "text": text, "links": [], "choices": []})
        state = conversations.begin_turn(self.store, self.id, str(uuid4()), request, person, self.at)
        conversations.finish_turn(self.store, state.id, status, said, {"intent": intent} | more, self.at)
        return conversations.messages(self.store, self.id)[0][-1]["seq"]

    def asks(self, text: str, theme: str, **more: Any) -> int:
        return self.turn(text, theme, bot("answer", theme, links=more.pop("links", ())), **more)

    def yes(self) -> None:
        self.turn("Oui, merci", "satisfaction", bot("smalltalk"), choice=True)

    def no(self) -> None:
        self.turn("Non", "insatisfaction", bot("retry"), choice=True)

    def misunderstood(self, text: str, *near: str) -> None:
        ranking = [{"name": name, "confidence": 0.3 / (n + 1)} for n, name in enumerate(near)]
        reason = f"pas compris (pas sûr), le plus proche est *{near[0]}*" if near else "pas compris"
        self.turn(text, "nlu_fallback", bot("retry"), ranking=ranking, reason=reason)
