"""What an agent does with a case, through the real application; the mail of a reply, through the real relay."""

from __future__ import annotations

import mailbox
import re
import threading
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from uuid import uuid4

import pytest
from sqlalchemy import select

from channels.mail.compose import REPLY_HEADERS, Composer
from channels.mail.relay import Relay
from channels.mail.transports import transport_for
from guichet.content.canned import canned_text
from guichet.store import handoffs, inbox
from guichet.store.tables import CaseEvent, Outbox
from tests.console.builders import NOON, TALK, Browser, add_staff, entries, open_case, set_mail, text_of, token_of

CASE = "/dossiers/ABCD-2345"
NIR = "1 85 05 78 006 084 91"


@pytest.fixture
def case(store, vault) -> str:
    return open_case(store, vault)


@pytest.fixture
def colleague(store, console) -> Browser:
    """Another agent, signed in."""
    other = console()
    other.is_signed_in(store, add_staff(store, "sacha", name="Sacha Petit"))
    return other


def act(browser: Browser, path: str, **fields: str):
    """Send a form of the case page, with the version that the page shows."""
    page = browser.get(CASE).text
    version = re.search(r'name="version" value="(\d+)"', page)
    return browser.http.post(f"{CASE}/{path}", data={"jeton": token_of(page), "version": version[1]} | fields)


def current(store):
    return inbox.case(store, None, "ABCD-2345")


def deeds(store) -> list[tuple[str, str]]:
    """What the audit table holds of the case, without who saw it."""
    rows = (row for row in entries(store) if row.target == "ABCD-2345" and row.action != "case.shown")
    return [(row.action, row.detail) for row in rows]


def test_a_case_is_taken_given_back_and_given_to_a_colleague(agent, colleague, store, case):
    assert act(agent, "suivi", action="prendre").headers["location"] == f"{CASE}?avis=take"
    assert "Conseiller Camille Durand (vous)" in text_of(agent.get(CASE))
    act(agent, "suivi", action="rendre")
    assert current(store).case.assignee is None
    act(agent, "suivi", action="confier", collegue="sacha")
    assert "Conseiller Sacha Petit (vous)" in text_of(colleague.get(CASE))
    assert "Camille Durand a confié le dossier à Sacha Petit" in text_of(colleague.get(CASE))
    assert deeds(store) == [("case.taken", ""), ("case.released", ""), ("case.given", "sacha")]


@pytest.mark.parametrize("login", ["", "inconnu", "auteur", "ailleurs", "parti"])
def test_a_case_is_given_only_to_whoever_may_answer_it(agent, store, case, login):
    add_staff(store, "auteur", role="author")
    add_staff(store, "ailleurs", caisses=("cpam_53",))
    answer = act(agent, "suivi", action="confier", collegue=login)
    assert answer.status_code == 422
    assert "Choisissez un collègue." in text_of(answer)
    assert current(store).case.version == 0


def test_a_note_is_kept_sealed_and_shown_to_colleagues(agent, colleague, store, case):
    act(agent, "note", note="Rappeler jeudi.\r\n\r\n<b>vu</b>")
    assert "Camille Durand a ajouté une note" in text_of(colleague.get(CASE))
    assert "Rappeler jeudi. <b>vu</b>" in text_of(colleague.get(CASE))
    with store.begin() as session:
        assert "Rappeler" not in session.scalars(select(CaseEvent.text)).one()
    assert deeds(store) == [("case.noted", "")]


@pytest.mark.parametrize(("path", "field"), [("note", "note"), ("reponse", "reponse")])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  \r\n ", "Écrivez un texte."),
        ("a" * 4001, "Raccourcissez-le."),
        (f"Votre numéro {NIR} est bon.", "Enlevez ce qui identifie la personne : le numéro de sécurité sociale."),
        ("Votre IBAN FR76 3000 6000 0112 3456 7890 189.", "le numéro de compte bancaire"),
    ],
)
def test_a_text_that_must_not_leave_is_given_back_to_be_mended(agent, store, case, path, field, text, told):
    answer = act(agent, path, **{field: text})
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert text.strip() in text_of(answer)
    assert current(store).case.version == 0


def test_a_reply_with_the_phone_of_a_service_is_not_refused(agent, case):
    assert act(agent, "reponse", reponse="Appelez le 36 46 ou le 02 41 81 50 00.").status_code == 303


