"""What an attacker, or a broken client, sends by hand: refused in French, or taken for what it is; never a 500."""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
from http.client import HTTPResponse
from uuid import uuid4

import httpx
import pytest

from tests.channels.web.conftest import Person, answer, client
from tests.channels.web.contract import contract
from tests.channels.web.nonsense import KEY, signed
from tests.postgres import fresh_database

HALF = "\\ud800"  # half of a surrogate pair, as JSON writes it


@pytest.fixture(params=["sqlite", "postgresql"])
def anyone(request, site):
    """A person on each engine."""
    if request.param == "sqlite":
        yield Person(site())
    else:
        with fresh_database() as address:
            yield Person(site(database_url=address))


def posted(person: Person, path: str, raw: str | bytes, **headers: str) -> httpx.Response:
    """A body sent as it is written."""
    content = raw if isinstance(raw, bytes) else raw.encode()
    return person.http.post(path, content=content, headers={"Content-Type": "application/json"} | headers)


# --- characters that no database, or no mail, can hold


def test_texts_that_cannot_be_stored_are_stored_without_what_cannot(anyone, brain):
    for spoilt in ("\\u0000", HALF, "\\udc00" + HALF):
        said = posted(anyone, "/chat/messages", f'{{"id": "{uuid4()}", "text": "ma{spoilt}carte"}}').json()
        assert said["turn"]["status"] == "done"
        assert said["messages"][0]["text"].split() == brain.asked[-1]["text"].split() == ["ma", "carte"]
        filled = f'"departement": "49", "consent": true, "name": "C{spoilt}", "message": "Ma{spoilt}carte"'
        form = f'{{"id": "{uuid4()}", "email": "a@exemple.fr", {filled}}}'
        assert posted(anyone, "/chat/handoff", form).json()["messages"][-1]["kind"] == "handoff_done"
    assert anyone.http.get("/chat/messages").status_code == 200


def test_a_text_of_nothing_that_can_be_stored_is_empty(person):
    for spoilt in ("\\u0000", HALF, f"\\u0000{HALF} "):
        refused = posted(person, "/chat/messages", f'{{"id": "{uuid4()}", "text": "{spoilt}"}}')
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "texte_vide")


def test_an_emergency_is_heard_through_them(person):
    for spoilt in ("\\u0000", HALF):
        said = posted(person, "/chat/messages", f'{{"id": "{uuid4()}", "text": "je veux mourir {spoilt}"}}').json()
        assert said["messages"][1]["kind"] == "emergency"


def test_they_are_no_choice_no_link_no_reason_and_no_address(person):
    for spoilt in ("\\u0000", HALF):
        assert posted(person, "/chat/messages", f'{{"id": "{uuid4()}", "choice": "1.{spoilt}"}}').status_code == 422
        assert posted(person, "/chat/clicks", f'{{"seq": 1, "teleservice": "{spoilt}"}}').status_code == 404
        assert posted(person, "/chat/feedback", f'{{"seq": 1, "reason": "{spoilt}"}}').status_code == 400
        form = (
            f'{{"id": "{uuid4()}", "email": "a{spoilt}@exemple.fr", "departement": "{spoilt}", "message": "{spoilt}"}}'
        )
        refused = posted(person, "/chat/handoff", form)
        assert set(refused.json()["errors"]) == {"email", "departement", "message", "consent"}


# --- values of the wrong kind, and of absurd sizes


def test_values_of_another_kind_are_refused(person):
    for reason in ([], {}, ["incomplete"], None, 3, "incomplete\0", True):
        assert person.http.post("/chat/feedback", json={"seq": 1, "reason": reason}).status_code == 400, reason
    for seq in ("1.0", "1e0", "true", '"1"', "null", "0", "-1", "1000000000", "9" * 5_000, "NaN", "1e999"):
        assert posted(person, "/chat/clicks", f'{{"seq": {seq}, "teleservice": "ceam"}}').status_code == 400, seq
    for message_id in (
        "{6f8f9c1e-6f43-4b0e-9a55-0d2a1c0b7a}",
        "urn:uuid:6f8f9c1e-6f43-4b0e-9a55-0d2",
        "6f8f9c1e6f434b0e9a550d2a1c0b7a10----",
        "1_18f9c1-6f43-4b0e-9a55-0d2a1c0b7a10",
        "6f8f9c1e-6f43-4b0e-9a55-0d2a1c0b7a1٣",
        "6f8f9c1e-6f43-4b0e-9a55-0d2a1c0b7a10\n",
    ):
        assert person.says("bonjour", message_id).status_code == 400, message_id


