"""The relay over both databases: delivered until done, never twice without a crash, never stuck."""

from __future__ import annotations

import email
import json
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from email.policy import SMTP
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from structlog.testing import capture_logs

from channels.mail.relay import MAIL_PAUSE, MAIL_PAUSE_CAP, Outcome, backoff
from channels.mail.transports import PermanentFailure, SmtpTransport, StubTransport, TemporaryFailure
from guichet.privacy import Vault
from guichet.store import Store, StoreUnavailable, casework, migrate, open_store, outbox
from guichet.store.tables import Case, Handoff, Outbox
from tests.channels.mail.builders import BOX, KEY, NOON, PERSON, SENDER, Clock, open_cases, relay
from tests.channels.mail.servers import Inbox, free_port, smtp_server

LEASE = 120


def rows(store: Store) -> list[Outbox]:
    with store.begin() as session:
        return list(session.scalars(select(Outbox).order_by(Outbox.id)))


def message_ids(inbox: Inbox) -> list[str]:
    return [email.message_from_bytes(taken.content, policy=SMTP)["Message-ID"] for taken in inbox.received]


def smtp(port: int) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", port, security="none", timeout=2, deadline=5)


# --- the ordinary way


def test_a_case_and_its_receipt_are_delivered_once(store: Store, clock: Clock) -> None:
    open_cases(store, mails=("case", "receipt"))
    inbox = Inbox()
    with smtp_server(inbox) as port:
        work = relay(store, smtp(port), clock)
        assert work.drain() == {Outcome.SENT: 2}
        clock.forward(10**6)
        assert work.step() is Outcome.IDLE
    assert [taken.rcpt_tos for taken in inbox.received] == [[BOX], [PERSON]]
    for row, header in zip(rows(store), message_ids(inbox), strict=True):
        assert (row.state, row.attempts, row.sent_at, row.last_error) == ("sent", 1, NOON, None)
        assert header == f"<{row.message_id}@{SENDER.partition('@')[2]}>"


def test_a_mail_is_not_tried_before_it_is_due(store: Store, clock: Clock) -> None:
    open_cases(store)
    clock.forward(-1)
    assert relay(store, StubTransport(), clock).step() is Outcome.IDLE


# --- failures


def test_a_temporary_failure_is_tried_again_after_a_pause_that_doubles(store: Store, clock: Clock) -> None:
    open_cases(store)
    failures = 4
    stub = StubTransport([TemporaryFailure("smtp_data_451", "plus tard")] * failures)
    work = relay(store, stub, clock)
    for attempt in range(1, failures + 1):
        assert work.step() is Outcome.RETRY
        (row,) = rows(store)
        pause = MAIL_PAUSE * 2 ** (attempt - 1)
        assert (row.state, row.attempts, row.last_error) == ("retry", attempt, "plus tard")
        assert row.due_at == clock.now + timedelta(seconds=pause)
        clock.forward(pause - 1)
        assert work.step() is Outcome.IDLE
        clock.forward(1)
    assert work.step() is Outcome.SENT
    assert len(stub.delivered) == 1


def test_a_temporary_failure_that_lasts_ends_in_the_dead_letter(store: Store, clock: Clock) -> None:
    open_cases(store)
    work = relay(store, StubTransport([TemporaryFailure("smtp_data_451", "plus tard")] * 99), clock, relay_attempts=3)
    outcomes = []
    for _ in range(5):
        outcomes.append(work.step())
        clock.forward(MAIL_PAUSE_CAP)
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.DEAD, Outcome.IDLE, Outcome.IDLE]
    assert outbox.dead(store)[0].last_error == "plus tard"


def test_a_permanent_failure_goes_straight_to_the_dead_letter_and_can_be_sent_again(store: Store, clock: Clock) -> None:
    (reference,) = open_cases(store)
    inbox = Inbox(RCPT="550 5.1.1 no such user")
    with smtp_server(inbox) as port:
        work = relay(store, smtp(port), clock)
        assert work.step() is Outcome.DEAD
        (gone,) = outbox.dead(store)
        assert gone.reference == reference
        assert "550" in gone.last_error
        inbox.answers.clear()
        casework.resend_all(store, clock.now, [reference])
        assert work.step() is Outcome.SENT
    assert len(inbox.received) == 1


