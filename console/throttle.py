"""How often one may try a password or a code: a delay per (login, address), so that nobody locks a colleague out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

__all__ = ["Throttle"]

FREE = 5  # tries before the first delay
DELAYS = (15, 30, 60, 120, 300)  # seconds; the last one stays
FORGET = timedelta(minutes=30)  # without a try
PAIRS = 10_000  # remembered at most, the least recent forgotten first


@dataclass(frozen=True)
class _Tries:
    count: int
    last: datetime


class Throttle:
    """Counts the tries of each (login, address) pair since its last success, in this process's memory."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._pairs: dict[tuple[str, str], _Tries] = {}

    def wait(self, login: str, address: str) -> int:
        """0 when one more try is allowed, else the seconds to wait.

        A try is counted before what it gives is checked: a hundred at once are no more allowed than one by one.
        """
        now, key = self._clock(), (login, _network(address))
        tries = self._pairs.get(key)
        if tries is None or now - tries.last >= FORGET:
            tries = _Tries(0, now)
        left = (tries.last + _delay(tries.count) - now).total_seconds()
        if left > 0:
            return math.ceil(left)
        self._pairs.pop(key, None)
        self._pairs[key] = _Tries(tries.count + 1, now)
        while len(self._pairs) > PAIRS:
            del self._pairs[next(iter(self._pairs))]
        return 0

    def forget(self, login: str, address: str) -> None:
        """It was right: the pair starts afresh."""
        self._pairs.pop((login, _network(address)), None)


def _delay(count: int) -> timedelta:
    if count < FREE:
        return timedelta(0)
    return timedelta(seconds=DELAYS[min(count - FREE, len(DELAYS) - 1)])


def _network(address: str) -> str:
    """The address itself; for IPv6 its /64, which one subscriber has whole."""
    try:
        ip = ip_address(address.strip("[]"))
    except ValueError:
        return address
    return str(IPv6Address(int(ip) >> 64 << 64)) if isinstance(ip, IPv6Address) else str(ip)