def test_an_id_in_capitals_is_the_same_id(person, brain):
    message_id = str(uuid4())
    assert person.says("bonjour", message_id.upper()).json() == person.says("bonjour", message_id).json()
    assert len(brain.asked) == 1


def test_bodies_that_no_client_writes_are_refused(person):
    whole = json.dumps({"id": str(uuid4()), "text": "é"}, ensure_ascii=False)
    for raw in (
        b"[" * 7_000 + b"]" * 7_000,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        b"[" * 120_000,
        b'{"id": "' + str(uuid4()).encode() + b'", "text": "a", "x": ' + b"[" * 3_000 + b"]" * 3_000 + b"}",
        b'{"x": ' + b"9" * 5_000 + b"}",
        whole.encode("utf-8-sig"),
        whole.encode("utf-16"),
        whole.encode("latin-1"),
        b"null",
        b"NaN",
        b'"\xed\xa0\x80"',
    ):
        assert posted(person, "/chat/messages", raw).status_code in (400, 413), raw[:40]
        assert posted(person, "/chat/conversations", raw).status_code in (400, 413), raw[:40]


def test_a_compressed_body_is_refused_and_so_is_a_form(person):
    body = json.dumps({"id": str(uuid4()), "text": "bonjour"}).encode()
    assert posted(person, "/chat/messages", gzip.compress(body), **{"Content-Encoding": "gzip"}).status_code == 400
    assert person.http.post("/chat/messages", data={"text": "bonjour"}).status_code == 400
    assert person.http.post("/chat/messages", files={"text": b"bonjour"}).status_code == 400


