"""Cases: the list with its filters, and one of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from console import roles
from console.access import staff_only
from console.deeds import record
from console.errors import Refusal
from console.paging import Paging, page_number
from console.phrases import caisse, plain, theme
from console.render import page
from console.roles import scope
from guichet.cases import ALPHABET, DEFAULT_CAISSE, REASONS, mailbox_of
from guichet.content import Content
from guichet.content.canned import by_theme
from guichet.content.library import fold
from guichet.settings import SettingsError
from guichet.staff import EVERY_CAISSE
from guichet.store import ask
from guichet.store import inbox as rows
from guichet.store import staff as people
from guichet.store.inbox import CaseRow, Filter
from guichet.store.sessions import SignedIn
from guichet.store.tables import CaseEvent, Staff

__all__ = ["case_page", "find_case", "inbox", "may_answer"]

inbox = Blueprint("inbox")
log = structlog.get_logger("console")

PER_PAGE = 25
REFERENCE = re.compile(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
FIELDS = ("recherche", "etat", "caisse", "theme", "age", "suivi", "adresse")
STATES = {"": "À traiter", "echec": "À traiter, mail en échec", "clos": "Clos", "tous": "Tous"}
AGES = {"1": "Depuis plus d’un jour", "3": "Depuis plus de 3 jours", "7": "Depuis plus d’une semaine"}
WHOSE = {"moi": "Mes dossiers", "libres": "Sans conseiller"}


@inbox.get("/")
@staff_only("cases.read")
async def list_cases(request: Request, agent: SignedIn) -> HTTPResponse:
    """Cases of the caisses of this person: those to do, those that nobody has first, then the oldest."""
    number, seen, content = page_number(request), scope(agent), request.app.ctx.content
    asked = {name: plain(request.args.get(name, "")).strip()[:100] for name in FIELDS}
    wanted = _filter(request, agent, asked)
    found, total = await ask(rows.cases, request.app.ctx.store, seen, wanted, page=number, per_page=PER_PAGE)
    paging = Paging.of(number, PER_PAGE, total)
    await record(request, "cases.listed", detail=f"page {number}")
    kept = {name: value for name, value in asked.items() if value}
    caisses = [caisse.id for caisse in content.caisses] + [DEFAULT_CAISSE]
    return page(
        request, "dossiers.html", rows=found, paging=paging, scope=seen, asked=asked, kept=kept, states=STATES,
        ages=AGES, whose=WHOSE, themes=_titles(content), notice=request.args.get("avis", ""),
        caisses={one: caisse(content, one) for one in caisses if seen is None or one in seen},
    )  # fmt: skip


@inbox.post("/recherche")
@staff_only("cases.read")
async def search_address(request: Request, agent: SignedIn) -> HTTPResponse:
    """From an e-mail address to the list of its cases. The address itself stands in no URL, hence in no log."""
    written = (request.form.get("adresse") or "").strip()
    await record(request, "cases.searched")
    query = {"etat": "tous", "adresse": mailbox_of(request.app.ctx.vault, written)} if "@" in written else {}
    return redirect(f"/?{urlencode(query or {'avis': 'adresse'})}", status=303)


@inbox.get("/dossiers/<reference:str>")
@staff_only("cases.read")
async def show_case(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """All that a counsellor needs to answer one case."""
    row = await find_case(request, agent, reference)
    await record(request, "case.shown", target=row.case.reference)
    log.info("case_shown", staff=agent.staff.id, case=row.case.id)
    return await case_page(request, agent, row, notice=request.args.get("avis", ""))


async def find_case(request: Request, agent: SignedIn, reference: str) -> CaseRow:
    """A case that this person may see. Raises Refusal (404), the same for another caisse's and for none."""
    reference = reference.upper()
    if not REFERENCE.fullmatch(reference):
        raise Refusal(404)
    row = await ask(rows.case, request.app.ctx.store, scope(agent), reference)
    if row is None:
        await record(request, "case.refused", target=reference)
        raise Refusal(404)
    return row


