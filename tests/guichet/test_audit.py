"""The audit table: it only grows, on both engines; a deed and its row stay together; the command that reads it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from guichet.audit import CLI, Deed
from guichet.spreadsheet import write_csv
from guichet.store import audit
from guichet.store import staff as rows
from guichet.store.audit import Filter


def write(store, action: str = "case.shown", *, ago: timedelta = timedelta(0), who: str = "camille", target: str = ""):
    audit.record(store, Deed(who, action, datetime.now(UTC) - ago, "192.0.2.7", target=target))


def total(store) -> int:
    return audit.entries(store, Filter())[1]


def attempt(store, statement: str) -> None:
    with store.begin() as session:
        session.execute(text(statement))


class TestItOnlyGrows:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit SET who = 'personne'",
            "UPDATE audit SET at = '2000-01-01 00:00:00+00:00'",
            "UPDATE audit SET id = id + 1000",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE id = 1",
        ],
    )
    def test_no_row_is_changed_nor_deleted(self, store, statement):
        write(store)
        write(store, ago=timedelta(days=179))
        with pytest.raises(DBAPIError, match="audit"):
            attempt(store, statement)
        assert {row.who for row in audit.every(store, Filter())} == {"camille"}
        assert total(store) == 2

    def test_no_row_is_replaced_nor_the_table_emptied(self, store):
        write(store)
        replace = "REPLACE INTO audit (id, at, who, action, target, address, detail) SELECT 1, at, '', '', '', '', ''"
        statement = "TRUNCATE audit" if store.skips_locked else f"{replace} FROM audit"
        with pytest.raises(DBAPIError, match="audit"):
            attempt(store, statement)
        assert total(store) == 1

    def test_rows_older_than_180_days_can_be_deleted_and_still_not_changed(self, store):
        write(store, ago=timedelta(days=181))
        write(store, ago=timedelta(days=179))
        with pytest.raises(DBAPIError, match="audit"):
            attempt(store, "UPDATE audit SET who = 'personne' WHERE id = 1")
        attempt(store, "DELETE FROM audit WHERE id = 1")
        assert total(store) == 1

    def test_a_refusal_is_no_outage(self, store):
        """StoreUnavailable would ask to try again."""
        write(store)
        with pytest.raises(DBAPIError):
            attempt(store, "DELETE FROM audit")


class TestDeedAndRow:
    def test_an_unknown_action_is_refused_before_it_is_written(self):
        with pytest.raises(ValueError, match=r"guichet\.audit\.ACTIONS"):
            Deed("camille", "case.lost", datetime.now(UTC))

    def test_a_deed_that_fails_leaves_no_row(self, store):
        now, deed = datetime.now(UTC), Deed(CLI, "staff.added", datetime.now(UTC), target="camille")
        person = {"login": "camille", "name": "C", "role": "agent", "password_hash": "h", "must_change": True}
        assert rows.add(store, **person, now=now, deed=deed)
        assert rows.add(store, **person, now=now, deed=deed) is None
        assert total(store) == 1

    def test_a_row_that_cannot_be_written_undoes_its_deed(self, store, monkeypatch):
        now, deed = datetime.now(UTC), Deed(CLI, "staff.added", datetime.now(UTC), target="camille")
        person = rows.add(
            store, login="camille", name="C", role="agent", password_hash="h", must_change=True, now=now, deed=deed
        )

        def broken(*_):
            raise RuntimeError

        monkeypatch.setattr(audit, "add", broken)
        with pytest.raises(RuntimeError):
            rows.set_disabled(store, person.id, True, deed)
        assert not rows.find(store, "camille").disabled

    def test_what_is_too_long_is_cut_and_never_refused(self, store):
        audit.record(store, Deed("c", "mail.shown", datetime.now(UTC), "a" * 300, target="b" * 300, detail="d" * 300))
        row = next(audit.every(store, Filter()))
        assert (len(row.address), len(row.target), len(row.detail)) == (45, 120, 200)


class TestReading:
    def test_filters_narrow_and_add_up(self, store):
        write(store, target="ABCD-2345")
        write(store, "staff.disabled", who=CLI, target="camille")
        write(store, who="alix", target="ABCD-2345", ago=timedelta(days=8))
        assert audit.entries(store, Filter(staff="camille"))[1] == 2
        assert audit.entries(store, Filter(case="ABCD-2345"))[1] == 2
        assert audit.entries(store, Filter(since=datetime.now(UTC) - timedelta(days=7)))[1] == 2
        assert audit.entries(store, Filter(action="staff.disabled"))[1] == 1
        assert audit.entries(store, Filter(case="ABCD-2345", staff="alix"))[1] == 1

    def test_every_row_is_given_newest_first_across_batches(self, store, monkeypatch):
        monkeypatch.setattr(audit, "BATCH", 3)
        for n in range(10):
            write(store, target=f"{n}")
        assert [row.target for row in audit.every(store, Filter())] == [f"{n}" for n in reversed(range(10))]


class TestSpreadsheet:
    @pytest.mark.parametrize(
        "cell",
        ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("x")', "=1;=2", '";=1'],
    )
    def test_no_cell_is_a_formula(self, cell):
        file = io.StringIO()
        write_csv(file, ["a", "b"], [[cell, "x"]])
        rows = list(csv.reader(io.StringIO(file.getvalue().removeprefix("\ufeff")), delimiter=";"))
        assert len(rows[1]) == 2
        assert not rows[1][0].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
        assert rows[1][0].removeprefix("'") == cell

    def test_numbers_and_words_stay_as_they_are(self):
        file = io.StringIO()
        write_csv(file, ["a"], [[-3], [1.5], ["été ; «a»"], [None]])
        assert file.getvalue() == '\ufeff"a"\r\n"-3"\r\n"1.5"\r\n"été ; «a»"\r\n""\r\n'
