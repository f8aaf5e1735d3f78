"""The local maildir: what counsellors and insured persons receive when no mail server is set."""

from __future__ import annotations

import mailbox
import os
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.console.builders import NOON, text_of


def deliver(
    settings, *, age: int = 0, raw: bytes | None = None, text: str = "Bonjour,\n\nMa carte.", **headers: str
) -> str:
    """Put a mail in the maildir as the relay does; `age` in seconds before now. Returns its key."""
    message = EmailMessage(policy=SMTP)
    for name, value in (
        {"Subject": "[ABCD-2345] Demande", "From": "a@exemple.fr", "To": "b@exemple.fr"} | headers
    ).items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    box = mailbox.Maildir(settings.var_dir / "mail")
    key = box.add(raw if raw is not None else message.as_bytes())
    file = settings.var_dir / "mail" / "new" / key
    os.utime(file, (file.stat().st_mtime - age,) * 2)
    return key


def test_an_empty_maildir_says_when_the_first_mail_comes(supervisor):
    assert "Aucun mail pour le moment." in text_of(supervisor.get("/courrier"))


def test_the_list_shows_the_newest_mail_first(supervisor, settings):
    deliver(settings, Subject="Premier", age=60)
    deliver(settings, Subject="Second", To="Caisse d’Angers <accueil@exemple.fr>")
    shown = text_of(supervisor.get("/courrier"))
    assert shown.index("Second") < shown.index("Premier")
    assert "2 mails, du plus récent au plus ancien" in shown
    assert "Caisse d’Angers <accueil@exemple.fr>" in shown


def test_a_mail_shows_its_headers_and_text_part(supervisor, settings):
    key = deliver(
        settings, Reply_To="Jeanne <jeanne@exemple.fr>", Subject="Perte – carte Vitale", X_Trace="abc", Date=NOON
    )
    answer = supervisor.get(f"/courrier/{key}")
    shown = text_of(answer)
    for expected in (
        "Date 22 novembre 2025 à 13 h 00",
        "De a@exemple.fr", "À b@exemple.fr", "Répondre à Jeanne <jeanne@exemple.fr>", "Objet Perte – carte Vitale",
        "X-Trace abc", "Bonjour, Ma carte.",
    ):  # fmt: skip
        assert expected in shown
    assert "&lt;p&gt;" not in answer.text


def test_reading_a_mail_changes_nothing_in_the_maildir(supervisor, settings):
    key = deliver(settings)
    supervisor.get("/courrier")
    supervisor.get(f"/courrier/{key}")
    assert [file.name for file in (settings.var_dir / "mail" / "new").iterdir()] == [key]


def test_a_mail_that_a_mail_program_has_read_is_still_listed(supervisor, settings):
    key = deliver(settings)
    folder = settings.var_dir / "mail"
    (folder / "new" / key).rename(folder / "cur" / f"{key}:2,S")
    assert "1 mail" in text_of(supervisor.get("/courrier"))
    assert supervisor.get(f"/courrier/{key}").status_code == 200


@pytest.mark.parametrize(
    "key", ["inconnu", "..%2Fguichet.db", "..%2F..%2Fcontact.key", "%2e%2e", "new", "%00", "a" * 300]
)
def test_only_a_mail_of_the_maildir_can_be_named(supervisor, settings, key):
    deliver(settings)
    assert supervisor.get(f"/courrier/{key}").status_code == 404


def test_what_a_mail_holds_is_text_and_nothing_else(supervisor, settings):
    attack = "<script>alert(1)</script>"
    key = deliver(settings, Subject=attack, From=f'"{attack}" <a@exemple.fr>', text=attack)
    for path in ("/courrier", f"/courrier/{key}"):
        page = supervisor.get(path).text
        assert "<script" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?utf-8?b?w?=\nTo: ,,;<\nDate: hier\n\nx",
        b"Content-Type: multipart/mixed; boundary=\n\nx",
        b"Content-Type: text/plain; charset=inconnu\nContent-Transfer-Encoding: base64\n\n!!!",
        b"Subject: \xe9\n\n\xe9\xff",
    ],
)
def test_a_malformed_mail_breaks_no_page(supervisor, settings, raw):
    key = deliver(settings, raw=raw)
    assert supervisor.get("/courrier").status_code == 200
    assert supervisor.get(f"/courrier/{key}").status_code == 200


def test_the_list_goes_by_pages(supervisor, settings):
    for n in range(26):
        deliver(settings, Subject=f"Mail {n:02}", age=n)
    assert "Mail 25" in text_of(supervisor.get("/courrier?page=2"))
    assert supervisor.get("/courrier?page=3").status_code == 404


def test_with_a_mail_server_there_is_no_local_mail(console):
    browser = console(mail_transport="smtp")
    assert browser.get("/courrier").status_code == 404
