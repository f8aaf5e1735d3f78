"""The public contract of DESIGN §6, over HTTP."""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import jwt
import pytest

from tests.channels.web.conftest import Person, answer, client, plain


def test_a_conversation_starts_with_a_token_and_a_welcome(person):
    body = person.started.json()
    assert len(body["token"]) >= 43  # 256 bits in base64
    assert [message["kind"] for message in body["messages"]] == ["welcome"]


def test_an_answer_comes_with_links_source_precisions_and_the_verdict(person, brain):
    brain.says("g perdu ma carte vital", answer("carte_vitale_perte_vol"))
    reply = person.says("g perdu ma carte vital").json()
    assert reply["turn"]["status"] == "done"
    said, answered = reply["messages"]
    assert (said["from"], said["text"]) == ("user", "g perdu ma carte vital")
    assert (answered["kind"], answered["theme"]) == ("answer", "carte_vitale_perte_vol")
    assert answered["links"][0]["url"].startswith("https://")
    assert answered["source"]["url"].startswith("https://")
    assert "checked_on" in answered["source"]
    labels = [choice["label"] for choice in answered["choices"]]
    assert labels[-2:] == ["Oui, merci", "Non"]
    assert len(labels) > 2
    assert [said["seq"], answered["seq"]] == [2, 3]


def test_the_same_id_gives_the_same_reply_and_runs_nothing(person, brain):
    message_id = str(uuid4())
    first, again = person.says("bonjour", message_id), person.says("bonjour", message_id)
    assert first.json() == again.json()
    assert len(brain.asked) == 1


