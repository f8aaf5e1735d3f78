"""Request bodies: a JSON object, of a bounded size, whose texts can be stored."""

from __future__ import annotations

import re
from typing import Any

from sanic import Request

from channels.web.errors import Refusal

__all__ = ["read_body", "read_seq", "read_uuid", "storable"]

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL takes no NUL, UTF-8 no half of a surrogate pair
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def read_body(request: Request, *, optional: bool = False, sized: bool = True) -> dict[str, Any]:
    """The JSON object of a request, its texts made storable. Raises Refusal (400, 413).

    `optional`: no body at all is an empty object. Not `sized`: the handler judges the size, once safety has read it.
    """
    if optional and not request.body:
        return {}
    if sized and len(request.body) > request.app.ctx.settings.body_limit:
        raise Refusal(413, "erreur_gros")
    try:
        body = request.json
    except Exception:  # noqa: BLE001 - whatever the parser says, the answer is the same
        raise Refusal(400, "erreur_json") from None
    if not isinstance(body, dict):
        raise Refusal(400, "erreur_json")
    return {key: storable(value) if isinstance(value, str) else value for key, value in body.items()}


def read_uuid(body: dict[str, Any]) -> str:
    """The `id` of a body, in small letters. Raises Refusal (400)."""
    written = body.get("id")
    if not isinstance(written, str) or not UUID.fullmatch(written):
        raise Refusal(400, "erreur_requete")
    return written.lower()


def read_seq(body: dict[str, Any]) -> int:
    """The `seq` of a body. Raises Refusal (400)."""
    seq = body.get("seq")
    if type(seq) is not int or not 0 < seq < 10**9:
        raise Refusal(400, "erreur_requete")
    return seq


def storable(text: str) -> str:
    """The text with a space for each character that no database, or no mail, can hold."""
    return UNSTORABLE.sub(" ", text)
