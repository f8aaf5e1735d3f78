"""The second step of signing in, and what precedes it the first time: a telephone, and codes on paper."""

from __future__ import annotations

import re

import pytest

from guichet import second_factor, staff
from guichet.audit import Deed
from guichet.privacy import Vault
from guichet.store import staff as rows
from tests.console.builders import PASSWORD, SECRET, Browser, add_staff, digits, entries, text_of, token_of

NEW = "agrafe correcte cheval pile"


@pytest.fixture
def browser(console) -> Browser:
    """A browser at the console as it is without settings: the second factor is required."""
    return console(staff_totp="required")


@pytest.fixture
def camille(store, vault):
    """Someone with a telephone."""
    return add_staff(store, vault=vault)


def give(browser: Browser, code: str, **more: str):
    return browser.send("/connexion/code", "/connexion/code", code=code, **more)


def secret_on(page: str) -> str:
    return re.search(r'<p class="key"><code>([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>([a-z0-9-]{19})</code></li>", page)


def did(store) -> list[str]:
    return [row.action for row in entries(store)]


class TestSecondStep:
    def test_the_password_alone_opens_nothing(self, browser, camille):
        assert browser.sign_in().headers["location"] == "/connexion/code"
        for path in ("/", "/compte", "/dossiers/ABCD-2345", "/mot-de-passe", "/double-authentification"):
            assert browser.get(path).headers["location"] == "/connexion/code"

    def test_the_code_opens_the_page_that_was_asked_for_in_a_session_of_its_own(self, browser, camille, clock):
        browser.get("/compte")
        half = browser.sign_in(suite="/compte")
        assert half.headers["location"] == "/connexion/code?suite=%2Fcompte"
        assert 'value="/compte"' in browser.get(half.headers["location"]).text
        cookie, token = browser.http.cookies["guichet_console"], token_of(browser.get("/connexion/code").text)
        whole = give(browser, digits(clock), suite="/compte")
        assert whole.headers["location"] == "/compte"
        assert browser.http.cookies["guichet_console"] != cookie
        assert token_of(browser.get("/compte").text) != token

    def test_the_half_open_session_is_over_once_the_code_is_given(self, browser, camille, clock):
        browser.sign_in()
        half = browser.http.cookies["guichet_console"]
        give(browser, digits(clock))
        browser.http.cookies.set("guichet_console", half, domain="127.0.0.1")
        assert browser.get("/connexion/code").headers["location"] == "/connexion"

    @pytest.mark.parametrize("later", [-30, 0, 30])
    def test_a_clock_half_a_minute_off_is_forgiven(self, browser, camille, clock, later):
        browser.sign_in()
        assert give(browser, digits(clock, later=later)).headers["location"] == "/"

    @pytest.mark.parametrize("later", [-60, 60, 3600])
    def test_a_code_of_another_time_is_refused(self, browser, camille, clock, later):
        browser.sign_in()
        answer = give(browser, digits(clock, later=later))
        assert answer.status_code == 401
        assert "Ce code ne convient pas." in text_of(answer)
        assert browser.get("/").headers["location"] == "/connexion/code"

    @pytest.mark.parametrize("written", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\x00", "é" * 300, "' OR 1=1"])
    def test_any_text_can_be_tried(self, browser, camille, written):
        browser.sign_in()
        assert give(browser, written).status_code == 401

    def test_spaces_in_a_code_do_not_matter(self, browser, camille, clock):
        browser.sign_in()
        code = digits(clock)
        assert give(browser, f" {code[:3]} {code[3:]} ").status_code == 303

    def test_a_code_is_taken_once_even_while_it_is_shown(self, browser, console, camille, clock):
        browser.sign_in()
        code = digits(clock)
        assert give(browser, code).status_code == 303
        thief = console(staff_totp="required")
        thief.sign_in()
        assert give(thief, code).status_code == 401
        assert give(thief, digits(clock, later=-30)).status_code == 401
        clock.forward(seconds=30)
        assert give(thief, digits(clock)).status_code == 303

    def test_whoever_is_signed_in_has_nothing_to_do_there(self, browser, camille, clock):
        browser.sign_in()
        give(browser, digits(clock))
        assert browser.get("/connexion/code").headers["location"] == "/"
        assert browser.send("/compte", "/connexion/code", code="1").headers["location"] == "/"

    def test_a_person_enrolled_gives_the_code_where_it_is_optional_too(self, console, camille):
        browser = console(staff_totp="optional")
        assert browser.sign_in().headers["location"] == "/connexion/code"

    def test_a_secret_whose_key_is_lost_is_told_and_a_recovery_code_still_opens(self, browser, store, camille):
        other = Vault(["fTvWXYXrIuhUlgWnxNlKaMkvNHHYFIcBRRVIvTPoSL4="])
        deed = Deed("camille", "totp.enrolled", camille.created_at)
        rows.enrol(store, camille.id, sealed=other.seal({"totp": SECRET}), step=0, code_hashes=(), deed=deed)
        codes = second_factor.renew_recovery_codes(store, camille, deed)
        browser.sign_in()
        answer = give(browser, "123456")
        assert answer.status_code == 503
        assert "GUICHET_CONTACT_KEYS" in text_of(answer)
        assert give(browser, codes[0]).headers["location"] == "/"


class TestTries:
    def test_the_sixth_wrong_code_must_wait_and_the_password_gives_no_more_of_them(self, browser, camille, clock):
        browser.sign_in()
        wrong = digits(clock, later=3600)
        assert [give(browser, wrong).status_code for _ in range(6)] == [401] * 5 + [429]
        browser.http.cookies.clear()
        browser.sign_in()
        answer = give(browser, digits(clock))
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "15")
        assert "Attendez 15 secondes, puis réessayez." in text_of(answer)
        clock.forward(seconds=15)
        assert give(browser, digits(clock)).status_code == 303

    def test_wrong_codes_at_one_address_do_not_delay_a_colleague_at_another(self, console, camille, clock):
        far = console(staff_totp="required", trusted_proxies=1)
        far.http.headers["X-Forwarded-For"] = "203.0.113.7"
        far.sign_in()
        for _ in range(6):
            give(far, "000000")
        assert give(far, digits(clock)).status_code == 429
        far.http.headers["X-Forwarded-For"] = "203.0.113.8"
        assert give(far, digits(clock)).status_code == 303

    def test_whoever_has_the_password_cannot_guess_from_many_addresses_nor_lock_the_owner_out(
        self, console, store, camille, clock
    ):
        deed = Deed("camille", "totp.codes_renewed", clock())
        codes = second_factor.renew_recovery_codes(store, camille, deed)
        thief = console(staff_totp="required", trusted_proxies=1)
        for n in range(second_factor.TRIES):
            thief.http.headers["X-Forwarded-For"] = f"203.0.113.{n}"
            thief.http.cookies.clear()
            thief.sign_in()
            assert give(thief, digits(clock, later=3600)).status_code == 401
        answer = give(thief, digits(clock))
        assert answer.status_code == 401
        assert "Écrivez un de vos codes de secours" in text_of(answer)
        owner = console(staff_totp="required")
        owner.sign_in()
        assert give(owner, codes[0]).status_code == 303
        owner.sign_out()
        clock.forward(seconds=60)
        owner.sign_in()
        assert give(owner, digits(clock)).status_code == 303

    def test_without_the_password_no_code_can_be_tried(self, browser, store, camille):
        for _ in range(30):
            assert browser.http.post("/connexion/code", data={"code": "000000"}).headers["location"] == "/connexion"
        assert rows.find(store, "camille").totp_failures == 0


class TestRecoveryCodes:
    @pytest.fixture
    def codes(self, store, camille, clock):
        deed = Deed("camille", "totp.codes_renewed", clock())
        return second_factor.renew_recovery_codes(store, camille, deed)

    def test_there_are_ten_and_the_database_holds_none_of_them(self, store, codes):
        assert len(set(codes)) == 10
        with store.begin() as session:
            kept = session.connection().exec_driver_sql("SELECT * FROM recovery_codes").all()
        assert len(kept) == 10
        assert not any(code in repr(kept) or code.replace("-", "") in repr(kept) for code in codes)

    def test_each_opens_once_however_it_is_typed(self, browser, store, codes):
        browser.sign_in()
        assert give(browser, codes[0].upper().replace("-", " ")).headers["location"] == "/"
        assert "Il vous reste 9 codes de secours." in text_of(browser.get("/compte"))
        assert did(store)[-3:] == ["signin.password_accepted", "signin.recovery_code", "signin.done"]
        browser.sign_out()
        browser.sign_in()
        assert give(browser, codes[0]).status_code == 401
        assert give(browser, codes[1]).status_code == 303

    def test_a_colleagues_code_opens_nothing(self, browser, store, vault, codes):
        add_staff(store, "dominique", vault=vault)
        browser.sign_in("dominique")
        assert give(browser, codes[0]).status_code == 401

    def test_they_are_made_again_with_the_telephone_in_hand(self, browser, codes, clock):
        browser.sign_in()
        give(browser, digits(clock))
        refused = browser.send("/compte", "/compte/codes", code="000000")
        assert refused.status_code == 422
        assert "Ce code ne convient pas." in text_of(refused)
        new = codes_on(browser.send("/compte", "/compte/codes", code=digits(clock, later=30)).text)
        assert len(new) == 10
        assert not set(new) & set(codes)
        browser.sign_out()
        browser.sign_in()
        assert give(browser, codes[0]).status_code == 401
        assert give(browser, new[0]).status_code == 303


class TestFirstSignIn:
    """Own password, then telephone, then the codes; only then the cases."""

    @pytest.fixture
    def newcomer(self, browser, store) -> Browser:
        add_staff(store, must_change=True)
        assert browser.sign_in().headers["location"] == "/mot-de-passe"
        browser.send("/mot-de-passe", "/mot-de-passe", nouveau=NEW, encore=NEW)
        return browser

    def test_every_role_must_enrol(self, browser, store):
        for role in staff.ROLES:
            add_staff(store, role, role=role)
            browser.http.cookies.clear()
            assert browser.sign_in(role).headers["location"] == "/double-authentification"
            assert browser.get("/compte").headers["location"] == "/double-authentification"

    def test_the_page_shows_a_qr_code_and_the_same_secret_in_groups(self, newcomer):
        assert newcomer.get("/").headers["location"] == "/double-authentification"
        page = newcomer.get("/double-authentification").text
        assert "<svg" in page
        assert re.search(r"<code>([A-Z2-7]{4} ){7}[A-Z2-7]{4}</code>", page)
        assert secret_on(newcomer.get("/double-authentification").text) == secret_on(page)

    def test_the_address_in_the_qr_code_names_the_service_and_the_account(self, settings, store):
        written = second_factor.address(SECRET, add_staff(store), settings)
        assert written.startswith("otpauth://totp/Guichet")
        assert ":camille?secret=" + SECRET in written

    def test_the_right_code_enrols_shows_the_codes_once_and_opens_the_console(self, newcomer, store, clock):
        page = newcomer.get("/double-authentification").text
        cookie, secret = newcomer.http.cookies["guichet_console"], secret_on(page)
        answer = newcomer.send(
            "/double-authentification", "/double-authentification", code=digits(clock, secret=secret)
        )
        codes = codes_on(answer.text)
        assert len(codes) == 10
        assert newcomer.http.cookies["guichet_console"] != cookie
        assert newcomer.get("/").status_code == 200
        assert not codes_on(newcomer.get("/double-authentification").text)
        sealed = rows.find(store, "camille").totp_secret
        assert sealed
        assert secret not in sealed
        assert newcomer.http.post("/deconnexion", data={"jeton": token_of(answer.text)}).status_code == 303
        newcomer.sign_in(password=NEW)
        assert give(newcomer, digits(clock, secret=secret)).status_code == 401  # it enrolled: it was used
        assert give(newcomer, codes[0]).headers["location"] == "/"

    def test_a_wrong_code_enrols_nothing(self, newcomer, store):
        answer = newcomer.send("/double-authentification", "/double-authentification", code="000000")
        assert answer.status_code == 422
        assert "Ce code ne convient pas." in text_of(answer)
        assert rows.find(store, "camille").totp_secret is None
        assert newcomer.get("/").headers["location"] == "/double-authentification"

    def test_one_may_leave_without_enrolling(self, newcomer):
        assert newcomer.send("/double-authentification", "/deconnexion").status_code == 303
        assert newcomer.get("/").headers["location"] == "/connexion"

    def test_the_audit_table_tells_the_whole_of_it(self, newcomer, store, clock):
        secret = secret_on(newcomer.get("/double-authentification").text)
        newcomer.send("/double-authentification", "/double-authentification", code=digits(clock, secret=secret))
        assert did(store) == ["staff.added", "signin.done", "password.changed", "totp.enrolled"]
        assert {row.address for row in entries(store)[1:]} == {"127.0.0.1"}
        assert secret not in "".join(repr(vars(row)) for row in entries(store))


class TestAnotherTelephone:
    @pytest.fixture
    def signed_in(self, browser, camille, clock) -> Browser:
        browser.sign_in()
        give(browser, digits(clock))
        return browser

    def test_it_asks_the_password_again(self, signed_in, store, clock):
        secret = secret_on(signed_in.get("/double-authentification").text)
        for password in ("", "pas le bon mot"):
            answer = signed_in.send(
                "/double-authentification", "/double-authentification", actuel=password,
                code=digits(clock, secret=secret),
            )  # fmt: skip
            assert answer.status_code == 422
            assert "Ce n’est pas votre mot de passe actuel." in text_of(answer)
        assert did(store)[-1] == "password.refused"

    def test_the_former_telephone_and_the_other_browsers_are_out(self, signed_in, console, clock):
        other = console(staff_totp="required")
        other.sign_in()
        clock.forward(seconds=30)
        give(other, digits(clock))
        assert other.get("/").status_code == 200
        secret = secret_on(signed_in.get("/double-authentification").text)
        answer = signed_in.send(
            "/double-authentification", "/double-authentification", actuel=PASSWORD, code=digits(clock, secret=secret)
        )
        assert len(codes_on(answer.text)) == 10
        assert signed_in.get("/").status_code == 200
        assert other.get("/").headers["location"].startswith("/connexion")
        clock.forward(seconds=60)
        other.sign_in()
        assert give(other, digits(clock)).status_code == 401
        assert give(other, digits(clock, secret=secret)).status_code == 303


def test_the_second_factor_is_required_unless_said_otherwise(settings):
    assert type(settings)().staff_totp == "required"


def test_the_demonstration_agent_goes_from_the_printed_password_to_the_list(browser, store, clock):
    printed = staff.ensure_demo_agent(store)
    assert browser.sign_in("demo", printed).headers["location"] == "/mot-de-passe"
    browser.send("/mot-de-passe", "/mot-de-passe", nouveau=NEW, encore=NEW)
    secret = secret_on(browser.get("/double-authentification").text)
    browser.send("/double-authentification", "/double-authentification", code=digits(clock, secret=secret))
    assert "Aucun dossier à traiter pour le moment." in text_of(browser.get("/"))
