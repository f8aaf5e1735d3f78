"""Signing in, in two steps; signing out, here or everywhere."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from console import roles, steps
from console.access import local_path, public, signing_in
from console.deeds import deed, record
from console.render import page
from console.sessions import end_session, find_session, form_token, give_session, open_session, set_form_token
from guichet import second_factor, staff
from guichet.settings import SettingsError
from guichet.store import ask
from guichet.store import staff as rows
from guichet.store.sessions import SignedIn
from guichet.store.tables import Staff

__all__ = ["signin"]

signin = Blueprint("signin")
log = structlog.get_logger("console")


@signin.get("/connexion")
@public
async def show_sign_in(request: Request) -> HTTPResponse:
    """The sign-in form; whoever is signed in already goes on."""
    agent = await find_session(request)
    if agent:
        return redirect(_next(request, agent.staff, agent.session.second_factor), status=303)
    return _form(request, notice=request.args.get("avis", ""), after=request.args.get("suite", ""))


@signin.post("/connexion")
@public
async def sign_in(request: Request) -> HTTPResponse:
    """Check login and password, no more often than the throttle allows."""
    ctx = request.app.ctx
    written, password, after = (request.form.get(name) or "" for name in ("identifiant", "secret", "suite"))
    login, address = staff.normalise_login(written), request.client_ip
    wait = ctx.throttle.wait(login, address)
    if wait:
        log.warning("sign_in_throttled", wait=wait)
        return _later(_form(request, status=429, login=login, after=after, problem="wait", wait=wait), wait)
    async with ctx.hashing:
        person = await ask(staff.authenticate, ctx.store, login, password)
    if person is None:
        log.warning("sign_in_refused")
        # Only a login that exists is written down: a password may have been typed in its place.
        known = await ask(rows.find, ctx.store, login)
        await record(request, "signin.password_refused", target=known.login if known else "")
        return _form(request, status=401, login=login, after=after, problem="wrong")
    ctx.throttle.forget(login, address)
    return await _enter(request, person, after, given=False)


@signin.get(steps.CODE)
@signing_in(steps.CODE)
async def show_code(request: Request, agent: SignedIn) -> HTTPResponse:
    """The form for the second step; whoever has done it goes on."""
    if steps.due(agent.staff, agent.session.second_factor, request.app.ctx.settings) != steps.CODE:
        return redirect(roles.home(agent.staff.role), status=303)
    return _code_form(request, after=request.args.get("suite", ""))


@signin.post(steps.CODE)
@signing_in(steps.CODE)
async def give_code(request: Request, agent: SignedIn) -> HTTPResponse:
    """Check the digits or a recovery code, no more often than the second throttle allows."""
    ctx, person = request.app.ctx, agent.staff
    written, after = (request.form.get(name) or "" for name in ("code", "suite"))
    if steps.due(person, agent.session.second_factor, ctx.settings) != steps.CODE:
        return redirect(roles.home(person.role), status=303)
    wait = ctx.code_throttle.wait(person.login, request.client_ip)
    if wait:
        log.warning("code_throttled", staff=person.id, wait=wait)
        return _later(_code_form(request, status=429, after=after, problem="wait", wait=wait), wait)
    used, refused = deed(request, "signin.recovery_code"), deed(request, "signin.code_refused")
    try:
        right = await ask(
            second_factor.check, ctx.store, ctx.vault, person, written, ctx.clock(), used=used, refused=refused
        )
    except SettingsError:
        log.error("totp_unreadable", staff=person.id)
        return _code_form(request, status=503, after=after, problem="unreadable")
    if not right:
        log.warning("code_refused", staff=person.id)
        exhausted = person.totp_failures >= second_factor.TRIES
        return _code_form(request, status=401, after=after, problem="exhausted" if exhausted else "wrong")
    ctx.code_throttle.forget(person.login, request.client_ip)
    return await _enter(request, person, after, given=True)


@signin.post("/deconnexion")
@signing_in()
async def sign_out(request: Request, agent: SignedIn) -> HTTPResponse:
    """End this browser's session."""
    response = redirect("/connexion?avis=sortie", status=303)
    await end_session(request, response, agent, deed(request, "signin.ended"), everywhere=False)
    log.info("signed_out", staff=agent.staff.id)
    return response


@signin.post("/deconnexion/partout")
@signing_in()
async def sign_out_everywhere(request: Request, agent: SignedIn) -> HTTPResponse:
    """End every session of this person."""
    response = redirect("/connexion?avis=partout", status=303)
    await end_session(request, response, agent, deed(request, "signin.ended_everywhere"), everywhere=True)
    log.info("signed_out_everywhere", staff=agent.staff.id)
    return response


async def _enter(request: Request, person: Staff, after: str, *, given: bool) -> HTTPResponse:
    """A new session after each step; `given`: the second factor was given."""
    awaited = person.totp_secret and not given
    done = deed(request, "signin.password_accepted" if awaited else "signin.done", who=person.login)
    token = await open_session(request, person.id, second_factor=given, deed=done)
    log.info("password_accepted" if awaited else "signed_in", staff=person.id)
    return give_session(request, redirect(_next(request, person, given, after), status=303), token)


def _next(request: Request, person: Staff, given: bool, after: str = "") -> str:
    """The step to do, else the page that was asked for, else the first page of the role."""
    due, wanted = steps.due(person, given, request.app.ctx.settings), local_path(after)
    if due == steps.CODE and wanted:
        return f"{due}?{urlencode({'suite': wanted})}"
    return due or wanted or roles.home(person.role)


def _form(
    request: Request, *, status: int = 200, login: str = "", after: str = "", notice: str = "", problem: str = "",
    wait: int = 0,
) -> HTTPResponse:  # fmt: skip
    token = form_token(request)
    response = page(
        request, "connexion.html", status=status, token=token, login=login, after=local_path(after), notice=notice,
        problem=problem, wait=wait,
    )  # fmt: skip
    set_form_token(request, response, token)
    return response


def _code_form(
    request: Request, *, status: int = 200, after: str = "", problem: str = "", wait: int = 0
) -> HTTPResponse:
    return page(request, "code.html", status=status, after=local_path(after), problem=problem, wait=wait)


def _later(response: HTTPResponse, wait: int) -> HTTPResponse:
    response.headers["Retry-After"] = str(wait)
    return response
