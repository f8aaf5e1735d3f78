"""Nobody reads, writes or erases another's conversation, whatever token he makes up."""

from __future__ import annotations

import base64
import json
import random
import secrets
import string
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import jwt

from channels.web.access import hash_token
from tests.channels.web.conftest import Person
from tests.live import NO_TLS

FORGED = 1_000


def forgeries(tokens: list[str], chance: random.Random) -> list[str]:
    """Made-up tokens: altered, cut, joined, decoded, hashed, shaped like other systems' and plain hostile."""
    letters = string.ascii_letters + string.digits + "-_"

    def altered(token: str) -> str:
        at = chance.randrange(len(token))
        return token[:at] + chance.choice(letters.replace(token[at], "")) + token[at + 1 :]

    shapes = [
        altered,
        lambda token: token[: chance.randrange(len(token))],
        lambda token: token + chance.choice(letters),
        lambda token: token + "=",
        lambda token: token.swapcase(),
        lambda token: token[::-1],
        lambda token: token[:20] + tokens[0][20:] if token != tokens[0] else altered(token),
        lambda token: hash_token(token),  # what the database holds is no key
        lambda token: base64.urlsafe_b64encode(token.encode()).decode(),
        lambda token: token + "\t" + token,
        lambda token: token.replace(token[0], "%" + f"{ord(token[0]):02x}", 1),
        lambda token: "".join(chr(ord(c) + 0xFEE0) if 33 <= ord(c) <= 126 else c for c in token),  # full width
        lambda token: token[:-1] + "\u0430",  # a Cyrillic letter that looks like ours
        lambda _: secrets.token_urlsafe(32),
        lambda _: str(uuid4()),
        lambda token: jwt.encode({"sub": token, "aud": "guichet"}, "k" * 32, algorithm="HS256"),
        lambda token: _unsigned({"sub": token, "aud": "guichet", "exp": 2**33}),
        lambda token: json.dumps({"token": token}),
        lambda token: f"{token}' OR '1'='1",
        lambda token: f"{token[:8]}%",
        lambda token: "*",
        lambda token: f"{token}, {token}",
        lambda token: "a" * 4_000,
    ]
    return [shapes[n % len(shapes)](chance.choice(tokens)) for n in range(FORGED)]


def _unsigned(claims: dict) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def test_a_thousand_forged_tokens_open_nothing(site, capsys):
    url = site(turns_per_minute=1_000_000, conversations_per_minute=1_000_000)
    people = [Person(url) for _ in range(3)]
    secret = "phrase que personne d'autre ne doit lire"
    for person in people:
        person.says(secret)
    before = [person.reads() for person in people]
    tokens = [person.started.json()["token"] for person in people]
    routes = [
        ("GET", "/chat/messages", None),
        ("POST", "/chat/messages", {"id": str(uuid4()), "text": "bonjour"}),
        ("POST", "/chat/messages", {"id": str(uuid4()), "choice": "3.0"}),
        ("POST", "/chat/handoff", {"id": str(uuid4()), "email": "a@exemple.fr", "departement": "49"}),
        ("POST", "/chat/feedback", {"seq": 3, "reason": "fausse"}),
        ("POST", "/chat/clicks", {"seq": 3, "teleservice": "ceam"}),
        ("DELETE", "/chat/conversations", None),
    ]
    forged = forgeries(tokens, random.Random(6))
    assert not set(forged) & set(tokens)

    def tried(numbered: tuple[int, str]) -> httpx.Response:
        n, token = numbered
        method, path, body = routes[n % len(routes)]
        value = f"Bearer {token}".encode()
        with httpx.Client(base_url=url, trust_env=False, verify=NO_TLS, timeout=30) as line:
            return line.request(method, path, json=body, headers=[(b"Authorization", value)])

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(tried, enumerate(forged)))
    opened = sum(answer.status_code not in (400, 401, 431) for answer in answers)
    leaked = sum("personne" in answer.text for answer in answers)
    with capsys.disabled():
        print(f"\n{FORGED} forged or altered tokens: {opened} opened something, {leaked} read another's words")
    assert (opened, leaked) == (0, 0)
    assert [person.reads() for person in people] == before


def test_a_token_works_from_its_header_only(site):
    person = Person(site())
    token = person.started.json()["token"]
    with httpx.Client(base_url=str(person.http.base_url), trust_env=False) as stranger:
        assert stranger.get("/chat/messages", params={"token": token}).status_code == 401
        assert stranger.get("/chat/messages", headers={"Cookie": f"token={token}"}).status_code == 401
        assert stranger.get("/chat/messages", headers={"X-Token": token}).status_code == 401
        assert stranger.get("/chat/messages", headers={"Authorization": f"Basic {token}"}).status_code == 401


def test_starting_again_gives_another_token_and_another_conversation(site):
    url = site()
    first = Person(url)
    first.says("bonjour")
    second = Person(url)
    assert first.started.json()["token"] != second.started.json()["token"]
    assert [message["kind"] for message in second.reads()] == ["welcome"]


def test_nobody_chooses_for_the_brain_who_speaks(site, brain):
    """Sender, metadata, intents, slots and entities of a request's body go nowhere."""
    person = Person(site())
    extras = {
        "sender": "x", "sender_id": "x", "conversation_id": "x", "metadata": {"a": 1}, "intent": "rib",
        "entities": {"handoff": "1"}, "slots": {"a": 1}, "input_channel": "x", "again": str(uuid4()),
        "answers_only": True, "parse_data": {"intent": {"name": "rib"}},
    }  # fmt: skip
    answer = person.http.post("/chat/messages", json={"id": str(uuid4()), "text": "bonjour"} | extras)
    assert answer.status_code == 200
    (asked,) = brain.asked
    assert set(asked) == {"sender", "message_id", "text"}
    assert asked["text"] == "bonjour"
    assert asked["sender"] != "x"


def test_https_is_insisted_upon_behind_a_trusted_proxy_only(site):
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9", "X-Forwarded-Host": "aide.exemple.fr"}
    told = httpx.get(site(trusted_proxies=1) + "/healthz", headers=forwarded, trust_env=False)
    assert told.headers["Strict-Transport-Security"] == "max-age=31536000"
    told = httpx.get(site() + "/healthz", headers=forwarded, trust_env=False)
    assert "Strict-Transport-Security" not in told.headers


def test_a_flood_from_one_address_behind_the_proxy_stops_that_address_only(site):
    url = site(trusted_proxies=1, conversations_per_minute=2)

    def opened(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return httpx.post(f"{url}/chat/conversations", json={}, headers=headers, trust_env=False).status_code

    assert [opened("192.0.2.9") for _ in range(3)] == [201, 201, 429]
    assert opened("192.0.2.10") == 201
    assert opened("192.0.2.9, 192.0.2.11") == 201  # what the person put in front of the proxy's word counts for nothing
