"""Signing in, choosing one's own password at the first sign-in, signing out."""

from __future__ import annotations

import asyncio

import structlog
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from console.access import before_own_password, local_path, public, staff_only
from console.render import page
from console.sessions import end_session, find_session, form_token, open_session, set_form_token
from guichet import staff
from guichet.store.staff import SignedIn

__all__ = ["signin"]

signin = Blueprint("signin")
log = structlog.get_logger("console")


@signin.get("/connexion")
@public
async def show_sign_in(request: Request) -> HTTPResponse:
    """The sign-in form; whoever is signed in already goes to the list."""
    if await find_session(request):
        return redirect("/", status=303)
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
        response = _form(request, status=429, login=login, after=after, problem="wait", wait=wait)
        response.headers["Retry-After"] = str(wait)
        return response
    async with ctx.hashing:
        person = await asyncio.to_thread(staff.authenticate, ctx.store, login, password)
    if person is None:
        log.warning("sign_in_refused")
        return _form(request, status=401, login=login, after=after, problem="wrong")
    ctx.throttle.forget(login, address)
    log.info("signed_in", staff=person.id)
    response = redirect("/mot-de-passe" if person.must_change else local_path(after), status=303)
    await open_session(request, response, person.id)
    return response


@signin.get("/mot-de-passe")
@staff_only
@before_own_password
async def choose_password(request: Request, agent: SignedIn) -> HTTPResponse:
    """The form for one's own password, at the first sign-in."""
    if not agent.staff.must_change:
        return redirect("/", status=303)
    return _password_form(request)


@signin.post("/mot-de-passe")
@staff_only
@before_own_password
async def set_password(request: Request, agent: SignedIn) -> HTTPResponse:
    """Take the new password; every session of the former one ends, and this browser gets a new one."""
    ctx = request.app.ctx
    if not agent.staff.must_change:
        return redirect("/", status=303)
    new, again = (request.form.get(name) or "" for name in ("nouveau", "encore"))
    if new != again:
        return _password_form(request, status=422, problem_again=True)
    try:
        async with ctx.hashing:
            await asyncio.to_thread(staff.change_password, ctx.store, agent.staff, new)
    except staff.PasswordRefused as refused:
        return _password_form(request, status=422, problem_new=str(refused))
    log.info("password_changed", staff=agent.staff.id)
    response = redirect("/?avis=mot-de-passe", status=303)
    await open_session(request, response, agent.staff.id)
    return response


@signin.post("/deconnexion")
@staff_only
@before_own_password
async def sign_out(request: Request, agent: SignedIn) -> HTTPResponse:
    """End this browser's session."""
    response = redirect("/connexion?avis=sortie", status=303)
    await end_session(request, response)
    log.info("signed_out", staff=agent.staff.id)
    return response


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


def _password_form(
    request: Request, *, status: int = 200, problem_new: str = "", problem_again: bool = False
) -> HTTPResponse:
    return page(
        request, "mot-de-passe.html", status=status, minimum=staff.PASSWORD_MINIMUM, problem_new=problem_new,
        problem_again=problem_again,
    )  # fmt: skip
