"""The processes of the Procfile, started one by one so that a test can break each of them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

import httpx

from guichet.store import migrate, open_store
from tests.live import NO_TLS, free_port

__all__ = ["ROOT", "Caller", "Rig", "until"]

ROOT = Path(__file__).resolve().parents[2]
START_LIMIT = 120  # seconds: Rasa on a busy machine
SETTINGS = {
    "GUICHET_TURNS_PER_MINUTE": "100000",
    "GUICHET_CONVERSATIONS_PER_MINUTE": "100000",
    "GUICHET_HANDOFFS_PER_CONVERSATION": "100000",
    "GUICHET_HANDOFFS_PER_MAILBOX": "100000",
    "GUICHET_HANDOFFS_PER_HOUR": "100000",
    "GUICHET_REPLY_WAIT": "2",
    "GUICHET_TURN_TIMEOUT": "6",
    "ACTION_TIMEOUT": "2",
}


def until[T](ask: Callable[[], T], seconds: float, what: str) -> T:
    """What `ask` gives as soon as it is true. Fails after a time."""
    end = time.monotonic() + seconds
    while True:
        found = ask()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.05)


class Rig:
    """A service in a folder of its own. `start("web", "stand_in")` starts these; the brain is one of the two."""

    def __init__(self, folder: Path, database: str = "", **settings: str) -> None:
        self.folder, self.processes = folder, {}
        self.ports = {name: free_port() for name in ("WEB", "CONSOLE", "ACTIONS", "BRAIN")}
        self.web = f"http://127.0.0.1:{self.ports['WEB']}"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("GUICHET_", "DATABASE_"))}
        self.environment = inherited | SETTINGS | {f"GUICHET_{key}_PORT": str(port) for key, port in self.ports.items()}
        self.environment |= {
            "GUICHET_VAR_DIR": str(folder),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        } | settings
        self.database = database or f"sqlite:///{folder / 'guichet.db'}"
        if database:
            self.environment["DATABASE_URL"] = database
        store = open_store(self.database)
        migrate(store)
        store.close()

    def start(self, *names: str, waiting: bool = True) -> Rig:
        """Start processes, and wait until each answers."""
        lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
        lines["stand_in"] = f"bin/keep {sys.executable} -m tests.faults.stand_in {self.ports['BRAIN']} {self.folder}"
        for name in names:
            log = (self.folder / f"{name}.log").open("ab")
            self.processes[name] = subprocess.Popen(
                lines[name].split(), cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        for name in names:
            if waiting and name != "relay":
                until(lambda name=name: self.answers(name), START_LIMIT, f"{name} answers\n{self.log(name)[-2000:]}")
        return self

    def answers(self, name: str) -> bool:
        port, path = {
            "web": ("WEB", "/healthz"),
            "actions": ("ACTIONS", "/health"),
            "console": ("CONSOLE", "/"),
        }.get(name, ("BRAIN", "/webhooks/guichet/"))
        try:
            return (
                httpx.get(
                    f"http://127.0.0.1:{self.ports[port]}{path}", trust_env=False, verify=NO_TLS, timeout=5
                ).status_code
                < 500
            )
        except httpx.HTTPError:
            return False

    def pid(self, name: str) -> int | None:
        """The process that the keeper keeps, while there is one."""
        keeper = self.processes[name].pid
        children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
        for child in map(int, children):
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes()
            except OSError:
                continue
            if b"\0-m\0" in command:
                return child
        return None

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal to a process of ours; returns its id."""
        pid = until(lambda: self.pid(name), 20, f"{name} runs")
        os.kill(pid, number)
        return pid

    def kill(self, name: str) -> None:
        """kill -9; the keeper starts it again."""
        killed = self.signal(name, signal.SIGKILL)
        until(lambda: self.pid(name) not in (None, killed), 20, f"{name} is started again")

    def end(self, name: str) -> None:
        """Stop a process for good."""
        process = self.processes.pop(name)
        pid = self.pid_of(process)
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            if pid:
                os.kill(pid, signal.SIGKILL)
            process.kill()
            process.wait(5)

    def pid_of(self, process: subprocess.Popen) -> int | None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def stop(self) -> None:
        for name in list(self.processes):
            self.end(name)

    def breaks(self, mode: str) -> None:
        """What the stand-in does wrong from now on; empty: nothing."""
        (self.folder / "mode.new").write_text(mode)
        (self.folder / "mode.new").replace(self.folder / "mode")

    def runs(self) -> list[str]:
        """What the stand-in really ran, in order; a text that stands twice was run twice."""
        with sqlite3.connect(self.folder / "brain.db", timeout=20) as ledger:
            return [said for (said,) in ledger.execute("SELECT said FROM runs ORDER BY rowid")]

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""


class Caller:
    """An insured person's browser that keeps to the contract: the same id again after a cut, `after=` to catch up."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, verify=NO_TLS, timeout=30)
        started = until(lambda: self._try("POST", "/chat/conversations", {}), 60, "a conversation starts")
        self.http.headers["Authorization"] = f"Bearer {started.json()['token']}"
        self.acknowledged: list[str] = []

    def says(self, text: str, message_id: str | None = None) -> httpx.Response:
        """One attempt; raises httpx.TransportError when the line is cut."""
        return self.http.post("/chat/messages", json={"id": message_id or str(uuid4()), "text": text})

    def chooses(self, choice: str) -> httpx.Response:
        return self.http.post("/chat/messages", json={"id": str(uuid4()), "choice": choice})

    def insists(self, text: str) -> dict:
        """As the widget does: the same id until the service has taken it."""
        return self._insist("/chat/messages", {"text": text}, text)

    def hands_off(self, summary: str) -> dict:
        form = {"email": "personne@exemple.fr", "departement": "49", "message": summary, "consent": True}
        return self._insist("/chat/handoff", form, summary)

    def _insist(self, path: str, body: dict, told: str) -> dict:
        body = {"id": str(uuid4())} | body
        reply = until(lambda: self._try("POST", path, body), 600, told).json()
        self.acknowledged.append(told)
        return reply

    def reads(self, after: int = 0) -> list[dict]:
        return until(lambda: self._try("GET", f"/chat/messages?after={after}"), 60, "messages").json()["messages"]

    def waits(self, seconds: float = 90) -> list[dict]:
        """All messages, once no turn is under way."""

        def ended() -> list[dict] | None:
            answer = self._try("GET", "/chat/messages?after=0")
            return answer.json()["messages"] if answer and not answer.json()["pending"] else None

        return until(ended, seconds, "every turn ends")

    def _try(self, method: str, path: str, body: dict | None = None) -> httpx.Response | None:
        try:
            answer = self.http.request(method, path, json=body)
        except httpx.TransportError:
            return None
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        return answer if answer.status_code < 300 else None


def exchanges(messages: Iterable[dict]) -> list[tuple[str, list[str]]]:
    """What the person said, each with the texts that answer before the person's next words."""
    found: list[tuple[str, list[str]]] = []
    for message in messages:
        if message["from"] == "user":
            found.append((message["text"], []))
        elif found:
            found[-1][1].append(message["text"])
    return found