async def case_page(
    request: Request, agent: SignedIn, row: CaseRow, *, status: int = 200, notice: str = "",
    problems: dict[str, str] | None = None, typed: dict[str, str] | None = None, news: tuple[CaseEvent, ...] = (),
) -> HTTPResponse:  # fmt: skip
    """The page of a case. `typed`: what the forms hold; `problems`: a sentence a field; `news`: what happened to the
    case since this person read it, when that made a form be refused (status 409)."""
    ctx = request.app.ctx
    works = roles.may(agent.staff.role, "cases.work")
    colleagues = may_answer(await ask(people.everyone, ctx.store), row.case.caisse) if works else []
    canned, others = by_theme(ctx.content, row.case.theme)
    return page(
        request, "dossier.html", status=status, row=row, contact=_contact(request, row),
        earlier=await ask(rows.earlier, ctx.store, scope(agent), row), texts=_texts(request, row), works=works,
        colleagues=[one for one in colleagues if one.login != agent.staff.login], canned=canned, others=others,
        reasons=REASONS, notice=notice, problems=problems or {}, typed=typed or {}, news=news,
    )  # fmt: skip


def may_answer(everyone: list[people.Person], caisse_id: str) -> list[Staff]:
    """Those who may work on the cases of a caisse, by name."""
    able = [
        person.staff
        for person in everyone
        if not person.staff.disabled
        and roles.may(person.staff.role, "cases.work")
        and (roles.may(person.staff.role, "cases.all") or {caisse_id, EVERY_CAISSE} & person.caisses)
    ]
    return sorted(able, key=lambda staff: fold(staff.name))


def _filter(request: Request, agent: SignedIn, asked: dict[str, str]) -> Filter:
    """What the forms ask; a choice that they do not offer asks nothing."""
    content, now = request.app.ctx.content, request.app.ctx.clock()
    return Filter(
        state={"clos": "closed", "tous": ""}.get(asked["etat"], "open"),
        failed=asked["etat"] == "echec",
        caisse=asked["caisse"],
        theme=asked["theme"] if asked["theme"] in content.themes else "",
        before=now - timedelta(days=int(asked["age"])) if asked["age"] in AGES else None,
        assignee={"moi": agent.staff.login, "libres": None}.get(asked["suivi"], ""),
        searched=bool(asked["recherche"]),
        reference=_reference(asked["recherche"]),
        themes=_named(content, asked["recherche"]),
        mailbox=asked["adresse"] if FINGERPRINT.fullmatch(asked["adresse"]) else "",
    )


def _reference(written: str) -> str:
    """A reference, or the beginning of one, however it is typed: «abcd 23» is ABCD-23."""
    letters = re.sub(r"[\s-]", "", written.upper())
    if not 2 <= len(letters) <= 8 or set(letters) - set(ALPHABET):
        return ""
    return f"{letters[:4]}-{letters[4:]}" if len(letters) > 4 else letters


def _named(content: Content, written: str) -> tuple[str, ...]:
    """The themes whose title has a word that begins with each word written."""
    words = fold(written).split()
    titles = {key: fold(one.titre).split() for key, one in content.themes.items()}
    return tuple(
        key
        for key, title in titles.items()
        if words and all(any(one.startswith(word) for one in title) for word in words)
    )


def _titles(content: Content) -> dict[str, str]:
    """The themes a case may be about, {id: title}, in alphabetical order."""
    named = [(key, theme(content, key)) for key, one in content.themes.items() if one.famille != "conversation"]
    return dict(sorted(named, key=lambda row: fold(row[1])))


def _contact(request: Request, row: CaseRow) -> dict[str, Any] | None:
    """{email, name} of the insured person; None when the key that sealed it is gone."""
    try:
        return {"email": "", "name": ""} | request.app.ctx.vault.open(row.newest.contact)
    except SettingsError:
        log.error("contact_unreadable", case=row.case.id)
        return None


def _texts(request: Request, row: CaseRow) -> dict[int, str | None]:
    """The text of each note and reply, by the number of its event; None when the key that sealed it is gone."""
    texts: dict[int, str | None] = {}
    for event in row.events:
        if event.text:
            try:
                texts[event.version] = request.app.ctx.vault.open(event.text)["text"]
            except SettingsError:
                texts[event.version] = None
    return texts
