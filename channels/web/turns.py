"""A turn, from the person's message to the stored reply.

Read `Turns.take`: safety first, then the limits, then redaction, then the commit; only then is the brain called. A turn
is committed before it runs, runs once whatever happens to the request that started it, and always ends with a message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import structlog

from channels.web.brain import Brain, BrainFailed, BrainReply
from channels.web.errors import Refusal
from channels.web.replies import Replies
from guichet import cases
from guichet.outcomes import HANDOFF, STOPPED
from guichet.privacy import Redacted, redact, unmarked
from guichet.safety import Detection, Detector
from guichet.settings import Settings
from guichet.store import Store, StoreUnavailable, ask, conversations, handoffs
from guichet.store.conversations import Reply, TurnState
from guichet.store.tables import Conversation
from guichet.switches import Switchboard

__all__ = ["Turns", "utc_now"]

log = structlog.get_logger("web")

HEARD = 8_000  # characters at each end of a text that safety reads
BEFORE = 2.0  # seconds that the reading of the message before may take: someone may be in danger
STORE_PATIENCE = 30.0  # seconds that a finished turn waits for a database that is away
CLOSED = {"intent": STOPPED, "reason": "assistant arrêté"}  # the decision of a turn while the bot is switched off
SWEEP = 5.0  # seconds between two looks for turns that nobody runs

Locks = WeakValueDictionary[str, asyncio.Lock]  # one a conversation, as long as someone needs it


def utc_now() -> datetime:
    return datetime.now(UTC)


class Turns:
    """Takes turns and keeps them in order, one at a time a conversation."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        replies: Replies,
        detector: Detector,
        brain: Brain,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings, self.store, self.replies, self.detector, self.brain, self.now = (
            settings, store, replies, detector, brain, now,
        )  # fmt: skip
        self.switches = Switchboard(store, now)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._beginning: Locks = WeakValueDictionary()
        self._order: Locks = WeakValueDictionary()

    async def take_text(self, conversation: Conversation, message_id: str, text: str) -> dict[str, Any]:
        """A message in the person's words. Raises Refusal; the safety detector has read the text before."""
        detection = await self.detect(text)
        masked = redact(text[: self.settings.text_limit] if detection else text, await self._before(conversation))
        said = self.replies.said(masked.text.strip())
        if detection:
            return await self._take_emergency(conversation.id, message_id, detection, masked, said)
        await self._check_limits(conversation, message_id, text)
        request = {"text": unmarked(masked.text)} | ({"masked": list(masked.kinds)} if masked.kinds else {})
        return await self._take(conversation.id, message_id, request, said, await self._doubt(conversation, text))

    async def _before(self, conversation: Conversation) -> str:
        """The message before, where a number cut in two may begin; nothing while the database is away: an emergency
        is answered all the same, and any other message is refused further on."""
        try:
            async with asyncio.timeout(BEFORE):
                return await ask(conversations.last_written, self.store, conversation.id)
        except (StoreUnavailable, TimeoutError):
            return ""

    async def _doubt(self, conversation: Conversation, text: str) -> list[Reply]:
        """The numbers to give beside the answer when the text may be a crisis; once a conversation."""
        theme = self.detector.doubt(text)
        if theme is None:
            return []
        reply = self.replies.doubt(theme)
        said = await ask(conversations.was_said, self.store, conversation.id, reply.body["text"])
        return [] if said else [reply]

    async def detect(self, text: str) -> Detection | None:
        """The emergency a text speaks of. Of a very long one both ends are read, in a thread: others must not wait."""
        if len(text) <= HEARD:
            return self.detector.detect(text)
        ends = f"{text[:HEARD]} {text[-HEARD:]}"
        return await asyncio.to_thread(self.detector.detect, ends)

    async def _take_emergency(
        self, conversation_id: str, message_id: str, detection: Detection, masked: Redacted, said: Reply
    ) -> dict[str, Any]:
        """The numbers are said at once, with the message's own commit; an insurance question beside waits its turn."""
        request: dict[str, Any] = {"safety": {"intent": detection.theme, "why": "sécurité", "phrase": detection.phrase}}
        asked = self.detector.question_beside(masked.text)
        guarded = self.detector.is_guarded(masked.text, detection.theme)
        question = masked.text if detection.doubtful and not guarded else asked
        if question:
            request |= {"text": unmarked(question), "answers_only": True}
        if asked or (detection.doubtful and guarded and self.detector.is_asking(masked.text)):
            request["asked"] = True  # the bereaved too, who ask what the dead were owed: a counsellor can tell them
        at_once = [*self.replies.emergency(detection), *self.replies.masked(masked.kinds)]
        turn, task = await self._begin(conversation_id, message_id, request, said, at_once)
        if turn.new:
            log.info("turn_emergency", conversation=conversation_id, theme=detection.theme)
            if task and not question:
                await task
        return await self._result(turn)

    async def take_choice(self, conversation: Conversation, message_id: str, choice_id: str) -> dict[str, Any]:
        """A button of an earlier message, sent as parsed data. Raises Refusal when it was never offered here."""
        found = await ask(conversations.offer, self.store, conversation.id, choice_id)
        if found is None:
            raise Refusal(422, "erreur_choix")
        await self._check_rate(conversation, message_id)
        label, carried = found
        if carried["intent"] is None:  # «Réessayer»: the request that failed, as it was
            return await self._take(conversation.id, message_id, carried["entities"], self.replies.said(label))
        return await self._take(conversation.id, message_id, carried | {"text": label}, self.replies.said(label))

    async def take_handoff(
        self, conversation: Conversation, handoff_id: str, said: Reply, at_once: Sequence[Reply] = ()
    ) -> dict[str, Any]:
        """The hand-off form, already stored under `handoff_id`: opens its case, by the brain or without it.

        Raises Refusal when the id is that of a message.
        """
        request = {"intent": HANDOFF, "entities": {"handoff": handoff_id}}
        return await self._take(conversation.id, handoff_id, request, said, at_once)

    async def resume(self) -> int:
        """Finish the turns that nobody runs: left half-done by a crash, or by a database that was away when they ended.

        Returns how many. Raises StoreUnavailable.
        """
        left = [turn for turn in await ask(conversations.pending_turns, self.store) if turn.id not in self._running]
        for turn in left:
            self._start(turn)
        return len(left)

    async def sweep(self) -> None:
        """`resume()` now and then, for as long as the process lives."""
        while True:
            await asyncio.sleep(SWEEP)
            try:
                left = await self.resume()
            except StoreUnavailable:
                continue
            if left:
                log.warning("turns_taken_up", count=left)

    async def _take(
        self, conversation_id: str, message_id: str, request: dict, said: Reply, at_once: Sequence[Reply] = ()
    ) -> dict[str, Any]:
        turn, task = await self._begin(conversation_id, message_id, request, said, at_once)
        if (turn.request.get("intent") == HANDOFF) != (request.get("intent") == HANDOFF):
            raise Refusal(400, "erreur_requete")  # a form under a message's id, or the reverse: neither is lost in it
        if task:
            await asyncio.wait({task}, timeout=self.settings.reply_wait)  # the task goes on when the wait is over
        return await self._result(turn)

    async def _begin(
        self, conversation_id: str, message_id: str, request: dict, said: Reply, at_once: Sequence[Reply] = ()
    ) -> tuple[TurnState, asyncio.Task[None] | None]:
        """The committed turn, and the task that runs it unless it has ended.

        Tasks start in the order of the commits; one that a database away left behind goes first.
        """
        async with _of(self._beginning, conversation_id):
            turn = await ask(
                conversations.begin_turn, self.store, conversation_id, message_id, request, said, self.now(), at_once
            )
            for left in await ask(conversations.pending_turns, self.store, conversation_id):
                self._start(left)
            return turn, self._running.get(turn.id)

    async def _result(self, turn: TurnState) -> dict[str, Any]:
        status, messages = await ask(conversations.turn_messages, self.store, turn.id)
        return {"turn": {"id": turn.message_id, "status": status}, "messages": messages}

    def _start(self, turn: TurnState) -> asyncio.Task[None]:
        """The task that runs a turn; a repeat of the request finds the same one."""
        if turn.id not in self._running:
            task = asyncio.create_task(self._run(turn), name=f"turn-{turn.id}")
            self._running[turn.id] = task
            task.add_done_callback(lambda _: self._running.pop(turn.id, None))
        return self._running[turn.id]

    async def _run(self, turn: TurnState) -> None:
        async with _of(self._order, turn.conversation_id):
            try:
                status, replies, decision = await self._answer(turn)
            except StoreUnavailable:
                log.warning("turn_without_store", turn=turn.id)  # still pending: the sweep takes it up
                return
            except BrainFailed as error:
                log.warning("turn_failed", turn=turn.id, reason=str(error))
                status, replies, decision = "failed", self._failure(turn), None
            except Exception:  # noqa: BLE001 - whatever it is, the person gets an explicit message
                log.exception("turn_broken", turn=turn.id)
                status, replies, decision = "failed", self._failure(turn), None
            try:
                await self._end(turn, status, replies, decision)
            except Exception:  # noqa: BLE001 - a reply that cannot be stored: the person is told, in words that can
                log.exception("turn_not_storable", turn=turn.id)
                await self._end(turn, "failed", self._failure(turn), None)

    def _failure(self, turn: TurnState) -> list[Reply]:
        """«Réessayer» carries the request as it was, and the id under which the brain may hold its reply after all."""
        return self.replies.failure(turn.request | {"again": turn.message_id})

    async def _answer(self, turn: TurnState) -> tuple[str, list[Reply], dict | None]:
        request = {key: turn.request[key] for key in ("text", "intent", "entities", "again") if key in turn.request}
        if request.get("intent") == HANDOFF:
            return await self._open_case(turn, request)
        if "safety" in turn.request:
            return await self._after_emergency(turn)
        if "text" not in request:
            raise BrainFailed("nothing to ask")
        closed = await self._closed()
        if closed:
            return "done", [*self.replies.masked(turn.request.get("masked", ())), *closed], CLOSED
        reply = await self.brain.turn(turn.conversation_id, turn.message_id, request, self.settings.turn_timeout)
        told = self.replies.masked(turn.request.get("masked", ()))
        return "done", [*told, *await self._replies(turn, reply)], reply.decision

    async def _closed(self) -> list[Reply]:
        """What is said in place of any answer while the bot is switched off; nothing when it is on."""
        message = (await self.switches.off()).bot
        return [] if message is None else self.replies.closed(message)

    async def _after_emergency(self, turn: TurnState) -> tuple[str, list[Reply], dict | None]:
        """The insurance question that stood beside a crisis: answered when it is understood, else asked for again."""
        evidence = turn.request["safety"]
        left = self.replies.question_left() if turn.request.get("asked") else []
        if "text" not in turn.request and not left:
            return "done", [], evidence
        closed = await self._closed()
        if closed:
            return "done", closed, evidence | {"then": CLOSED}
        if "text" not in turn.request:
            return "done", left, evidence
        request = {"text": turn.request["text"], "answers_only": True}
        try:
            reply = await self.brain.turn(turn.conversation_id, turn.message_id, request, self.settings.turn_timeout)
        except BrainFailed as error:
            log.warning("question_after_emergency_lost", turn=turn.id, reason=str(error))
            return "done", left, evidence
        return "done", await self._replies(turn, reply) or left, evidence | {"then": reply.decision}

    async def _replies(self, turn: TurnState, reply: BrainReply) -> list[Reply]:
        about = (reply.decision.get("about") or {}).get("beneficiaire")
        just_said = await ask(conversations.last_said, self.store, turn.conversation_id, turn.id)
        off = await self.switches.off()
        if off.bot is not None:  # stopped while the brain was thinking
            return self.replies.closed(off.bot)
        return self.replies.of_brain(reply.utterances, about=about, just_said=just_said, off=off)

    async def _open_case(self, turn: TurnState, request: dict) -> tuple[str, list[Reply], dict | None]:
        """Through the brain, which then knows it; when it fails or is stopped, by the same function (DESIGN §7)."""
        handoff_id = request["entities"]["handoff"]
        try:
            if (await self.switches.off()).bot is None:
                await self.brain.turn(turn.conversation_id, turn.message_id, request, self.settings.reply_wait / 2)
        except BrainFailed as error:
            log.warning("handoff_without_brain", turn=turn.id, reason=str(error))
        content = self.replies.content
        reference = await ask(cases.open_case, self.store, content, handoff_id, self.now())
        form = await ask(handoffs.handoff, self.store, handoff_id)
        case = await ask(handoffs.case_of_handoff, self.store, handoff_id)
        caisse = content.caisse_of(form.departement) if form else None
        added = case is not None and case.handoff_id != handoff_id
        log.info("case_added_to" if added else "case_opened", reference=reference)
        just_said = await ask(conversations.last_said, self.store, turn.conversation_id, turn.id)
        told = self.replies.case_opened(reference, caisse.nom if caisse else None, added=added, just_said=just_said)
        return "done", [told], {"intent": HANDOFF}

    async def _end(self, turn: TurnState, status: str, replies: list[Reply], decision: dict | None) -> None:
        """Store the reply; a database that is away is asked again for a while (the turn stays pending meanwhile)."""
        limit = asyncio.get_running_loop().time() + STORE_PATIENCE
        while True:
            try:
                await ask(conversations.finish_turn, self.store, turn.id, status, replies, decision, self.now())
                log.info("turn_ended", turn=turn.id, status=status, intent=(decision or {}).get("intent"))
                return
            except StoreUnavailable:
                if asyncio.get_running_loop().time() > limit:
                    log.error("turn_not_stored", turn=turn.id)  # still pending: taken up again at the next start
                    return
                await asyncio.sleep(0.5)

    async def _check_limits(self, conversation: Conversation, message_id: str, text: str) -> None:
        if len(text) > self.settings.text_limit:
            raise Refusal(422, "erreur_texte_long", limite=self.settings.text_limit)
        if not text.strip():
            raise Refusal(422, "erreur_texte_vide")
        await self._check_rate(conversation, message_id)

    async def _check_rate(self, conversation: Conversation, message_id: str) -> None:
        since = self.now() - timedelta(seconds=60)
        recent = await ask(conversations.turns_since, self.store, conversation.id, since, besides=message_id)
        if recent >= self.settings.turns_per_minute:
            raise Refusal(429, "erreur_trop_vite", retry_after=60, secondes=60)


def _of(locks: Locks, conversation_id: str) -> asyncio.Lock:
    return locks.setdefault(conversation_id, asyncio.Lock())
