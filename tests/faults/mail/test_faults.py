"""Each fault on its own: the relay dies at a chosen point, the mail server or the database fails in a chosen way."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from guichet.privacy import Vault
from guichet.store.tables import Case, Handoff, Outbox
from tests.channels.mail.builders import KEY
from tests.faults.conftest import LONG
from tests.faults.mail.server import CUT, TAKEN_THEN_CUT
from tests.faults.mail.stage import LEASE, Stage

BOTH = ("sqlite", "postgresql")
POINTS = (
    "claim.before", "claim.commit", "claim.after",
    "case_of.after", "compose.after",
    "smtp.connect.after", "smtp.rcpt.after", "smtp.half", "smtp.all", "smtp.data.after",
    "smtp.quit.after", "mark_sent.before", "mark_sent.commit", "mark_sent.after",
)  # fmt: skip
IN_DOUBT = POINTS[POINTS.index("smtp.all") : POINTS.index("mark_sent.after")]  # the server has it, we do not know yet


@dataclass(frozen=True)
class Fault:
    """`play` opens mails, breaks something and mends it; returns their ids.

    `crashes`: how often a process of ours is killed; `repeats`: how many mails it leaves in doubt, taken by the server
    without our knowing; `poison`: how many of its mails can never be written.
    """

    name: str
    play: Callable[[Stage], list[str]]
    crashes: int = 0
    repeats: int = 0
    poison: int = 0
    engines: tuple[str, ...] = BOTH


def killed(point: str, **answers: str) -> Fault:
    """kill -9 of the relay when it gets there, with a server that answers so until then."""

    def play(stage: Stage) -> list[str]:
        stage.mail.answers |= answers
        stage.dies(point)
        mails = stage.opens()
        stage.has_died()
        stage.mail.heal()
        return mails

    return Fault(f"kill -9 at {point}", play, crashes=1, repeats=int(point in IN_DOUBT))


def killed_twice(stage: Stage) -> list[str]:
    """In the middle of a message, and again while it starts."""
    stage.dies("smtp.half")
    mails = stage.opens()
    stage.has_died()
    stage.dies("start")
    stage.has_died()
    return mails


def answered(name: str, **answers: str) -> Fault:
    """The server answers so until an attempt has failed."""

    def play(stage: Stage) -> list[str]:
        stage.mail.answers |= answers
        mails = stage.opens()
        stage.fails(mails)
        stage.mail.heal()
        return mails

    return Fault(name, play)


def slow(command: str) -> Fault:
    def play(stage: Stage) -> list[str]:
        stage.mail.slow[command] = 2.0
        mails = stage.opens()
        stage.fails(mails)
        stage.mail.heal()
        return mails

    return Fault(f"the server takes 2 s to answer {command}", play, repeats=int(command == "DATA"))


def server_down(stage: Stage) -> list[str]:
    stage.mail.stop()
    try:
        mails = stage.opens()
        assert stage.spent(mails) == {0}, "an outage spends no attempt"
    finally:
        stage.mail.start()
    return mails


def login_refused(stage: Stage) -> list[str]:
    stage.mail.knows_us = False
    mails = stage.opens()
    stage.fails(mails)
    stage.mail.heal()
    return mails


def unknown_certificate(stage: Stage) -> list[str]:
    stage.mail.shows(stage.stranger)
    mails = stage.opens()
    stage.fails(mails)
    assert sum(stage.taken(mails).values()) == 0
    stage.mail.shows()
    return mails


def cut_during_data(stage: Stage) -> list[str]:
    stage.mail.cut_after = 4000
    mails = stage.opens()
    stage.fails(mails)
    assert sum(stage.taken(mails).values()) == 0
    stage.mail.heal()
    return mails


def cut_after_taken(stage: Stage) -> list[str]:
    stage.mail.answers["DATA"] = TAKEN_THEN_CUT
    stage.mail.on_message = stage.mail.answers.clear
    mails = stage.opens()
    stage.fails(mails)
    return mails


def locked_after_taken(stage: Stage) -> list[str]:
    stage.mail.on_message = lambda: stage.lock(6.5)
    mails, since = stage.opens(due_in=0.5), len(stage.log())
    stage.says("outbox_unavailable", since)
    return mails


def database_gone(stage: Stage, end: Callable[[], None]) -> list[str]:
    """After the 250, before it can be written. The server is started here: it ends with the thread that started it."""
    stage.mail.on_message = end
    mails, since = stage.opens(due_in=0.5), len(stage.log())
    stage.says("outbox_unavailable", since)
    stage.server.start()
    return mails


def database_down_before_the_claim(stage: Stage) -> list[str]:
    mails, since = stage.opens(due_in=1.0), len(stage.log())
    stage.server.halt()
    stage.says("outbox_unavailable", since)
    time.sleep(1.0)
    stage.server.start()
    return mails


def database_mute(stage: Stage) -> list[str]:
    def fail() -> None:
        stage.server.signal(signal.SIGSTOP)
        threading.Timer(LEASE, stage.server.signal, [signal.SIGCONT]).start()

    stage.mail.on_message = fail
    mails = stage.opens(due_in=0.5)
    time.sleep(LEASE + 1)
    return mails


def sessions_cut(stage: Stage) -> list[str]:
    stage.mail.on_message = stage.cut_sessions
    return stage.opens(due_in=0.5)


def stopped_during_data(stage: Stage) -> list[str]:
    """The relay is frozen in the middle of a delivery, for longer than its lease."""
    stage.mail.on_message = lambda: stage.rig.signal("relay", signal.SIGSTOP)
    mails = stage.opens()
    time.sleep(LEASE + 1)
    stage.rig.signal("relay", signal.SIGCONT)
    return mails


def clock_back(stage: Stage) -> list[str]:
    """One hour back between two attempts and during a delivery, then right again."""
    stage.mail.answers["RCPT"] = "451 later"
    mails = stage.opens()
    stage.fails(mails)
    (stage.folder / "clock").write_text("-3600")
    stage.mail.heal()
    mails += stage.opens(due_in=-3600)
    time.sleep(2 * LEASE if LONG else LEASE)
    (stage.folder / "clock").unlink()
    return mails


def poison(stage: Stage, break_it: Callable[[Stage, str], None]) -> list[str]:
    """One mail that cannot be written, others behind it."""
    mails = stage.opens(1, ("case",), due_in=1.0)
    break_it(stage, mails[0])
    return mails + stage.opens(2, due_in=0.9)


def of(stage: Stage, mail: str, table: type, **values: object) -> None:
    """Change the case or the form of a mail."""
    with stage.store.begin() as session:
        row = session.scalars(select(Outbox).where(Outbox.message_id == mail)).one()
        key = {Case: row.case_id, Handoff: row.handoff_id, Outbox: row.id}[table]
        session.execute(update(table).where(table.id == key).values(**values))


def no_key(stage: Stage) -> list[str]:
    """A contact that no key opens is tried again, then shown; with its key back, it leaves."""
    mails = stage.opens(1, ("case",), due_in=1.0)
    with stage.store.begin() as session:
        chosen = select(Handoff.contact, Handoff.id).join(Outbox, Outbox.handoff_id == Handoff.id)
        contact, _ = session.execute(chosen.where(Outbox.message_id == mails[0])).one()
    of(stage, mails[0], Handoff, contact=Vault([Fernet.generate_key().decode()]).seal({"email": "a@b.fr", "name": ""}))
    others = stage.opens(2)
    assert stage.waits(others) == ["sent"] * 4
    assert stage.waits(mails) == ["dead"]
    assert "GUICHET_CONTACT_KEYS" in stage.rows(mails, "last_error")[0]
    of(stage, mails[0], Handoff, contact=contact)
    return mails + others


def kills_its_relay(stage: Stage) -> list[str]:
    """A mail at which the process dies each time (out of memory, a bug of the interpreter)."""
    mails = stage.opens(1, ("case",), due_in=0.5)
    (poisoned,) = stage.rows(mails, "id")
    (stage.folder / "die.always").write_text(f"compose.mail.{poisoned}")
    others = stage.opens(2)
    assert stage.waits(others) == ["sent"] * 4
    assert stage.waits(mails) == ["dead"]
    (stage.folder / "die.always").unlink()
    return mails + others


FAULTS = (
    *(killed(point) for point in POINTS),
    *(killed(f"mark_retry.{when}", RCPT="451 later") for when in ("commit", "after")),
    *(killed(f"mark_dead.{when}", RCPT="550 no such user") for when in ("commit", "after")),
    Fault("kill -9 twice, the second time at start", killed_twice, crashes=2),
    Fault("the server is down", server_down),
    answered("the server wants nobody (554 to EHLO)", EHLO="554 no"),
    Fault("our login is refused", login_refused),
    Fault("an unknown certificate", unknown_certificate),
    answered("421 to MAIL", MAIL="421 busy"),
    answered("550 to MAIL", MAIL="550 who are you"),
    answered("451 to RCPT", RCPT="451 later"),
    answered("550 to RCPT", RCPT="550 no such user"),
    answered("452 to DATA", DATA="452 full"),
    answered("554 to DATA", DATA="554 spam"),
    answered("cut at EHLO", EHLO=CUT),
    answered("cut at MAIL", MAIL=CUT),
    answered("cut at RCPT", RCPT=CUT),
    Fault("cut during the message", cut_during_data),
    Fault("taken, and cut before the 250", cut_after_taken, repeats=1),
    slow("EHLO"),
    slow("RCPT"),
    slow("DATA"),
    Fault("the database is locked after the 250", locked_after_taken, engines=("sqlite",)),
    Fault(
        "the database stops after the 250", lambda stage: database_gone(stage, stage.server.halt),
        engines=("postgresql",),
    ),
    Fault(
        "the database is killed after the 250", lambda stage: database_gone(stage, stage.kill_database),
        engines=("postgresql",),
    ),
    Fault("the database is down before the claim", database_down_before_the_claim, engines=("postgresql",)),
    Fault("the database is mute after the 250", database_mute, engines=("postgresql",)),
    Fault("the database cuts our sessions after the 250", sessions_cut, engines=("postgresql",)),
    Fault("the relay is frozen during a delivery", stopped_during_data, repeats=1),
    Fault("the clock goes back one hour", clock_back),
    Fault("a conversation that cannot be read", lambda stage: poison(
        stage, lambda stage, mail: of(stage, mail, Case, transcript=[42])), poison=1),
    Fault("a contact without an address", lambda stage: poison(
        stage, lambda stage, mail: of(stage, mail, Handoff, contact=Vault([KEY]).seal({"phone": "0"}))), poison=1),
    Fault("an unknown kind of mail", lambda stage: poison(
        stage, lambda stage, mail: of(stage, mail, Outbox, kind="inconnu")), poison=1),
    Fault("a contact that no key opens", no_key),
    Fault("a mail that kills its relay", kills_its_relay, crashes=3),
)  # fmt: skip


def played() -> Iterator[object]:
    """On both engines, five times; in the quick form on one of them, once."""
    for n, fault in enumerate(FAULTS):
        chosen = fault.engines if LONG else (fault.engines[n % len(fault.engines)],)
        for engine in BOTH:
            if engine in chosen:
                yield pytest.param(engine, fault, id=f"{engine}-{fault.name}".replace(" ", "-"))


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    made: dict[str, Stage] = {}

    def on(engine: str) -> Stage:
        if engine not in made:
            made[engine] = Stage(engine, tmp_path_factory.mktemp(engine))
        return made[engine]

    yield on
    for stage in made.values():
        stage.close()


@pytest.mark.parametrize(("engine", "fault"), list(played()))
def test_nothing_is_lost_and_a_crash_repeats_one_mail_at_most(stages, engine, fault, many):
    stage = stages(engine)
    for _ in range(many(5, 1)):
        mails = fault.play(stage)
        stage.settles(fault.name, mails, crashes=fault.crashes, repeats=fault.repeats, poison=fault.poison)


def test_the_figures(stages, tell):
    """What all these came to, and what the operator's command shows in the end."""
    assert len(FAULTS) >= 20
    for engine in BOTH:
        stage = stages(engine)
        told = stage.command("mail", "status", "--json")
        tell(f"{engine}: {stage.ledger}")
        tell(f"{engine}: guichet mail status: {told}")
        assert told["counts"]["pending"] == told["counts"]["sending"] == told["counts"]["retry"] == 0
        assert told["dead"] == sum(state == "dead" for state in stage.states().values())
