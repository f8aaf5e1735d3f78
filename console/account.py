"""One's own account: password, second factor, recovery codes. The first two are also steps of the first sign-in."""

from __future__ import annotations

import segno
import structlog
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from console import roles, steps
from console.access import signing_in, staff_only
from console.deeds import deed, record
from console.render import page
from console.sessions import give_session, limits, open_session
from guichet import second_factor, staff
from guichet.store import ask, sessions
from guichet.store import staff as rows
from guichet.store.sessions import SignedIn

__all__ = ["account"]

account = Blueprint("account")
log = structlog.get_logger("console")


@account.get("/compte")
@staff_only("account.own")
async def show_account(request: Request, agent: SignedIn) -> HTTPResponse:
    """What the service knows of this person, and what they can change."""
    return await _account(request, agent, notice=request.args.get("avis", ""))


@account.post("/compte/codes")
@staff_only("account.own")
async def renew_codes(request: Request, agent: SignedIn) -> HTTPResponse:
    """Ten other recovery codes, shown this once, for whoever has the telephone in hand."""
    ctx, person = request.app.ctx, agent.staff
    if not person.totp_secret:
        return redirect("/compte", status=303)
    wait = ctx.code_throttle.wait(person.login, request.client_ip)
    if wait:
        return await _account(request, agent, status=429, problem="wait", wait=wait)
    used, refused = deed(request, "signin.recovery_code"), deed(request, "signin.code_refused")
    written = request.form.get("code") or ""
    if not await ask(
        second_factor.check, ctx.store, ctx.vault, person, written, ctx.clock(), used=used, refused=refused
    ):
        return await _account(request, agent, status=422, problem="wrong")
    ctx.code_throttle.forget(person.login, request.client_ip)
    codes = await ask(second_factor.renew_recovery_codes, ctx.store, person, deed(request, "totp.codes_renewed"))
    log.info("recovery_codes_renewed", staff=person.id)
    return page(request, "codes.html", codes=codes)


@account.get(steps.PASSWORD)
@signing_in(steps.PASSWORD)
async def choose_password(request: Request, agent: SignedIn) -> HTTPResponse:
    """The form for one's own password, at the first sign-in or later."""
    return _password_form(request, agent)


@account.post(steps.PASSWORD)
@signing_in(steps.PASSWORD)
async def set_password(request: Request, agent: SignedIn) -> HTTPResponse:
    """Take the new password; every session of the former one ends, and this browser gets a new one."""
    ctx, person = request.app.ctx, agent.staff
    new, again = (request.form.get(name) or "" for name in ("nouveau", "encore"))
    problem, wait = ("", 0) if person.must_change else await _own_password(request, agent)
    if problem:
        return _password_form(request, agent, status=429 if wait else 422, problem_own=problem, wait=wait)
    if new != again:
        return _password_form(request, agent, status=422, problem_again=True)
    changed = deed(request, "password.changed")
    try:
        async with ctx.hashing:
            await ask(staff.change_password, ctx.store, person, new, changed)
    except staff.PasswordRefused as refused:
        return _password_form(request, agent, status=422, problem_new=str(refused))
    log.info("password_changed", staff=person.id)
    token = await open_session(request, person.id, second_factor=agent.session.second_factor)
    return give_session(request, redirect(f"{roles.home(person.role)}?avis=mot-de-passe", status=303), token)


@account.get(steps.ENROL)
@signing_in(steps.ENROL)
async def propose_second_factor(request: Request, agent: SignedIn) -> HTTPResponse:
    """A secret for the telephone, as a QR code and to be typed; the same one as long as the session lasts."""
    return await _enrolment_form(request, agent)


