"""What is switched off, as a process knows it: read again every PAUSE seconds at most, and only when asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from guichet.content.off import NOTHING_OFF, Off
from guichet.store import Store, StoreUnavailable, ask, switches

__all__ = ["PAUSE", "Switchboard"]

PAUSE = 2.0  # seconds: the longest that a switch takes to act
PATIENCE = 1.0  # seconds a message waits for this reading; then the last known state holds
log = structlog.get_logger("switches")


class Switchboard:
    """The present state, shared by all requests of a process; `now` gives an aware instant."""

    def __init__(self, store: Store, now: Callable[[], datetime], tick: Callable[[], float] = time.monotonic) -> None:
        self._store, self._now, self._tick = store, now, tick
        self._known = NOTHING_OFF
        self._read_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def off(self) -> Off:
        """What is off. While the database is away: what was off when it last answered."""
        if self._reading is None and (self._read_at is None or self._tick() - self._read_at >= PAUSE):
            self._reading = asyncio.create_task(self._read(), name="switches")
        if self._reading:
            await asyncio.wait({self._reading}, timeout=PATIENCE)
        return self._known

    async def _read(self) -> None:
        began = self._tick()
        try:
            known = await ask(switches.off, self._store, self._now())
            if known != self._known:
                log.info(
                    "switches_changed", bot=known.bot is not None, themes=sorted(known.themes),
                    teleservices=sorted(known.teleservices),
                )  # fmt: skip
            self._known = known
        except StoreUnavailable as error:
            log.warning("switches_unread", reason=str(error))
        except Exception as error:  # noqa: BLE001 - messages go on being answered, with the last known state
            log.error("switches_unread", reason=type(error).__name__)
        finally:
            self._read_at, self._reading = began, None
