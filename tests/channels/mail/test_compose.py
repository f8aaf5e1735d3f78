"""The two mails of a case, as a counsellor and an insured person receive them."""

from __future__ import annotations

import email
import re
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail import transcript
from channels.mail.addresses import AddressRefused, mailbox, person_mailbox
from channels.mail.compose import CASE_HEADERS, RECEIPT_HEADERS, REPLY_HEADERS, HeadersUnsafe, check_headers
from channels.mail.transcript import Block, blocks, plain, read_transcript
from guichet.privacy import Vault
from guichet.settings import SettingsError
from tests.channels.mail.builders import BOX, DEFAULT_BOX, KEY, PERSON, SENDER, TALK, composer, dossier


def received(**changes: object) -> EmailMessage:
    """A composed mail, written and read again as its recipient's client does."""
    message, _ = composer().compose(*dossier(**changes))
    return email.message_from_bytes(message.as_bytes(), policy=SMTP)


def part(message: EmailMessage, kind: str) -> str:
    return message.get_body((kind,)).get_content()


class Reader(HTMLParser):
    """What a screen reader would meet: words, headings, language, and tags that need care."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.headings, self.tags, self.lang = [], [], set(), None
        self._inside = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._inside.append(tag)
        if tag == "html":
            self.lang = dict(attrs).get("lang")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] in ("h1", "h2", "h3"):
            self.headings.append((self._inside[-1], data.strip()))
        self.words.append(data)


def test_a_case_goes_to_the_box_of_its_caisse() -> None:
    message, envelope = composer().compose(*dossier())
    assert message["To"] == BOX
    assert (envelope.sender, envelope.recipient) == (SENDER, BOX)


@pytest.mark.parametrize("caisse", ["cpam_75", "par_defaut"])
def test_a_case_without_a_box_of_its_own_goes_to_the_default_one(caisse: str) -> None:
    message, envelope = composer().compose(*dossier(caisse=caisse))
    assert message["To"] == envelope.recipient == DEFAULT_BOX


@pytest.mark.parametrize(
    ("kind", "subject", "said"),
    [
        ("case", "Complément d'un assuré – Carte Vitale perdue ou volée", "Ce que la personne ajoute à sa demande"),
        ("receipt", "Votre complément est enregistré", "Ce que vous avez ajouté à votre demande"),
    ],
)
def test_what_is_added_to_a_case_says_so(kind: str, subject: str, said: str) -> None:
    mail, case, handoff = dossier(kind=kind)
    case.handoff_id = "an earlier form"
    message, _ = composer().compose(mail, case, handoff)
    written = email.message_from_bytes(message.as_bytes(), policy=SMTP)
    assert written["Subject"] == f"[ABCD-2345] {subject}"
    assert said in part(written, "plain")
    assert said in " ".join(Reader(part(written, "html")).words)


def test_a_case_has_the_headers_of_the_contract() -> None:
    message = received()
    assert sorted(message.keys()) == sorted(CASE_HEADERS)
    assert message["Subject"] == "[ABCD-2345] Demande d'un assuré – Carte Vitale perdue ou volée"
    assert message["Reply-To"] == PERSON
    assert message["From"].addresses[0].addr_spec == SENDER
    assert message["From"].addresses[0].display_name == "Guichet, un service de démonstration"
    assert message["Message-ID"] == "<5e0a6f9c-0000-4000-8000-000000000001@service.exemple.fr>"
    assert message["Date"].datetime.isoformat() == "2025-11-22T12:00:00+00:00"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"


@pytest.mark.parametrize("kind", ["case", "receipt"])
def test_a_repeat_is_the_same_message_byte_for_byte(kind: str) -> None:
    first, again = (composer().compose(*dossier(kind=kind))[0].as_bytes() for _ in range(2))
    assert first == again


@pytest.mark.parametrize("kind", ["case", "receipt"])
def test_a_mail_passes_any_server_seven_bits_and_short_lines(kind: str) -> None:
    message, _ = composer().compose(*dossier(kind=kind, summary="é" * 3000, transcript=TALK * 50))
    written = message.as_bytes()
    assert written.isascii()
    assert max(map(len, written.split(b"\r\n"))) <= 998
    assert b"\n" not in written.replace(b"\r\n", b"")


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_both_parts_of_a_case_say_all_a_counsellor_needs(kind: str) -> None:
    said = part(received(), kind)
    said = " ".join(Reader(said).words) if kind == "html" else said
    said = " ".join(said.split())
    for expected in (
        "ABCD-2345", "CPAM de Maine-et-Loire", "Maine-et-Loire (49)", "Carte Vitale perdue ou volée", "Jeanne Martin",
        PERSON, "adresse non vérifiée", "Ma carte est perdue.", "j'ai perdu ma carte", "que faire ?",
        "N’écrivez pas votre numéro.", "Sinon, appelez le 36 46.",
    ):  # fmt: skip
        assert expected in said, expected
    assert "tel:" not in said
    assert "**" not in said


def test_the_order_is_the_demand_first_and_then_the_conversation_as_it_went() -> None:
    text = part(received(), "plain")
    places = [text.index(words) for words in ("Ma carte est perdue.", "Bonjour.", "j'ai perdu", "Déclarez", "    Non")]
    assert places == sorted(places)


def test_a_verified_address_is_not_called_unverified() -> None:
    message = received(verified=True)
    assert "non vérifiée" not in part(message, "plain") + part(message, "html")


def test_what_the_bot_answered_is_said_by_theme_each_once() -> None:
    answer = TALK[2]
    talk = [*TALK, answer, answer | {"theme": "theme_retire"}, answer | {"kind": "retry", "theme": "ceam"}]
    html = part(received(transcript=talk), "html")
    assert "<li>Carte Vitale perdue ou volée</li>" in html
    assert html.count("Carte Vitale perdue ou volée") == 2, "the subject, and the answer"
    text = "\n".join(part(received(transcript=talk), "plain").splitlines())
    assert "Ce que l’assistant a déjà répondu\n\n- Carte Vitale perdue ou volée\n\nLa conversation" in text


def test_a_bot_that_answered_nothing_says_so() -> None:
    message = received(transcript=TALK[:2])
    for kind in ("plain", "html"):
        assert "l’assistant n’a pas su de quoi il s’agissait" in part(message, kind)


def test_the_date_is_that_of_the_demand_in_france() -> None:
    for kind in ("plain", "html"):
        assert "22\u00a0novembre 2025 à 13\u00a0h\u00a000" in part(received(), kind)


def test_a_long_conversation_is_a_list_that_a_screen_reader_announces() -> None:
    answer = TALK[2] | {"text": "Faites ainsi :\n\n- ouvrez votre compte ;\n- confirmez."}
    html = part(received(transcript=[*TALK, answer]), "html")
    assert html.count("<li style=") == 5
    assert '<ol role="list"' in html, "without its marks, Safari takes a list for none"
    assert "<li>ouvrez votre compte ;</li>" in html
    assert html.count("<dt ") == html.count("<dd ") == 7


@pytest.mark.parametrize("theme", [None, "theme_retire"])
def test_a_case_without_a_known_theme_says_so(theme: str | None) -> None:
    assert received(theme=theme)["Subject"] == "[ABCD-2345] Demande d'un assuré – sujet à préciser"


def test_a_case_whose_conversation_was_erased_and_name_left_out_still_reads_well() -> None:
    message = received(transcript=[], name="")
    for kind in ("plain", "html"):
        assert "la conversation a été effacée" in part(message, kind)
        assert "non indiqué" in part(message, kind)


def test_what_people_typed_is_escaped_in_html() -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;</div><h1>Faux titre</h1>"
    said = [{"from": "user", "text": attack}, {"from": "bot", "text": attack}]
    html = part(received(name=attack, summary=attack, transcript=said), "html")
    reader = Reader(html)
    assert not reader.tags & {"script", "img", "a"}
    assert [tag for tag, _ in reader.headings].count("h1") == 1
    assert html.count("&lt;script&gt;") == 4


@pytest.mark.parametrize("kind", ["case", "receipt"])
def test_html_reads_well_with_a_screen_reader(kind: str) -> None:
    reader = Reader(part(received(kind=kind), "html"))
    assert reader.lang == "fr"
    assert reader.headings[0][0] == "h1"
    assert len(reader.headings) >= 3
    assert {level for level, _ in reader.headings} == {"h1", "h2"}
    assert not reader.tags & {"img", "table", "script", "link", "style", "form"}


def test_typed_text_cannot_pass_for_a_heading_of_the_text_part() -> None:
    forged = "Rien\n\nComment répondre\n\nEnvoyez le dossier à voleur@exemple.fr"
    lines = part(received(summary=forged), "plain").splitlines()
    assert lines.count("Comment répondre") == 1
    assert "    Comment répondre" in lines


def test_the_receipt_says_what_happens_next_and_nothing_typed() -> None:
    typed = {"name": "Zébulon", "summary": "phrasetapée", "transcript": [{"from": "user", "text": "autremot"}]}
    message = received(kind="receipt", **typed)
    assert sorted(message.keys()) == sorted(RECEIPT_HEADERS)
    assert message["To"] == PERSON
    assert message["Subject"] == "[ABCD-2345] Votre demande est enregistrée"
    assert message["Auto-Submitted"] == "auto-replied"
    for kind in ("plain", "html"):
        said = part(message, kind)
        assert "ABCD-2345" in said
        assert "36\u00a046" in said
        assert "service de démonstration" in said
        for word in ("Zébulon", "phrasetapée", "autremot", "Carte Vitale"):
            assert word not in said
        assert not re.search(r"\b(jours?|heures?|semaines?|délai)\b", said), "no delay is promised"
        assert "Assurance Maladie" not in said


def test_the_receipt_speaks_of_a_general_answer_only_to_an_unverified_address() -> None:
    assert "Sa réponse sera générale" in part(received(kind="receipt"), "plain")
    assert "Sa réponse sera générale" not in part(received(kind="receipt", verified=True), "plain")


# --- size


def test_a_long_conversation_loses_its_oldest_turns_with_a_clear_line() -> None:
    talk = [{"from": "user" if n % 2 else "bot", "text": f"tour{n:04} " + "x" * 1990} for n in range(100)]
    message = received(transcript=talk)
    for kind in ("plain", "html"):
        said = part(message, kind)
        assert "tour0099" in said
        assert "tour0000" not in said
        kept = len(re.findall(r"tour\d{4}", said))
        assert f"{100 - kept} messages en moins" in said
        assert len(said.encode()) < 90_000


@pytest.mark.parametrize("text", ["😀" * 2000, "<&\"'>" * 400, "=" * 2000, "é\n" * 1000, ""])
def test_no_text_makes_a_mail_of_more_than_one_megabyte(text: str) -> None:
    message = received(transcript=[{"from": "user", "text": text}] * 3000, summary=text * 50)
    assert len(message.as_bytes()) < 1_000_000


def test_one_turn_cut_is_written_in_the_singular() -> None:
    size = transcript.SIZE_LIMIT - 500
    message = received(transcript=[{"from": "bot", "text": "a" * 600}, {"from": "user", "text": "b" * size}])
    assert "1 message en moins" in part(message, "plain")


def test_control_and_direction_characters_never_reach_the_reader() -> None:
    assert plain("a\x00b\x1b[31mc\u202ed\ud800e\r\nf\u2028g\x85h\tz") == "ab[31mcde\nf\ng\nh\tz"


def test_a_transcript_shows_links_of_the_bot_as_words_and_what_people_typed_as_typed() -> None:
    lines = read_transcript(
        [{"from": "bot", "text": "[ici](https://x.fr) **gras**"}, {"from": "user", "text": "**a**"}]
    )
    assert [line.blocks for line in lines.lines] == [[Block(["ici gras"], False)], [Block(["**a**"], False)]]


def test_lines_that_begin_with_a_dash_are_a_list() -> None:
    steps, after = Block(["un", "deux - trois"], True), Block(["Puis", "-rien"], False)
    assert blocks("Faites :\n- un\n- deux - trois\n\nPuis\n-rien") == [Block(["Faites :"], False), steps, after]


@given(name=st.text(max_size=200), summary=st.text(max_size=500), said=st.text(max_size=500))
def test_any_text_gives_a_readable_mail_with_exactly_our_headers(name: str, summary: str, said: str) -> None:
    message = received(name=name, summary=summary, transcript=[{"from": "user", "text": said}])
    assert sorted(message.keys()) == sorted(CASE_HEADERS)
    assert not message.defects
    assert len(list(message.iter_parts())) == 2


# --- what cannot be composed


def test_a_contact_that_no_key_opens_asks_the_operator_for_the_key() -> None:
    mail, case, handoff = dossier()
    handoff.contact = "gAAAA-illisible"
    with pytest.raises(SettingsError, match="GUICHET_CONTACT_KEYS"):
        composer().compose(mail, case, handoff)


@pytest.mark.parametrize("own", [BOX, DEFAULT_BOX, SENDER, BOX.upper()])
def test_no_receipt_goes_to_a_box_of_the_service_where_it_would_turn_round(own: str) -> None:
    with pytest.raises(AddressRefused, match="boucle"):
        composer().compose(*dossier(kind="receipt", email=own))
    composer().compose(*dossier(kind="case", email=own))


def test_a_message_with_a_header_too_many_does_not_leave() -> None:
    message, _ = composer().compose(*dossier())
    message["Bcc"] = "voleur@exemple.fr"
    with pytest.raises(HeadersUnsafe):
        check_headers(message, CASE_HEADERS)


def test_an_address_with_an_accented_domain_is_written_in_ascii() -> None:
    assert person_mailbox("jeanne@café.fr").addr_spec == "jeanne@xn--caf-dma.fr"


@pytest.mark.parametrize("written", ["jérôme@exemple.fr", "sans-arobase", "", "a@b@c.fr", "a" * 65 + "@exemple.fr"])
def test_an_address_that_cannot_be_written_to_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        person_mailbox(written)
    assert not written or written not in str(refusal.value)


def test_a_box_that_cannot_be_written_to_is_found_at_start() -> None:
    with pytest.raises(AddressRefused):
        composer(mail_boxes=("cpam_49=boite avec espaces@exemple.fr",))


def test_a_box_on_an_internal_host_is_accepted() -> None:
    assert mailbox("conseillers@localhost").addr_spec == "conseillers@localhost"


def test_a_reply_holds_what_the_counsellor_wrote_and_nothing_typed_by_the_person():
    mail, case, handoff = dossier(kind="reply", summary="MOTS DE LA PERSONNE", verified=True)
    sealed = Vault([KEY]).seal({"text": "Voici :\n\n- <b>un</b> ;\n- deux\r\nBcc: x@exemple.fr"})
    message, envelope = composer().compose(mail, case, handoff, sealed)
    assert sorted(message.keys()) == sorted(REPLY_HEADERS)
    assert envelope.recipient == PERSON
    assert message["Reply-To"].addresses[0].addr_spec == BOX
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "- <b>un</b> ;\n- deux" in text
    assert "&lt;b&gt;un&lt;/b&gt;" in html
    assert "Cette réponse est générale" not in text + html
    assert "MOTS DE LA PERSONNE" not in text + html
    assert "perdu ma carte" not in text + html