def test_a_reply_leaves_by_mail_and_takes_the_case(agent, settings, store, content, vault, clock, case):
    clock.forward(hours=2)
    agent.sign_in()
    act(agent, "reponse", reponse="Déclarez la perte :\n\n- en ligne ;\n- ou au 36 46.")
    row = current(store)
    assert row.case.assignee == "camille"
    assert row.case.first_reply_at == NOON + timedelta(hours=2)
    message = delivered(settings, store, content, vault)
    assert sorted(message.keys()) == sorted(REPLY_HEADERS)
    assert message["Subject"] == "[ABCD-2345] Réponse à votre demande"
    assert message["From"].addresses[0].addr_spec == settings.mail_from
    assert message["Reply-To"].addresses[0].addr_spec == settings.mail_default_box
    assert message["To"].addresses[0].addr_spec == "jeanne@exemple.fr"
    text = message.get_body(("plain",)).get_content()
    for expected in (
        "Bonjour,\n\nDéclarez la perte :\n\n- en ligne ;\n- ou au 36 46.\n\nVotre conseiller\nCPAM de Maine-et-Loire",
        "Votre référence : ABCD-2345",
        "Cette réponse est générale.",
    ):
        assert expected in text
    html = message.get_body(("html",)).get_content()
    assert "<li>en ligne ;</li>" in html
    assert "Ma carte est perdue" not in text + html  # nothing that someone else typed
    assert "Réponse : envoyée" in text_of(agent.get("/"))


def delivered(settings, store, content, vault):
    """The reply, once the relay has emptied the outbox into the maildir."""
    relay = Relay(store, transport_for(settings), Composer(settings, content, vault), settings)
    assert relay.drain()["sent"] == 3
    found = [message_from_bytes(raw.as_bytes(), policy=default) for raw in mailbox.Maildir(settings.var_dir / "mail")]
    return next(message for message in found if "Réponse" in message["Subject"])


def test_two_replies_are_two_mails(agent, store, case):
    for text in ("Un.", "Deux."):
        act(agent, "reponse", reponse=text)
    assert [mail.kind for mail in current(store).all_mails] == ["case", "receipt", "reply", "reply"]
    assert current(store).case.version == 2


def test_a_reply_can_close_the_case(agent, store, case):
    act(agent, "reponse", reponse="C’est fait.", motif="unclear")
    row = current(store)
    assert (row.case.state, row.case.reason, row.case.version) == ("closed", "unclear", 2)
    assert deeds(store) == [("case.replied", ""), ("case.closed", "unclear")]
    assert "La réponse du bot n’est pas assez claire" in text_of(agent.get(CASE))


def test_a_reply_goes_to_the_address_given_last(agent, store, vault, case):
    row = current(store)
    added = str(uuid4())
    handoffs.add_handoff(
        store, handoff_id=added, conversation_id=row.handoff.conversation_id, summary="J'ajoute ceci.",
        contact=vault.seal({"email": "autre@exemple.fr", "name": ""}), departement="49", verified=True, now=NOON,
    )  # fmt: skip
    handoffs.add_to_case(store, case_id=row.case.id, handoff_id=added, transcript=TALK, mails=("case",), now=NOON)
    shown = text_of(agent.get(CASE))
    assert "autre@exemple.fr" in shown
    assert "La personne a complété sa demande" in shown
    act(agent, "reponse", reponse="Oui.")
    assert next(mail.handoff_id for mail in current(store).all_mails if mail.kind == "reply") == added


def test_a_canned_reply_is_added_to_the_text_and_nothing_is_sent(agent, store, content, case):
    shown = agent.get(CASE).text
    assert "Pour ce thème" in shown
    answer = act(agent, "reponse", action="inserer", type="carte_vitale_perdue", reponse="Madame,")
    assert answer.status_code == 200
    text = canned_text(content, content.canned["carte_vitale_perdue"])
    area = re.search(r'<textarea id="reponse"[^>]*>\n(.*?)</textarea>', answer.text, re.S)[1]
    assert area.replace("&#39;", "'") == f"Madame,\n\n{text}"
    assert current(store).case.version == 0
    assert act(agent, "reponse", action="inserer", type="").status_code == 422


def test_every_canned_reply_can_be_sent(agent, content, case, store):
    for reply in content.canned.values():
        text = canned_text(content, reply).replace("[à compléter]", "…")
        assert act(agent, "reponse", reponse=text).status_code == 303, reply.id


def test_a_canned_reply_is_not_sent_with_its_blank(agent, content, case):
    text = canned_text(content, content.canned["precision_demandee"])
    assert "Remplacez « [à compléter] »" in text_of(act(agent, "reponse", reponse=text))


def test_closing_needs_a_reason_and_reopening_gives_the_case(agent, store, case):
    for reason in ("", "x", "NO_THEME"):
        assert act(agent, "cloture", raison=reason).status_code == 422
    act(agent, "cloture", raison="teleservice_down", mot="En panne lundi.")
    row = current(store)
    assert (row.case.state, row.case.reason, row.case.closed_at) == ("closed", "teleservice_down", NOON)
    shown = text_of(agent.get(CASE))
    assert "Un téléservice ne marchait pas" in shown
    assert "En panne lundi." in shown
    assert "Répondre par mail" not in shown
    act(agent, "reouverture")
    row = current(store)
    assert (row.case.state, row.case.reason, row.case.assignee) == ("open", None, "camille")


def test_dead_mails_are_sent_again(agent, store, case):
    set_mail(store, "ABCD-2345", "receipt", state="dead", attempts=24)
    assert "Renvoyer les mails en échec" in text_of(agent.get(CASE))
    act(agent, "mails")
    receipt = current(store).mails["receipt"]
    assert (receipt.state, receipt.attempts) == ("pending", 0)
    assert "Renvoyer les mails en échec" not in text_of(agent.get(CASE))
    assert deeds(store) == [("mail.resent", "")]


