"""The whole service, started once for the tests that use it as a person would: `bin/guichet run` on its own ports."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings

from guichet.store import migrate, open_store
from tests.live import free_port

settings.register_profile("guichet", deadline=None)  # tests never assert times: a busy machine is no defect
settings.load_profile("guichet")

ROOT = Path(__file__).resolve().parents[1]
START_LIMIT = 240  # seconds: on a shared machine Rasa may take a minute to load


@dataclass
class Service:
    """The running processes of `make run`, their addresses and their files."""

    web: str
    console: str
    var: Path
    process: subprocess.Popen
    said: list[str] = field(default_factory=list)

    def pids(self, module: str) -> list[int]:
        """Processes of this service that run a module (`channels.web`, `brain` ...), without their keepers."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
                environment = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            ours = f"GUICHET_VAR_DIR={self.var}".encode() in environment
            if ours and command[1:3] == [b"-m", module.encode()]:
                found.append(int(entry.name))
        return found

    def kill(self, module: str) -> None:
        """kill -9; the keeper starts it again."""
        pids = self.pids(module)
        assert pids, f"{module} is not running"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


@contextmanager
def running(var: Path, **settings: str) -> Iterator[Service]:
    """`bin/guichet run` on free ports with its files in `var`; `settings` are environment variables."""
    ports = {name: free_port() for name in ("WEB", "CONSOLE", "ACTIONS", "BRAIN")}
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GUICHET_", "DATABASE_"))}
    environment |= {f"GUICHET_{name}_PORT": str(port) for name, port in ports.items()}
    environment |= {"GUICHET_VAR_DIR": str(var)} | settings
    process = subprocess.Popen(
        [str(ROOT / "bin/guichet"), "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    service = Service(f"http://127.0.0.1:{ports['WEB']}", f"http://127.0.0.1:{ports['CONSOLE']}", var, process)
    ready = threading.Event()

    def listen() -> None:
        for line in process.stdout:
            service.said.append(line)
            if "Prêt." in line:
                ready.set()
        ready.set()

    threading.Thread(target=listen, daemon=True).start()
    ready.wait(START_LIMIT)
    if not any("Prêt." in line for line in service.said):
        process.terminate()
        pytest.fail("the service did not start:\n" + "".join(service.said)[-4000:])
    time.sleep(0.5)  # the lines after «Prêt.»
    try:
        yield service
    finally:  # a test that fails leaves nothing running
        process.send_signal(signal.SIGINT)
        process.wait(60)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory) -> Path:
    """A migrated database file, of which a test takes a copy: migrating takes a hundred times longer."""
    path = tmp_path_factory.mktemp("database") / "guichet.db"
    store = open_store(f"sqlite:///{path}")
    migrate(store)
    store.close()
    return path


@pytest.fixture(scope="session")
def service(tmp_path_factory) -> Iterator[Service]:
    limits = {f"GUICHET_HANDOFFS_PER_{limit}": "100000" for limit in ("CONVERSATION", "MAILBOX", "HOUR")}
    limits |= {"GUICHET_TURNS_PER_MINUTE": "1000", "GUICHET_CONVERSATIONS_PER_MINUTE": "100000"}
    with running(tmp_path_factory.mktemp("service"), **limits) as service:
        yield service


@pytest.fixture(scope="session")
def live_site(service) -> str:
    """Base URL of the running service, for the browser tests."""
    return service.web
