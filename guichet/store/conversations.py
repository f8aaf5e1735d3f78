"""Conversations, turns and messages: what the web process writes and reads, one transaction a function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from guichet.outcomes import Outcome, outcome_of, tells_of_a_switch, verdict_of
from guichet.store.engine import Store
from guichet.store.tables import Click, Conversation, Feedback, Message, Turn

__all__ = [
    "Reply",
    "TurnState",
    "add_click",
    "add_feedback",
    "begin_turn",
    "create",
    "erase",
    "exists",
    "find",
    "finish_turn",
    "last_said",
    "last_theme",
    "last_written",
    "messages",
    "offer",
    "pending_turns",
    "transcript",
    "turn_messages",
    "turns_since",
    "was_said",
    "written_besides",
]


class Reply(NamedTuple):
    """A message before it has a number: its public body, and per choice what it stands for.

    `offers` is parallel to `body["choices"]`: {intent, entities} each.
    """

    body: dict[str, Any]
    offers: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class TurnState:
    """A turn as it stands; `new` when this call made it."""

    id: int
    conversation_id: str
    message_id: str
    status: str
    request: dict[str, Any]
    new: bool = False


def create(
    store: Store,
    *,
    conversation_id: str,
    token_hash: str,
    now: datetime,
    expires_at: datetime,
    departement: str | None,
    identity: str | None,
    welcome: list[Reply],
) -> list[dict[str, Any]]:
    """Start a conversation with its first messages; returns them as public messages."""
    with store.begin() as session:
        session.add(
            Conversation(
                id=conversation_id,
                token_hash=token_hash,
                created_at=now,
                expires_at=expires_at,
                last_seq=0,
                departement=departement,
                identity=identity,
            )
        )
        session.flush()
        return _append(session, conversation_id, None, "bot", welcome, now)


def exists(store: Store, conversation_id: str) -> bool:
    with store.begin() as session:
        return session.get(Conversation, conversation_id) is not None


def written_besides(store: Store, mark: str) -> bool:
    """Whether somebody wrote in a conversation whose token hash does not begin with `mark`."""
    with store.begin() as session:
        other = (
            select(Turn.id)
            .join(Conversation, Turn.conversation_id == Conversation.id)
            .where(Conversation.token_hash.not_like(f"{mark}%"), Conversation.token_hash.not_like(f"purged {mark}%"))
        )
        return session.scalar(other.limit(1)) is not None


def find(store: Store, token_hash: str, now: datetime) -> Conversation | None:
    """The live conversation of a token, or None when unknown or expired."""
    with store.begin() as session:
        return session.scalar(
            select(Conversation).where(Conversation.token_hash == token_hash, Conversation.expires_at > now)
        )


def begin_turn(
    store: Store,
    conversation_id: str,
    message_id: str,
    request: dict[str, Any],
    said: Reply,
    now: datetime,
    at_once: Sequence[Reply] = (),
) -> TurnState:
    """Commit the user's message and its turn before anything else happens, with what is answered `at_once`.

    A `message_id` this conversation already used returns the turn it made, untouched.
    """
    try:
        with store.begin() as session:
            known = _turn(session, conversation_id, message_id)
            if known:
                return _state(known)
            turn = Turn(
                conversation_id=conversation_id,
                message_id=message_id,
                status="pending",
                request=request,
                decision=None,
                created_at=now,
                finished_at=None,
            )
            session.add(turn)
            session.flush()
            _append(session, conversation_id, turn.id, "user", [said], now)
            if at_once:
                _append(session, conversation_id, turn.id, "bot", at_once, now)
            return _state(turn, new=True)
    except IntegrityError:  # two requests with one id at the same instant: the other one made the turn
        with store.begin() as session:
            known = _turn(session, conversation_id, message_id)
            if known is None:
                raise
            return _state(known)


def finish_turn(
    store: Store, turn_id: int, status: str, replies: Sequence[Reply], decision: dict[str, Any] | None, now: datetime
) -> bool:
    """Store a turn's replies and end it, once; returns False when it was already ended."""
    with store.begin() as session:
        ended = session.execute(
            update(Turn)
            .where(Turn.id == turn_id, Turn.status == "pending")
            .values(status=status, decision=decision, finished_at=now)
        )
        if ended.rowcount == 0:
            return False
        turn = session.get_one(Turn, turn_id)
        if replies:
            _append(session, turn.conversation_id, turn.id, "bot", replies, now)
        _judge(session, turn, outcome_of(turn.request, status, [reply.body for reply in replies], decision))
        return True


