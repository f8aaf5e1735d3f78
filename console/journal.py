"""The audit table on a page: who did what, with filters."""

from __future__ import annotations

from datetime import datetime, timedelta

from sanic import Blueprint, HTTPResponse, Request

from console.access import staff_only
from console.deeds import record
from console.paging import Paging, page_number
from console.phrases import plain
from console.render import page
from guichet.audit import ACTIONS
from guichet.staff import normalise_login
from guichet.store import ask, audit
from guichet.store.audit import Filter
from guichet.store.sessions import SignedIn

__all__ = ["journal"]

journal = Blueprint("journal")

PER_PAGE = 50
PERIODS = {"1": "Dernières 24 heures", "7": "7 derniers jours", "30": "30 derniers jours", "180": "180 derniers jours"}
FIELDS = ("personne", "dossier", "action", "periode")


@journal.get("/journal")
@staff_only("audit.read")
async def show_journal(request: Request, agent: SignedIn) -> HTTPResponse:
    """Rows of the audit table, newest first."""
    number = page_number(request)
    asked = {name: plain(request.args.get(name, "")).strip()[:60] for name in FIELDS}
    wanted = _filter(asked, request.app.ctx.clock())
    found, total = await ask(audit.entries, request.app.ctx.store, wanted, page=number, per_page=PER_PAGE)
    paging = Paging.of(number, PER_PAGE, total)
    await record(request, "audit.read", detail=f"page {number}")
    kept = {name: value for name, value in asked.items() if value}
    return page(
        request, "journal.html", rows=found, paging=paging, asked=asked, kept=kept, actions=ACTIONS, periods=PERIODS
    )


def _filter(asked: dict[str, str], now: datetime) -> Filter:
    """What the form asks. What cannot be a login finds nothing; a choice that the form does not offer asks nothing."""
    days = asked["periode"]
    return Filter(
        since=now - timedelta(days=int(days)) if days in PERIODS else None,
        staff=normalise_login(asked["personne"]) or asked["personne"],
        case=asked["dossier"].upper(),
        action=asked["action"] if asked["action"] in ACTIONS else "",
    )
