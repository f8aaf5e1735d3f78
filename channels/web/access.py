"""Who may call a route. Every handler declares it; the app refuses to start when one does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from sanic import HTTPResponse, Request, Sanic

from channels.web.errors import Refusal

__all__ = ["check_routes", "hash_token", "public", "token_required"]


def public(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Anyone may call it."""
    handler.auth = "public"
    return handler


def token_required(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Only with the token of a live conversation, which the handler receives as its second argument."""

    @wraps(handler)
    async def guarded(request: Request, *args: Any, **kwargs: Any) -> HTTPResponse:
        conversation = await request.app.ctx.find_conversation(request.token) if request.token else None
        if conversation is None:
            raise Refusal(401, "erreur_session")
        return await handler(request, conversation, *args, **kwargs)

    guarded.auth = "token"
    return guarded


def hash_token(token: str) -> str:
    """What the database keeps of a token. A plain hash is enough for 256 random bits."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()  # a header may hold any byte


def check_routes(app: Sanic) -> None:
    """Raises RuntimeError when a route declares no auth."""
    for route in app.router.routes:
        if getattr(route.handler, "auth", None) not in ("public", "token"):
            raise RuntimeError(f"the route /{route.path} declares no auth: decorate its handler")
