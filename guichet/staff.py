"""Staff: accounts, passwords, and the demonstration agent of a fresh installation."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from guichet.audit import CLI, Deed
from guichet.store import Store
from guichet.store import staff as rows
from guichet.store.tables import Staff

__all__ = [
    "DEMO_LOGIN",
    "EVERY_CAISSE",
    "PASSWORD_MINIMUM",
    "ROLES",
    "PasswordRefused",
    "authenticate",
    "change_password",
    "check_new_password",
    "ensure_demo_agent",
    "hash_password",
    "is_password_of",
    "normalise_login",
    "one_time_password",
]

ROLES = ("agent", "author", "supervisor", "admin")
EVERY_CAISSE = "toutes"  # in place of an agent's caisses
DEMO_LOGIN = "demo"
PASSWORD_MINIMUM = 12  # characters
PASSWORD_MAXIMUM = 200
PASSWORD_VARIETY = 5  # different characters at least
LOGIN = re.compile(r"[a-z0-9._@+-]{1,60}")
ALPHABET = "abcdefghjkmnpqrstwxyz23456789"  # no 0/o, 1/i/l, u/v: copied from a screen by hand
# What an unknown login is checked against, so that it costs as much as a known one: the hash of 32 random bytes that
# nobody kept. Its parameters are argon2-cffi's defaults, as a test makes sure.
DECOY = "$argon2id$v=19$m=65536,t=3,p=4$BbUrVLCS+6UCtG9HIB2SmQ$7Kqvf4KUNmQ++sRP+MJ7fQ7C2OpxfN5pnWcuuaaZc9k"


class PasswordRefused(ValueError):
    """A new password is not good enough; the text says what to do, in French."""


def authenticate(store: Store, login: str, password: str, *, hasher: PasswordHasher | None = None) -> Staff | None:
    """The person with this login and password, or None: unknown, wrong password, or disabled.

    An unknown login costs one argon2 verification too. A hash made with other parameters than `hasher`'s (argon2-cffi's
    defaults, RFC 9106) is made again. Takes a tenth of a second and 64 MiB: call it in a thread.
    """
    hasher = hasher or PasswordHasher()
    name = normalise_login(login)
    person = rows.find(store, name) if name else None
    if not _verify(hasher, person.password_hash if person else DECOY, password) or person is None or person.disabled:
        return None
    if hasher.check_needs_rehash(person.password_hash):
        rows.replace_hash(store, person.id, former=person.password_hash, new=hash_password(password, hasher=hasher))
    return person


def is_password_of(person: Staff, password: str) -> bool:
    """Whether someone signed in gives their own password again, before a change that matters."""
    return _verify(PasswordHasher(), person.password_hash, password)


def change_password(store: Store, person: Staff, new: str, deed: Deed) -> None:
    """Replace a person's password by one of their choice; ends all their sessions. Raises PasswordRefused."""
    check_new_password(new, login=person.login)
    if is_password_of(person, new):
        raise PasswordRefused("Ce mot de passe est celui que vous aviez déjà. Choisissez-en un autre.")
    rows.set_password(store, person.id, hash_password(new), deed)


def check_new_password(password: str, *, login: str) -> None:
    """Raises PasswordRefused. Length counts, not kinds of characters (NIST SP 800-63B §3.1.1.2)."""
    written = _normalise(password)
    if len(written) < PASSWORD_MINIMUM:
        raise PasswordRefused(
            f"Ce mot de passe est trop court. Écrivez au moins {PASSWORD_MINIMUM}\u00a0caractères, "
            "par exemple quatre mots sans lien entre eux."
        )
    if len(written) > PASSWORD_MAXIMUM:
        raise PasswordRefused(f"Ce mot de passe dépasse {PASSWORD_MAXIMUM}\u00a0caractères. Raccourcissez-le.")
    if len(set(written)) < PASSWORD_VARIETY:
        raise PasswordRefused("Ce mot de passe répète les mêmes caractères. Mélangez davantage de lettres.")
    if written.casefold().replace(login, "").strip("0123456789 .-_!") == "":
        raise PasswordRefused(
            "Ce mot de passe n’est fait que de chiffres ou de votre identifiant. Ajoutez plusieurs mots."
        )


def hash_password(password: str, *, hasher: PasswordHasher | None = None) -> str:
    """Argon2id, parameters and salt included in the text."""
    return (hasher or PasswordHasher()).hash(_bytes(password))


def one_time_password() -> str:
    """Sixteen letters and digits in four groups: 29^16, 77 bits, drawn at random."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def ensure_demo_agent(store: Store, now: datetime | None = None) -> str | None:
    """Create the demonstration agent when there is no staff at all.

    Returns the one-time password, this once: it is kept nowhere. None when there is staff already.
    """
    password, now = one_time_password(), now or datetime.now(UTC)
    made = rows.add_first(
        store,
        login=DEMO_LOGIN,
        name="Agent de démonstration",
        role="agent",
        caisses=(EVERY_CAISSE,),
        password_hash=hash_password(password),
        must_change=True,
        now=now,
        deed=Deed(CLI, "staff.added", now, target=DEMO_LOGIN, detail="agent, toutes"),
    )
    return password if made else None


def normalise_login(written: str) -> str:
    """A login as it is stored: lower case, no outer spaces; empty when it cannot be one."""
    login = written.strip().lower()
    return login if LOGIN.fullmatch(login) else ""


def _verify(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _normalise(password: str) -> str:
    """One form for what keyboards compose differently (é as one or two characters): NIST SP 800-63B §3.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normalise(password).encode("utf-8", "surrogatepass")
