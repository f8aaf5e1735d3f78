"""Two relays side by side on one database: never twice without a crash, whatever their clocks say."""

from __future__ import annotations

import signal
import time

import pytest

from tests.faults.conftest import LONG
from tests.faults.mail.stage import LEASE, Stage, relay_rig
from tests.faults.rig import until


def on(engine: str) -> pytest.MarkDecorator:
    """Both engines in the long form, this one in the quick form."""
    return pytest.mark.parametrize("stage", ("sqlite", "postgresql") if LONG else (engine,), indirect=True)


@pytest.fixture
def stage(request, tmp_path):
    """Two relays, each with its own folder, hence its own clock and its own orders to die."""
    made = Stage(request.param, tmp_path)
    made.second = relay_rig(tmp_path / "second", made.rig.database, made.mail.port, tmp_path / "server.pem")
    made.second.start("relay")
    until(lambda: "relay_started" in made.second.log("relay"), 60, "the second relay starts")
    yield made
    made.second.stop()
    made.close()


def told(stage: Stage, mails: list[str], what: str, tell) -> None:
    shares = [rig.log("relay").count("mail_sent") for rig in (stage.rig, stage.second)]
    tell(
        f"{stage.engine}, two relays, {what}: {len(mails)} mails, {stage.ledger.lost} lost,"
        f" {stage.ledger.repeats} repeats, {shares[0]} by one and {shares[1]} by the other"
    )


@on("sqlite")
def test_two_relays_share_the_mails(stage, many, tell):
    mails = stage.opens(many(100, 20))
    stage.settles("two relays", mails)
    told(stage, mails, "all is well", tell)
    assert all("mail_sent" in rig.log("relay") for rig in (stage.rig, stage.second))


@on("postgresql")
def test_a_relay_whose_clock_is_one_hour_behind_gives_no_mail_to_both(stage, many, tell):
    """On two machines; on one, they share its clock."""
    behind = [stage.rig] if stage.engine == "postgresql" else [stage.rig, stage.second]
    for rig in behind:
        (rig.folder / "clock").write_text("-3600")
    stage.mail.slow["DATA"] = 0.3
    mails = stage.opens(many(40, 8), due_in=-3700)
    stage.settles("two clocks", mails)
    told(stage, mails, "a clock one hour behind", tell)


@on("sqlite")
def test_a_relay_frozen_in_the_middle_is_overtaken(stage, tell):
    frozen = []

    def freeze() -> None:
        for rig in (stage.rig, stage.second):
            if not frozen and "sending" in stage.states().values():
                frozen.append(rig)
        frozen[0].signal("relay", signal.SIGSTOP)

    stage.mail.on_message = freeze
    mails = stage.opens(4)
    stage.waits(mails)
    frozen[0].signal("relay", signal.SIGCONT)
    time.sleep(LEASE)
    stage.settles("frozen", mails, repeats=1)
    told(stage, mails, "one frozen for longer than its lease", tell)


@on("postgresql")
def test_both_relays_killed_at_random_instants(stage, many, chance, tell):
    kills, mails = many(20, 3), []
    for n in range(kills):
        mails += stage.opens(many(10, 4))
        time.sleep(chance.uniform(0.0, 0.6))
        (stage.rig, stage.second)[n % 2].signal("relay", signal.SIGKILL)
        time.sleep(chance.uniform(0.0, 1.5))
    stage.settles("random instants", mails, crashes=kills, repeats=kills)
    told(stage, mails, f"killed {kills} times at random instants", tell)
    assert stage.ledger.most <= 2