def test_a_json_body_is_taken_whatever_announces_it(person):
    for kind in ("", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=zzz", "\xff/\xff"):
        body = json.dumps({"id": str(uuid4()), "text": "bonjour"}).encode()
        headers = {"Content-Type": kind.encode("latin-1")} if kind else {}
        assert person.http.post("/chat/messages", content=body, headers=headers).status_code == 200, kind
    parts = [f'{{"id": "{uuid4()}", '.encode(), b'"text": "bonjour"}']
    assert person.http.post("/chat/messages", content=iter(parts)).status_code == 200  # in chunks


def test_of_a_key_written_twice_the_last_counts(person):
    said = posted(person, "/chat/messages", f'{{"id": "x", "id": "{uuid4()}", "text": "un", "text": "deux"}}')
    assert said.json()["messages"][0]["text"] == "deux"


def test_a_point_to_read_from_is_a_whole_number(person):
    for after in ("", "00001", "999999999", "0&after=x"):
        assert person.http.get(f"/chat/messages?after={after}").status_code == 200, after
    for after in ("-1", "1.5", "%D9%A3", "9999999999", "%00", "0%201", "%ff", "1e3", "x&after=0"):
        assert person.http.get(f"/chat/messages?after={after}").status_code == 400, after


# --- tokens, identities and ids of somebody else


def test_a_token_of_any_bytes_opens_nothing(person):
    stranger = client(str(person.http.base_url))
    for token in (b"Bearer \xff\xfe", b"Bearer \xc3\xa9", b"\xff", b"Bearer", b"Bearer a b", b"Bearer" * 800):
        assert stranger.get("/chat/messages", headers={b"Authorization": token}).status_code == 401, token


CLAIMS = {"sub": "assure-1", "aud": "guichet", "exp": 9_999_999_999}


def test_odd_claims_of_a_host_site_break_nothing(site):
    visitor = client(site(identity_key=KEY))
    for claims in (
        {"email": "a\ud800@exemple.fr"},
        {"sub": "\ud800\0"},
        {"departement": ["49"]},
        {"email": {"a": 1}},
        {"exp": 10**300},
    ):
        token = signed('{"alg": "HS256"}', CLAIMS | claims)
        assert visitor.post("/chat/conversations", json={"identity": token}).status_code == 201, claims


def test_odd_identities_are_refused(site):
    visitor = client(site(identity_key=KEY, body_limit=80_000))  # an operator may raise it
    for header, claims in (
        ('{"alg": "HS256"}', {"exp": {}}),
        ('{"alg": "HS256"}', {"exp": float("inf")}),
        ('{"alg": "HS256"}', {"aud": {}}),
        ('{"alg": "HS256"}', {"sub": 3}),
        ('{"alg": []}', {}),
        ("[" * 25_000 + "]" * 25_000, {}),
        ("[]", {}),
    ):
        token = signed(header, CLAIMS | claims)
        assert visitor.post("/chat/conversations", json={"identity": token}).status_code == 401, (header[:20], claims)


def test_the_id_of_another_persons_form_gives_no_receipt_and_loses_nothing(person, settings):
    form_id = str(uuid4())
    reference = person.hands_off(form_id).json()["messages"][-1]["reference"]
    stranger = Person(str(person.http.base_url))
    refused = stranger.hands_off(form_id, message="Une autre demande.")
    assert refused.status_code == 400
    assert reference not in refused.text
    assert stranger.hands_off(message="Une autre demande.").json()["messages"][-1]["reference"] != reference
    with sqlite3.connect(settings.var_dir / "guichet.db") as database:
        assert database.execute("SELECT count(*) FROM cases").fetchone() == (2,)


def test_the_id_of_another_persons_message_is_free(person, brain):
    message_id = str(uuid4())
    person.says("bonjour", message_id)
    brain.says("autre chose", answer("changement_rib", "La suite."))
    assert (
        Person(str(person.http.base_url)).says("autre chose", message_id).json()["messages"][1]["text"] == "La suite."
    )


# --- requests that are hardly HTTP


def spoken(url: str, sent: bytes) -> httpx.Response:
    """What the server answers to these bytes, compared with the contract's document."""
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port), timeout=10) as connection:
        connection.sendall(sent)
        heard = HTTPResponse(connection, method=sent.partition(b" ")[0].decode("latin-1"))
        heard.begin()
        request = httpx.Request("POST", f"{url}/chat/nulle-part")
        response = httpx.Response(heard.status, headers=heard.getheaders(), content=heard.read(), request=request)
    contract().check(response)
    return response


def test_what_is_hardly_http_is_refused_in_french(site):
    url = site()
    for sent, status in (
        (b"GET /healthz\r\n\r\n", 400),
        (b"GET /healthz HTTP/9.9\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\n\r\n", 400),
        (b"GET /%ff%00 HTTP/1.1\r\n\r\n", 404),
        (b"GET /widget/../../etc/passwd HTTP/1.1\r\n\r\n", 404),
        (b"GET /widget/..%2f..%2fetc%2fpasswd HTTP/1.1\r\n\r\n", 404),
        (b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 413),
        (b"GET /healthz?" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n", 413),
        (b"BREW /chat/messages HTTP/1.1\r\n\r\n", 405),
        (b" / HTTP/1.1\r\n\r\n", 405),
        (b"POST /chat/conversations HTTP/1.1\r\nContent-Length: -2\r\n\r\n{}", 400),
        (b"POST /chat/conversations HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
        (b"POST /chat/conversations HTTP/1.1\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n{}", 400),
        (b"POST /chat/conversations HTTP/1.1\r\nContent-Length: 300000\r\n\r\n{}", 413),
        (b"POST /chat/conversations HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /chat/conversations HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n{}", 400),
        (b"POST /chat/conversations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400),
        (b"POST /chat/conversations HTTP/1.1\r\nExpect: banana\r\nContent-Length: 2\r\n\r\n{}", 417),
    ):
        assert spoken(url, sent).status_code == status, sent[:60]
    assert client(url).get("/healthz").status_code == 200
