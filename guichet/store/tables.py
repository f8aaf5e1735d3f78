"""The tables, in the words of DESIGN §1. A new table = a class here and a migration."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

__all__ = [
    "Audit",
    "Base",
    "Case",
    "CaseEvent",
    "Click",
    "Conversation",
    "Feedback",
    "Handoff",
    "Message",
    "Outbox",
    "RecoveryCode",
    "Staff",
    "StaffCaisse",
    "StaffSession",
    "Switch",
    "Turn",
]


class Moment(TypeDecorator[datetime]):
    """A UTC instant, aware in Python on every engine (SQLite forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Constraint names follow one convention, so that migrations can name them on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[Any]: JSON}


class Conversation(Base):
    """One talk of an insured person with the bot; its id is Rasa's sender id and never leaves our processes."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    departement: Mapped[str | None] = mapped_column(String(3))
    identity: Mapped[str | None] = mapped_column(Text)  # encrypted {sub, email}, from the host site's JWT


class Turn(Base):
    """One user message and what became of it. `request` is what Rasa gets: {text} or {intent, entities}.

    The last four are for figures (guichet.outcomes): empty before the turn ends, and for turns older than 0006.
    """

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_id"),
        Index("ix_turns_figures", "created_at", "outcome", "verdict", "theme"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(String(36))  # the client's UUID: the idempotency key
    status: Mapped[str] = mapped_column(String(8), index=True)  # pending | done | failed
    request: Mapped[dict[str, Any]]
    decision: Mapped[dict[str, Any] | None]  # the brain's evidence: intent, ranking, reason
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    intent: Mapped[str | None] = mapped_column(String(60))
    outcome: Mapped[str | None] = mapped_column(String(12))
    theme: Mapped[str | None] = mapped_column(String(60))
    verdict: Mapped[str | None] = mapped_column(String(4))  # of the person, in the next turn: yes | no | more


class Message(Base):
    """One thing said, by either side. `body` is the public Message without seq; `offers` what its choices carry."""

    __tablename__ = "messages"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    sender: Mapped[str] = mapped_column(String(4))  # bot | user
    body: Mapped[dict[str, Any]]
    offers: Mapped[dict[str, Any]]  # choice id -> {intent, entities}; never sent to the browser
    created_at: Mapped[datetime]


class Feedback(Base):
    """Why an answer did not suit: a reason from a closed list, one an answer."""

    __tablename__ = "feedback"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(index=True)


class Click(Base):
    """A deep link of an answer was followed; counted once an answer and téléservice."""

    __tablename__ = "clicks"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    teleservice: Mapped[str] = mapped_column(String(60), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Handoff(Base):
    """The form of a hand-off as the person sent it, contact encrypted; the case is opened from it, once."""

    __tablename__ = "handoffs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(36), index=True)  # outlives the conversation's erasure
    contact: Mapped[str] = mapped_column(Text)  # encrypted {email, name}
    mailbox: Mapped[str | None] = mapped_column(String(64), index=True)  # Vault.fingerprint of the e-mail, to count
    departement: Mapped[str] = mapped_column(String(3))
    summary: Mapped[str] = mapped_column(Text)  # redacted
    verified: Mapped[bool]  # the address came from the host site's identity
    consent_at: Mapped[datetime]


class Case(Base):
    """A conversation in the hands of a counsellor. One a hand-off, whoever opens it and however often."""

    __tablename__ = "cases"
    __table_args__ = (  # they cover the list's filters and orders: no row is read but those shown
        Index("ix_cases_list", "state", "assignee", "created_at", "caisse", "theme"),
        Index("ix_cases_created", "created_at", "id", "caisse", "state"),
        Index("ix_cases_closed", "state", "closed_at", "caisse", "theme", "assignee", "created_at"),
        Index("ix_cases_theme", "theme", "created_at", "state", "caisse"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), unique=True)
    caisse: Mapped[str] = mapped_column(String(40), index=True)
    theme: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default="open")
    transcript: Mapped[list[Any]]  # redacted, as it stood at the hand-off (conversations.transcript)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # number of its last CaseEvent
    assignee: Mapped[str | None] = mapped_column(String(60))  # login of who works on it
    closed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(20))  # why it came to a counsellor (guichet.cases.REASONS)
    first_reply_at: Mapped[datetime | None]


class CaseEvent(Base):
    """What happened to a case, in order; a note and a reply are events with a text.

    The text is sealed as contacts are: what agents write may name a person. `detail` is a login, a reason code, or the
    kind of a mail; `who` a login, or empty for the insured person.
    """

    __tablename__ = "case_events"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))  # taken released given note reply closed reopened resent added
    detail: Mapped[str] = mapped_column(String(60))
    text: Mapped[str | None] = mapped_column(Text)  # encrypted {text}


class Addition(Base):
    """What a person added to a case still open: a further form of the same conversation."""

    __tablename__ = "additions"

    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    created_at: Mapped[datetime]


class Outbox(Base):
    """A mail to deliver, written with its case or an addition. States: pending, sending (leased), retry, sent, dead."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("handoff_id", "kind", "event"),
        Index("ix_outbox_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    handoff_id: Mapped[str] = mapped_column(ForeignKey("handoffs.id"))  # the form it tells: the case's, or an addition
    kind: Mapped[str] = mapped_column(String(10))  # case (to the counsellors) | receipt, reply (to the insured person)
    event: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # of a reply: CaseEvent.version
    state: Mapped[str] = mapped_column(String(8), default="pending")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(String(36))  # who is sending it
    message_id: Mapped[str] = mapped_column(String(36))  # left part of the Message-ID header, fixed at birth
    last_error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Staff(Base):
    """Someone who signs in to the console."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(10))  # agent | author | supervisor | admin
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change: Mapped[bool]
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    totp_secret: Mapped[str | None] = mapped_column(Text)  # encrypted; None: no second factor yet
    totp_step: Mapped[int | None] = mapped_column(Integer)  # the last time step whose code was accepted
    totp_failures: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # wrong codes in a row


class StaffCaisse(Base):
    """A caisse whose cases an agent sees: an id of data/caisses.yml, «par_defaut», or «toutes»."""

    __tablename__ = "staff_caisses"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    caisse: Mapped[str] = mapped_column(String(40), primary_key=True)


class RecoveryCode(Base):
    """A code that replaces the telephone once; its row goes when it is used. Hashed: sha256, for 77 random bits."""

    __tablename__ = "recovery_codes"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)


class StaffSession(Base):
    """A signed-in browser; the cookie holds the token, the table its hash."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())  # its code was given too
    enrolment: Mapped[str | None] = mapped_column(Text)  # encrypted: the secret proposed, until a code proves it


class Audit(Base):
    """Who did what, on what, when, from where (guichet.audit). Triggers refuse changes, and deletion for 180 days.

    `who` and `target` hold logins and references rather than keys: a row is read without any other table.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_who", "who", "id"), Index("ix_audit_target", "target", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    target: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(45))
    detail: Mapped[str] = mapped_column(String(200))


class Switch(Base):
    """Something an operator stopped: the bot, a theme or a téléservice. Off until `until` or `restored_at`."""

    __tablename__ = "switches"

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(12))  # bot | theme | teleservice
    target: Mapped[str] = mapped_column(String(60))  # id of the theme or téléservice; empty for the bot
    message: Mapped[str] = mapped_column(Text)  # shown to insured persons
    comment: Mapped[str] = mapped_column(Text)  # for staff only
    who: Mapped[str] = mapped_column(String(60))  # login
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    restored_at: Mapped[datetime | None]
    restored_by: Mapped[str | None] = mapped_column(String(60))
