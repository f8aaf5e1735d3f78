"""What an agent does with a case: take it, give it, note, reply, close, reopen, send dead mails again.

Each form holds the version of the case that its page showed; when something happened in between, nothing is done: the
page comes back (409) with what happened, and with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from console.access import staff_only
from console.deeds import deed, record
from console.errors import Refusal
from console.inbox import case_page, find_case, may_answer
from console.phrases import identifiers, plain
from console.roles import scope
from guichet.cases import REASONS
from guichet.content.canned import canned_text
from guichet.privacy import redact
from guichet.store import ask, casework
from guichet.store import staff as people
from guichet.store.casework import CaseChanged, CaseGone, Seen
from guichet.store.inbox import CaseRow
from guichet.store.sessions import SignedIn

__all__ = ["work"]

work = Blueprint("work", url_prefix="/dossiers")
log = structlog.get_logger("console")

NOTE_LIMIT, REPLY_LIMIT = 2000, 4000  # characters: with a form's percent-encoding, under Settings.body_limit
# What an agent's text may not hold: it serves no answer and must leave neither by mail nor into a note.
FORBIDDEN = ("nir", "nir_debut", "ntt", "iban", "carte", "carte_sante", "mot_de_passe", "code")
EMPTY = "Écrivez un texte."
NO_REASON = "Choisissez une raison."


@work.post("/<reference:str>/suivi")
@staff_only("cases.work")
async def assign(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """Take a case, give it back, or give it to a colleague who sees its caisse."""
    row = await find_case(request, agent, reference)
    action, colleague = _field(request, "action"), _field(request, "collegue")
    if action == "prendre":
        return await _do(request, agent, row, casework.take, deed(request, "case.taken", target=row.case.reference))
    if action == "rendre":
        done = deed(request, "case.released", target=row.case.reference)
        return await _do(request, agent, row, casework.release, done)
    able = may_answer(await ask(people.everyone, request.app.ctx.store), row.case.caisse)
    if colleague not in {one.login for one in able}:
        return await _mend(request, agent, row, collegue="Choisissez un collègue.")
    done = deed(request, "case.given", target=row.case.reference)
    return await _do(request, agent, row, casework.give, colleague, done)


@work.post("/<reference:str>/note")
@staff_only("cases.work")
async def add_note(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """A note, for the team only."""
    row = await find_case(request, agent, reference)
    text = _text(request, "note")
    problem = _problem(text, NOTE_LIMIT)
    if problem:
        return await _mend(request, agent, row, note=problem)
    done = deed(request, "case.noted", target=row.case.reference)
    return await _do(request, agent, row, casework.note, _sealed(request, text), done)


@work.post("/<reference:str>/reponse")
@staff_only("cases.work")
async def send_reply(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """Send a reply by mail, and close when a reason is given; or add a canned reply to the text, and send nothing."""
    row = await find_case(request, agent, reference)
    text, reason = _text(request, "reponse"), _field(request, "motif")
    if _field(request, "action") == "inserer":
        canned = request.app.ctx.content.canned.get(_field(request, "type"))
        if canned is None:
            return await _mend(request, agent, row, type="Choisissez une réponse type.")
        await record(request, "case.shown", target=row.case.reference)
        whole = "\n\n".join(part for part in (text, canned_text(request.app.ctx.content, canned)) if part)
        typed = _typed(request) | {"reponse": whole}
        return await case_page(request, agent, row, typed=typed, notice="inseree")
    problem = _problem(text, REPLY_LIMIT)
    if not problem and "[à compléter]" in text:
        problem = "Remplacez « [à compléter] » avant d’envoyer."
    if problem:
        return await _mend(request, agent, row, reponse=problem)
    if reason and reason not in REASONS:
        return await _mend(request, agent, row, motif=NO_REASON)
    reply = deed(request, "case.replied", target=row.case.reference)
    closing = deed(request, "case.closed", target=row.case.reference) if reason else None
    return await _do(request, agent, row, casework.reply, _sealed(request, text), reply, closing=closing, reason=reason)


@work.post("/<reference:str>/cloture")
@staff_only("cases.work")
async def close(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """Close with a reason, and a note if there is something to say."""
    row = await find_case(request, agent, reference)
    reason, text = _field(request, "raison"), _text(request, "mot")
    problems = {"raison": "" if reason in REASONS else NO_REASON, "mot": _problem(text, NOTE_LIMIT) if text else ""}
    if any(problems.values()):
        return await _mend(request, agent, row, **problems)
    done = deed(request, "case.closed", target=row.case.reference)
    sealed = _sealed(request, text) if text else None
    return await _do(request, agent, row, casework.close, reason, done, sealed=sealed)


@work.post("/<reference:str>/reouverture")
@staff_only("cases.work")
async def reopen(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """Open a closed case again, and take it."""
    row = await find_case(request, agent, reference)
    return await _do(request, agent, row, casework.reopen, deed(request, "case.reopened", target=row.case.reference))


@work.post("/<reference:str>/mails")
@staff_only("cases.work")
async def resend(request: Request, agent: SignedIn, reference: str) -> HTTPResponse:
    """Put the mails of a case that could not leave back in the queue."""
    row = await find_case(request, agent, reference)
    return await _do(request, agent, row, casework.resend, deed(request, "mail.resent", target=row.case.reference))


async def _do(
    request: Request, agent: SignedIn, row: CaseRow, write: Callable[..., Any], *args: Any, **named: Any
) -> HTTPResponse:
    """Write, then go back to the case; or show what happened meanwhile (409)."""
    version = _field(request, "version")
    version = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1
    seen = Seen(scope(agent), row.case.reference, version)
    try:
        await ask(write, request.app.ctx.store, seen, *args, **named)
    except CaseGone:
        raise Refusal(404) from None
    except CaseChanged:
        fresh = await find_case(request, agent, row.case.reference)
        log.info("case_changed", staff=agent.staff.id, case=row.case.id)
        await record(request, "case.shown", target=row.case.reference)
        news = tuple(event for event in fresh.events if event.version > version)
        return await case_page(request, agent, fresh, status=409, notice="change", news=news, typed=_typed(request))
    log.info("case_" + write.__name__, staff=agent.staff.id, case=row.case.id)
    return redirect(f"/dossiers/{row.case.reference}?avis={write.__name__}", status=303)


async def _mend(request: Request, agent: SignedIn, row: CaseRow, **problems: str) -> HTTPResponse:
    """The page again with a sentence under each field to mend, and what was typed."""
    await record(request, "case.shown", target=row.case.reference)
    told = {name: problem for name, problem in problems.items() if problem}
    return await case_page(request, agent, row, status=422, problems=told, typed=_typed(request))


def _field(request: Request, name: str) -> str:
    return (request.form.get(name) if request.form else None) or ""


def _text(request: Request, name: str) -> str:
    return plain(_field(request, name).replace("\r\n", "\n")).strip()


def _typed(request: Request) -> dict[str, str]:
    """What the forms of the page held, to show it again."""
    return {name: _text(request, name) for name in ("reponse", "note", "mot", "motif", "raison", "type", "collegue")}


def _problem(text: str, limit: int) -> str:
    """What is wrong with an agent's text, in French; empty when nothing is."""
    if not text:
        return EMPTY
    if len(text) > limit:
        return f"Ce texte a {len(text)} caractères, {limit} au plus. Raccourcissez-le."
    found = [kind for kind in redact(text).kinds if kind in FORBIDDEN]
    return f"Enlevez ce qui identifie la personne : {identifiers(found)}." if found else ""


def _sealed(request: Request, text: str) -> str:
    return request.app.ctx.vault.seal({"text": text})
