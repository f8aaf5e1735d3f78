"""The team: who has an account and with what rights. Accounts are changed by `bin/guichet staff` only."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request

from console.access import staff_only
from console.deeds import record
from console.render import page
from guichet.store import ask
from guichet.store import staff as rows
from guichet.store.sessions import SignedIn

__all__ = ["team"]

team = Blueprint("team")


@team.get("/equipe")
@staff_only("staff.read")
async def show_team(request: Request, agent: SignedIn) -> HTTPResponse:
    """Everyone, by login, disabled accounts included."""
    people = await ask(rows.everyone, request.app.ctx.store)
    await record(request, "staff.listed")
    return page(request, "equipe.html", people=people)
