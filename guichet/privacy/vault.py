"""Encryption of contacts at rest, with keys that can be rotated (the first encrypts, all decrypt)."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from guichet.settings import Settings, SettingsError

__all__ = ["Vault", "load_vault"]


class Vault:
    """Seals small dicts as text and opens them again."""

    def __init__(self, keys: list[str]) -> None:
        self._first = keys[0].encode()
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise SettingsError(
                "GUICHET_CONTACT_KEYS : une clé n'est pas valable. "
                "Créez-en une avec « bin/guichet key », mettez-la en premier, gardez les anciennes après."
            ) from None

    def seal(self, value: dict[str, Any]) -> str:
        return self._fernet.encrypt(json.dumps(value, ensure_ascii=False).encode()).decode()

    def fingerprint(self, text: str) -> str:
        """The same 64 letters for the same text, which nobody without the key can find again; for counting.

        The first key makes them: after a change of keys, counts start afresh.
        """
        return hmac.new(self._first, text.encode(), hashlib.sha256).hexdigest()

    def open(self, sealed: str) -> dict[str, Any]:
        """Raises SettingsError when no key opens it."""
        try:
            return json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            raise SettingsError(
                "Un contact est illisible : la clé qui l'a chiffré manque dans GUICHET_CONTACT_KEYS. Rétablissez-la."
            ) from None


def load_vault(settings: Settings) -> Vault:
    """The vault of the settings' keys; without any, one key is made once in var/, readable by its owner only."""
    if settings.contact_keys:
        return Vault(list(settings.contact_keys))
    return Vault([_key_file(settings.var_dir / "contact.key")])


def _key_file(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(Fernet.generate_key().decode())
    return path.read_text(encoding="ascii").strip()
