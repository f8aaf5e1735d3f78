"""Every route × person × case, and every form × forgery: generated from the routing table, so a new route is here too.

A route whose parameter is new to FILL fails, and says so.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote

import pytest
from sqlalchemy import text

from console import roles
from console.app import create_app
from guichet.audit import CLI, Deed
from guichet.staff import ROLES
from guichet.store import audit
from guichet.store import staff as rows
from guichet.store.tables import Base
from tests.console.builders import NOON, Browser, add_staff, open_case, text_of, token_of
from tests.console.test_courrier import deliver

# What was decided, written a second time on purpose: a change of console/roles.py is a change here.
MAY = {
    "account.own": {"agent", "author", "supervisor", "admin"},
    "cases.read": {"agent", "supervisor", "admin"},
    "cases.all": {"supervisor", "admin"},
    "cases.work": {"agent", "supervisor"},
    "mail.read": {"supervisor", "admin"},
    "authors.read": {"author", "supervisor", "admin"},
    "dashboard.read": {"supervisor", "admin"},
    "switch.write": {"supervisor", "admin"},
    "staff.read": {"supervisor", "admin"},
    "audit.read": {"supervisor", "admin"},
}
PUBLIC = {("GET", "/connexion"), ("POST", "/connexion"), ("GET", "/healthz"), ("GET", "/static/<name:str>")}
SIGNING_IN = {"/connexion/code", "/mot-de-passe", "/double-authentification", "/deconnexion", "/deconnexion/partout"}
OWN, OTHER, NONE = "AAAA-2222", "BBBB-3333", "ZZZZ-9999"
MARKS = {  # a text that stands only in what a capability opens
    "own case": "marque-dossier-confié",
    "other case": "marque-dossier-ailleurs",
    "mail": "marque-du-courrier",
    "staff": "marque-de-l-équipe",
    "audit": "192.0.2.77",
}
STATES = ("signed in", "disabled", "one-time password", "code due", "no second factor")
DUE = {
    "one-time password": "/mot-de-passe",
    "code due": "/connexion/code",
    "no second factor": "/double-authentification",
}


@dataclass(frozen=True)
class Person:
    """Who calls: a role, the caisses given, and how far they are signed in."""

    role: str
    state: str
    caisses: tuple[str, ...] = ()

    @property
    def login(self) -> str:
        return re.sub("[^a-z0-9]", "-", f"{self.role}-{self.state}-{'-'.join(self.caisses)}")

    def may(self, capability: str) -> bool:
        return self.state == "signed in" and self.role in MAY[capability]

    def sees(self, case: str) -> bool:
        caisse = {OWN: "cpam_49", OTHER: "cpam_53"}.get(case)
        everywhere = self.may("cases.all") or "toutes" in self.caisses
        return bool(caisse) and self.may("cases.read") and (everywhere or caisse in self.caisses)

    def forbidden(self) -> list[str]:
        """The marks that no answer to this person may hold."""
        open_to = {
            "own case": self.sees(OWN),
            "other case": self.sees(OTHER),
            "mail": self.may("mail.read"),
            "staff": self.may("staff.read"),
            "audit": self.may("audit.read"),
        }
        hidden = [MARKS[name] for name, seen in open_to.items() if not seen]
        return hidden + [case for case in (OWN, OTHER) if not self.sees(case)]


PEOPLE = [
    *(Person("agent", state, ("cpam_49",)) for state in STATES),
    Person("agent", "signed in"),
    Person("agent", "signed in", ("toutes",)),
    Person("agent", "signed in", ("cpam_49", "cpam_53")),
    *(Person(role, state) for role, state in product(ROLES[1:], STATES)),
    Person("nobody", "signed out"),
]


@dataclass(frozen=True)
class Call:
    """A method and address of a route, and the capability it declares."""

    auth: str
    method: str
    route: str
    path: str

    @property
    def case(self) -> str:
        return next((case for case in (OWN, OTHER, NONE) if case in self.path), "")


class Table:
    """The console with two cases, a mail, staff and audit rows; and every call of its routing table."""

    def __init__(self, app, store, settings, vault) -> None:
        self.store, self.vault = store, vault
        open_case(store, vault, reference=OWN, caisse="cpam_49", summary=MARKS["own case"], name=MARKS["own case"])
        open_case(
            store, vault, reference=OTHER, caisse="cpam_53", summary=MARKS["other case"], name=MARKS["other case"]
        )
        key = deliver(settings, Subject=MARKS["mail"], text=MARKS["mail"])
        add_staff(store, "temoin", name=MARKS["staff"], role="author")
        audit.record(store, Deed(CLI, "case.shown", NOON, MARKS["audit"], target="temoin"))
        self.fill = {"reference": (OWN, OTHER, NONE), "key": (key,), "name": ("console.css",)}
        app.router.reset()
        app.router.finalize()
        self.calls = [call for route in app.router.routes for call in self._calls(route)]

    def _calls(self, route) -> list[Call]:
        names = re.findall(r"<(\w+)[^>]*>", route.path)
        missing = set(names) - set(self.fill)
        assert not missing, f"tell Table.fill what to put for {missing} in /{route.path}"
        paths = []
        for values in product(*(self.fill[name] for name in names)):
            path = "/" + route.path
            for name, value in zip(names, values, strict=True):
                path = re.sub(rf"<{name}[^>]*>", value, path)
            paths.append(path)
        return [
            Call(route.handler.auth, method, "/" + route.path, path)
            for method, path in product(sorted(route.methods), paths)
        ]

    def add(self, person: Person):
        """The account of a person, or None for nobody."""
        if person.role == "nobody":
            return None
        enrolled = person.state in ("signed in", "disabled", "code due")
        made = add_staff(
            self.store, person.login, role=person.role, caisses=person.caisses, name="x",
            must_change=person.state == "one-time password", vault=self.vault if enrolled else None,
        )  # fmt: skip
        if person.state == "disabled":
            rows.set_disabled(self.store, made.id, True, Deed(CLI, "staff.disabled", NOON, target=made.login))
        return made

    def contents(self) -> dict[str, list]:
        """Every row of every table, but for what any request may leave: audit rows, and when a session was used."""
        with self.store.begin() as session:
            found = {}
            for table in Base.metadata.sorted_tables:
                kept = [f'"{column.name}"' for column in table.columns if column.name != "seen_at"]
                if table.name != "audit":
                    found[table.name] = sorted(
                        map(repr, session.execute(text(f'SELECT {", ".join(kept)} FROM "{table.name}"')))
                    )
            return found


@pytest.fixture
def table(settings, store, content, vault) -> Table:
    return Table(create_app(settings, store, content=content), store, settings, vault)


@pytest.fixture
def strict(console) -> Browser:
    """A console as it is without settings: the second factor is required."""
    return console(staff_totp="required")


def test_the_roles_are_those_decided(table):
    assert {capability: set(given) for capability, given in roles.CAPABILITIES.items()} == MAY
    assert {(call.method, call.route) for call in table.calls if call.auth == "public"} == PUBLIC
    assert {call.route for call in table.calls if call.auth == "signing in"} == SIGNING_IN
    assert {role for given in MAY.values() for role in given} == set(ROLES)


def test_every_role_has_a_first_page_that_it_may_open():
    for role in ROLES:
        entry = roles.menu(role)[0]
        assert roles.home(role) == entry.path
        assert roles.may(role, entry.capability)


def expected(call: Call, person: Person) -> tuple[int, str]:
    """(status, start of where it leads) of an answer; status 0 when the route's own tests decide."""
    if call.auth == "public":
        return 0, ""
    if person.state in ("signed out", "disabled"):
        return 303, "/connexion"
    due = DUE.get(person.state)
    if call.auth == "signing in":
        own = call.route == due or call.route.startswith("/deconnexion") or not due
        return (0, "") if own else (303, due)
    if due:
        return 303, due
    if not person.may(call.auth):
        return 403, ""
    if call.case and not person.sees(call.case):
        return 404, ""
    return 200, ""