def test_the_same_id_sent_twenty_times_at_once_is_one_turn(person, brain):
    message_id, replies = str(uuid4()), []
    threads = [
        threading.Thread(target=lambda: replies.append(person.says("bonjour", message_id).json())) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(brain.asked) == 1
    assert len(replies) == 20
    assert all(reply == replies[0] for reply in replies)


def test_a_choice_is_sent_as_parsed_data(person, brain):
    choices = person.says("bonjour").json()["messages"][-1]["choices"]
    person.chooses(choices[-1]["id"])
    assert brain.asked[-1]["intent"] == "insatisfaction"
    assert brain.asked[-1]["text"] == "Non"


def test_a_choice_of_somebody_else_or_made_up_is_refused(person, site, brain):
    mine = person.says("bonjour").json()["messages"][-1]["choices"][-1]["id"]
    other = Person(str(person.http.base_url))
    for choice in (mine, "3.99", "x", "1.0.0", "-1.0", "99999999999999999999.0", "٣.0"):
        refused = other.chooses(choice)
        assert refused.status_code == 422, choice
        assert "mots" in refused.json()["error"]["message"]


def test_messages_can_be_read_again_from_any_point(person):
    person.says("une question")
    person.says("une autre")
    everything = person.reads()
    assert [message["seq"] for message in everything] == list(range(1, len(everything) + 1))
    assert person.reads(after=3) == everything[3:]


def test_two_answers_ask_once_whether_they_helped(person, brain):
    brain.says("deux questions", answer("ceam", "Une."), answer("changement_rib", "Deux."))
    _, first, second = person.says("deux questions").json()["messages"]
    assert "Non" not in [choice["label"] for choice in first["choices"]]
    assert [choice["label"] for choice in second["choices"]][-1] == "Non"


def test_the_same_thing_asked_twice_is_not_told_twice_in_the_same_words(person, brain):
    texts = [person.says("où est ma carte").json()["messages"][-1] for _ in range(3)]
    assert texts[0]["text"] != texts[1]["text"] != texts[2]["text"]
    assert texts[1]["links"] == texts[0]["links"]
    assert [c["label"] for c in texts[1]["choices"]] == [c["label"] for c in texts[0]["choices"]]


# --- privacy before storage


NIR = "2 85 05 49 588 157 80"


def test_an_identifier_is_masked_before_storage_and_before_the_brain(person, brain, settings):
    reply = person.says(f"mon numéro est {NIR}, où est ma carte ?").json()
    said, told, _ = reply["messages"]
    assert said["text"] == "mon numéro est [numéro de sécurité sociale], où est ma carte ?"
    assert told["kind"] == "notice"
    assert "numéro de sécurité sociale" in told["text"]
    assert NIR not in brain.asked[0]["text"]
    kept = b"".join(path.read_bytes() for path in settings.var_dir.iterdir() if path.is_file())
    assert NIR.encode() not in kept
    assert NIR.replace(" ", "").encode() not in kept


def test_a_number_cut_in_two_messages_is_nowhere(person, brain, settings):
    person.says("mon numéro de sécu c'est 2 85 05 49")
    said, told, _ = person.says("588 157 80").json()["messages"]
    assert "588" not in said["text"]
    assert "numéro de sécurité sociale" in told["text"]
    kept = b"".join(path.read_bytes() for path in settings.var_dir.iterdir() if path.is_file())
    assert b"588 157" not in kept
    assert not [asked for asked in brain.asked if "588" in asked["text"]]


def test_the_brain_reads_the_question_beside_what_is_masked(person, brain):
    person.says(f"g perdu ma carte vitale, mon numéro est {NIR}")
    person.says(f"mon numéro {NIR}")
    assert [asked["text"] for asked in brain.asked] == [
        "g perdu ma carte vitale, mon numéro est",
        "mon numéro [numéro de sécurité sociale]",
    ]


def test_the_token_is_not_stored(person, settings):
    token = person.started.json()["token"].encode()
    assert all(token not in path.read_bytes() for path in settings.var_dir.iterdir() if path.is_file())


def test_erasing_deletes_everything_and_ends_the_token(person, settings):
    person.says("une question très reconnaissable")
    assert person.http.delete("/chat/conversations").status_code == 204
    assert person.says("encore").status_code == 401
    with sqlite3.connect(settings.var_dir / "guichet.db") as database:
        for table in ("conversations", "turns", "messages"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


# --- failures are explicit


@pytest.mark.parametrize(
    "broken",
    [
        httpx.Response(500, json={"error": "turn failed"}),
        httpx.Response(200, json={"utterances": []}),
        httpx.Response(200, json={"utterances": [{"text": "  "}]}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
    ],
    ids=["5xx", "nothing", "blank", "html", "list"],
)
def test_a_bad_reply_becomes_a_message_with_other_ways(person, brain, broken):
    brain.broken = broken
    reply = person.says("bonjour").json()
    assert reply["turn"]["status"] == "failed"
    _, notice, offer = reply["messages"]
    assert (notice["kind"], offer["kind"]) == ("notice", "handoff_offer")
    assert "36 46" in plain(notice["text"])
    brain.broken = None
    again = person.chooses(notice["choices"][0]["id"]).json()
    assert again["messages"][-1]["kind"] == "answer"
    assert brain.asked[-1]["text"] == "bonjour"


def test_a_slow_turn_is_pending_then_read_later(site, brain):
    person = Person(site(reply_wait=0.2))
    brain.gate.clear()
    reply = person.says("bonjour").json()
    assert reply["turn"]["status"] == "pending"
    assert person.http.get("/chat/messages").json()["pending"] is True
    brain.gate.set()
    deadline = time.monotonic() + 10
    while person.http.get("/chat/messages").json()["pending"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert person.reads()[-1]["kind"] == "answer"


def test_a_brain_that_is_away_is_asked_again(site, brain):
    person = Person(site())
    brain.broken = httpx.ConnectError("down")
    timer = threading.Timer(0.8, lambda: setattr(brain, "broken", None))
    timer.start()
    reply = person.says("bonjour").json()
    assert reply["turn"]["status"] == "done"
    assert {asked["message_id"] for asked in brain.asked} == {reply["turn"]["id"]}


def test_a_brain_that_stays_away_ends_in_a_message(site, brain):
    brain.broken = httpx.ConnectError("down")
    person = Person(site(turn_timeout=1.0, action_timeout=0.5))
    reply = person.says("bonjour").json()
    assert reply["turn"]["status"] == "failed"
    assert reply["messages"][1]["kind"] == "notice"


def test_a_turn_left_half_done_by_a_crash_is_finished_at_start(site, brain, store):
    from guichet.store import conversations
    from guichet.store.conversations import Reply

    person = Person(site())
    with store.begin() as session:
        from guichet.store.tables import Conversation

        conversation_id = session.query(Conversation).one().id
    said = Reply({"kind": "user", "theme": None, "text": "bonjour", "links": [], "choices": []})
    message_id = str(uuid4())
    conversations.begin_turn(store, conversation_id, message_id, {"text": "bonjour"}, said, datetime.now(UTC))
    person.http.base_url = site()  # the web process starts again
    deadline = time.monotonic() + 10
    while person.http.get("/chat/messages").json()["pending"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert person.reads()[-1]["kind"] == "answer"
    assert person.says("bonjour", message_id).json()["turn"]["status"] == "done"
    assert len(brain.asked) == 1


# --- refusals say what to do


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id": "x", "text": "a"}, 400),
        ({"id": str(uuid4())}, 400),
        ({"id": str(uuid4()), "text": 3}, 400),
        ({"id": str(uuid4()), "text": "a", "choice": "1.0"}, 400),
        ({"id": str(uuid4()), "text": "   "}, 422),
        ({"id": str(uuid4()), "text": "a" * 2001}, 422),
        ({"id": str(uuid4()), "text": "a" * 20000}, 413),
        ([], 400),
        ("texte", 400),
    ],
)
def test_a_bad_request_is_refused_in_french(person, body, status):
    refused = person.http.post("/chat/messages", json=body)
    assert refused.status_code == status
    assert set(refused.json()["error"]) == {"code", "message"}
    assert len(refused.json()["error"]["message"]) > 20


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'{"id": NaN'])
def test_a_body_that_is_not_json_is_refused(person, raw):
    assert person.http.post("/chat/messages", content=raw).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat/messages"),
        ("GET", "/chat/messages"),
        ("POST", "/chat/handoff"),
        ("POST", "/chat/feedback"),
        ("POST", "/chat/clicks"),
        ("DELETE", "/chat/conversations"),
    ],
)
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic dTpw", "Bearer " + "a" * 5000])
def test_without_a_live_token_nothing_is_answered(site, person, method, path, header):
    headers = {"Authorization": header} if header else {}
    answered = client(str(person.http.base_url)).request(method, path, headers=headers, json={})
    assert answered.status_code == 401
    assert answered.json()["error"]["code"] == "session"


