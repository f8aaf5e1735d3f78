"""How often: new conversations per address, hand-offs per address."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

__all__ = ["Window"]

WINDOW = 60.0  # seconds
KEYS = 50_000  # addresses remembered at most


class Window:
    """Counts events of a key over the last seconds, in this process's memory."""

    def __init__(self, limit: int, clock: Callable[[], float], seconds: float = WINDOW) -> None:
        self._limit, self._clock, self._seconds = limit, clock, seconds
        self._events: dict[str, deque[float]] = {}

    def wait(self, key: str) -> int:
        """0 when one more event is allowed (it is then counted), else the seconds to wait."""
        now = self._clock()
        seen = self._events.setdefault(key, deque())
        while seen and seen[0] <= now - self._seconds:
            seen.popleft()
        if len(seen) >= self._limit:
            return max(1, int(seen[0] + self._seconds - now) + 1)
        seen.append(now)
        if len(self._events) > KEYS:
            self._forget(now)
        return 0

    def _forget(self, now: float) -> None:
        self._events = {key: seen for key, seen in self._events.items() if seen and seen[-1] > now - self._seconds}
