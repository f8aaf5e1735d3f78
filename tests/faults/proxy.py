"""A TCP proxy that cuts or stalls connections at a chosen byte, or refuses them: the network of a browser."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from typing import Literal

__all__ = ["Proxy"]

Way = Literal["up", "down"]  # to the service, from the service

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset, as a network that goes away does


class Proxy:
    """Forwards to a loopback port. A context manager; `url` is where a browser goes."""

    def __init__(self, port: int) -> None:
        self._port, self._listener = port, socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.passed: dict[Way, int] = {"up": 0, "down": 0}
        self.fired = 0
        self._fault: tuple[Way, int, float, bool] | None = None
        self._open = threading.Event()
        self._open.set()
        self._flows = threading.Event()
        self._flows.set()
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._fault = None
        self._flows.set()
        self._listener.close()
        self.close()

    def cut(self, way: Way, after: int, away: float = 0.0) -> None:
        """Once `after` more bytes have gone this way, every connection is reset, and new ones for `away` seconds."""
        with self._lock:
            self._fault = (way, self.passed[way] + after, away, False)

    def stall(self, way: Way, after: int, away: float) -> None:
        """Once `after` more bytes have gone this way, nothing moves any more for `away` seconds."""
        with self._lock:
            self._fault = (way, self.passed[way] + after, away, True)

    def refuse(self) -> None:
        """Every connection is reset until `accept()`."""
        self._open.clear()
        self.close()

    def accept(self) -> None:
        self._open.set()

    def close(self) -> None:
        """Reset every connection of now."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for one in sockets:
            _reset(one)

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:  # closed
                return
            if not self._open.is_set():
                _reset(browser)
                continue
            service = socket.create_connection(("127.0.0.1", self._port))
            with self._lock:
                self._sockets |= {browser, service}
            for ends in ((browser, service, "up"), (service, browser, "down")):
                threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, way: Way) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                self._flows.wait()
                chunk = self._up_to_the_fault(chunk, target, way)
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)

    def _up_to_the_fault(self, chunk: bytes, target: socket.socket, way: Way) -> bytes:
        """What is left to forward of a chunk once the fault that falls in it has happened. OSError: it was a cut."""
        with self._lock:
            before, self.passed[way] = self.passed[way], self.passed[way] + len(chunk)
            if self._fault is None or self._fault[0] != way or self.passed[way] < self._fault[1]:
                return chunk
            (_, at, away, stalls), self._fault = self._fault, None
            self.fired += 1
        target.sendall(chunk[: at - before])
        if stalls:
            self._flows.clear()
            threading.Timer(away, self._flows.set).start()
            self._flows.wait()
            return chunk[at - before :]
        if away:
            self._open.clear()
            threading.Timer(away, self._open.set).start()
        self.close()
        raise OSError("cut")


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        one.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it
    one.close()
