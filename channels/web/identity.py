"""The identity that a host site may vouch for: a signed JWT {sub, email?, departement?} (DESIGN §6)."""

from __future__ import annotations

from typing import Any

import jwt

from channels.web.bodies import storable
from channels.web.errors import Refusal
from guichet.settings import Settings

__all__ = ["verified_identity"]


def verified_identity(settings: Settings, token: object) -> dict[str, Any] | None:
    """Claims of a valid token, None when there is no token. Raises Refusal (401) on any other.

    The algorithm is pinned by the settings; audience, expiry and subject are required (RFC 8725, JWT best practices).
    """
    if token is None:
        return None
    if not isinstance(token, str) or not settings.identity_key:
        raise Refusal(401, "erreur_identite")
    try:
        claims = jwt.decode(
            token,
            settings.identity_key,
            algorithms=[settings.identity_algorithm],
            audience=settings.identity_audience,
            options={"require": ["exp", "sub", "aud"]},
        )
    except (jwt.PyJWTError, ValueError):
        raise Refusal(401, "erreur_identite") from None
    return {key: storable(str(claims[key])) for key in ("sub", "email", "departement") if claims.get(key)}