def test_nothing_leaks_whoever_calls_whatever_route(table, strict, capsys):
    leaks, cells = [], 0
    for person in PEOPLE:
        account = table.add(person)
        for call in table.calls:
            strict.http.cookies.clear()
            token = "x"
            if account:
                token = strict.is_signed_in(table.store, account, second_factor=person.state == "signed in")
            elif call.path == "/connexion":
                token = token_of(strict.get("/connexion").text)
            before = table.contents()
            form = {"data": {"jeton": token}} if call.method == "POST" else {}
            answer = strict.http.request(call.method, call.path, **form)
            status, leads_to = expected(call, person)
            cells += 1
            said = f"{answer.text} {answer.headers}".replace(quote(call.path, safe=""), "")  # suite=, its own address
            wrong = [mark for mark in person.forbidden() if mark in said]
            if status == 200 and call.method == "POST":  # its own tests say what an empty form gives
                status = 0 if answer.status_code not in (403, 404) else 200
            if status and answer.status_code != status or answer.status_code >= 500:
                wrong.append(f"answers {answer.status_code}")
            if not answer.headers.get("location", "").startswith(leads_to):
                wrong.append(f"leads to {answer.headers.get('location')}")
            if status in (303, 403, 404) and table.contents() != before:
                wrong.append("changes the database")
            if status == 403 and "Votre rôle ne donne pas accès" not in text_of(answer):
                wrong.append("is refused for another reason")
            leaks += [(person, call, mark) for mark in wrong]
    with capsys.disabled():
        print(f"\nroute × person × case: {cells} cells, {len(leaks)} leaks")
    assert cells >= len(PEOPLE) * 20
    assert leaks == []