def test_a_token_ends_with_its_lifetime(site):
    person = Person(site(token_lifetime=0))
    assert person.says("bonjour").status_code == 401


def test_floods_are_told_to_wait(site):
    url = site(conversations_per_minute=2)
    codes = [client(url).post("/chat/conversations", json={}) for _ in range(3)]
    assert [answer.status_code for answer in codes] == [201, 201, 429]
    assert int(codes[-1].headers["Retry-After"]) > 0
    assert "36 46" in plain(codes[-1].json()["error"]["message"])


def test_unknown_addresses_and_methods_are_refused_in_french(person):
    assert person.http.get("/nulle-part").json()["error"]["code"] == "introuvable"
    assert person.http.put("/chat/messages").json()["error"]["code"] == "methode"
    assert person.http.get("/../../etc/passwd").status_code == 404


# --- feedback and clicks


def test_feedback_and_clicks_are_kept_once_and_only_for_ones_own_answers(person, settings):
    answered = person.says("bonjour").json()["messages"][1]
    good = {"seq": answered["seq"], "reason": "pas_claire"}
    link = {"seq": answered["seq"], "teleservice": answered["links"][0]["id"]}
    for _ in range(2):
        assert person.http.post("/chat/feedback", json=good).status_code == 204
        assert person.http.post("/chat/clicks", json=link).status_code == 204
    assert person.http.post("/chat/feedback", json=good | {"reason": "autre"}).status_code == 400
    assert person.http.post("/chat/feedback", json=good | {"seq": 1}).status_code == 404
    assert person.http.post("/chat/clicks", json=link | {"teleservice": "inconnu"}).status_code == 404
    stranger = Person(str(person.http.base_url))
    assert stranger.http.post("/chat/feedback", json=good).status_code == 404
    with sqlite3.connect(settings.var_dir / "guichet.db") as database:
        assert database.execute("SELECT count(*) FROM feedback").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM clicks").fetchone() == (1,)


# --- the hand-off


def test_the_form_opens_one_case_even_when_the_brain_is_down(person, brain, settings):
    person.says("où est ma carte")
    brain.broken = httpx.ConnectError("down")
    handoff_id = str(uuid4())
    first, again = person.hands_off(handoff_id).json(), person.hands_off(handoff_id).json()
    done = first["messages"][-1]
    assert done["kind"] == "handoff_done"
    assert done["reference"] in done["text"]
    assert "Maine-et-Loire" in done["text"]
    assert again["messages"][-1]["reference"] == done["reference"]
    with sqlite3.connect(settings.var_dir / "guichet.db") as database:
        assert database.execute("SELECT count(*) FROM cases").fetchone() == (1,)
        assert sorted(row[0] for row in database.execute("SELECT kind FROM outbox")) == ["case", "receipt"]
        assert "personne@exemple.fr" not in str(database.execute("SELECT * FROM handoffs").fetchall())
    raw = b"".join(path.read_bytes() for path in settings.var_dir.glob("guichet.db*"))
    assert b"personne@exemple.fr" not in raw


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "personne"),
        ("email", "a@b.fr\r\nBcc: x@y.fr"),
        ("email", ""),
        ("departement", "999"),
        ("message", "  "),
        ("message", "x" * 2001),
        ("name", "x" * 81),
        ("consent", False),
        ("consent", "true"),
    ],
)
def test_each_field_of_the_form_says_what_is_wrong(person, field, value):
    refused = person.hands_off(**{field: value})
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == [field]