def test_what_agents_read_of_an_error_has_no_address_and_no_control_character(store: Store, clock: Clock) -> None:
    open_cases(store)
    failure = PermanentFailure("smtp_recipient_550", f"refusé <{PERSON}>\x00\x1b[31m")
    assert relay(store, StubTransport([failure]), clock).step() is Outcome.DEAD
    assert outbox.dead(store)[0].last_error == "refusé <[adresse e-mail]>[31m"


def test_a_bug_in_a_transport_is_retried_a_bounded_number_of_times(store: Store, clock: Clock) -> None:
    open_cases(store)
    work = relay(store, StubTransport([RuntimeError("secret")] * 9), clock, relay_attempts=2)
    assert work.step() is Outcome.RETRY
    clock.forward(MAIL_PAUSE)
    assert work.step() is Outcome.DEAD
    assert "secret" not in outbox.dead(store)[0].last_error


def test_a_service_that_is_down_spends_no_attempt_and_holds_the_relay(store: Store, clock: Clock) -> None:
    open_cases(store, 3)
    work = relay(store, smtp(free_port()), clock, relay_attempts=2)
    for _ in range(10):
        assert work.drain() == {Outcome.HELD: 1}
        clock.forward(301)
    assert {row.attempts for row in rows(store)} == {0}
    assert outbox.figures(store, clock.now).dead == 0
    inbox = Inbox()
    with smtp_server(inbox) as port:
        assert relay(store, smtp(port), clock).drain() == {Outcome.SENT: 3}


# --- poison


def poison(store: Store, how: str) -> int:
    """Break the oldest case so that its mail cannot be written; returns its outbox id."""
    with store.begin() as session:
        mail = session.scalars(select(Outbox).order_by(Outbox.id)).first()
        case = session.get_one(Case, mail.case_id)
        if how == "transcript":
            case.transcript = [42]
        elif how == "json":
            session.execute(text("UPDATE cases SET transcript = '{\"a\": 1}' WHERE id = :id"), {"id": case.id})
        elif how == "kind":
            mail.kind = "inconnu"
        else:
            sealed = {"email": {"email": "a@b.fr\r\nBcc: v@x.fr", "name": ""}, "contact": {"phone": "0"}}[how]
            session.execute(
                update(Handoff).where(Handoff.id == case.handoff_id).values(contact=Vault([KEY]).seal(sealed))
            )
        return mail.id


@pytest.mark.parametrize("how", ["transcript", "json", "kind", "email", "contact"])
def test_a_mail_that_cannot_be_written_is_dead_with_a_reason_and_blocks_nobody(
    store: Store, clock: Clock, how: str
) -> None:
    open_cases(store, 3)
    broken = poison(store, how)
    stub = StubTransport()
    assert relay(store, stub, clock).drain() == {Outcome.DEAD: 1, Outcome.SENT: 2}
    (gone,) = outbox.dead(store)
    assert gone.id == broken
    assert gone.last_error
    assert "Bcc" not in gone.last_error


def test_json_that_sqlite_cannot_read_back_blocks_nobody(tmp_path: Path, clock: Clock) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'guichet.db'}")  # PostgreSQL refuses broken JSON at the door
    migrate(store)
    open_cases(store, 2)
    with store.begin() as session:
        session.execute(text("UPDATE cases SET transcript = '[{' WHERE id = 1"))
    assert relay(store, StubTransport(), clock).drain() == {Outcome.DEAD: 1, Outcome.SENT: 1}
    store.close()


def test_a_missing_key_waits_for_the_operator(store: Store, clock: Clock) -> None:
    open_cases(store)
    with store.begin() as session:
        session.execute(update(Handoff).values(contact="gAAAA-autre-cle"))
    assert relay(store, StubTransport(), clock).step() is Outcome.RETRY
    assert "GUICHET_CONTACT_KEYS" in rows(store)[0].last_error


# --- leases


def test_a_lease_that_expired_is_taken_over(store: Store, clock: Clock) -> None:
    open_cases(store)
    outbox.claim(store, lease=str(uuid4()), now=clock.now, lease_seconds=LEASE)  # a relay that died at once
    stub = StubTransport()
    work = relay(store, stub, clock)
    assert work.step() is Outcome.IDLE
    clock.forward(LEASE)
    with capture_logs() as events:
        assert work.step() is Outcome.SENT
    assert [event["event"] for event in events] == ["mail_lease_expired", "mail_sent"]
    assert len(stub.delivered) == 1


