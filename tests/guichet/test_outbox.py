"""The outbox on both engines: claimed once, settled by its holder only, never lost."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from console.phrases import happened
from guichet.audit import CLI
from guichet.store import Store, StoreUnavailable, casework, handoffs, migrate, open_store, outbox
from guichet.store.outbox import Mail
from guichet.store.tables import Case, CaseEvent, Outbox
from tests.postgres import fresh_database

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
LEASE = 120


def add(store: Store, count: int = 1, mails: tuple[str, ...] = ("case",), now: datetime = NOON) -> None:
    for _ in range(count):
        handoff_id = str(uuid4())
        handoffs.add_handoff(
            store, handoff_id=handoff_id, conversation_id="c", contact="x", departement="49", summary="",
            verified=False, now=now,
        )  # fmt: skip
        handoffs.open_case(
            store, reference=uuid4().hex[:12], handoff_id=handoff_id, caisse="cpam_49", theme=None, transcript=[],
            mails=mails, now=now,
        )  # fmt: skip


def claim(store: Store, now: datetime = NOON, limit: int = 1) -> list[Mail]:
    return outbox.claim(store, lease=str(uuid4()), now=now, lease_seconds=LEASE, limit=limit)


def row(store: Store, mail_id: int) -> Outbox:
    with store.begin() as session:
        return session.get_one(Outbox, mail_id)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_present_is_the_same_for_all_who_share_the_database(store: Store) -> None:
    now = store.now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_an_empty_outbox_gives_nothing(store: Store) -> None:
    assert claim(store) == []


def test_a_claim_takes_the_longest_due_first_and_counts_the_attempt(store: Store) -> None:
    add(store, now=after(-10))
    add(store, now=after(-20))
    add(store, now=after(1))
    mails = claim(store, limit=10)
    assert [mail.created_at for mail in mails] == [after(-20), after(-10)]
    assert {mail.attempts for mail in mails} == {1}
    assert {mail.leased_until for mail in mails} == {after(LEASE)}


def test_a_claim_takes_no_more_than_asked(store: Store) -> None:
    add(store, 5)
    assert [len(claim(store, limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_a_leased_mail_is_nobody_elses(store: Store) -> None:
    add(store)
    assert claim(store)
    assert claim(store, after(LEASE - 1)) == []


def test_an_expired_lease_is_swept_by_the_next_claim(store: Store) -> None:
    add(store)
    (first,) = claim(store)
    (second,) = claim(store, after(LEASE))
    assert second.id == first.id
    assert (first.swept, second.swept) == (False, True)
    assert second.attempts == 2
    assert second.message_id == first.message_id


@pytest.mark.parametrize("settle", ["sent", "retry", "dead"])
def test_who_lost_the_lease_settles_nothing(store: Store, settle: str) -> None:
    add(store)
    (late,) = claim(store)
    (holder,) = claim(store, after(LEASE))
    marks = {
        "sent": lambda: outbox.mark_sent(store, late, after(LEASE)),
        "retry": lambda: outbox.mark_retry(store, late, due_at=after(500), error="e"),
        "dead": lambda: outbox.mark_dead(store, late, error="e"),
    }
    assert marks[settle]() is False
    assert row(store, late.id).state == "sending"
    assert outbox.mark_sent(store, holder, after(LEASE)) is True


def test_an_expired_lease_that_nobody_took_still_settles(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    assert outbox.mark_sent(store, mail, after(10 * LEASE))


def test_settling_twice_is_harmless_when_the_first_answer_was_lost(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    assert outbox.mark_sent(store, mail, NOON)
    assert outbox.mark_sent(store, mail, NOON)
    assert not outbox.mark_dead(store, mail, error="e")
    assert row(store, mail.id).state == "sent"


def test_a_sent_mail_is_never_claimed_again(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    outbox.mark_sent(store, mail, after(3))
    assert claim(store, after(10**6)) == []
    assert row(store, mail.id).sent_at == after(3)


def test_a_retry_waits_for_its_time_and_keeps_its_error(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    outbox.mark_retry(store, mail, due_at=after(60), error="x" * 1000)
    assert claim(store, after(59)) == []
    (again,) = claim(store, after(60))
    assert (again.attempts, again.swept) == (2, False)
    assert row(store, mail.id).last_error == "x" * outbox.ERROR_LIMIT


def test_an_attempt_that_the_service_wasted_does_not_count(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    outbox.mark_retry(store, mail, due_at=NOON, error="e", spent=False)
    assert claim(store)[0].attempts == 1


def test_a_dead_mail_is_listed_and_waits_for_someone(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    outbox.mark_dead(store, mail, error="refusé")
    assert claim(store, after(10**6)) == []
    (listed,) = outbox.dead(store)
    assert (listed.id, listed.kind, listed.attempts, listed.last_error) == (mail.id, "case", 1, "refusé")
    assert len(listed.reference) == 12


def test_a_dead_mail_sent_again_starts_afresh_under_its_message_id(store: Store) -> None:
    add(store, 2)
    first, second = claim(store, limit=2)
    outbox.mark_dead(store, first, error="e")
    outbox.mark_dead(store, second, error="e")
    reference = next(one.reference for one in outbox.dead(store) if one.id == first.id)
    assert casework.resend_all(store, after(5), [reference]) == 1
    assert casework.resend_all(store, after(5), [reference]) == 0
    (again,) = claim(store, after(5), limit=5)
    assert (again.id, again.attempts, again.message_id) == (first.id, 1, first.message_id)
    assert casework.resend_all(store, after(6)) == 1


def test_agents_see_that_mails_were_sent_again_by_a_command(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    outbox.mark_dead(store, mail, error="e")
    casework.resend_all(store, after(5))
    with store.begin() as session:
        case = session.get(Case, mail.case_id)
        event = session.get(CaseEvent, (case.id, case.version))
        assert (event.kind, event.who, event.at) == ("resent", CLI, after(5))
        assert happened(event, {}) == "Un administrateur a renvoyé les mails en échec"


def test_only_dead_mails_are_sent_again(store: Store) -> None:
    add(store, 2)
    (mail,) = claim(store)
    outbox.mark_sent(store, mail, NOON)
    assert casework.resend_all(store, NOON) == 0


def test_a_case_is_read_apart_from_the_claim(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    case, form = outbox.case_of(store, mail)
    assert case.id == mail.case_id
    assert form.departement == "49"


def test_a_case_that_cannot_be_read_does_not_stop_claims(store: Store) -> None:
    add(store)
    (mail,) = claim(store)
    with pytest.raises(LookupError):
        outbox.case_of(store, Mail(**(vars(mail) | {"case_id": 10**6})))


def test_figures_of_an_empty_outbox(store: Store) -> None:
    figures = outbox.figures(store, NOON)
    assert figures.counts == dict.fromkeys(outbox.STATES, 0)
    assert (figures.oldest_waiting, figures.dead, figures.attempts) == (None, 0, 0)


def test_figures_count_states_and_the_age_of_what_waits(store: Store) -> None:
    add(store, 5, now=after(-100))
    sent, gone, again, held = claim(store, limit=4)
    outbox.mark_sent(store, sent, NOON)
    outbox.mark_dead(store, gone, error="e")
    outbox.mark_retry(store, again, due_at=after(60), error="e")
    add(store, now=after(-1))
    figures = outbox.figures(store, NOON)
    assert figures.counts == {"pending": 2, "sending": 1, "retry": 1, "sent": 1, "dead": 1}
    assert figures.oldest_waiting == timedelta(seconds=100)
    assert (figures.dead, figures.attempts, held.attempts) == (1, 1, 1)


def test_relays_side_by_side_never_claim_the_same_mail(store: Store, database: str) -> None:
    add(store, 60)
    claimed: list[int] = []
    start = threading.Barrier(6)

    def work() -> None:
        mine = open_store(database)
        start.wait()
        while mails := claim(mine, limit=2):
            claimed.extend(mail.id for mail in mails)
            for mail in mails:
                assert outbox.mark_sent(mine, mail, NOON)
        mine.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # a claim skips rows that another holds, so it may come back empty too early: nobody must have taken one twice
    claimed.extend(mail.id for mail in claim(store, limit=100))
    assert len(claimed) == len(set(claimed)) == 60


def test_on_postgresql_a_claim_does_not_wait_for_a_row_that_another_transaction_holds() -> None:
    with fresh_database() as url:
        store, other = open_store(url), open_store(url)
        migrate(store)
        add(store, 2)
        with other.begin() as session:
            held = session.scalars(select(Outbox).order_by(Outbox.id).limit(1).with_for_update()).one()
            (mail,) = claim(store)
            assert mail.id != held.id
        store.close()
        other.close()


def test_a_claim_that_is_rolled_back_leaves_the_mail_due(store: Store) -> None:
    add(store)
    with store.begin() as session:
        session.execute(update(Outbox).values(state="sending", due_at=after(999)))
        session.rollback()
    assert len(claim(store)) == 1


def test_a_locked_database_is_said_to_be_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guichet.store.engine.LOCK_WAIT", 0)
    url = f"sqlite:///{tmp_path / 'guichet.db'}"
    store, other = open_store(url), open_store(url)
    migrate(store)
    with other.begin() as session:
        session.scalars(select(Outbox)).all()  # the transaction begins with its first statement
        with pytest.raises(StoreUnavailable):
            claim(store)
