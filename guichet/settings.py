"""Everything an operator can set, read once from the environment that is passed in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

__all__ = ["Settings", "SettingsError", "current"]

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting is missing or contradicts another; the text says which one and what to do (in French)."""


@dataclass(frozen=True)
class Settings:
    """One field a setting. Its environment variable is in `metadata["env"]`, else GUICHET_ + the field's name.

    Durations are seconds, sizes are bytes, unless the name says otherwise.
    """

    # --- places
    data_dir: Path = ROOT / "data"
    var_dir: Path = ROOT / "var"
    database_url: str = field(default="", metadata={"env": "DATABASE_URL"})  # empty: SQLite in var_dir

    # --- who speaks
    service_name: str = "Guichet, un service de démonstration"

    # --- ports; only web and console may leave loopback
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    console_host: str = "127.0.0.1"
    console_port: int = 8001
    actions_port: int = 5055
    brain_port: int = 5005

    # --- time limits; their order is checked by `checked()`
    action_timeout: float = field(default=5.0, metadata={"env": "ACTION_TIMEOUT"})
    reply_wait: float = 8.0  # a turn that takes longer is answered "pending" and read later with ?after=
    turn_timeout: float = 45.0  # covers a restart of the brain
    ticket_lock_lifetime: float = field(default=60.0, metadata={"env": "TICKET_LOCK_LIFETIME"})

    # --- conversations
    token_lifetime: int = 24 * 3600
    text_limit: int = 2000  # characters
    body_limit: int = 16_000
    turns_per_minute: int = 20  # per conversation
    conversations_per_minute: int = 120  # per address: hospitals and France services share one
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0  # how many reverse proxies stand before the web process
    identity_key: str = ""  # HS256 secret or public key of the host site; empty: identities are refused
    identity_algorithm: str = "HS256"
    identity_audience: str = "guichet"

    # --- hand-off and mail
    contact_keys: tuple[str, ...] = ()  # Fernet keys, the first encrypts; empty: one is made in var_dir
    mail_transport: str = "maildir"  # or "smtp"
    mail_from: str = "guichet@guichet.invalid"
    mail_default_box: str = "conseillers@guichet.invalid"
    mail_boxes: tuple[str, ...] = ()  # "cpam_49=boite@exemple.fr", one a caisse
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: str = "starttls"  # "none", "starttls" or "tls"
    smtp_timeout: float = 20.0
    relay_pause: float = 1.0  # between two looks at the outbox
    relay_lease: float = 120.0
    relay_attempts: int = 24

    # --- console
    staff_session_idle: int = 30 * 60
    staff_session_lifetime: int = 10 * 3600
    cookies_secure: bool = False  # set it when the console is behind https

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read every setting from `env` (usually os.environ). Raises SettingsError, in French, on a bad value."""
        values: dict[str, object] = {}
        for spec in fields(cls):
            name = spec.metadata.get("env", f"GUICHET_{spec.name.upper()}")
            raw = env.get(name)
            if raw is None or raw == "":
                continue
            values[spec.name] = _convert(name, raw, spec.default)
        return cls(**values).checked()  # type: ignore[arg-type]

    def checked(self) -> Settings:
        """Return self, or raise SettingsError when settings contradict each other (DESIGN §6, bounds)."""
        if not self.action_timeout < self.turn_timeout < self.ticket_lock_lifetime:
            raise SettingsError(
                "Les délais doivent être en ordre : ACTION_TIMEOUT "
                f"({self.action_timeout:g} s) < GUICHET_TURN_TIMEOUT ({self.turn_timeout:g} s) "
                f"< TICKET_LOCK_LIFETIME ({self.ticket_lock_lifetime:g} s). Corrigez-les, puis relancez."
            )
        if self.mail_transport not in ("maildir", "smtp"):
            raise SettingsError("GUICHET_MAIL_TRANSPORT doit valoir « maildir » ou « smtp ».")
        if self.smtp_security not in ("none", "starttls", "tls"):
            raise SettingsError("GUICHET_SMTP_SECURITY doit valoir « none », « starttls » ou « tls ».")
        if "*" in self.cors_origins:
            raise SettingsError(
                "GUICHET_CORS_ORIGINS n'accepte pas « * ». Donnez les origines exactes, séparées par des virgules."
            )
        for pair in self.mail_boxes:
            if "=" not in pair or "@" not in pair:
                raise SettingsError(f"GUICHET_MAIL_BOXES : « {pair} » n'est pas de la forme caisse=adresse@domaine.")
        return self

    @property
    def database(self) -> str:
        """SQLAlchemy address of our database; a bare postgresql:// is given its driver."""
        if not self.database_url:
            return f"sqlite:///{self.var_dir / 'guichet.db'}"
        for prefix in ("postgres://", "postgresql://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url

    @property
    def brain_url(self) -> str:
        return f"http://127.0.0.1:{self.brain_port}"

    @property
    def boxes(self) -> dict[str, str]:
        """Mail box of each caisse that has one of its own, by caisse id."""
        return {caisse.strip(): box.strip() for caisse, box in (pair.split("=", 1) for pair in self.mail_boxes)}


def _convert(name: str, raw: str, default: object) -> object:
    """One environment string as the type of the field's default."""
    try:
        if isinstance(default, bool):
            return raw.strip().lower() in ("1", "true", "oui", "yes")
        if isinstance(default, int):
            return int(raw)
        if isinstance(default, float):
            return float(raw)
    except ValueError:
        raise SettingsError(f"{name} : « {raw} » n'est pas un nombre.") from None
    if isinstance(default, tuple):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if isinstance(default, Path):
        return Path(raw).expanduser().resolve()
    return raw


def current() -> Settings:
    """The settings of this process's own environment: for entry points only."""
    return Settings.from_env(os.environ)