def messages(store: Store, conversation_id: str, after: int = 0) -> tuple[list[dict[str, Any]], bool]:
    """(public messages of both sides with seq > `after`, in order; whether a turn is still under way)."""
    with store.begin() as session:
        rows = session.scalars(
            select(Message).where(Message.conversation_id == conversation_id, Message.seq > after).order_by(Message.seq)
        )
        pending = select(Turn.id).where(Turn.conversation_id == conversation_id, Turn.status == "pending").limit(1)
        return [_public(row) for row in rows], session.scalar(pending) is not None


def turn_messages(store: Store, turn_id: int) -> tuple[str, list[dict[str, Any]]]:
    """A turn's status and its public messages, the user's own first."""
    with store.begin() as session:
        status = session.scalar(select(Turn.status).where(Turn.id == turn_id)) or "failed"
        rows = session.scalars(select(Message).where(Message.turn_id == turn_id).order_by(Message.seq))
        return status, [_public(row) for row in rows]


def pending_turns(store: Store, conversation_id: str | None = None) -> list[TurnState]:
    """Turns that have not ended, of one conversation or of all, oldest first."""
    wanted = select(Turn).where(Turn.status == "pending").order_by(Turn.id)
    if conversation_id is not None:
        wanted = wanted.where(Turn.conversation_id == conversation_id)
    with store.begin() as session:
        rows = session.scalars(wanted)
        return [_state(row) for row in rows]


def offer(store: Store, conversation_id: str, choice_id: str) -> tuple[str, dict[str, Any]] | None:
    """(label, {intent, entities}) of a choice this conversation was given, or None."""
    seq, _, _ = choice_id.partition(".")
    if not seq.isascii() or not seq.isdigit() or len(seq) > 9:
        return None
    with store.begin() as session:
        row = session.get(Message, (conversation_id, int(seq)))
        if row is None or choice_id not in row.offers:
            return None
        label = next(choice["label"] for choice in row.body["choices"] if choice["id"] == choice_id)
        return label, row.offers[choice_id]


def turns_since(store: Store, conversation_id: str, since: datetime, besides: str) -> int:
    """How many turns this conversation began since an instant, for its rate limit; a repeat of one is not a new one."""
    with store.begin() as session:
        counted = select(func.count()).where(
            Turn.conversation_id == conversation_id, Turn.created_at > since, Turn.message_id != besides
        )
        return session.scalar(counted) or 0


def add_feedback(store: Store, conversation_id: str, seq: int, reason: str, now: datetime) -> bool:
    """Keep the reason given for one of the bot's answers; False when `seq` is not such an answer."""
    with store.begin() as session:
        if not _is_reply(session, conversation_id, seq):
            return False
        session.merge(Feedback(conversation_id=conversation_id, seq=seq, reason=reason, created_at=now))
        return True


def add_click(store: Store, conversation_id: str, seq: int, teleservice: str, now: datetime) -> bool:
    """Keep that a link shown in message `seq` was followed; False when it was not shown there."""
    with store.begin() as session:
        row = session.get(Message, (conversation_id, seq))
        shown = row is not None and any(link["id"] == teleservice for link in row.body["links"])
        if shown:
            session.merge(Click(conversation_id=conversation_id, seq=seq, teleservice=teleservice, created_at=now))
        return shown


def last_theme(store: Store, conversation_id: str) -> str | None:
    """Theme of the last answer, or of one that was switched off; None without any: what a hand-off is about."""
    with store.begin() as session:
        rows = session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.sender == "bot")
            .order_by(Message.seq.desc())
        )
        bodies = (row.body for row in rows if row.body["theme"])
        return next((said["theme"] for said in bodies if said["kind"] == "answer" or tells_of_a_switch(said)), None)


def last_written(store: Store, conversation_id: str) -> str:
    """The person's last message, as it is kept; empty when there is none."""
    with store.begin() as session:
        row = session.scalar(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.sender == "user")
            .order_by(Message.seq.desc())
            .limit(1)
        )
        return row.body["text"] if row else ""


def last_said(store: Store, conversation_id: str, before: int) -> frozenset[str]:
    """The bot's texts in the last turn answered before the turn `before`; the welcome if none was."""
    with store.begin() as session:
        bots = (Message.conversation_id == conversation_id, Message.sender == "bot")
        earlier = select(func.max(Message.turn_id)).where(*bots, Message.turn_id < before)
        turn_id = session.scalar(earlier)
        rows = session.scalars(select(Message).where(*bots, Message.turn_id == turn_id))
        return frozenset(row.body["text"] for row in rows)


