"""The client of the seam: one POST to the brain is one turn (brain/channel.py)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

__all__ = ["Brain", "BrainFailed", "BrainReply"]

PAUSE = 0.5  # seconds between two tries while the brain is away
SECOND_TRY = 3.0  # seconds before a turn that broke is run once more: an action server that died is back by then


class BrainFailed(RuntimeError):
    """The turn has no usable reply: late, malformed, or an action failed."""


class _Broken(BrainFailed):
    """The brain says that the turn broke: an action failed, or nothing was said."""


@dataclass(frozen=True)
class BrainReply:
    """What the brain said, and why it understood it so."""

    utterances: list[dict[str, Any]]
    decision: dict[str, Any]


class Brain:
    """Runs turns. The message id makes a repeat safe, so a brain that is away is asked again until the time is up."""

    def __init__(
        self, url: str, transport: httpx.AsyncBaseTransport | None = None, second_try: float = SECOND_TRY
    ) -> None:
        self._second_try = second_try
        self._client = httpx.AsyncClient(base_url=url, transport=transport, trust_env=False)

    async def turn(self, sender: str, message_id: str, request: dict[str, Any], patience: float) -> BrainReply:
        """One turn, within `patience` seconds. `request`: {text, answers_only?, again?} or {intent, entities, text}.

        With `answers_only` the reply may be empty: then the text was no clear question and nothing was run. `again` is
        the id of an earlier turn that this one repeats: a reply the brain holds for it is taken.
        Raises BrainFailed.
        """
        body = {"sender": sender, "message_id": message_id} | request
        try:
            async with asyncio.timeout(patience):
                try:
                    return await self._insist(body, patience)
                except _Broken:
                    await asyncio.sleep(self._second_try)
                    second = {"message_id": f"{message_id}.2", "again": message_id}
                    return await self._insist(body | second, patience)
        except TimeoutError:
            raise BrainFailed("late") from None

    async def _insist(self, body: dict[str, Any], patience: float) -> BrainReply:
        while True:
            reply = await self._try(body, patience)
            if reply is not None:
                return reply
            await asyncio.sleep(PAUSE)

    async def ready(self) -> bool:
        """Whether the brain answers and has its model."""
        try:
            return (await self._client.get("/webhooks/guichet/", timeout=2.0)).status_code == 200
        except httpx.HTTPError:
            return False

    async def forget(self, sender: str) -> bool:
        """Delete what the brain keeps of a conversation; False when it could not be reached."""
        try:
            answer = await self._client.delete(f"/webhooks/guichet/conversations/{sender}", timeout=5.0)
        except httpx.HTTPError:
            return False
        return answer.status_code == 204

    async def close(self) -> None:
        await self._client.aclose()

    async def _try(self, body: dict[str, Any], patience: float) -> BrainReply | None:
        """A reply, or None when the brain is away or was cut off (it then holds the turn whole or not at all)."""
        try:
            answer = await self._client.post("/webhooks/guichet/turns", json=body, timeout=patience)
        except httpx.TransportError:
            return None
        if answer.status_code in (404, 502, 503, 504):  # starting, or loading its model
            return None
        if answer.status_code == 500:
            raise _Broken("status 500")
        if answer.status_code != 200:
            raise BrainFailed(f"status {answer.status_code}")
        return _parse(answer, may_be_empty=bool(body.get("answers_only")))


def _parse(answer: httpx.Response, may_be_empty: bool) -> BrainReply:
    try:
        data = answer.json()
        utterances = [{"text": row.get("text") or "", "custom": row.get("custom") or {}} for row in data["utterances"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BrainFailed("malformed") from None
    if not may_be_empty and not any(row["text"].strip() for row in utterances):
        raise BrainFailed("empty")
    decision = {"intent": data.get("intent"), "ranking": data.get("ranking")} | (data.get("decision") or {})
    return BrainReply(utterances, decision)
