"""The list of cases and one case: what a counsellor finds there."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from guichet.privacy import Vault
from guichet.store.tables import Handoff
from tests.console.builders import NOON, Browser, entries, open_case, set_mail, text_of

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><svg onload=alert(1)>",
    "{{ 7*7 }}",
    '<a href="javascript:alert(1)">ici</a>',
    "[ici](javascript:alert(1))",
    "' autofocus onfocus='alert(1)",
    "<!--",
    "]]><script>",
]


def test_an_empty_list_says_where_cases_come_from(agent):
    assert "Aucun dossier à traiter pour le moment." in text_of(agent.get("/"))


def test_the_list_shows_reference_caisse_theme_age_and_mails(agent, store, vault, clock):
    open_case(store, vault)
    set_mail(store, "ABCD-2345", "case", state="sent", sent_at=NOON)
    clock.forward(hours=3)
    agent.sign_in()
    shown = text_of(agent.get("/"))
    for expected in (
        "ABCD-2345",
        "CPAM de Maine-et-Loire",
        "Carte Vitale perdue ou volée",
        "attend depuis 3 heures",
        "22 novembre 2025 à 13 h 00",
        "Demande : transmise",
        "Accusé : en attente",
    ):
        assert expected in shown


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("pending", "en attente"),
        ("sending", "en attente"),
        ("retry", "en attente"),
        ("sent", "transmise"),
        ("dead", "en échec"),
    ],
)
def test_each_state_of_a_mail_has_its_word(agent, store, vault, state, word):
    open_case(store, vault)
    set_mail(store, "ABCD-2345", "case", state=state)
    assert f"Demande : {word}" in text_of(agent.get("/"))


def test_those_that_nobody_has_come_first_then_the_oldest(agent, store, vault):
    for n, reference in enumerate(("AAAA-2222", "BBBB-3333", "CCCC-4444", "DDDD-5555")):
        open_case(store, vault, reference=reference, now=NOON + timedelta(minutes=n))
    agent.send("/dossiers/AAAA-2222", "/dossiers/AAAA-2222/suivi", action="prendre", version="0")
    assert listed(agent) == ["BBBB-3333", "CCCC-4444", "DDDD-5555", "AAAA-2222"]
    assert listed(agent, etat="tous") == ["DDDD-5555", "CCCC-4444", "BBBB-3333", "AAAA-2222"]


@pytest.fixture
def several(store, vault, supervisor, clock):
    """Six cases, each alone in something."""
    open_case(store, vault, reference="AAAA-2222", now=NOON - timedelta(days=8))
    open_case(store, vault, reference="BBBB-3333", now=NOON - timedelta(days=2), theme="ceam", email="Max@exemple.fr")
    open_case(store, vault, reference="CCCC-4444", caisse="cpam_53", departement="53")
    open_case(store, vault, reference="DDDD-5555", theme=None, email="max+2@exemple.fr")
    open_case(store, vault, reference="EEEE-6666", theme="changement_adresse")
    open_case(store, vault, reference="FFFF-7777", theme="releve_fiscal")
    set_mail(store, "FFFF-7777", "receipt", state="dead")
    supervisor.send("/dossiers/EEEE-6666", "/dossiers/EEEE-6666/cloture", version="0", raison="no_theme")
    supervisor.send("/dossiers/DDDD-5555", "/dossiers/DDDD-5555/suivi", version="0", action="prendre")
    return supervisor


ABF, ABCF = {"AAAA-2222", "BBBB-3333", "FFFF-7777"}, {"AAAA-2222", "BBBB-3333", "CCCC-4444", "FFFF-7777"}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ABCF | {"DDDD-5555"}),
        ({"etat": "clos"}, {"EEEE-6666"}),
        ({"etat": "tous"}, ABCF | {"DDDD-5555", "EEEE-6666"}),
        ({"etat": "echec"}, {"FFFF-7777"}),
        ({"caisse": "cpam_53"}, {"CCCC-4444"}),
        ({"caisse": "cpam_01"}, set()),
        ({"theme": "ceam"}, {"BBBB-3333"}),
        ({"theme": "x' OR 1=1"}, ABCF | {"DDDD-5555"}),
        ({"age": "1"}, {"AAAA-2222", "BBBB-3333"}),
        ({"age": "7"}, {"AAAA-2222"}),
        ({"suivi": "moi"}, {"DDDD-5555"}),
        ({"suivi": "libres"}, ABCF),
        ({"suivi": "libres", "caisse": "cpam_49"}, ABF),
        ({"recherche": "bbbb 33"}, {"BBBB-3333"}),
        ({"recherche": "CCCC-4444"}, {"CCCC-4444"}),
        ({"recherche": "vitale perdue"}, {"AAAA-2222", "CCCC-4444"}),
        ({"recherche": "européenne"}, {"BBBB-3333"}),
        ({"recherche": "adresse", "etat": "tous"}, {"EEEE-6666"}),
        ({"recherche": "%"}, set()),
        ({"recherche": "____"}, set()),
        ({"recherche": "rien de tel"}, set()),
        ({"adresse": "max@exemple.fr"}, ABCF | {"DDDD-5555"}),
    ],
)
def test_filters_and_search(several, asked, found):
    assert set(listed(several, **asked)) == found


def test_an_address_is_searched_without_standing_in_any_url_or_audit_row(several, store):
    answer = several.send("/", "/recherche", adresse=" MAX@exemple.fr ")
    assert answer.status_code == 303
    assert "max" not in answer.headers["location"].lower()
    shown = text_of(several.get(answer.headers["location"]))
    assert {one for one in re.findall(r"[A-Z]{4}-\d{4}", shown)} == {"BBBB-3333", "DDDD-5555"}
    assert "Dossiers d’une même adresse e-mail." in shown
    assert not any("max" in f"{entry.target}{entry.detail}".lower() for entry in entries(store))


def test_something_that_is_no_address_is_said_so(several):
    answer = several.send("/", "/recherche", adresse="max")
    assert "Écrivez l’adresse entière" in text_of(several.get(answer.headers["location"]))


def test_pages_keep_the_filters(agent, store, vault):
    for letter in "ABCDEFGHJKMNPQRSTVWXYZ2345":
        open_case(store, vault, reference=f"{letter * 4}-2222")
    shown = agent.get("/?recherche=carte&suivi=libres").text
    assert 'href="/?recherche=carte&amp;suivi=libres&amp;page=2"' in shown


@pytest.mark.parametrize(
    ("days", "mark", "words"),
    [(0, "fresh", "vient d’arriver"), (1, "late", "attend depuis 1 jour"), (3, "overdue", "attend depuis 3 jours")],
)
def test_a_case_ages_in_words_and_in_colour(agent, store, vault, days, mark, words):
    open_case(store, vault, now=NOON - timedelta(days=days))
    page = agent.get("/")
    assert words in text_of(page)
    assert f'class="state {mark}"' in page.text


def listed(browser: Browser, **asked: str) -> list[str]:
    """The references of the list, in order."""
    page = browser.get(f"/?{urlencode(asked)}").text
    return re.findall(r'class="reference" href="/dossiers/([^"]+)"', page)


def test_the_list_goes_by_pages(agent, store, vault):
    letters = "ABCDEFGHJKMNPQRSTVWXYZ2345"
    for letter in letters:
        open_case(store, vault, reference=f"{letter * 4}-2222")
    first, second = agent.get("/"), agent.get("/?page=2")
    assert "26 dossiers" in text_of(first)
    assert "Page 1 sur 2" in text_of(first)
    assert 'href="/?page=2"' in first.text
    assert "AAAA-2222" in text_of(first)
    assert "5555-2222" not in text_of(first)
    assert "5555-2222" in text_of(second)


@pytest.mark.parametrize("number", ["0", "2", "-1", "1.5", "deux", "٣", "9" * 30, "", "1 OR 1=1", "%00"])
def test_a_page_that_does_not_exist_is_not_found(agent, number):
    assert agent.get(f"/?page={number}").status_code == (200 if number == "" else 404)


def test_a_case_shows_what_the_counsellor_needs(agent, store, vault):
    open_case(store, vault)
    set_mail(store, "ABCD-2345", "case", state="retry", attempts=3, last_error="Le serveur de mail est injoignable.")
    shown = text_of(agent.get("/dossiers/ABCD-2345"))
    for expected in (
        "Dossier ABCD-2345",
        "Carte Vitale perdue ou volée",
        "Ce que la personne demande Ma carte est perdue.",
        "Nom Jeanne Martin",
        "Adresse e-mail jeanne@exemple.fr",
        "Adresse non vérifiée",
        "Donnez une réponse générale, sans aucune information de son dossier.",
        "CPAM de Maine-et-Loire",
        "Maine-et-Loire (49)",
        "Assistant accueil 12 h 50 Bonjour. N’écrivez pas votre numéro.",
        "Assuré message 12 h 51 j'ai perdu ma carte",
        "Assistant réponse thème : Carte Vitale perdue ou volée 12 h 51 Déclarez la perte. Sinon, appelez le 36 46.",
        "Demande au conseiller en attente nouvel essai : 22 novembre 2025 à 13 h 00",
        "13 h 00 3 Le serveur de mail est injoignable.",
        "Accusé de réception en attente 0 aucune",
    ):
        assert expected in shown


def test_a_verified_address_is_said_so(agent, store, vault):
    open_case(store, vault, verified=True)
    shown = text_of(agent.get("/dossiers/ABCD-2345"))
    assert "adresse vérifiée" in shown
    assert "non vérifiée" not in shown


def test_a_reference_typed_in_lower_case_is_found(agent, store, vault):
    open_case(store, vault)
    assert agent.get("/dossiers/abcd-2345").status_code == 200


@pytest.mark.parametrize("reference", ["ZZZZ-9999", "ABCD2345", "ABCD-2345-6", "x", "%00", "..%2f", "ABCD-234%27", "é"])
def test_an_unknown_reference_is_not_found(agent, store, vault, reference):
    open_case(store, vault)
    answer = agent.get(f"/dossiers/{reference}")
    assert answer.status_code == 404
    assert "Page introuvable" in text_of(answer)


def test_a_case_without_theme_caisse_name_or_conversation_is_still_readable(agent, store, vault):
    open_case(store, vault, theme=None, caisse="par_defaut", departement="59", name="", transcript=[])
    shown = text_of(agent.get("/dossiers/ABCD-2345"))
    for expected in ("Sujet à préciser", "Caisse à déterminer", "Nord (59)", "Nom non indiqué", "Aucun message."):
        assert expected in shown


def test_a_theme_that_is_no_more_shows_its_id(agent, store, vault):
    open_case(store, vault, theme="theme_retire")
    assert "theme_retire" in text_of(agent.get("/"))


def test_a_transcript_of_another_version_is_still_readable(agent, store, vault):
    open_case(
        store, vault, transcript=[{"from": "user", "text": "bonjour"}, {"text": None, "at": "hier", "kind": "neuf"}]
    )
    shown = text_of(agent.get("/dossiers/ABCD-2345"))
    assert "Assuré bonjour" in shown
    assert "Assistant neuf" in shown


def test_a_contact_whose_key_is_lost_leaves_the_rest_readable(agent, store, vault):
    reference = open_case(store, vault)
    other = Vault(["fTvWXYXrIuhUlgWnxNlKaMkvNHHYFIcBRRVIvTPoSL4="])
    with store.begin() as session:
        session.query(Handoff).one().contact = other.seal({"email": "jeanne@exemple.fr"})
    answer = agent.get(f"/dossiers/{reference}")
    assert answer.status_code == 200
    assert "Contact illisible." in text_of(answer)
    assert "Ma carte est perdue." in text_of(answer)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_people_wrote_is_text_and_nothing_else(agent, store, vault, attack):
    said = {"seq": 1, "kind": attack, "theme": attack, "text": attack, "at": attack}
    talk = [said | {"from": side} for side in ("user", "bot")]
    reference = open_case(
        store, vault, summary=attack, email=attack, name=attack, transcript=talk, departement=attack[:3], theme=attack
    )
    set_mail(store, reference, "case", last_error=attack, state="dead")
    for path in ("/", f"/dossiers/{reference}"):
        page = agent.get(path).text
        for harmful in ("<script", "<img", "<svg", '<a href="javascript', 'href="javascript', "<!--", "onfocus='"):
            assert harmful not in page
    shown = text_of(agent.get(f"/dossiers/{reference}"))
    assert attack in shown


def test_characters_that_turn_the_writing_direction_are_removed(agent, store, vault):
    open_case(store, vault, email="rf.elpmexe@ennaej\u202e", summary="a\u202eb\u0007c\r\nd", name="x\u2066y")
    page = agent.get("/dossiers/ABCD-2345").text
    assert not set(page) & set("\u202e\u2066\u0007")
    assert "abc\nd" in page
