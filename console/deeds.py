"""What someone does in the console, written to the audit table."""

from __future__ import annotations

from ipaddress import ip_address

from sanic import Request

from guichet.audit import Deed
from guichet.store import ask, audit

__all__ = ["deed", "record", "route_of"]


def deed(request: Request, action: str, *, who: str = "", target: str = "", detail: str = "") -> Deed:
    """A deed of `who`, else of whoever is signed in, now, from this address; for a store function that writes it.

    `target` and `detail` hold references, logins and words of ours: never what a person typed.
    """
    agent = getattr(request.ctx, "agent", None)
    who = who or (agent.staff.login if agent else "")
    return Deed(who, action, request.app.ctx.clock(), _address(request), target, detail)


async def record(request: Request, action: str, *, target: str = "", detail: str = "") -> None:
    """Write a deed that changes nothing, before its page leaves: what cannot be written is not shown."""
    await ask(audit.record, request.app.ctx.store, deed(request, action, target=target, detail=detail))


def route_of(request: Request) -> str:
    """The route as declared, without what its parameters held."""
    return f"{request.method} /{request.route.path}" if request.route else request.method


def _address(request: Request) -> str:
    try:
        return str(ip_address((request.client_ip or "").strip("[]")))
    except ValueError:
        return ""
