"""`guichet staff ...` and `guichet audit`: what an operator types and reads."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from guichet import staff
from guichet.audit import Deed
from guichet.cli import app
from guichet.store import audit, migrate, open_store, sessions
from guichet.store import staff as rows

PASSWORD = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")
LIMITS = sessions.Limits(idle=timedelta(minutes=30), lifetime=timedelta(hours=10))


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'guichet.db'}")
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def guichet(tmp_path, store):
    """Runs a command; gives what it printed, and its exit code."""

    def run(*words: str):
        env = {"GUICHET_VAR_DIR": str(tmp_path), "DATABASE_URL": "", "COLUMNS": "200"}
        done = CliRunner().invoke(app, list(words), env=env)
        return done.output, done.exit_code

    return run


def add(guichet, login: str = "camille", *more: str) -> str:
    """A new account; returns its one-time password."""
    said, code = guichet("staff", "add", login, "--role", "agent", "--caisses", "cpam_49,cpam_53", *more)
    assert code == 0, said
    return PASSWORD.search(said)[0]


def session_of(store, login: str) -> bool:
    person, now = rows.find(store, login), datetime.now(UTC)
    return sessions.count(store, person.id, now, LIMITS) > 0


def sign_in(store, login: str) -> None:
    sessions.open_one(
        store, staff_id=rows.find(store, login).id, token="t", csrf="c", second_factor=True, now=datetime.now(UTC),
        limits=LIMITS,
    )  # fmt: skip


def told(store) -> list[tuple[str, str, str, str]]:
    return [(row.who, row.action, row.target, row.detail) for row in reversed(list(audit.every(store, audit.Filter())))]


class TestAdd:
    def test_the_one_time_password_is_printed_once_and_opens(self, guichet, store):
        password = add(guichet, "Camille", "--name", "Camille Durand")
        person = staff.authenticate(store, "camille", password)
        assert (person.name, person.role, person.must_change) == ("Camille Durand", "agent", True)
        assert rows.everyone(store)[0].caisses == {"cpam_49", "cpam_53"}
        assert told(store) == [("cli", "staff.added", "camille", "agent, cpam_49, cpam_53")]
        assert password not in guichet("staff", "list")[0]
        assert password not in guichet("audit")[0]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["alix"], "Il manque le rôle."),
            (["alix", "--role", "superviseur"], "Vouliez-vous dire supervisor ?"),
            (["alix", "--role", "agent"], "Donnez --caisses"),
            (["alix", "--role", "agent", "--caisses", " , "], "Donnez --caisses"),
            (["alix", "--role", "agent", "--caisses", "cpam_49,cpam_94x"], "Vouliez-vous dire cpam_94"),
            (["alix", "--role", "agent", "--caisses", "49"], "Vouliez-vous dire cpam_49 ?"),
            (["alix", "--role", "agent", "--caisses", "2A"], "Vouliez-vous dire cpam_2a ?"),
            (["alix", "--role", "author", "--caisses", "cpam_49"], "retirez --caisses"),
            (["é", "--role", "author"], "ne peut pas être un identifiant"),
            (["cli", "--role", "author"], "ne peut pas être un identifiant"),
            (["camille", "--role", "author"], "a déjà un compte"),
        ],
    )
    def test_a_mistake_says_what_to_do_and_makes_nothing(self, guichet, store, words, said):
        add(guichet)
        output, code = guichet("staff", "add", *words)
        assert code == 1
        assert said in output
        assert len(rows.everyone(store)) == 1
        assert len(told(store)) == 1

    @pytest.mark.parametrize("caisses", ["toutes", "par_defaut,cpam_59_hainaut", "CPAM_49, toutes"])
    def test_other_ways_to_give_caisses(self, guichet, store, caisses):
        assert guichet("staff", "add", "alix", "--role", "agent", "--caisses", caisses)[1] == 0
        given = rows.everyone(store)[0].caisses
        assert given == ({"toutes"} if "toutes" in caisses else set(caisses.split(",")))


class TestLater:
    def test_reset_gives_another_password_and_drops_the_second_factor_and_the_sessions(self, guichet, store):
        former = add(guichet)
        person = rows.find(store, "camille")
        deed = Deed("camille", "totp.enrolled", datetime.now(UTC))
        rows.enrol(store, person.id, sealed="x", step=1, code_hashes=("h",), deed=deed)
        sign_in(store, "camille")
        password = PASSWORD.search(guichet("staff", "reset", "camille")[0])[0]
        person = rows.find(store, "camille")
        assert (person.totp_secret, person.totp_step, person.must_change) == (None, None, True)
        assert rows.recovery_codes_left(store, person.id) == 0
        assert not session_of(store, "camille")
        assert staff.authenticate(store, "camille", former) is None
        assert staff.authenticate(store, "camille", password)

    def test_disabling_ends_sessions_at_once_and_enabling_gives_back_what_was_there(self, guichet, store):
        password = add(guichet)
        sign_in(store, "camille")
        assert "Ses sessions sont fermées." in guichet("staff", "disable", "camille")[0]
        assert not session_of(store, "camille")
        assert staff.authenticate(store, "camille", password) is None
        guichet("staff", "enable", "camille")
        assert staff.authenticate(store, "camille", password)

    def test_rights_are_changed_and_sessions_ended(self, guichet, store):
        add(guichet)
        sign_in(store, "camille")
        guichet("staff", "change", "camille", "--caisses", "cpam_44")
        assert rows.everyone(store)[0].caisses == {"cpam_44"}
        assert not session_of(store, "camille")
        guichet("staff", "change", "camille", "--role", "supervisor", "--name", "Camille Petit")
        person = rows.everyone(store)[0]
        assert (person.staff.role, person.staff.name, person.caisses) == ("supervisor", "Camille Petit", set())
        assert "Donnez --caisses" in guichet("staff", "change", "camille", "--role", "agent")[0]
        assert "Rien à changer" in guichet("staff", "change", "camille")[0]
        assert [row[1:] for row in told(store)[1:]] == [
            ("staff.changed", "camille", "agent, cpam_44"),
            ("staff.changed", "camille", "supervisor"),
        ]

    @pytest.mark.parametrize("command", ["reset", "disable", "enable"])
    def test_a_login_that_is_not_there_is_told_with_the_nearest(self, guichet, command):
        add(guichet)
        said, code = guichet("staff", command, "camile")
        assert code == 1
        assert "Vouliez-vous dire camille ?" in said

    def test_the_list_shows_names_as_they_are(self, guichet):
        add(guichet, "camille", "--name", "[red]Camille[/red]")
        assert "[red]Camille[/red]" in guichet("staff", "list")[0]


class TestAudit:
    def test_it_is_read_with_filters(self, guichet, store):
        add(guichet)
        add(guichet, "alix")
        audit.record(store, Deed("camille", "case.shown", datetime.now(UTC) - timedelta(days=8), target="ABCD-2345"))
        assert "ABCD-2345" in guichet("audit")[0]
        assert "ABCD-2345" not in guichet("audit", "--since", "7d")[0]
        assert "ABCD-2345" in guichet("audit", "--case", "abcd-2345")[0]
        said = guichet("audit", "--staff", "Camille")[0]
        assert "ABCD-2345" in said
        assert "Compte créé" in said
        assert "alix" not in said
        assert ("cli", "audit.read", "", "") in told(store)

    @pytest.mark.parametrize("since", ["bof", "7", "-1d", "d"])
    def test_a_duration_that_is_none_is_told(self, guichet, since):
        said, code = guichet("audit", f"--since={since}")
        assert code == 1
        assert "--since 7d" in said

    def test_csv_holds_every_row_and_no_formula(self, guichet, store):
        for n in range(250):
            audit.record(store, Deed("=cmd", "case.shown", datetime.now(UTC), target=f"@{n}"))
        said, code = guichet("audit", "--csv", "--staff", "=cmd")
        assert code == 0
        lines = list(csv.reader(io.StringIO(said.removeprefix("\ufeff")), delimiter=";"))
        assert len(lines) == 251
        assert {line[1] for line in lines[1:]} == {"'=cmd"}
        assert lines[1][4] == "'@249"

    def test_the_terminal_shows_the_newest_and_says_how_to_see_the_others(self, guichet, store):
        for n in range(201):
            audit.record(store, Deed("camille", "case.shown", datetime.now(UTC), target=f"n{n}n"))
        said = guichet("audit")[0]
        assert "n200n" in said
        assert "2 lignes plus anciennes." in said


def test_a_database_that_is_not_migrated_is_told(tmp_path):
    done = CliRunner().invoke(app, ["staff", "list"], env={"GUICHET_VAR_DIR": str(tmp_path), "DATABASE_URL": ""})
    assert done.exit_code == 1
    assert "bin/guichet migrate" in done.output


def test_migrating_alone_makes_no_demonstration_agent(tmp_path):
    env = {"GUICHET_VAR_DIR": str(tmp_path), "DATABASE_URL": ""}
    assert CliRunner().invoke(app, ["migrate"], env=env).exit_code == 0
    store = open_store(f"sqlite:///{tmp_path / 'guichet.db'}")
    assert rows.everyone(store) == []
    store.close()