@account.post(steps.ENROL)
@signing_in(steps.ENROL)
async def enrol_second_factor(request: Request, agent: SignedIn) -> HTTPResponse:
    """Take the telephone whose code is right; every other session ends; the recovery codes are shown this once."""
    ctx, person = request.app.ctx, agent.staff
    problem, wait = ("", 0)
    if not _is_step(request, agent):
        problem, wait = await _own_password(request, agent)
    if problem:
        return await _enrolment_form(request, agent, status=429 if wait else 422, problem_own=problem, wait=wait)
    codes = await ask(
        second_factor.enrol, ctx.store, person, await _proposed(request, agent), ctx.vault,
        request.form.get("code") or "", ctx.clock(), deed(request, "totp.enrolled"),
    )  # fmt: skip
    if not codes:
        return await _enrolment_form(request, agent, status=422, problem_code=True)
    log.info("second_factor_enrolled", staff=person.id)
    token = await open_session(request, person.id, second_factor=True)
    return give_session(request, page(request, "codes.html", codes=codes), token)


async def _own_password(request: Request, agent: SignedIn) -> tuple[str, int]:
    """("", 0) when the form holds this person's password; else what is wrong, and the seconds to wait."""
    ctx, person = request.app.ctx, agent.staff
    wait = ctx.throttle.wait(person.login, request.client_ip)
    if wait:
        return "wait", wait
    async with ctx.hashing:
        right = await ask(staff.is_password_of, person, request.form.get("actuel") or "")
    if not right:
        await record(request, "password.refused")
        return "wrong", 0
    ctx.throttle.forget(person.login, request.client_ip)
    return "", 0


async def _proposed(request: Request, agent: SignedIn) -> str:
    """The sealed secret that this session proposes."""
    ctx = request.app.ctx
    if agent.session.enrolment:
        return agent.session.enrolment
    drawn = second_factor.new_secret(ctx.vault)
    return await ask(sessions.keep_enrolment, ctx.store, agent.session.token_hash, drawn)


def _is_step(request: Request, agent: SignedIn) -> bool:
    """Whether the second factor is due now, the password just given; otherwise it is asked again."""
    return steps.due(agent.staff, agent.session.second_factor, request.app.ctx.settings) == steps.ENROL


async def _account(
    request: Request, agent: SignedIn, *, status: int = 200, notice: str = "", problem: str = "", wait: int = 0
) -> HTTPResponse:
    ctx, person = request.app.ctx, agent.staff
    codes = await ask(rows.recovery_codes_left, ctx.store, person.id)
    browsers = await ask(sessions.count, ctx.store, person.id, ctx.clock(), limits(ctx.settings))
    return page(
        request, "compte.html", status=status, notice=notice, codes=codes, browsers=browsers,
        problem=problem, wait=wait, everywhere=roles.scope(agent) is None, reads=roles.may(person.role, "cases.read"),
    )  # fmt: skip


def _password_form(
    request: Request, agent: SignedIn, *, status: int = 200, problem_own: str = "", problem_new: str = "",
    problem_again: bool = False, wait: int = 0,
) -> HTTPResponse:  # fmt: skip
    return page(
        request, "mot-de-passe.html", status=status, minimum=staff.PASSWORD_MINIMUM, first=agent.staff.must_change,
        problem_own=problem_own, problem_new=problem_new, problem_again=problem_again, wait=wait,
    )  # fmt: skip


async def _enrolment_form(
    request: Request, agent: SignedIn, *, status: int = 200, problem_own: str = "", problem_code: bool = False,
    wait: int = 0,
) -> HTTPResponse:  # fmt: skip
    ctx = request.app.ctx
    secret = second_factor.opened(await _proposed(request, agent), ctx.vault)
    image = segno.make_qr(second_factor.address(secret, agent.staff, ctx.settings), error="m")
    return page(
        request, "double-authentification.html", status=status, first=_is_step(request, agent),
        qr=image.svg_inline(omitsize=True, border=4, light="#fff", svgclass="qr", lineclass=None),
        secret=second_factor.in_groups(secret), problem_own=problem_own, problem_code=problem_code, wait=wait,
    )  # fmt: skip
