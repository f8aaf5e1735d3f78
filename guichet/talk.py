"""A client of the public contract (DESIGN §6): what `guichet talk` and the dialogue tests speak through."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import httpx

__all__ = ["Refused", "Talk"]

LIMIT = 60.0  # seconds that a turn may take
EVERY = 0.2  # seconds between two looks at a turn under way


class Refused(RuntimeError):
    """The service refused or could not be reached; the text is a French sentence. `errors`: by field of the form."""

    def __init__(self, said: str, errors: dict[str, str] | None = None) -> None:
        super().__init__(said)
        self.errors = errors or {}


class Talk:
    """One conversation. Each call gives the bot's messages of that turn, once it has ended. Raises Refused."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(base_url=url, timeout=LIMIT, trust_env=False, transport=transport)
        self.messages: list[dict[str, Any]] = []
        started = self._send("POST", "/chat/conversations", {})
        self._http.headers["Authorization"] = f"Bearer {started['token']}"
        self.messages += started["messages"]

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The buttons of the bot's last turn: {id, label, theme?}."""
        last = max((n for n, message in enumerate(self.messages) if message["from"] == "user"), default=-1)
        return [choice for message in self.messages[last + 1 :] for choice in message["choices"]]

    def say(self, text: str) -> list[dict[str, Any]]:
        return self._turn("/chat/messages", {"text": text})

    def choose(self, choice: str) -> list[dict[str, Any]]:
        """`choice`: the id of a button."""
        return self._turn("/chat/messages", {"choice": choice})

    def hand_off(self, **form: Any) -> list[dict[str, Any]]:
        """Send the form: email, departement, message, consent, name?"""
        return self._turn("/chat/handoff", form)

    def close(self) -> None:
        self._http.close()

    def _turn(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        known = self.messages[-1]["seq"]
        reply = self._send("POST", path, {"id": str(uuid4())} | body)
        fresh = {"messages": reply["messages"], "pending": reply["turn"]["status"] == "pending"}
        limit = time.monotonic() + LIMIT
        while fresh["pending"]:
            if time.monotonic() > limit:
                raise Refused("Le service met trop longtemps à répondre. Réessayez dans un instant.")
            time.sleep(EVERY)
            fresh = self._send("GET", f"/chat/messages?after={known}")
        self.messages += [message for message in fresh["messages"] if message["seq"] > known]
        return [message for message in self.messages if message["seq"] > known and message["from"] == "bot"]

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            reply = self._http.request(method, path, json=body)
            said = reply.json()
        except (httpx.HTTPError, ValueError):
            raise Refused(
                f"Le service ne répond pas à {self._http.base_url}. Démarrez-le avec « make run », puis recommencez."
            ) from None
        if "errors" in said:
            raise Refused(" ".join(said["errors"].values()), said["errors"])
        if reply.is_error:
            raise Refused(said["error"]["message"])
        return said
