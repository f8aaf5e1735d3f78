"""Cookies of the console: the session of someone signed in, and the token of the sign-in form."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from sanic import HTTPResponse, Request

from guichet.audit import Deed
from guichet.settings import Settings
from guichet.store import ask, sessions
from guichet.store.sessions import Limits, SignedIn

__all__ = [
    "end_session",
    "find_session",
    "form_cookie",
    "form_token",
    "give_session",
    "has_session_cookie",
    "limits",
    "open_session",
    "read_form_token",
    "session_cookie",
    "set_form_token",
]

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # secrets.token_urlsafe(32)


def session_cookie(settings: Settings) -> str:
    """Behind https, a __Host- cookie: no other host or port can have set it."""
    return "__Host-guichet_console" if settings.cookies_secure else "guichet_console"


def form_cookie(settings: Settings) -> str:
    return "__Host-guichet_connexion" if settings.cookies_secure else "guichet_connexion"


async def find_session(request: Request) -> SignedIn | None:
    """The live session of this browser, marked as used now; the page's header finds it in `request.ctx.agent`."""
    ctx = request.app.ctx
    token = _read(request, session_cookie(ctx.settings))
    if not token:
        return None
    now = ctx.clock()

    def find() -> SignedIn | None:
        found = sessions.find(ctx.store, token, now, limits(ctx.settings))
        if found:
            sessions.touch(ctx.store, token, now)
        return found

    request.ctx.agent = await ask(find)
    return request.ctx.agent


async def open_session(request: Request, staff_id: int, *, second_factor: bool, deed: Deed | None = None) -> str:
    """A new session, with a token never seen before, in place of the one that this browser had; returns the token.

    Pages made from now on are its own; `give_session` hands the token to the browser.
    """
    ctx = request.app.ctx
    token, now, lasting = _new_token(), ctx.clock(), limits(ctx.settings)
    former = _read(request, session_cookie(ctx.settings))
    await ask(
        sessions.open_one, ctx.store, staff_id=staff_id, token=token, csrf=_new_token(), second_factor=second_factor,
        now=now, limits=lasting, former=former, deed=deed,
    )  # fmt: skip
    request.ctx.agent = await ask(sessions.find, ctx.store, token, now, lasting)
    return token


def give_session(request: Request, response: HTTPResponse, token: str) -> HTTPResponse:
    """The response, with the cookie of a session just opened."""
    settings = request.app.ctx.settings
    _set(response, settings, session_cookie(settings), token)
    _drop(response, settings, form_cookie(settings))
    return response


async def end_session(
    request: Request, response: HTTPResponse, agent: SignedIn, deed: Deed, *, everywhere: bool
) -> None:
    """This browser's session is over, here and in the table; or every session of this person."""
    ctx = request.app.ctx
    if everywhere:
        await ask(sessions.end_all, ctx.store, agent.staff.id, deed)
    else:
        await ask(sessions.end, ctx.store, _read(request, session_cookie(ctx.settings)), deed)
    _drop(response, ctx.settings, session_cookie(ctx.settings))


def has_session_cookie(request: Request) -> bool:
    """Whether this browser was signed in once: its session may have ended."""
    return bool(_read(request, session_cookie(request.app.ctx.settings)))


def form_token(request: Request) -> str:
    """The token for a public form: the one the cookie already holds (another tab may be open), or a new one."""
    return read_form_token(request) or _new_token()


def read_form_token(request: Request) -> str:
    """The token in the cookie of the public form; empty without one."""
    return _read(request, form_cookie(request.app.ctx.settings))


def set_form_token(request: Request, response: HTTPResponse, token: str) -> None:
    settings = request.app.ctx.settings
    _set(response, settings, form_cookie(settings), token)


def limits(settings: Settings) -> Limits:
    """How long a session lasts."""
    return Limits(
        idle=timedelta(seconds=settings.staff_session_idle), lifetime=timedelta(seconds=settings.staff_session_lifetime)
    )


def _new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def _read(request: Request, name: str) -> str:
    value = request.cookies.get(name) or ""
    return value if TOKEN.fullmatch(value) else ""


def _set(response: HTTPResponse, settings: Settings, name: str, value: str, max_age: int | None = None) -> None:
    response.add_cookie(
        name, value, path="/", httponly=True, samesite="Strict", secure=settings.cookies_secure, max_age=max_age
    )


def _drop(response: HTTPResponse, settings: Settings, name: str) -> None:
    _set(response, settings, name, "", max_age=0)