WRITES = {
    "suivi": {"action": "prendre"},
    "note": {"note": "mon texte"},
    "reponse": {"reponse": "mon texte"},
    "cloture": {"raison": "other", "mot": "mon texte"},
    "mails": {},
}


@pytest.mark.parametrize("path", WRITES)
def test_whoever_comes_second_is_told_what_happened_and_loses_no_text(agent, colleague, store, case, path):
    set_mail(store, "ABCD-2345", "receipt", state="dead")
    act(colleague, "note", note="Je m’en occupe.")
    answer = agent.send(CASE, f"{CASE}/{path}", version="0", **WRITES[path])
    assert answer.status_code == 409
    shown = text_of(answer)
    assert "Rien n’a été enregistré : ce dossier a changé" in shown
    assert "Sacha Petit a ajouté une note, à l’instant." in shown
    if "mon texte" in WRITES[path].values():
        assert "mon texte" in shown
    assert current(store).case.version == 1
    again = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    assert agent.send(CASE, f"{CASE}/{path}", version=again, **WRITES[path]).status_code == 303


@pytest.mark.parametrize("version", ["", "-1", "x", "99", "1e9", "٣", "9" * 40])
def test_a_version_that_is_not_the_case_s_changes_nothing(agent, store, case, version):
    assert agent.send(CASE, f"{CASE}/note", version=version, note="x").status_code == 409
    assert current(store).case.version == 0


def test_a_form_sent_twice_is_done_once(agent, store, case):
    token = token_of(agent.get(CASE).text)
    sent = {"jeton": token, "version": "0", "reponse": "Bonjour."}
    assert [agent.http.post(f"{CASE}/reponse", data=sent).status_code for _ in range(2)] == [303, 409]
    assert len(current(store).replies) == 1


def test_of_many_agents_at_once_one_writes(store, console, case):
    browsers = []
    for n in range(8):
        one = console()
        one.is_signed_in(store, add_staff(store, f"agent-{n}"))
        browsers.append((one, token_of(one.get(CASE).text)))
    start, codes = threading.Barrier(8), []

    def send(one: Browser, token: str) -> None:
        start.wait()
        data = {"jeton": token, "version": "0", "reponse": "Bonjour."}
        codes.append(one.http.post(f"{CASE}/reponse", data=data).status_code)

    threads = [threading.Thread(target=send, args=given) for given in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [303] + [409] * 7
    with store.begin() as session:
        assert len(session.scalars(select(Outbox).where(Outbox.kind == "reply")).all()) == 1


def test_earlier_cases_of_the_same_address_are_those_of_the_agent_s_caisses(store, console, vault, case):
    open_case(store, vault, reference="BBBB-3333", email="JEANNE+x@exemple.fr")
    open_case(store, vault, reference="CCCC-4444", caisse="cpam_53")
    open_case(store, vault, reference="DDDD-5555", email="max@exemple.fr")
    browser = console()
    browser.is_signed_in(store, add_staff(store, "leo", caisses=("cpam_49",)))
    shown = text_of(browser.get(CASE))
    assert "BBBB-3333" in shown
    assert "CCCC-4444" not in shown
    assert "DDDD-5555" not in shown


def test_an_admin_reads_and_writes_nothing(store, console, case):
    browser = console()
    browser.is_signed_in(store, add_staff(store, "ada", role="admin"))
    page = browser.get(CASE)
    assert "Ma carte est perdue." in text_of(page)
    assert "<textarea" not in page.text
    assert browser.send(CASE, f"{CASE}/note", version="0", note="x").status_code == 403


def test_the_conversation_shows_what_was_understood_offered_and_followed(agent, store, vault):
    talk = [
        TALK[1] | {"understood": {"intent": "ceam", "reason": "compris comme *ceam* (0,91)"}},
        TALK[2] | {"links": [{"label": "Attestation de droits", "followed": True}, {"label": "Autre"}],
                   "choices": ["Oui, merci", "Non"]},
        TALK[1] | {"understood": {"intent": "plusieurs_questions",
                                  "reason": "deux questions : *changement_rib* puis *feuille_soins*"}},
    ]  # fmt: skip
    open_case(store, vault, transcript=talk)
    shown = text_of(agent.get(CASE))
    assert (
        "Compris : Carte européenne d’assurance maladie (compris comme « Carte européenne d’assurance maladie »"
        in shown
    )
    assert "Compris : deux questions (deux questions : « Changer de coordonnées bancaires » puis « Feuille" in shown
    assert "Proposé : « Oui, merci » , « Non »" in shown.replace("»,", "» ,")
    assert "Liens : Attestation de droits (suivi), Autre (non suivi)" in shown


def test_a_note_whose_key_is_lost_leaves_the_rest_readable(agent, store, case):
    act(agent, "note", note="Rappeler.")
    with store.begin() as session:
        session.scalars(select(CaseEvent)).one().text = "illisible"
    assert "Texte illisible" in text_of(agent.get(CASE))
