"""Who may call a route, and proof that a form is ours: declared on each handler, or the app refuses to start."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from sanic import HTTPResponse, Request, Sanic
from sanic.response import redirect

from console.errors import Refusal
from console.sessions import find_session, has_session_cookie, read_form_token

__all__ = ["before_own_password", "check_routes", "local_path", "public", "staff_only"]

Handler = Callable[..., Any]

AUTHS = ("public", "staff")
READS = ("GET", "HEAD")
LOCAL = re.compile(r"/(?:[A-Za-z0-9_.,=%-][A-Za-z0-9_.,=%/-]*)?(?:\?page=\d{1,6})?")


def public(handler: Handler) -> Handler:
    """Anyone may call it; a form must hold the token of its cookie (double submit)."""

    @wraps(handler)
    async def guarded(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
        if request.method not in READS:
            _check_form(request, read_form_token(request))
        return await handler(request, *args, **kwargs)

    guarded.auth = "public"
    return guarded


def staff_only(handler: Handler) -> Handler:
    """Only for someone signed in who has chosen their own password; a form must hold the session's token.

    The handler receives the SignedIn as its second argument. Anyone else is sent to the sign-in page.
    """

    @wraps(handler)
    async def guarded(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
        agent = await find_session(request)
        if agent is None:
            return _to_sign_in(request)
        if request.method not in READS:
            _check_form(request, agent.session.csrf)
        if agent.staff.must_change and not getattr(handler, "before_own_password", False):
            return redirect("/mot-de-passe", status=303)
        return await handler(request, agent, *args, **kwargs)

    guarded.auth = "staff"
    return guarded


def before_own_password(handler: Handler) -> Handler:
    """Under `staff_only`: someone who still has a one-time password may call it too."""
    handler.before_own_password = True
    return handler


def check_routes(app: Sanic) -> None:
    """Raises RuntimeError when a route declares no auth."""
    for route in app.router.routes:
        if getattr(route.handler, "auth", None) not in AUTHS:
            raise RuntimeError(f"the route /{route.path} declares no auth: decorate its handler")


def local_path(written: str) -> str:
    """Where to go after signing in: a page of ours, else the list."""
    return written if LOCAL.fullmatch(written) else "/"


def _to_sign_in(request: Request) -> HTTPResponse:
    """A page that was asked for is found again after signing in; a form is not sent twice."""
    query = {"avis": "session"} if has_session_cookie(request) else {}
    wanted = request.path + (f"?{request.query_string}" if request.query_string else "")
    if request.method in READS and local_path(wanted) != "/":
        query["suite"] = wanted
    return redirect("/connexion" + (f"?{urlencode(query)}" if query else ""), status=303)


def _check_form(request: Request, expected: str) -> None:
    """Raises Refusal unless the form holds the expected token and comes from one of our pages.

    Origin says nothing here: under `Referrer-Policy: no-referrer` browsers send «null» for our own forms.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    plain = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    given = (request.form.get("jeton") if plain and request.form else None) or ""
    same = secrets.compare_digest(given.encode("utf-8", "replace"), expected.encode())
    if not expected or not same or site not in ("same-origin", "none"):
        raise Refusal(403)
