"""Cases as staff read them: whatever is asked, only what the reader may see (`Scope`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, func, select, union
from sqlalchemy import case as when
from sqlalchemy.orm import defer

from guichet.store.engine import Store
from guichet.store.purge import PURGED
from guichet.store.tables import Addition, Case, CaseEvent, Handoff, Outbox, Staff

__all__ = ["Added", "CaseRow", "Filter", "Scope", "case", "cases", "earlier", "seen_by"]

Scope = frozenset[str] | None  # ids of caisses; None: every caisse
EARLIER = 20  # earlier cases of a mailbox that a case page shows


@dataclass(frozen=True)
class Added:
    """A further form of a case, and the state of its own mails ({kind: state})."""

    handoff: Handoff
    created_at: datetime
    mails: dict[str, Outbox]


@dataclass(frozen=True)
class CaseRow:
    """A case with its hand-off, the state of its mails ({kind: state}), and what was added, oldest first.

    `assignee`: the name of who works on it. `replies`: the mail of each reply, by the number of its event.
    """

    case: Case
    handoff: Handoff
    mails: dict[str, Outbox]
    additions: tuple[Added, ...] = ()
    assignee: str = ""
    replies: dict[int, Outbox] = field(default_factory=dict)
    events: tuple[CaseEvent, ...] = ()
    names: dict[str, str] = field(default_factory=dict)  # login -> name, of whoever is in the events

    @property
    def all_mails(self) -> list[Outbox]:
        """Its own mails, those of what was added and the replies, oldest first."""
        told = [self.mails, *(added.mails for added in self.additions), self.replies]
        return sorted((mail for mails in told for mail in mails.values()), key=lambda mail: mail.id)

    @property
    def newest(self) -> Handoff:
        """The last form the person sent: a reply goes to its address."""
        return self.additions[-1].handoff if self.additions else self.handoff

    @property
    def dead_mails(self) -> list[Outbox]:
        return [mail for mail in self.all_mails if mail.state == "dead"]


@dataclass(frozen=True)
class Filter:
    """Which cases; an empty field lets all through.

    `state`: open or closed. `assignee`: a login, or None for those that nobody has. `before`: received before.
    `failed`: with a dead mail. `searched`: only those whose reference begins with `reference` or whose theme is one
    of `themes`. `mailbox`: a fingerprint (guichet.cases.mailbox_of).
    """

    state: str = "open"
    caisse: str = ""
    theme: str = ""
    assignee: str | None = ""
    before: datetime | None = None
    failed: bool = False
    searched: bool = False
    reference: str = ""
    themes: tuple[str, ...] = ()
    mailbox: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.state:
            wanted.append(Case.state == self.state)
        if self.caisse:
            wanted.append(Case.caisse == self.caisse)
        if self.theme:
            wanted.append(Case.theme == self.theme)
        if self.assignee is None:
            wanted.append(Case.assignee.is_(None))
        elif self.assignee:
            wanted.append(Case.assignee == self.assignee)
        if self.before:
            wanted.append(Case.created_at <= self.before)
        if self.failed:
            wanted.append(Case.id.in_(select(Outbox.case_id).where(Outbox.state == "dead")))
        if self.searched:
            wanted.append(self._searched())
        if self.mailbox:
            wanted.append(Case.id.in_(_of_mailbox(self.mailbox)))
        return wanted

    def _searched(self) -> ColumnElement[bool]:
        """By reference or by theme, each in an index of its own."""
        of_themes = Case.theme.in_(self.themes)
        if not self.reference:
            return of_themes
        named = select(Case.id).where(Case.reference.startswith(self.reference, autoescape=True))
        return Case.id.in_(union(named, select(Case.id).where(of_themes)) if self.themes else named)

    def order(self) -> list[ColumnElement]:
        """Open ones: those that nobody has, then the oldest; closed ones: the last closed; all: the newest."""
        if self.state == "open":
            return [when((Case.assignee.is_(None), 0), else_=1), Case.created_at, Case.id]
        return [Case.closed_at.desc() if self.state == "closed" else Case.created_at.desc(), Case.id.desc()]


def seen_by(scope: Scope) -> list[ColumnElement[bool]]:
    """The conditions that every query on cases carries: `.where(*seen_by(scope))`. A purged case is none of them."""
    left = Case.state != PURGED
    return [left] if scope is None else [left, Case.caisse.in_(sorted(scope))]


def _of_mailbox(mailbox: str) -> CompoundSelect:
    """Ids of the cases that a mailbox opened or added to."""
    own = select(Case.id).join(Handoff, Case.handoff_id == Handoff.id).where(Handoff.mailbox == mailbox)
    added = select(Addition.case_id).join(Handoff, Addition.handoff_id == Handoff.id).where(Handoff.mailbox == mailbox)
    return union(own, added)


def cases(
    store: Store, scope: Scope, wanted: Filter | None = None, *, page: int = 1, per_page: int = 50
) -> tuple[list[CaseRow], int]:
    """Cases of one page of the list, without their transcripts, and how many there are in all."""
    wanted = wanted or Filter(state="")
    conditions = [*wanted.conditions(), *seen_by(scope)]
    with store.begin() as session:
        total = session.scalar(select(func.count()).select_from(Case).where(*conditions)) or 0
        ids = session.scalars(
            select(Case.id).where(*conditions).order_by(*wanted.order()).limit(per_page).offset((page - 1) * per_page)
        ).all()
        found = session.execute(
            select(Case, Handoff, Staff.name)
            .join(Handoff, Case.handoff_id == Handoff.id)
            .outerjoin(Staff, Staff.login == Case.assignee)
            .where(Case.id.in_(ids))
            .options(defer(Case.transcript, raiseload=True))
        )
        rows = sorted(found, key=lambda row: ids.index(row.Case.id))
        mails = session.scalars(select(Outbox).where(Outbox.case_id.in_(ids)).order_by(Outbox.id)).all()
        return [
            CaseRow(
                row.Case,
                row.Handoff,
                _told_by(row.Handoff, mails),
                assignee=row.name or row.Case.assignee or "",
                replies=_replies(row.Case, mails),
            )
            for row in rows
        ], total


def case(store: Store, scope: Scope, reference: str) -> CaseRow | None:
    """One case by its reference; None when there is none, or it is another caisse's."""
    with store.begin() as session:
        row = session.execute(
            select(Case, Handoff)
            .join(Handoff, Case.handoff_id == Handoff.id)
            .where(Case.reference == reference, *seen_by(scope))
        ).one_or_none()
        if row is None:
            return None
        mails = session.scalars(select(Outbox).where(Outbox.case_id == row.Case.id)).all()
        added = session.execute(
            select(Handoff, Addition.created_at)
            .join(Addition, Addition.handoff_id == Handoff.id)
            .where(Addition.case_id == row.Case.id)
            .order_by(Addition.created_at)
        )
        additions = tuple(Added(handoff, at, _told_by(handoff, mails)) for handoff, at in added)
        events = session.scalars(
            select(CaseEvent).where(CaseEvent.case_id == row.Case.id).order_by(CaseEvent.version)
        ).all()
        logins = {row.Case.assignee, *(event.who for event in events), *(event.detail for event in events)} - {None, ""}
        names = dict(session.execute(select(Staff.login, Staff.name).where(Staff.login.in_(logins))).all())
        return CaseRow(
            row.Case,
            row.Handoff,
            _told_by(row.Handoff, mails),
            additions,
            assignee=names.get(row.Case.assignee, row.Case.assignee or ""),
            replies=_replies(row.Case, mails),
            events=tuple(events),
            names=names,
        )


def earlier(store: Store, scope: Scope, row: CaseRow) -> list[Case]:
    """The other cases of the same mailbox that this reader may see, newest first, without their transcripts."""
    mailbox = row.newest.mailbox
    if not mailbox:
        return []
    with store.begin() as session:
        return list(
            session.scalars(
                select(Case)
                .where(Case.id.in_(_of_mailbox(mailbox)), Case.id != row.case.id, *seen_by(scope))
                .order_by(Case.id.desc())
                .limit(EARLIER)
                .options(defer(Case.transcript, raiseload=True))
            )
        )


def _told_by(handoff: Handoff, mails: Sequence[Outbox]) -> dict[str, Outbox]:
    return {mail.kind: mail for mail in mails if mail.handoff_id == handoff.id and mail.kind != "reply"}


def _replies(case: Case, mails: Sequence[Outbox]) -> dict[int, Outbox]:
    return {mail.event: mail for mail in mails if mail.case_id == case.id and mail.kind == "reply"}
