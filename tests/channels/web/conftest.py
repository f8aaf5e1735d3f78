"""The web app on a real socket, with a brain that a test scripts."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from channels.web.app import create_app
from channels.web.brain import Brain
from guichet.content import load_content
from guichet.model import LIKENESS
from guichet.safety import load as load_detector
from guichet.settings import Settings
from guichet.store import migrate, open_store
from tests.channels.web.contract import contract
from tests.live import NO_TLS, free_port, serve


class ScriptedBrain:
    """Stands where Rasa stands: answers by text, remembers what it was asked; a test may break it."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.scripts: dict[str, list[dict]] = {}
        self.broken: httpx.Response | Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def says(self, text: str, *utterances: dict) -> None:
        self.scripts[text] = list(utterances)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"status": "ok"})
        if request.method == "DELETE":
            return httpx.Response(204)
        body = json.loads(request.content)
        self.asked.append(body)
        if isinstance(self.broken, Exception):
            raise self.broken
        if self.broken is not None:
            return self.broken
        while not self.gate.is_set():
            await asyncio.sleep(0.02)
        said = self.scripts.get(body.get("text") or body.get("intent"), [answer("ceam")])
        return httpx.Response(200, json={"utterances": said, "intent": "ceam", "decision": {"reason": "compris"}})


def plain(text: str) -> str:
    """A shown text with ordinary spaces and apostrophes, as one would search for it."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def answer(theme: str, text: str = "La réponse.", **custom: object) -> dict:
    return {"text": text, "custom": {"kind": "answer", "theme": theme, **custom}}


def client(url: str) -> httpx.Client:
    """Every answer it gets is compared with the contract's document."""
    hooks = {"response": [contract().check]}
    return httpx.Client(base_url=url, trust_env=False, verify=NO_TLS, timeout=30, event_hooks=hooks)


class Person:
    """An insured person's browser: keeps the token, sends the requests."""

    def __init__(self, url: str) -> None:
        self.http = client(url)
        self.started = self.http.post("/chat/conversations", json={})
        assert self.started.status_code == 201, self.started.text
        self.http.headers["Authorization"] = f"Bearer {self.started.json()['token']}"

    def says(self, text: str, message_id: str | None = None) -> httpx.Response:
        return self.http.post("/chat/messages", json={"id": message_id or str(uuid4()), "text": text})

    def chooses(self, choice: str, message_id: str | None = None) -> httpx.Response:
        return self.http.post("/chat/messages", json={"id": message_id or str(uuid4()), "choice": choice})

    def reads(self, after: int = 0) -> list[dict]:
        return self.http.get("/chat/messages", params={"after": after}).json()["messages"]

    def hands_off(self, handoff_id: str | None = None, **changes: object) -> httpx.Response:
        form = {
            "email": "personne@exemple.fr",
            "departement": "49",
            "name": "Camille",
            "message": "Je n'ai pas reçu ma carte.",
            "consent": True,
        }
        return self.http.post("/chat/handoff", json={"id": handoff_id or str(uuid4())} | form | changes)


@pytest.fixture(scope="session")
def content():
    return load_content(Path("data"))


@pytest.fixture(scope="session")
def detector():
    return load_detector(Path("data/urgences.yml"), LIKENESS)


@pytest.fixture
def settings(tmp_path, empty_database) -> Settings:
    shutil.copy(empty_database, tmp_path / "guichet.db")
    return Settings(
        data_dir=Path("data").resolve(), var_dir=tmp_path, reply_wait=2.0, turn_timeout=6.0, actions_port=free_port()
    )


@pytest.fixture
def store(settings):
    store = open_store(settings.database)
    yield store
    store.close()


@pytest.fixture
def brain() -> ScriptedBrain:
    return ScriptedBrain()


@pytest.fixture
def site(settings, brain, content, detector):
    """Starts an app; call it again to restart it, or with changed settings. Gives its URL."""
    with ExitStack() as running:

        def start(**changes: object) -> str:
            running.close()
            changed = replace(settings, **changes)
            store = open_store(changed.database)
            migrate(store)
            client = Brain("http://brain", transport=httpx.MockTransport(brain), second_try=0.1)
            return running.enter_context(
                serve(create_app(changed, content=content, store=store, brain=client, detector=detector))
            )

        yield start


@pytest.fixture
def person(site) -> Person:
    return Person(site())
