"""The second factor of staff: six digits of a telephone's clock (TOTP, RFC 6238), or a recovery code on paper."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

from guichet.audit import Deed
from guichet.privacy import Vault
from guichet.settings import Settings
from guichet.staff import one_time_password
from guichet.store import Store
from guichet.store import staff as rows
from guichet.store.tables import Staff

__all__ = [
    "CODES",
    "TRIES",
    "address",
    "check",
    "enrol",
    "in_groups",
    "new_secret",
    "opened",
    "renew_recovery_codes",
]

CODES = 10
WINDOW = 1  # steps of 30 s before and after ours: clocks drift (RFC 6238 §5.2)
# Wrong codes in a row after which only a recovery code opens (NIST SP 800-63B §3.2.2 asks for a limit by account).
# Nobody gets here without the password, so a colleague cannot be locked out; recovery codes, 77 random bits, stay.
TRIES = 20
DIGITS = re.compile(r"[0-9]{6}")


def new_secret(vault: Vault) -> str:
    """160 random bits (RFC 4226 §4), sealed."""
    return vault.seal({"totp": pyotp.random_base32()})


def opened(sealed: str, vault: Vault) -> str:
    """The secret in base32. Raises SettingsError when the key that sealed it is gone."""
    return vault.open(sealed)["totp"]


def address(secret: str, person: Staff, settings: Settings) -> str:
    """The otpauth: address that a QR code holds, with the names that the telephone shows."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.login, issuer_name=settings.service_name)


def in_groups(secret: str) -> str:
    """Four characters at a time, to be typed."""
    return " ".join(re.findall(".{1,4}", secret))


def check(store: Store, vault: Vault, person: Staff, written: str, now: datetime, *, used: Deed, refused: Deed) -> bool:
    """Whether `written` is this person's second factor: the digits of now, never given before, or a recovery code.

    It is used up. A refusal leaves its deed, a recovery code leaves `used`. Raises SettingsError when the key that
    sealed the secret is gone.
    """
    bare = re.sub(r"[\s-]", "", written)
    if not DIGITS.fullmatch(bare):
        return rows.use_recovery_code(store, person.id, _hash(bare), used=used, refused=refused)
    step = _step(opened(person.totp_secret, vault), bare, now) if person.totp_secret else None
    return rows.use_step(store, person.id, step, limit=TRIES, refused=refused)


def enrol(store: Store, person: Staff, sealed: str, vault: Vault, written: str, now: datetime, deed: Deed) -> list[str]:
    """Make a proposed secret the second factor when `written` proves it; returns the recovery codes, this once.

    Every session ends. Nothing changes, and nothing is returned, when the digits do not match.
    """
    step = _step(opened(sealed, vault), written, now)
    if step is None:
        return []
    codes = _recovery_codes()
    rows.enrol(store, person.id, sealed=sealed, step=step, code_hashes=map(_hash, codes), deed=deed)
    return codes


def renew_recovery_codes(store: Store, person: Staff, deed: Deed) -> list[str]:
    """Ten other codes, returned this once."""
    codes = _recovery_codes()
    rows.renew_recovery_codes(store, person.id, map(_hash, codes), deed)
    return codes


def _step(secret: str, written: str, now: datetime) -> int | None:
    """The time step of six digits, or None when they are those of no step near `now`."""
    digits = re.sub(r"\s", "", written)
    if not DIGITS.fullmatch(digits):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def _recovery_codes() -> list[str]:
    return [one_time_password() for _ in range(CODES)]


def _hash(code: str) -> str:
    """What the database keeps of a recovery code; however it was typed, its capitals and dashes are left out."""
    return hashlib.sha256(code.replace("-", "").lower().encode("utf-8", "replace")).hexdigest()
