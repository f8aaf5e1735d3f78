"""The mails of the local maildir, so that a newcomer sees what a counsellor and an insured person receive."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

from sanic import Blueprint, HTTPResponse, Request

from console.access import staff_only
from console.deeds import record
from console.errors import Refusal
from console.maildir import list_mails, read_mail
from console.paging import Paging, page_number
from console.render import page
from guichet.store.sessions import SignedIn

__all__ = ["courrier"]

courrier = Blueprint("courrier")

PER_PAGE = 25


@courrier.get("/courrier")
@staff_only("mail.read")
async def show_mails(request: Request, agent: SignedIn) -> HTTPResponse:
    """Delivered mails, newest first."""
    number = page_number(request)
    mails, total = await asyncio.to_thread(list_mails, request.app.ctx.maildir, page=number, per_page=PER_PAGE)
    paging = Paging.of(number, PER_PAGE, total)
    await record(request, "mails.listed", detail=f"page {number}")
    return page(request, "courrier.html", mails=mails, paging=paging)


@courrier.get("/courrier/<key:str>")
@staff_only("mail.read")
async def show_mail(request: Request, agent: SignedIn, key: str) -> HTTPResponse:
    """One mail: its headers and its text part."""
    mail = await asyncio.to_thread(read_mail, request.app.ctx.maildir, unquote(key))
    if mail is None:
        raise Refusal(404)
    await record(request, "mail.shown", target=mail.key)
    return page(request, "mail.html", mail=mail)