def was_said(store: Store, conversation_id: str, text: str) -> bool:
    """Whether the bot ever said this in the conversation."""
    with store.begin() as session:
        rows = session.scalars(
            select(Message).where(Message.conversation_id == conversation_id, Message.sender == "bot")
        )
        return any(row.body["text"] == text for row in rows)


def transcript(store: Store, conversation_id: str) -> list[dict[str, Any]]:
    """Both sides in order, as a case keeps them: {seq, from, kind, theme, text, at (ISO 8601, UTC)}.

    With, where there are some: `understood` {intent, reason} of a user's message, `links` [{label, followed}] and
    `choices` [label] of the bot's: all words of ours.
    """
    with store.begin() as session:
        rows = session.execute(
            select(Message, Turn.decision)
            .outerjoin(Turn, Message.turn_id == Turn.id)
            .where(Message.conversation_id == conversation_id)
            .order_by(Message.seq)
        )
        clicks = session.execute(select(Click.seq, Click.teleservice).where(Click.conversation_id == conversation_id))
        followed = {(seq, teleservice) for seq, teleservice in clicks}
        return [
            {key: _public(row)[key] for key in ("seq", "from", "kind", "theme", "text")}
            | {"at": row.created_at.isoformat(timespec="seconds")}
            | (_understood(decision) if row.sender == "user" else _offered(row, followed))
            for row, decision in rows
        ]


def _understood(decision: dict[str, Any] | None) -> dict[str, Any]:
    """The decision on a message, in one line; the rest of the evidence may hold what was typed."""
    told = {key: decision[key] for key in ("intent", "reason") if decision and decision.get(key)}
    return {"understood": told} if told else {}


def _offered(row: Message, followed: set[tuple[int, str]]) -> dict[str, Any]:
    links = [
        {"label": link["label"], "followed": (row.seq, link["id"]) in followed} for link in row.body.get("links", ())
    ]
    choices = [choice["label"] for choice in row.body.get("choices", ())]
    return ({"links": links} if links else {}) | ({"choices": choices} if choices else {})


def erase(store: Store, conversation_id: str) -> None:
    """Delete a conversation and all that hangs on it; cases already opened live their own life."""
    with store.begin() as session:
        session.execute(delete(Conversation).where(Conversation.id == conversation_id))


def _judge(session: Session, turn: Turn, outcome: Outcome) -> None:
    """What became of a turn, and what it says of the turn before."""
    turn.intent, turn.outcome = outcome.intent and outcome.intent[:60], outcome.word
    turn.theme = outcome.theme and outcome.theme[:60]
    before = session.scalar(
        select(Turn)
        .where(Turn.conversation_id == turn.conversation_id, Turn.id < turn.id)
        .order_by(Turn.id.desc())
        .limit(1)
    )
    verdict = verdict_of(before.outcome, turn.intent) if before else None
    if before and verdict:
        before.verdict = verdict


def _turn(session: Session, conversation_id: str, message_id: str) -> Turn | None:
    return session.scalar(select(Turn).where(Turn.conversation_id == conversation_id, Turn.message_id == message_id))


def _state(turn: Turn, new: bool = False) -> TurnState:
    return TurnState(turn.id, turn.conversation_id, turn.message_id, turn.status, dict(turn.request), new)


def _append(
    session: Session, conversation_id: str, turn_id: int | None, sender: str, replies: Sequence[Reply], now: datetime
) -> list[dict[str, Any]]:
    """Number and insert messages; the UPDATE locks the row, so numbers have no gap and no repeat."""
    last = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq + len(replies))
        .returning(Conversation.last_seq)
    ).scalar_one()
    rows = []
    for seq, reply in enumerate(replies, start=last - len(replies) + 1):
        ids = [f"{seq}.{n}" for n in range(len(reply.offers))]
        body = reply.body | {
            "choices": [
                {"id": choice_id} | choice for choice_id, choice in zip(ids, reply.body["choices"], strict=True)
            ]
        }
        rows.append(
            Message(
                conversation_id=conversation_id,
                seq=seq,
                turn_id=turn_id,
                sender=sender,
                body=body,
                offers=dict(zip(ids, reply.offers, strict=True)),
                created_at=now,
            )
        )
    session.add_all(rows)
    session.flush()
    return [_public(row) for row in rows]


def _public(row: Message) -> dict[str, Any]:
    """A Message of DESIGN §6."""
    return {"seq": row.seq, "from": row.sender, "at": row.created_at.isoformat(timespec="seconds")} | row.body


def _is_reply(session: Session, conversation_id: str, seq: int) -> bool:
    row = session.get(Message, (conversation_id, seq))
    return row is not None and row.sender == "bot" and row.body["kind"] == "answer"