def test_the_summary_of_the_form_is_masked(person, brain, settings):
    person.hands_off(message=f"Mon numéro : {NIR}")
    raw = b"".join(path.read_bytes() for path in settings.var_dir.glob("guichet.db*"))
    assert NIR.encode() not in raw


def test_an_emergency_in_the_form_is_answered_too(person):
    handoff_id = str(uuid4())
    told = [person.hands_off(handoff_id, message="je vais me suicider").json() for _ in range(2)]
    assert [message["kind"] for message in told[0]["messages"]] == ["user", "emergency", "handoff_done"]
    assert told[0] == told[1]
    assert [message["kind"] for message in person.reads()].count("emergency") == 1


def test_a_form_and_a_message_never_share_an_id(person, settings):
    shared = str(uuid4())
    assert person.says("bonjour", shared).status_code == 200
    assert person.hands_off(shared).status_code == 400
    assert person.hands_off().json()["messages"][-1]["kind"] == "handoff_done"
    shared = str(uuid4())
    assert person.hands_off(shared).status_code == 200
    assert person.says("bonjour", shared).status_code == 400


# --- identity of the host site

KEY = "une clé de trente-deux octets au moins, pour les essais"


def identity(**changes):
    claims = {
        "sub": "assure-1",
        "email": "personne@exemple.fr",
        "departement": "49",
        "aud": "guichet",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
    }
    return jwt.encode(claims | changes, KEY, algorithm="HS256")


def test_a_vouched_identity_prefills_the_form_and_marks_the_case(site, store):
    url = site(identity_key=KEY)
    started = client(url).post("/chat/conversations", json={"identity": identity()})
    assert started.json()["identity"] == {"email": "personne@exemple.fr", "departement": "49"}
    person = Person(url)
    person.http.headers["Authorization"] = f"Bearer {started.json()['token']}"
    person.hands_off()
    from guichet.store.tables import Handoff

    with store.begin() as session:
        assert session.query(Handoff).one().verified is True


@pytest.mark.parametrize(
    "forged",
    [
        lambda: identity(exp=datetime.now(UTC) - timedelta(minutes=1)),
        lambda: identity(aud="autre"),
        lambda: identity()[:-4] + "AAAA",
        lambda: jwt.encode({"sub": "x", "aud": "guichet", "exp": 9999999999}, "", algorithm="none"),
        lambda: "pas un jeton",
        lambda: 12,
    ],
    ids=["expired", "audience", "signature", "none", "text", "number"],
)
def test_a_forged_identity_is_refused(site, forged):
    url = site(identity_key=KEY)
    refused = client(url).post("/chat/conversations", json={"identity": forged()})
    assert refused.status_code == 401


def test_an_identity_is_refused_when_no_key_is_configured(site):
    assert client(site()).post("/chat/conversations", json={"identity": identity()}).status_code == 401


# --- origins and headers


def test_only_listed_origins_are_let_in(site):
    url = site(cors_origins=("https://hote.exemple.fr",))
    for origin, expected in (("https://hote.exemple.fr", "https://hote.exemple.fr"), ("https://autre.fr", None)):
        answered = client(url).post("/chat/conversations", json={}, headers={"Origin": origin})
        assert answered.headers.get("Access-Control-Allow-Origin") == expected
        assert "Access-Control-Allow-Credentials" not in answered.headers
        assert answered.headers["Vary"] == "Origin, Accept-Encoding"
        asked = client(url).options("/chat/messages", headers={"Origin": origin})
        assert asked.status_code == (204 if expected else 403)


def test_every_answer_carries_the_security_headers(person):
    for path in ("/", "/widget.js", "/healthz", "/chat/messages", "/nulle-part"):
        headers = person.http.get(path).headers
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_readiness_says_what_is_missing(person):
    ready = person.http.get("/readyz")
    assert ready.status_code == 503  # no action server runs in this test
    assert ready.json()["parts"] == {"database": True, "brain": True, "actions": False}
