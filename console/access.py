"""Who may call a route, and proof that a form is ours: declared on each handler, or the app refuses to start."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import structlog
from sanic import HTTPResponse, Request, Sanic
from sanic.response import redirect

from console import roles, steps
from console.deeds import record, route_of
from console.errors import Refusal
from console.sessions import find_session, has_session_cookie, read_form_token

__all__ = ["check_routes", "local_path", "public", "signing_in", "staff_only"]

Handler = Callable[..., Any]

READS = ("GET", "HEAD")
LOCAL = re.compile(r"/(?:[A-Za-z0-9_.,=%-][A-Za-z0-9_.,=%/-]*)?(?:\?page=\d{1,6})?")
log = structlog.get_logger("console")


def public(handler: Handler) -> Handler:
    """Anyone may call it; a form must hold the token of its cookie (double submit)."""

    @wraps(handler)
    async def guarded(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
        if request.method not in READS:
            await _check_form(request, read_form_token(request))
        return await handler(request, *args, **kwargs)

    guarded.auth = "public"
    return guarded


def staff_only(capability: str) -> Callable[[Handler], Handler]:
    """Only for someone signed in for good whose role has this capability (`roles.CAPABILITIES`).

    The handler receives the SignedIn as its second argument. A form must hold the session's token. Whoever is not
    signed in is sent to the sign-in page, whoever has a step of it to do is sent there.
    """
    if capability not in roles.CAPABILITIES:
        raise ValueError(f"{capability} is no capability: see console.roles.CAPABILITIES")

    def declare(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
            agent = await find_session(request)
            if agent is None:
                return _to_sign_in(request)
            if request.method not in READS:
                await _check_form(request, agent.session.csrf)
            due = steps.due(agent.staff, agent.session.second_factor, request.app.ctx.settings)
            if due:
                return redirect(due, status=303)
            if not roles.may(agent.staff.role, capability):
                await record(request, "access.refused", detail=route_of(request))
                raise Refusal(403, "role")
            return await handler(request, agent, *args, **kwargs)

        guarded.auth = capability
        return guarded

    return declare


def signing_in(*own: str) -> Callable[[Handler], Handler]:
    """For a page of signing in: whoever has this step to do, or none. Without a step, whoever has any (signing out).

    The handler receives the SignedIn as its second argument. A form must hold the session's token.
    """

    def declare(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
            agent = await find_session(request)
            if agent is None:
                return redirect("/connexion", status=303)
            if request.method not in READS:
                await _check_form(request, agent.session.csrf)
            due = steps.due(agent.staff, agent.session.second_factor, request.app.ctx.settings)
            if due and own and due not in own:
                return redirect(due, status=303)
            return await handler(request, agent, *args, **kwargs)

        guarded.auth = "signing in"
        return guarded

    return declare


def check_routes(app: Sanic) -> None:
    """Raises RuntimeError when a route declares no auth."""
    for route in app.router.routes:
        if getattr(route.handler, "auth", None) not in ("public", "signing in", *roles.CAPABILITIES):
            raise RuntimeError(f"the route /{route.path} declares no auth: decorate its handler")


def local_path(written: str) -> str:
    """Where to go after signing in: a page of ours; empty for any other place, and for one's own first page."""
    return written if LOCAL.fullmatch(written) and written != "/" else ""


def _to_sign_in(request: Request) -> HTTPResponse:
    """A page that was asked for is found again after signing in, without its filters; a form is not sent twice."""
    query = {"avis": "session"} if has_session_cookie(request) else {}
    asked = request.path + (f"?{request.query_string}" if request.query_string else "")
    wanted = local_path(asked) or local_path(request.path)
    if request.method in READS and wanted:
        query["suite"] = wanted
    return redirect("/connexion" + (f"?{urlencode(query)}" if query else ""), status=303)


async def _check_form(request: Request, expected: str) -> None:
    """Raises Refusal unless the form holds the expected token and comes from one of our pages.

    Origin says nothing here: under `Referrer-Policy: no-referrer` browsers send «null» for our own forms.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    plain = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    given = (request.form.get("jeton") if plain and request.form else None) or ""
    same = secrets.compare_digest(given.encode("utf-8", "replace"), expected.encode())
    if expected and same and site in ("same-origin", "none"):
        return
    log.warning("form_refused", route=route_of(request))
    if getattr(request.ctx, "agent", None):
        await record(request, "form.refused", detail=route_of(request))
    raise Refusal(403)
