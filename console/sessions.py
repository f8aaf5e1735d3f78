"""Cookies of the console: the session of someone signed in, and the token of the sign-in form."""

from __future__ import annotations

import asyncio
import re
import secrets
from datetime import timedelta

from sanic import HTTPResponse, Request

from guichet.settings import Settings
from guichet.store import staff
from guichet.store.staff import SignedIn

__all__ = [
    "end_session",
    "find_session",
    "form_cookie",
    "form_token",
    "has_session_cookie",
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
        found = staff.find_session(ctx.store, token, now, **_limits(ctx.settings))
        if found:
            staff.touch_session(ctx.store, token, now)
        return found

    request.ctx.agent = await asyncio.to_thread(find)
    return request.ctx.agent


async def open_session(request: Request, response: HTTPResponse, staff_id: int) -> None:
    """A new session, with a token never seen before, in place of the one that this browser had."""
    ctx = request.app.ctx
    former, token, now = _read(request, session_cookie(ctx.settings)), _new_token(), ctx.clock()

    def write() -> None:
        if former:
            staff.delete_session(ctx.store, former)
        staff.delete_expired_sessions(ctx.store, now, **_limits(ctx.settings))
        staff.create_session(ctx.store, staff_id=staff_id, token=token, csrf=_new_token(), now=now)

    await asyncio.to_thread(write)
    _set(response, ctx.settings, session_cookie(ctx.settings), token)
    _drop(response, ctx.settings, form_cookie(ctx.settings))


async def end_session(request: Request, response: HTTPResponse) -> None:
    """This browser's session is over, here and in the table."""
    ctx = request.app.ctx
    token = _read(request, session_cookie(ctx.settings))
    if token:
        await asyncio.to_thread(staff.delete_session, ctx.store, token)
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


def _limits(settings: Settings) -> dict[str, timedelta]:
    return {
        "idle": timedelta(seconds=settings.staff_session_idle),
        "lifetime": timedelta(seconds=settings.staff_session_lifetime),
    }


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