def test_a_mail_that_kills_its_relay_each_time_is_dead_in_the_end(store: Store, clock: Clock) -> None:
    open_cases(store)
    for _ in range(3):
        assert outbox.claim(store, lease=str(uuid4()), now=clock.now, lease_seconds=LEASE)
        clock.forward(LEASE)
    stub = StubTransport()
    assert relay(store, stub, clock, relay_attempts=3).step() is Outcome.DEAD
    assert stub.delivered == []


def test_a_relay_that_slept_through_its_lease_does_not_send(store: Store, clock: Clock) -> None:
    open_cases(store)
    stub = StubTransport()
    work = relay(store, stub, clock)
    compose = work._composer.compose

    def slow(*about: object) -> object:
        clock.forward(LEASE)
        return compose(*about)

    work._composer.compose = slow
    assert work.step() is Outcome.LOST
    assert stub.delivered == []
    work._composer.compose = compose
    assert work.step() is Outcome.SENT


def test_a_relay_overtaken_during_its_delivery_does_not_touch_the_others_mail(store: Store, clock: Clock) -> None:
    open_cases(store)

    def overtaken(_envelope: object) -> None:
        clock.forward(LEASE)
        assert outbox.claim(store, lease=str(uuid4()), now=clock.now, lease_seconds=LEASE)

    assert relay(store, StubTransport(before=overtaken), clock).step() is Outcome.LOST
    (row,) = rows(store)
    assert (row.state, row.due_at) == ("sending", clock.now + timedelta(seconds=LEASE))


def test_a_clock_set_back_one_hour_delays_but_loses_and_repeats_nothing(store: Store, clock: Clock) -> None:
    open_cases(store, 4)
    stub = StubTransport([None, TemporaryFailure("smtp_data_451")])
    work = relay(store, stub, clock)
    assert (work.step(), work.step()) == (Outcome.SENT, Outcome.RETRY)
    clock.forward(-3600)
    assert work.step() is Outcome.IDLE
    clock.forward(3600 + MAIL_PAUSE)
    assert work.drain() == {Outcome.SENT: 3}
    assert len({message["Message-ID"] for message, _ in stub.delivered}) == len(stub.delivered) == 4


# --- side by side


