"""Staff: passwords, sessions, the demonstration agent; on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from guichet import staff
from guichet.audit import CLI, Deed
from guichet.store import migrate, open_store, sessions
from guichet.store import staff as rows
from guichet.store.tables import Staff, StaffSession
from tests.postgres import fresh_database

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "quatre mots sans lien"
LIMITS = sessions.Limits(idle=timedelta(minutes=30), lifetime=timedelta(hours=10))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path):
    with ExitStack() as running:
        fresh = request.param == "postgresql"
        store = open_store(running.enter_context(fresh_database()) if fresh else f"sqlite:///{tmp_path}/x.db")
        migrate(store)
        yield store
        store.close()


def deed(action: str, target: str = "camille") -> Deed:
    return Deed(CLI, action, NOON, target=target)


def add(store, login: str = "camille", password_hash: str | None = None) -> Staff:
    person = rows.add(
        store, login=login, name="Camille Durand", role="agent", must_change=False, now=NOON,
        password_hash=password_hash or staff.hash_password(PASSWORD), deed=deed("staff.added"),
    )  # fmt: skip
    assert person
    return person


def signed_in(store, person: Staff, token: str = "jeton") -> str:
    sessions.open_one(store, staff_id=person.id, token=token, csrf="c", second_factor=False, now=NOON, limits=LIMITS)
    return token


def live(store, token: str, after: timedelta = timedelta(0)) -> bool:
    return sessions.find(store, token, NOON + after, LIMITS) is not None


class TestPasswords:
    def test_a_password_is_kept_as_argon2id_and_opens_only_with_itself(self, store):
        person = add(store)
        assert person.password_hash.startswith("$argon2id$")
        assert staff.authenticate(store, "camille", PASSWORD).id == person.id
        assert staff.authenticate(store, "camille", PASSWORD + " ") is None

    def test_an_accent_typed_in_two_ways_is_one_password(self, store):
        add(store, password_hash=staff.hash_password("caf\u00e9 au lait chaud"))
        assert staff.authenticate(store, "camille", "cafe\u0301 au lait chaud")

    @pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 10_000])
    def test_any_text_can_be_tried(self, store, password):
        add(store)
        assert staff.authenticate(store, "camille", password) is None

    @pytest.mark.parametrize("login", ["inconnu", "", "x" * 500, "a\x00b", "\ud800", "é"])
    def test_an_unknown_login_is_checked_all_the_same(self, store, login, monkeypatch):
        checked = []
        monkeypatch.setattr(staff, "_verify", lambda hasher, kept, password: checked.append(kept) or True)
        assert staff.authenticate(store, login, PASSWORD) is None
        assert checked == [staff.DECOY]

    def test_the_decoy_costs_as_much_as_a_real_hash(self):
        assert not PasswordHasher().check_needs_rehash(staff.DECOY)

    def test_someone_disabled_cannot_authenticate(self, store):
        person = add(store)
        rows.set_disabled(store, person.id, True, deed("staff.disabled"))
        assert staff.authenticate(store, "camille", PASSWORD) is None

    def test_a_hash_of_former_parameters_is_made_again_at_the_next_sign_in(self, store):
        weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
        add(store, password_hash=staff.hash_password(PASSWORD, hasher=weak))
        assert staff.authenticate(store, "camille", PASSWORD)
        now = rows.find(store, "camille").password_hash
        assert not PasswordHasher().check_needs_rehash(now)
        assert staff.authenticate(store, "camille", PASSWORD)
        assert rows.find(store, "camille").password_hash == now

    def test_a_rehash_never_brings_back_a_password_that_was_changed_meanwhile(self, store):
        person = add(store)
        assert not rows.replace_hash(store, person.id, former="un autre", new="vieux")
        assert rows.find(store, "camille").password_hash == person.password_hash

    def test_a_hash_that_cannot_be_read_opens_to_nobody(self, store):
        add(store, password_hash="!")
        assert staff.authenticate(store, "camille", PASSWORD) is None

    def test_one_time_passwords_are_long_and_all_different(self):
        drawn = {staff.one_time_password() for _ in range(200)}
        assert len(drawn) == 200
        assert {len(password) for password in drawn} == {19}
        assert not set("".join(drawn)) & set("01iloOuv")

    def test_changing_it_ends_every_session_and_the_one_time_state(self, store):
        person = rows.add(
            store, login="dominique", name="D", role="agent", password_hash=staff.hash_password(PASSWORD),
            must_change=True, now=NOON, deed=deed("staff.added"),
        )  # fmt: skip
        token = signed_in(store, person)
        staff.change_password(store, person, "cinq autres mots encore", deed("password.changed"))
        assert not live(store, token)
        assert not rows.find(store, "dominique").must_change
        assert staff.authenticate(store, "dominique", "cinq autres mots encore")

    def test_a_refused_password_changes_nothing(self, store):
        person = add(store)
        token = signed_in(store, person)
        with pytest.raises(staff.PasswordRefused, match="au moins 12"):
            staff.change_password(store, person, "trop court", deed("password.changed"))
        assert live(store, token)
        assert staff.authenticate(store, "camille", PASSWORD)


class TestStaff:
    def test_a_login_is_taken_once(self, store):
        add(store)
        again = rows.add(
            store, login="camille", name="X", role="agent", password_hash="h", must_change=False, now=NOON,
            deed=deed("staff.added"),
        )  # fmt: skip
        assert again is None

    @pytest.mark.parametrize(
        ("written", "login"), [(" Camille ", "camille"), ("a.b@c-d", "a.b@c-d"), ("a b", ""), ("", "")]
    )
    def test_logins_have_one_form(self, written, login):
        assert staff.normalise_login(written) == login


class TestSessions:
    def test_a_token_is_kept_only_as_its_hash(self, store):
        signed_in(store, add(store), "un jeton secret")
        with store.begin() as session:
            row = session.scalars(select(StaffSession)).one()
        assert row.token_hash == sessions.hash_token("un jeton secret")
        assert "un jeton secret" not in (row.token_hash, row.csrf)

    def test_a_session_gives_the_person_and_its_form_token(self, store):
        person = add(store)
        found = sessions.find(store, signed_in(store, person), NOON, LIMITS)
        assert (found.staff.id, found.session.csrf) == (person.id, "c")

    def test_it_ends_when_unused_for_the_idle_limit(self, store):
        token = signed_in(store, add(store))
        assert live(store, token, LIMITS.idle - timedelta(seconds=1))
        assert not live(store, token, LIMITS.idle)

    def test_using_it_puts_the_idle_limit_off_but_not_the_absolute_one(self, store):
        token = signed_in(store, add(store))
        step = timedelta(minutes=20)
        for n in range(1, 30):
            assert live(store, token, n * step)
            sessions.touch(store, token, NOON + n * step)
        assert not live(store, token, LIMITS.lifetime)

    def test_it_is_never_touched_backwards(self, store):
        token = signed_in(store, add(store))
        sessions.touch(store, token, NOON + timedelta(minutes=20))
        sessions.touch(store, token, NOON + timedelta(minutes=1))
        assert live(store, token, timedelta(minutes=49))

    def test_one_is_ended_without_the_others(self, store):
        person = add(store)
        first, second = signed_in(store, person, "un"), signed_in(store, person, "deux")
        sessions.end(store, first, deed("signin.ended"))
        assert not live(store, first)
        assert live(store, second)

    def test_all_of_a_person_are_ended_and_nobody_elses(self, store):
        camille, dominique = add(store), add(store, "dominique")
        mine, other = [signed_in(store, camille, t) for t in ("a", "b")], signed_in(store, dominique, "c")
        assert sessions.count(store, camille.id, NOON, LIMITS) == 2
        sessions.end_all(store, camille.id, deed("signin.ended_everywhere"))
        assert not any(live(store, token) for token in mine)
        assert live(store, other)

    def test_expired_ones_are_forgotten_when_another_is_opened(self, store):
        person = add(store)
        signed_in(store, person)
        for minutes, kept in ((29, 2), (30, 2), (90, 1)):
            sessions.open_one(
                store, staff_id=person.id, token=f"{minutes}", csrf="c", second_factor=False, limits=LIMITS,
                now=NOON + timedelta(minutes=minutes),
            )  # fmt: skip
            with store.begin() as session:
                assert session.scalar(select(func.count()).select_from(StaffSession)) == kept


class TestDemonstrationAgent:
    def test_the_password_is_given_once_and_must_be_changed(self, store):
        password = staff.ensure_demo_agent(store, NOON)
        person = staff.authenticate(store, "demo", password)
        assert (person.role, person.must_change, person.created_at) == ("agent", True, NOON)
        assert staff.ensure_demo_agent(store) is None

    def test_nobody_is_added_when_there_is_staff(self, store):
        add(store)
        assert staff.ensure_demo_agent(store) is None
        assert rows.find(store, "demo") is None

    def test_two_processes_at_once_make_one(self, store):
        with ThreadPoolExecutor(2) as pool:
            made = list(pool.map(lambda _: staff.ensure_demo_agent(store), range(2)))
        assert sum(password is not None for password in made) == 1
        with store.begin() as session:
            assert session.scalar(select(func.count()).select_from(Staff)) == 1
