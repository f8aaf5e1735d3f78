"""Secrets typed through every door of the running service, then looked for, byte for byte, in all that it keeps.

They are found where DESIGN §8 says, and nowhere else: the address to reply to and the reply itself, in the mails.
"""

from __future__ import annotations

import email
import email.policy
import re
from pathlib import Path
from urllib.parse import quote, quote_plus
from uuid import uuid4

import pytest

from tests.channels.web.conftest import Person, client
from tests.conftest import ROOT, Service, running
from tests.console.builders import Browser, token_of
from tests.guichet.privacy.messages import personal
from tests.journeys.test_main_job import ended, mails, wait_for

SEED, MANY = 20_261_129, 60
PASSWORD = "un long chemin de sable"
NIRS = [f"2 85 05 49 588 {n} 80"[:18] for n in range(157, 163)]  # for doors that mask nothing: they must keep nothing
NAME, NOTE, REPLY = "Éléonore Vandermeulebroucke", "Vue avec Zéphyrine Quarantelle.", "Bonjour Hyacinthe Bellechasse."


def needles(secret: str) -> set[bytes]:
    """The ways a secret may lie in a file: as typed, without spaces, escaped by JSON, in an address."""
    bare = re.sub(r"[\s.\-_/–]", "", secret)
    forms = {secret, bare, quote(secret), quote_plus(secret), secret.encode("unicode_escape").decode()}
    return {form.encode() for form in forms if len(form) >= 7}


def places(service: Service) -> dict[str, bytes]:
    """Everything kept or printed, by where; a mail as its reader sees it."""
    files = [path for path in service.var.rglob("*") if path.is_file()]
    files += [path for path in Path(ROOT, "models").iterdir() if path.suffix != ".gz"]
    found = {
        str(path.relative_to(service.var.parent) if service.var in path.parents else path): path.read_bytes()
        for path in files
    }
    found |= {"printed": "".join(service.said).encode()}
    for path, content in list(found.items()):
        if "/mail/" in path:
            parts = email.message_from_bytes(content, policy=email.policy.default).walk()
            found[path] += b"".join(part.get_payload(decode=True) or b"" for part in parts if not part.is_multipart())
    return found


def leaks(service: Service, secrets: list[str], *, besides: str = "\0") -> list[tuple[str, str]]:
    """(secret, where) of each one found, but for the places whose name holds `besides`."""
    kept = {path: content for path, content in places(service).items() if besides not in path}
    return [
        (secret, path)
        for secret in secrets
        for path, content in kept.items()
        if any(needle in content for needle in needles(secret))
    ]


@pytest.mark.timeout(600)
def test_sixty_secrets_through_every_door_are_kept_nowhere(tmp_path, capsys):
    with running(tmp_path / "service", GUICHET_STAFF_TOTP="optional", GUICHET_TURNS_PER_MINUTE="1000") as service:
        messages = personal(SEED, MANY)
        checkable = [
            secret.text
            for message in messages
            for secret in (*message.secrets, *message.before_secrets)
            if secret.kind not in ("nom", "nom_titre", "prenom", "mot_de_passe", "code")  # their words may be anyone's
        ]
        typed_in_chat(service, messages)
        address, reference = form_sent(service, messages)
        knocked_elsewhere(service)
        agent_wrote(service, reference)
        wait_for(lambda: len(mails(service)) >= 3)

        found = leaks(service, checkable) + leaks(service, NIRS)
        written = leaks(service, [NOTE, REPLY, NAME, address], besides="/mail/")
        in_mails = {path for _, path in leaks(service, [address])}
        with capsys.disabled():
            print(
                f"\ncanary: {len(checkable)} secrets in {MANY} messages and a form, {len(NIRS)} at other doors, "
                f"{len(places(service))} places read: {len(found)} leaks; contact and agents' texts outside the "
                f"mails: {len(written)}"
            )
        assert leaks(service, [reference])  # a control: what is kept is found
        assert found == []
        assert written == []
        assert in_mails
        assert all("/mail/" in path for path in in_mails)


def typed_in_chat(service: Service, messages: list) -> None:
    for start in range(0, len(messages), 10):
        person = Person(service.web)
        for message in messages[start : start + 10]:
            if message.before:
                ended(person, person.says(message.before))
            ended(person, person.says(message.text))


def form_sent(service: Service, messages: list) -> tuple[str, str]:
    person = Person(service.web)
    ended(person, person.says("je veux parler à quelqu'un"))
    address = f"personne-{uuid4().hex[:12]}@exemple.fr"
    summary = " ; ".join(message.text for message in messages[:12])[:1500]
    done = person.hands_off(email=address, name=NAME, message=summary).json()["messages"][-1]
    return address, done["reference"]


def knocked_elsewhere(service: Service) -> None:
    """Addresses, headers, bodies that are refused, forms of the console."""
    with client(service.web) as stranger:
        stranger.get("/", params={"q": NIRS[0]})
        stranger.get(f"/{quote(NIRS[0])}")
        stranger.get("/chat/messages", params={"after": NIRS[1]}, headers={"Authorization": f"Bearer {NIRS[1]}"})
        stranger.post("/chat/conversations", json={"departement": NIRS[2], "identity": NIRS[2]})
        stranger.get("/", headers={"User-Agent": NIRS[3], "Referer": f"https://x/{quote(NIRS[3])}", "Cookie": NIRS[3]})
        stranger.post("/chat/messages", json={"id": NIRS[3], "text": NIRS[3]})
    visitor = Browser(service.console)
    visitor.sign_in(login=NIRS[4], password=NIRS[4])
    visitor.get(f"/dossiers/{quote(NIRS[4])}")


def agent_wrote(service: Service, reference: str) -> None:
    agent = Browser(service.console)
    first = re.search(r"mot de passe provisoire : (\S+)", "".join(service.said))[1]
    assert agent.sign_in("demo", first).status_code == 303
    agent.send("/mot-de-passe", "/mot-de-passe", nouveau=PASSWORD, encore=PASSWORD)
    agent.get(f"/?recherche={quote(NIRS[5])}&adresse={quote(NIRS[5])}")
    case = f"/dossiers/{reference}"

    def write(path: str, **fields: str) -> int:
        page = agent.get(case).text
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        return agent.http.post(case + path, data={"jeton": token_of(page), "version": version} | fields).status_code

    assert write("/note", note=f"son numéro est {NIRS[5]}") == 422
    assert write("/note", note=NOTE) == 303
    assert write("/reponse", reponse=REPLY, motif="other", action="envoyer") == 303
