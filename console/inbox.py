"""Cases: the list, and one of them."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import structlog
from sanic import Blueprint, HTTPResponse, Request

from console.access import staff_only
from console.errors import Refusal
from console.paging import Paging, page_number
from console.render import page
from guichet.cases import ALPHABET
from guichet.settings import SettingsError
from guichet.store import handoffs
from guichet.store.handoffs import CaseRow
from guichet.store.staff import SignedIn

__all__ = ["inbox"]

inbox = Blueprint("inbox")
log = structlog.get_logger("console")

PER_PAGE = 25
REFERENCE = re.compile(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")


@inbox.get("/")
@staff_only
async def list_cases(request: Request, agent: SignedIn) -> HTTPResponse:
    """Cases, newest first."""
    number = page_number(request)
    rows, total = await asyncio.to_thread(handoffs.cases, request.app.ctx.store, page=number, per_page=PER_PAGE)
    paging = Paging.of(number, PER_PAGE, total)
    return page(request, "dossiers.html", rows=rows, paging=paging, notice=request.args.get("avis", ""))


@inbox.get("/dossiers/<reference:str>")
@staff_only
async def show_case(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """All that a counsellor needs to answer one case."""
    ctx = request.app.ctx
    reference = reference.upper()
    row = None
    if REFERENCE.fullmatch(reference):
        row = await asyncio.to_thread(handoffs.case, ctx.store, reference)
    if row is None:
        raise Refusal(404)
    log.info("case_shown", staff=agent.staff.id, case=row.case.id)
    return page(request, "dossier.html", row=row, contact=_contact(request, row))


def _contact(request: Request, row: CaseRow) -> dict[str, Any] | None:
    """{email, name} of the insured person; None when the key that sealed it is gone."""
    try:
        return {"email": "", "name": ""} | request.app.ctx.vault.open(row.handoff.contact)
    except SettingsError:
        log.error("contact_unreadable", case=row.case.id)
        return None