def test_the_marks_are_seen_by_whoever_may(table, strict):
    """Without this, a page that shows nothing to anybody would leak nothing."""
    strict.is_signed_in(table.store, table.add(Person("supervisor", "signed in")))
    shown = "".join(strict.get(call.path).text for call in table.calls if call.method == "GET")
    assert [mark for mark in (*MARKS.values(), OWN, OTHER) if mark not in shown] == []


def test_whatever_shows_data_leaves_a_row_in_the_audit_table(table, strict):
    for role in ("agent", "supervisor", "admin"):
        person = Person(role, "signed in", ("toutes",) if role == "agent" else ())
        account = table.add(person)
        strict.is_signed_in(table.store, account)
        for call in table.calls:
            shows = call.auth in MAY and call.auth != "account.own" and call.method == "GET"
            before = audit.entries(table.store, audit.Filter())[1]
            if not shows or strict.get(call.path).status_code not in (200, 403, 404):
                continue
            found, total = audit.entries(table.store, audit.Filter())
            assert total == before + 1, call
            assert (found[0].who, found[0].address, found[0].at) == (account.login, "127.0.0.1", NOON), call


FORGERIES = {
    "no token": lambda own, other: {"data": {}},
    "an empty token": lambda own, other: {"data": {"jeton": ""}},
    "a token drawn at random": lambda own, other: {"data": {"jeton": secrets.token_urlsafe(32)}},
    "another session's token": lambda own, other: {"data": {"jeton": other}},
    "the token in the address": lambda own, other: {"params": {"jeton": own}, "data": {}},
    "the token in JSON": lambda own, other: {"json": {"jeton": own}},
    "the token in multipart": lambda own, other: {"data": {"jeton": own}, "files": {"x": b"x"}},
    "another site": lambda own, other: {"data": {"jeton": own}, "headers": {"Sec-Fetch-Site": "cross-site"}},
    "a neighbour site": lambda own, other: {"data": {"jeton": own}, "headers": {"Sec-Fetch-Site": "same-site"}},
}


def test_every_form_is_refused_unless_it_is_ours(table, strict, console, capsys):
    account, other = table.add(Person("supervisor", "signed in")), table.add(Person("admin", "signed in"))
    stranger = console(staff_totp="required")
    forms = [call for call in table.calls if call.method not in ("GET", "HEAD")]
    cells, taken = 0, []
    for call, (name, forge) in product(forms, FORGERIES.items()):
        for browser in (strict, stranger):
            browser.http.cookies.clear()
        if call.auth == "public":
            own, theirs = (token_of(browser.get(call.path).text) for browser in (strict, stranger))
        else:
            own, theirs = strict.is_signed_in(table.store, account), stranger.is_signed_in(table.store, other)
        before = table.contents()
        answer = strict.http.request(call.method, call.path, **forge(own, theirs))
        cells += 1
        if answer.status_code != 403 or "Rien n’a été enregistré." not in text_of(answer) or table.contents() != before:
            taken.append((call, name, answer.status_code))
    with capsys.disabled():
        print(f"\nform × forgery: {cells} cells, {len(taken)} taken")
    assert cells >= 7 * len(FORGERIES)
    assert taken == []


def test_every_form_is_taken_with_its_own_token(table, strict):
    account = table.add(Person("supervisor", "signed in"))
    for call in table.calls:
        if call.method in ("GET", "HEAD"):
            continue
        strict.http.cookies.clear()
        signed_in = call.auth != "public"
        token = strict.is_signed_in(table.store, account) if signed_in else token_of(strict.get(call.path).text)
        assert strict.http.post(call.path, data={"jeton": token}).status_code != 403, call
