"""Whatever is sent, nothing breaks: no 500, and each answer is one that the contract's document describes.

FAULTS=long sends ten thousand requests on each engine instead of six hundred; FAULTS_FROM=SEED sends the same again.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from uuid import uuid4

import httpx
import hypothesis
import pytest
import requests
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from schemathesis import Case, GenerationMode
from structlog.testing import capture_logs

from channels.web.app import HARD_LIMIT
from tests.channels.web.conftest import Person, answer, client
from tests.channels.web.contract import contract
from tests.channels.web.nonsense import HOST, KEY, NONSENSE, WORDS
from tests.postgres import fresh_database

LONG = os.environ.get("FAULTS") == "long"
REQUESTS = 10_000 if LONG else 600
SEED = int(os.environ.get("FAULTS_FROM") or (random.SystemRandom().randrange(10**6) if LONG else 0))
SETTINGS = hypothesis.settings(
    database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), report_multiple_bugs=False
)
REQUEST = ("method", "url", "headers", "params", "json", "data", "cookies")
CLARIFIED = [{"label": f"Choix {n}", "intent": "ceam", "theme": "ceam"} for n in range(3)]
UNLIMITED = {"turns_per_minute": 10**9, "conversations_per_minute": 10**9, "reply_wait": 20.0, "turn_timeout": 30.0}
TOKENS = st.sampled_from(["live", "live", "live", "none", "given"])
CUT = 0  # counted among the statuses: no answer was read
BROKEN = {"request_broken", "turn_broken", "turn_not_storable", "request_too_late"}

pytestmark = pytest.mark.timeout(3600 if LONG else 120)


# --- who sends


class Visitor:
    """Sends anything, with a live token or not. A conversation that is erased or long is left for a new one."""

    def __init__(self, url: str) -> None:
        self.url, self.client, self.tally = url, client(url), Counter()
        self._person, self._asked = Person(url), 0

    def send(self, method: str, address: str, *, content: object = b"", headers: list, token: str) -> None:
        """`address`: path and query. `token`: live, none, or given: the one in `headers`, if any."""
        headers = [(name, value) for name, value in headers if token == "given" or name.lower() != b"authorization"]
        if token == "live":
            headers.append((b"authorization", self._live()))
        too_large = isinstance(content, bytes) and len(content) > HARD_LIMIT
        if too_large:  # Sanic reads no further and closes the connection, whatever it announced
            headers.append((b"connection", b"close"))
        try:
            answered = self.client.send(httpx.Request(method, self.url + address, headers=headers, content=content))
        except httpx.LocalProtocolError:  # a header that no client can send
            hypothesis.reject()
        except httpx.ReadError:
            assert too_large
            self.tally[CUT] += 1
            return
        self.tally[answered.status_code] += 1
        if method == "DELETE" and answered.status_code == 204:
            self._asked = 0
        assert answered.status_code < 500 or address.startswith("/readyz"), answered.text

    def _live(self) -> bytes:
        self._asked += 1
        if self._asked % 60 == 1:
            self._person = Person(self.url)
        return self._person.http.headers["authorization"].encode()


@pytest.fixture(params=["sqlite", "postgresql"] if LONG else ["sqlite"])
def fuzzed(request, site, brain) -> Iterator[str]:
    """A site that limits no rate, trusts a proxy and a host site; at the end nothing of it may have broken inside."""
    with ExitStack() as held:
        database = held.enter_context(fresh_database()) if request.param == "postgresql" else ""
        logs = held.enter_context(capture_logs())
        brain.says("deux", answer("ceam", "Une."), answer("changement_rib", "Deux."))
        brain.says("quoi", {"text": "Laquelle ?", "custom": {"kind": "clarify", "choices": CLARIFIED}})
        brain.says("insatisfaction", {"text": "Un conseiller ?", "custom": {"kind": "handoff_offer", "theme": None}})
        yield site(database_url=database, trusted_proxies=1, identity_key=KEY, cors_origins=(HOST,), **UNLIMITED)
        assert [line for line in logs if line["event"] in BROKEN] == []


@pytest.fixture
def tell(capsys) -> Callable[[str, Counter], None]:
    def say(what: str, tally: Counter) -> None:
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.items()))
        with capsys.disabled():
            print(f"\n{tally.total()} requests {what} (FAULTS_FROM={SEED}): {statuses}", flush=True)

    return say


def play(strategy: st.SearchStrategy, send: Callable[[object], None], count: int) -> None:
    """Draw `count` things and send each."""

    @hypothesis.seed(SEED)
    @hypothesis.settings(SETTINGS, max_examples=count)
    @hypothesis.given(strategy)
    def run(drawn: object) -> None:
        send(drawn)

    run()


# --- from the document: what it allows, and what it forbids


def described() -> st.SearchStrategy[Case]:
    """Requests of every operation of a conversation, as the document allows them and as it does not."""
    operations = [found.ok() for found in contract().schema.get_all_operations()]
    asked = [operation for operation in operations if operation.path.startswith("/chat/")]
    return st.one_of([operation.as_strategy(generation_mode=mode) for operation in asked for mode in GenerationMode])


def test_requests_made_from_the_document_are_answered_as_it_says(fuzzed, tell):
    visitor = Visitor(fuzzed)

    def send(drawn: tuple[Case, str]) -> None:
        case, token = drawn
        made = case.as_transport_kwargs(base_url=fuzzed)
        made = requests.Request(**{key: made[key] for key in made if key in REQUEST}).prepare()
        headers = [(name.encode("latin-1"), value.strip().encode("latin-1")) for name, value in made.headers.items()]
        visitor.send(made.method, made.path_url, content=made.body or b"", headers=headers, token=token)

    play(st.tuples(described(), TOKENS), send, REQUESTS // 2)
    tell("from the document", visitor.tally)


# --- from nowhere


def test_requests_that_nobody_would_write_are_refused_in_french(fuzzed, tell):
    visitor = Visitor(fuzzed)

    def send(drawn: tuple) -> None:
        ((method, address), content, headers), token = drawn
        visitor.send(method, address, content=content, headers=headers, token=token)

    play(st.tuples(NONSENSE, TOKENS), send, REQUESTS * 3 // 10)
    tell("from nowhere", visitor.tally)


# --- conversations: real offers, forms, erasures, and the same things again


SAID = ["bonjour", "deux", "quoi", "je veux mourir", "mon numéro est 2 85 05 49 588 157 80"]


class Walk(RuleBasedStateMachine):
    """One person after another, who never forgets an id; what the contract promises is compared at each step.

    Ids are new in each walk: Hypothesis plays the same steps again, and an id that was used is answered otherwise.
    """

    url = ""
    tally: Counter[int] = Counter()

    @initialize()
    def opens(self) -> None:
        self.person, self.seen, self.sent, self.forms = Person(self.url), {}, [], []
        self.keep(self.person.started)

    def ask(self, method: str, path: str, body: dict | None = None) -> httpx.Response:
        answered = self.person.http.request(method, path, content=b"" if body is None else json.dumps(body).encode())
        self.tally[answered.status_code] += 1
        assert answered.status_code < 500, answered.text
        return answered

    def keep(self, answered: httpx.Response) -> list[dict]:
        messages = answered.json()["messages"]
        self.seen |= {message["seq"]: message for message in messages}
        return messages

    @rule(text=st.sampled_from(SAID) | WORDS)
    def says(self, text: str) -> None:
        body = {"id": str(uuid4()), "text": text}
        answered = self.ask("POST", "/chat/messages", body)
        if answered.status_code == 200:
            self.keep(answered)
            self.sent.append((body, answered.json()))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def says_it_again(self, data: st.DataObject) -> None:
        body, first = data.draw(st.sampled_from(self.sent))
        assert self.ask("POST", "/chat/messages", body).json() == first

    @rule(data=st.data())
    def chooses(self, data: st.DataObject) -> None:
        offered = [choice for message in self.seen.values() for choice in message["choices"]]
        if offered:
            choice = data.draw(st.sampled_from(offered))
            body = {"id": str(uuid4()), "choice": choice["id"]}
            answered = self.ask("POST", "/chat/messages", body)
            assert self.keep(answered)[0]["text"] == choice["label"]
            self.sent.append((body, answered.json()))

    @rule(choice=st.tuples(st.integers(0, 40), st.integers(9, 99)).map(lambda n: f"{n[0]}.{n[1]}"))
    def chooses_what_was_never_offered(self, choice: str) -> None:
        body = {"id": str(uuid4()), "choice": choice}
        assert self.ask("POST", "/chat/messages", body).status_code == 422

    @rule(message=st.sampled_from(["Ma carte ?", "je veux mourir"]) | WORDS, name=WORDS)
    def hands_off(self, message: str, name: str) -> None:
        form = {"id": str(uuid4()), "email": "a@exemple.fr", "departement": "49", "consent": True}
        form |= {"message": message, "name": name}
        answered = self.ask("POST", "/chat/handoff", form)
        if answered.status_code == 200:
            self.forms.append((form, self.keep(answered)[-1]["reference"]))
            assert len({reference for _, reference in self.forms}) == 1  # the case is still open: one reference

    @precondition(lambda self: self.forms)
    @rule(data=st.data())
    def hands_off_again(self, data: st.DataObject) -> None:
        form, reference = data.draw(st.sampled_from(self.forms))
        assert self.ask("POST", "/chat/handoff", form).json()["messages"][-1]["reference"] == reference

    @rule(seq=st.integers(1, 30), reason=st.sampled_from(["incomplete", "fausse", "lien_mort"]))
    def tells_why(self, seq: int, reason: str) -> None:
        answered = self.ask("POST", "/chat/feedback", {"seq": seq, "reason": reason})
        kind = self.seen.get(seq, {}).get("kind")
        assert answered.status_code == (204 if kind == "answer" else 404) or kind is None

    @rule(seq=st.integers(1, 30), link=st.sampled_from(["ceam_demande", "inconnu"]))
    def follows_a_link(self, seq: int, link: str) -> None:
        shown = [link["id"] for link in self.seen.get(seq, {}).get("links", [])] or [link]
        assert self.ask("POST", "/chat/clicks", {"seq": seq, "teleservice": shown[0]}).status_code in (204, 404)

    @rule()
    def reads(self) -> None:
        read = self.ask("GET", "/chat/messages").json()["messages"]
        assert [message["seq"] for message in read] == list(range(1, len(read) + 1))
        assert self.seen.items() <= {message["seq"]: message for message in read}.items()

    @rule(data=st.data())
    def erases_and_comes_back(self, data: st.DataObject) -> None:
        """Nothing answers the old token; the new conversation knows nothing, and takes the old ids of messages."""
        assert self.ask("DELETE", "/chat/conversations").status_code == 204
        for method, path in (("GET", "/chat/messages"), ("DELETE", "/chat/conversations"), ("POST", "/chat/messages")):
            assert self.ask(method, path, {}).status_code == 401
        sent, forms = self.sent, self.forms
        self.opens()
        if forms:
            assert self.ask("POST", "/chat/handoff", data.draw(st.sampled_from(forms))[0]).status_code == 400
        if sent and "text" in (body := data.draw(st.sampled_from(sent))[0]):
            self.keep(self.ask("POST", "/chat/messages", body))


def test_conversations_keep_their_promises_in_any_order(fuzzed, tell):
    Walk.url, Walk.tally, steps = fuzzed, Counter(), 20
    walks = hypothesis.settings(SETTINGS, max_examples=REQUESTS // 5 // steps, stateful_step_count=steps)
    hypothesis.seed(SEED)(Walk)
    run_state_machine_as_test(Walk, settings=walks)
    tell("in conversations", Walk.tally)
