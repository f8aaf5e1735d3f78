"""The relay: claims due mails, composes, delivers and settles them, one at a time, until told to stop."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from secrets import SystemRandom
from typing import Any
from uuid import uuid4

import structlog

from channels.mail.addresses import AddressRefused
from channels.mail.compose import Composer, HeadersUnsafe
from channels.mail.transcript import plain
from channels.mail.transports import Envelope, PermanentFailure, TemporaryFailure, Transport
from guichet.privacy import redact
from guichet.settings import Settings, SettingsError
from guichet.store import Store, StoreUnavailable, outbox
from guichet.store.outbox import Mail

__all__ = ["Outcome", "Relay", "backoff"]

MAIL_PAUSE, MAIL_PAUSE_CAP = 60.0, 4 * 3600.0  # seconds before a mail is tried again: 24 attempts last about two days
SERVICE_PAUSE, SERVICE_PAUSE_CAP = 5.0, 300.0  # before the relay tries a service again that failed as a whole
SETTLE_PAUSE, SETTLE_PAUSE_CAP = 0.5, 10.0  # before the result of an attempt is written again
SETTLE_TRIES_WHEN_STOPPING = 5
NAP = 0.2  # the longest the relay takes to notice that it must stop

log = structlog.get_logger()


class Outcome(StrEnum):
    """What one pass came to."""

    IDLE = "idle"  # nothing was due
    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    LOST = "lost"  # someone else holds the mail now
    HELD = "held"  # the mail service is down: the mail waits, the relay too


class Relay:
    """One pass at a time over the outbox. Several may run side by side, in as many processes.

    `clock` gives the present in UTC, the same to all of them: by default the store's. `random` gives a number in
    [0, 1[ for jitter, `sleep` waits some seconds.
    """

    def __init__(
        self,
        store: Store,
        transport: Transport,
        composer: Composer,
        settings: Settings,
        *,
        clock: Callable[[], datetime] | None = None,
        random: Callable[[], float] = lambda: SystemRandom().random(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._transport = transport
        self._composer = composer
        self._pause = settings.relay_pause
        self._lease = settings.relay_lease
        self._attempts = settings.relay_attempts
        self._clock, self._random, self._sleep = clock or store.now, random, sleep
        self._service_failures = 0
        self._stopping = False

    def stop(self) -> None:
        """Finish the mail in hand, then return from `run`. Safe in a signal handler: it sets a flag, no more."""
        self._stopping = True

    def run(self) -> None:
        """Deliver until `stop` is called. Nothing but the end of the process gets out of here."""
        log.info("relay_started")
        failures = 0
        while not self._stopping:
            try:
                outcome = self.step()
                failures = 0
            except Exception as error:  # noqa: BLE001 - the queue must outlive what nobody thought of
                failures += 1
                unavailable = isinstance(error, StoreUnavailable)
                log.error("outbox_unavailable" if unavailable else "relay_failed", error=_where(error))
                self._rest(backoff(failures, SERVICE_PAUSE, SERVICE_PAUSE_CAP, self._random()))
                continue
            if outcome is Outcome.HELD:
                self._rest(self._service_pause())
            elif outcome is Outcome.IDLE:
                self._rest(self._pause)
        log.info("relay_stopped")

    def drain(self) -> Counter[Outcome]:
        """Deliver all that is due now, and count what came of it; stops at once when the service is down."""
        outcomes: Counter[Outcome] = Counter()
        while not self._stopping:
            outcome = self.step()
            if outcome is Outcome.IDLE:
                break
            outcomes[outcome] += 1
            if outcome is Outcome.HELD:
                break
        return outcomes

    def step(self) -> Outcome:
        """One pass: claim, compose, deliver, settle. Raises StoreUnavailable when nothing could be claimed."""
        claimed = outbox.claim(self._store, lease=str(uuid4()), now=self._clock(), lease_seconds=self._lease)
        if not claimed:
            return Outcome.IDLE
        mail = claimed[0]
        if mail.swept:
            log.warning("mail_lease_expired", **_ids(mail))
        if mail.attempts > self._attempts:
            return self._dead(mail, "interrupted", "L'envoi a été interrompu trop de fois.")
        try:
            case, handoff = outbox.case_of(self._store, mail)
            reply = outbox.reply_of(self._store, mail) if mail.kind == "reply" else ""
            message, envelope = self._composer.compose(mail, case, handoff, reply)
            # half of a lease is what a delivery may take, see transport_for
            late = self._clock() > mail.leased_until - timedelta(seconds=self._lease / 2)
        except StoreUnavailable as error:
            return self._held(mail, TemporaryFailure(f"store_{error}", "La base de données ne répond pas."))
        except SettingsError as error:  # a key is missing: an operator's mistake, to be mended without losing mails
            return self._retry(mail, TemporaryFailure("settings", str(error)), log.error)
        except (AddressRefused, HeadersUnsafe) as error:
            return self._dead(mail, type(error).__name__, str(error))
        except Exception as error:  # noqa: BLE001 - a poison mail must not block the others, whatever it raises
            return self._dead(mail, _where(error), f"Ce mail n'a pas pu être écrit ({type(error).__name__}).")
        if late:  # the machine slept: soon the mail is someone else's
            log.warning("mail_lease_lost", **_ids(mail))
            return Outcome.LOST
        return self._deliver(mail, message, envelope)

    def _deliver(self, mail: Mail, message: EmailMessage, envelope: Envelope) -> Outcome:
        try:
            self._transport.deliver(message, envelope)
        except TemporaryFailure as failure:
            if failure.service:
                return self._held(mail, failure)
            self._service_failures = 0
            return self._retry(mail, failure, log.warning)
        except PermanentFailure as failure:
            self._service_failures = 0
            return self._dead(mail, failure.reason, failure.detail)
        except Exception as error:  # noqa: BLE001 - a transport's bug: bounded retries, like any other failure
            unknown = TemporaryFailure(_where(error), f"Erreur inattendue à l'envoi ({type(error).__name__}).")
            return self._retry(mail, unknown, log.error)
        self._service_failures = 0
        return self._settle(
            mail, Outcome.SENT, lambda: outbox.mark_sent(self._store, mail, self._clock()), log.info, "mail_sent"
        )

    def _retry(self, mail: Mail, failure: TemporaryFailure, tell: Callable[..., Any]) -> Outcome:
        if mail.attempts >= self._attempts:
            return self._dead(mail, failure.reason, failure.detail)
        pause = backoff(mail.attempts, MAIL_PAUSE, MAIL_PAUSE_CAP, self._random())
        return self._settle(
            mail, Outcome.RETRY, self._put_off(mail, failure, pause), tell, "mail_retry", failure.reason
        )

    def _held(self, mail: Mail, failure: TemporaryFailure) -> Outcome:
        """The service is down: give the mail back without spending its attempt, however long it lasts."""
        self._service_failures += 1
        put_off = self._put_off(mail, failure, self._service_pause(), spent=False)
        return self._settle(mail, Outcome.HELD, put_off, log.error, "mail_service_unavailable", failure.reason)

    def _dead(self, mail: Mail, reason: str, detail: str) -> Outcome:
        error = _for_agents(detail)
        return self._settle(
            mail, Outcome.DEAD, lambda: outbox.mark_dead(self._store, mail, error=error), log.error, "mail_dead", reason
        )

    def _put_off(
        self, mail: Mail, failure: TemporaryFailure, seconds: float, *, spent: bool = True
    ) -> Callable[[], bool]:
        error = _for_agents(failure.detail)

        def put_off() -> bool:
            due_at = self._clock() + timedelta(seconds=seconds)
            return outbox.mark_retry(self._store, mail, due_at=due_at, error=error, spent=spent)

        return put_off

    def _settle(
        self,
        mail: Mail,
        outcome: Outcome,
        mark: Callable[[], bool],
        tell: Callable[..., Any],
        event: str,
        reason: str | None = None,
    ) -> Outcome:
        """Write what came of it, for as long as it takes: a result that is not written is a mail sent twice."""
        fields = _ids(mail) | ({"reason": reason} if reason else {})
        tries = 0
        while True:
            try:
                ours = mark()
                break
            except StoreUnavailable as error:
                tries += 1
                log.error("outbox_unavailable", error=str(error), outcome=str(outcome), **fields)
                if self._stopping and tries >= SETTLE_TRIES_WHEN_STOPPING:
                    return Outcome.LOST  # its lease expires; the next relay repeats it under the same Message-ID
                self._sleep(backoff(tries, SETTLE_PAUSE, SETTLE_PAUSE_CAP, self._random()))
        if not ours:
            log.warning("mail_lease_lost", outcome=str(outcome), **fields)
            return Outcome.LOST
        tell(event, **fields)
        return outcome

    def _service_pause(self) -> float:
        return backoff(self._service_failures, SERVICE_PAUSE, SERVICE_PAUSE_CAP, self._random())

    def _rest(self, seconds: float) -> None:
        """Wait, but notice `stop`."""
        while seconds > 0 and not self._stopping:
            self._sleep(min(seconds, NAP))
            seconds -= NAP


def backoff(failures: int, first: float, cap: float, random: float) -> float:
    """Seconds to wait after the nth failure (n >= 1): first, 2·first, 4·first ... at most `cap`, less up to half.

    `random` in [0, 1[ spreads those who failed together.
    """
    longest = min(cap, first * 2 ** min(max(failures, 1) - 1, 64))
    return longest * (0.5 + random / 2)


def _ids(mail: Mail) -> dict[str, Any]:
    return {"mail": mail.id, "case": mail.case_id, "kind": mail.kind, "attempts": mail.attempts}


def _for_agents(detail: str) -> str:
    """A detail that may be stored and shown: a server's answer often repeats the address, and may hold any byte."""
    return redact(plain(detail)).text


def _where(error: Exception) -> str:
    """Type and line of an exception, never its message: it may hold what someone typed."""
    name = type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{name}@{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else name
