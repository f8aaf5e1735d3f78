"""`make run`: every process of the Procfile, until Ctrl-C."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import httpx

from guichet.settings import ROOT, Settings

__all__ = ["LaunchFailed", "launch", "taken_ports"]

READY_LIMIT = 300  # seconds
STOP_LIMIT = 20  # seconds


class LaunchFailed(RuntimeError):
    """The processes could not be started; the text says what to do (in French)."""


def taken_ports(settings: Settings) -> list[str]:
    """French sentences, one for each port that something else listens on."""
    wanted = (
        ("le site", settings.web_host, settings.web_port, "GUICHET_WEB_PORT"),
        ("la console", settings.console_host, settings.console_port, "GUICHET_CONSOLE_PORT"),
        ("les actions", "127.0.0.1", settings.actions_port, "GUICHET_ACTIONS_PORT"),
        ("le cerveau (Rasa)", "127.0.0.1", settings.brain_port, "GUICHET_BRAIN_PORT"),
    )
    return [
        f"Le port {port} ({name}) est déjà pris. Arrêtez ce qui l'utilise, ou choisissez-en un autre avec {variable}."
        for name, host, port, variable in wanted
        if not _is_free(host, port)
    ]


def launch(settings: Settings, ready: Callable[[], None], waiting: Callable[[float], None]) -> int:
    """Start honcho, call `waiting(seconds)` until /readyz is green, then `ready()`; returns its exit code.

    SIGINT and SIGTERM stop everything. Raises LaunchFailed when it is not ready in time.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "honcho", "start", "--no-colour"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        start_new_session=True,  # Ctrl-C reaches us first; honcho then stops its children in order
    )
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        process.terminate()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        _wait_until_ready(settings, process, waiting, lambda: stopping)
        if not stopping and process.poll() is None:
            ready()
        while process.poll() is None and not stopping and _is_read(sys.stdout):
            time.sleep(0.2)
    finally:
        _end(process)
    return 0 if stopping else process.returncode or 1  # no process ends by itself, unless something is wrong


def _wait_until_ready(
    settings: Settings, process: subprocess.Popen, waiting: Callable[[float], None], stopping: Callable[[], bool]
) -> None:
    started = time.monotonic()
    url = f"{settings.web_url}/readyz"
    with httpx.Client(trust_env=False, timeout=3.0) as client:
        while process.poll() is None and not stopping():
            try:
                if client.get(url).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            elapsed = time.monotonic() - started
            if elapsed > READY_LIMIT:
                raise LaunchFailed(f"Le service n'est pas prêt après {READY_LIMIT} s. Lisez les messages ci-dessus.")
            waiting(elapsed)
            time.sleep(0.5)


def _is_read(output: TextIO) -> bool:
    """False when the other end of the pipe or terminal that `output` is was closed."""
    watch = select.poll()
    watch.register(output.fileno(), 0)  # 0: only what poll(2) always tells, POLLERR and POLLHUP
    return not watch.poll(0)


def _end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:  # its output has no reader any more: it obeys nobody
            for pid in _family(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _family(pid: int) -> list[int]:
    """A process and all that it started, itself last."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = children.read_text().split() if children.exists() else []
    return [*(one for child in found for one in _family(int(child))), pid]


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
