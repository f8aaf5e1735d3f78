"""The steps of signing in, in their order: until the last is done, each other page leads to the one that is due."""

from __future__ import annotations

from guichet.settings import Settings
from guichet.store.tables import Staff

__all__ = ["CODE", "ENROL", "PASSWORD", "due"]

CODE = "/connexion/code"
PASSWORD = "/mot-de-passe"  # noqa: S105 - an address
ENROL = "/double-authentification"


def due(person: Staff, second_factor: bool, settings: Settings) -> str | None:
    """The page of the step to do next, in a session where the second factor was given or not; None after the last."""
    if person.totp_secret and not second_factor:
        return CODE
    if person.must_change:
        return PASSWORD
    if settings.staff_totp == "required" and not person.totp_secret:
        return ENROL
    return None
