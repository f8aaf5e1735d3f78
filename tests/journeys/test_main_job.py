"""The main job, against the processes of `make run`: ask, be answered, say no twice, reach a counsellor by mail."""

from __future__ import annotations

import mailbox
import os
import socket
import subprocess
import time
from uuid import uuid4

import httpx
import pytest

from tests.channels.web.conftest import Person, plain

NIR = "1 84 12 76 451 089 46"  # invented; its key is right


def wait_for(found, limit=30.0):
    """The first true value of `found()`, within `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.2)


def ended(person, reply):
    """The messages of a turn once it has ended, however long the brain was away."""
    body = reply.json()
    assert reply.status_code == 200, body
    if body["turn"]["status"] == "pending":
        wait_for(lambda: not person.http.get("/chat/messages").json()["pending"], limit=120)
    first = body["messages"][0]["seq"]
    return [message for message in person.reads(first - 1) if message["from"] == "bot"]


@pytest.mark.parametrize(
    ("question", "theme"),
    [
        ("g perdu ma carte vital", "carte_vitale_perte_vol"),
        ("comment avoir mon attestation de droit", "attestation_droits"),
        ("toujours pas recu mes ij", "arret_travail_suivi_ij"),
    ],
)
def test_a_question_gets_its_theme_with_a_link(service, question, theme):
    person = Person(service.web)
    (answer,) = ended(person, person.says(question))
    assert (answer["kind"], answer["theme"]) == ("answer", theme)
    assert answer["links"][0]["url"].startswith("https://")


def choice(message, label):
    return next(c["id"] for c in message["choices"] if plain(c["label"]) == label)


def mails(service):
    if not (service.var / "mail").exists():
        return []
    box = mailbox.Maildir(service.var / "mail", create=False)
    return [box[key] for key in box.keys()]  # noqa: SIM118 - a Maildir iterates over its messages


def test_two_refusals_lead_to_a_counsellor_who_has_everything(service):
    person = Person(service.web)
    (answer,) = ended(person, person.says("g perdu ma carte vital"))
    (retry,) = ended(person, person.chooses(choice(answer, "Non")))
    assert retry["kind"] == "retry"
    assert retry["text"] != answer["text"]
    ended(person, person.says(f"mon numéro c'est {NIR} et je ne comprends rien à vos trucs xyzzy"))
    last = person.reads()[-1]
    if last["kind"] != "handoff_offer":  # it was taken for something else: a refusal in words then counts
        last = ended(person, person.says("non c'est pas ça"))[-1]
    assert last["kind"] == "handoff_offer"
    handoff_id, address = str(uuid4()), f"{uuid4()}@exemple.fr"  # of its own: a mailbox gets three receipts a day
    form = {"email": address, "message": f"Ma carte est perdue, mon numéro est {NIR}"}
    done = person.hands_off(handoff_id, **form).json()["messages"][-1]
    assert done["kind"] == "handoff_done"
    assert done["reference"] in done["text"]
    assert person.hands_off(handoff_id, **form).json()["messages"][-1]["reference"] == done["reference"]

    def about_it():
        found = [mail for mail in mails(service) if done["reference"] in mail["Subject"]]
        return found if len(found) == 2 else None

    case, receipt = sorted(wait_for(about_it), key=lambda mail: mail["To"] == address)
    text = "".join(part.get_payload(decode=True).decode() for part in case.walk() if not part.is_multipart())
    assert case["Reply-To"] == address
    assert "g perdu ma carte vital" in text
    assert "[numéro de sécurité sociale]" in text
    assert "adresse non vérifiée" in text.lower()
    assert receipt["Auto-Submitted"] == "auto-replied"

    (after,) = ended(person, person.says("comment changer mon rib"))
    assert after["theme"] == "changement_rib"  # the conversation can go on


def test_the_number_typed_on_the_way_is_nowhere(service):
    """Runs after the hand-off above: no byte of it in databases, WAL, logs, mails or what the processes printed."""
    needles = {form.encode() for form in (NIR, NIR.replace(" ", ""), NIR.replace(" ", "%20"), "451 089", "76451089")}
    files = [path for path in service.var.rglob("*") if path.is_file()]
    assert any(path.name.startswith("rasa.db") for path in files)
    for path in files:
        content = path.read_bytes()
        assert not [needle for needle in needles if needle in content], path
    printed = "".join(service.said).encode()
    assert not [needle for needle in needles if needle in printed]


@pytest.mark.parametrize("module", ["brain", "actions", "channels.web", "channels.mail", "console"])
def test_a_process_killed_during_a_conversation_loses_nothing(service, module):
    person = Person(service.web)
    ended(person, person.says("g perdu ma carte vital"))
    known = person.reads()
    killed = service.pids(module)
    message_id = str(uuid4())
    service.kill(module)
    reply = None

    def asked():
        nonlocal reply
        try:
            reply = person.says("non c'est pas ça", message_id)
        except httpx.TransportError:  # the web process itself is on its way back
            return False
        return reply.status_code == 200

    wait_for(asked, limit=60)
    ended(person, reply)
    assert person.reads()[: len(known)] == known
    wait_for(lambda: set(service.pids(module)) - set(killed), limit=60)
    wait_for(lambda: httpx.get(f"{service.web}/readyz", trust_env=False).status_code == 200, limit=120)
    (answer,) = ended(person, person.says("comment avoir mon attestation de droit"))
    assert answer["theme"] == "attestation_droits"
    texts = [message["text"] for message in person.reads() if message["from"] == "user"]
    assert texts.count("non c’est pas ça") + texts.count("non c'est pas ça") == 1


def test_private_processes_listen_on_loopback_only(service):
    inside = {service.web, service.console}
    assert inside
    host = socket.gethostbyname(socket.gethostname())
    if host.startswith("127."):
        host = "127.0.0.2"
    for url in inside:
        port = int(url.rsplit(":", 1)[1])
        with socket.socket() as probe:
            probe.settimeout(1)
            assert probe.connect_ex((host, port)) != 0


def test_starting_twice_says_which_port_is_taken(service):
    port = service.web.rsplit(":", 1)[1]
    again = subprocess.run(
        ["bin/guichet", "run"],
        env=os.environ | {"GUICHET_WEB_PORT": port, "GUICHET_VAR_DIR": str(service.var)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode == 1
    assert f"Le port {port} (le site) est déjà pris" in again.stderr
    assert "GUICHET_WEB_PORT" in again.stderr