def test_two_relays_side_by_side_send_forty_mails_once_each(database: str, store: Store, clock: Clock) -> None:
    open_cases(store, 40)
    inbox = Inbox()
    start = threading.Barrier(2)
    counts = []

    def work(port: int) -> None:
        mine = open_store(database)
        one = relay(mine, smtp(port), clock)
        start.wait()
        counts.append(one.drain()[Outcome.SENT])
        mine.close()

    with smtp_server(inbox) as port:
        threads = [threading.Thread(target=work, args=(port,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        relay(store, smtp(port), clock).drain()
    assert len(message_ids(inbox)) == len(set(message_ids(inbox))) == 40
    assert min(counts) > 0, "both relays worked"
    assert outbox.figures(store, clock.now).counts["sent"] == 40


# --- the database fails, the relay is killed


class Flaky:
    """A store that is down for its next `down` transactions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.down = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def begin(self) -> object:
        if self.down:
            self.down -= 1
            raise StoreUnavailable("OperationalError")
        return self._store.begin()


def test_a_database_down_after_the_250_is_waited_for_and_the_mail_not_repeated(store: Store, clock: Clock) -> None:
    open_cases(store)
    flaky = Flaky(store)

    def cut(_envelope: object) -> None:
        flaky.down = 50

    stub = StubTransport(before=cut)
    assert relay(flaky, stub, clock).step() is Outcome.SENT
    clock.forward(10**6)
    assert relay(store, stub, clock).step() is Outcome.IDLE
    assert len(stub.delivered) == 1


def test_a_relay_told_to_stop_does_not_wait_for_the_database_for_ever(store: Store, clock: Clock) -> None:
    open_cases(store)
    flaky = Flaky(store)
    stub = StubTransport()
    work = relay(flaky, stub, clock)

    def cut_and_stop(_envelope: object) -> None:
        flaky.down = 10**9
        work.stop()

    stub._before = cut_and_stop
    assert work.step() is Outcome.LOST
    stub._before = None
    clock.forward(LEASE)
    assert relay(store, stub, clock).drain() == {Outcome.SENT: 1}
    first, second = (message["Message-ID"] for message, _ in stub.delivered)
    assert first == second


def test_a_database_down_before_the_claim_is_tried_again(store: Store, clock: Clock) -> None:
    open_cases(store)
    flaky = Flaky(store)
    flaky.down = 3
    work = relay(flaky, StubTransport(before=lambda _: work.stop()), clock)
    with capture_logs() as events:
        work.run()
    assert [event["event"] for event in events] == [
        "relay_started", *["outbox_unavailable"] * 3, "mail_sent", "relay_stopped",
    ]  # fmt: skip


def test_a_surprise_in_a_pass_does_not_end_the_relay(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_cases(store)
    claim, surprises = outbox.claim, [ZeroDivisionError("secret")]

    def surprised(*args: object, **kwargs: object) -> object:
        if surprises:
            raise surprises.pop()
        return claim(*args, **kwargs)

    monkeypatch.setattr("guichet.store.outbox.claim", surprised)
    work = relay(store, StubTransport(before=lambda _: work.stop()), clock)
    with capture_logs() as events:
        work.run()
    assert "relay_failed" in [event["event"] for event in events]
    assert "secret" not in json.dumps(events)
    assert rows(store)[0].state == "sent"


KILLED = """
import os, signal, sys
from channels.mail.transports import SmtpTransport
from guichet.store import open_store
from tests.channels.mail.builders import Clock, relay

class Killed:
    def deliver(self, message, envelope):
        if sys.argv[3] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        SmtpTransport("127.0.0.1", int(sys.argv[2]), security="none").deliver(message, envelope)
        os.kill(os.getpid(), signal.SIGKILL)

relay(open_store(sys.argv[1]), Killed(), Clock()).step()
"""


@pytest.mark.parametrize(("when", "repeats"), [("before", 0), ("after", 1)])
def test_a_relay_killed_around_its_delivery_loses_nothing_and_repeats_at_most_once(
    database: str, store: Store, clock: Clock, when: str, repeats: int
) -> None:
    open_cases(store)
    # the child has its own keys: hand ours over, so that it can open the contact
    script = f"import tests.channels.mail.builders as b; b.KEY = {KEY!r}\n{KILLED}"
    inbox = Inbox()
    with smtp_server(inbox) as port:
        child = subprocess.run(
            [sys.executable, "-c", script, database, str(port), when],
            cwd=Path(__file__).parents[3], timeout=60, check=False,
        )  # fmt: skip
        assert child.returncode == -signal.SIGKILL
        assert len(inbox.received) == repeats
        work = relay(store, smtp(port), clock)
        assert work.step() is Outcome.IDLE, "the dead relay's lease still stands"
        clock.forward(LEASE)
        assert work.drain() == {Outcome.SENT: 1}
        clock.forward(10**6)
        assert work.step() is Outcome.IDLE
    assert len(inbox.received) == 1 + repeats
    assert len(set(message_ids(inbox))) == 1


# --- logs and pauses


def test_logs_hold_ids_and_reasons_never_addresses_or_text(store: Store, clock: Clock) -> None:
    open_cases(store, 4, mails=("case", "receipt"))
    failures = [
        None, TemporaryFailure("smtp_data_451", f"<{PERSON}>"), PermanentFailure("smtp_recipient_550", f"<{BOX}>"),
        RuntimeError(PERSON), TemporaryFailure("smtp_open_535", PERSON, service=True),
    ]  # fmt: skip
    poison(store, "email")
    work = relay(store, StubTransport(failures), clock)
    with capture_logs() as events:
        for _ in range(8):
            work.step()
    assert {event["event"] for event in events} == {
        "mail_sent", "mail_retry", "mail_dead", "mail_service_unavailable",
    }  # fmt: skip
    said = json.dumps(events)
    for secret in (PERSON, BOX, "Jeanne", "carte", "@exemple", "@service"):
        assert secret not in said


@given(failures=st.integers(1, 10**6), first=st.floats(0.1, 100), cap=st.floats(100, 10**5), chance=st.floats(0, 0.999))
def test_a_pause_grows_within_half_and_whole_of_its_bound(
    failures: int, first: float, cap: float, chance: float
) -> None:
    longest = backoff(failures, first, cap, 1.0)
    pause = backoff(failures, first, cap, chance)
    assert longest / 2 <= pause <= longest <= cap
    assert longest <= backoff(failures + 1, first, cap, 1.0)
