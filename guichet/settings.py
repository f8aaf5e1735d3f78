"""Everything an operator can set, read once from the environment that is passed in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path

__all__ = ["Settings", "SettingsError", "current"]

ROOT = Path(__file__).resolve().parent.parent
IDENTITY_ALGORITHMS = ("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
REPLY_WAIT_LIMIT = 20  # seconds; the widget gives a message 30, the database may take 10 of them


DAY = 24 * 3600  # seconds
KEEP_AUDIT_LEAST = 180 * DAY


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
    privacy_contact: str = ""  # e-mail of the data protection officer, for the page /donnees; empty: a counsellor

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
    handoffs_per_conversation: int = 5  # a day
    handoffs_per_mailbox: int = 20  # a day, all conversations together: a France services may give its own address
    handoffs_per_hour: int = 60  # per address
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

    # --- how long data is kept (guichet.retention, docs/fr/donnees.md); `guichet purge` does the rest
    keep_conversations: int = 24 * 3600  # after the last message, unless a case holds it
    keep_cases: int = 30 * DAY  # after closing; then only what figures need
    keep_mails: int = 30 * DAY  # of the local maildir
    keep_audit: int = 365 * DAY  # at least 180 days: the database refuses to delete younger rows
    keep_figures: int = 400 * DAY  # a year and a month, to compare the same month

    # --- console
    staff_session_idle: int = 30 * 60
    staff_session_lifetime: int = 10 * 3600
    staff_totp: str = "required"  # or "optional": a second factor at each sign-in for everyone, or for who wants one
    cookies_secure: bool = False  # set it when the console is behind https

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read every setting from `env` (usually os.environ). Raises SettingsError, in French, on a bad value."""
        values: dict[str, object] = {}
        for spec in fields(cls):
            name = _variable(spec)
            raw = env.get(name)
            if raw is None or raw == "":
                continue
            values[spec.name] = _convert(name, raw, spec.default)
        return cls(**values).checked()  # type: ignore[arg-type]

    def checked(self) -> Settings:
        """Return self, or raise SettingsError when settings contradict each other (DESIGN §6, bounds)."""
        self._check_bounds()
        if self.mail_transport not in ("maildir", "smtp"):
            raise SettingsError("GUICHET_MAIL_TRANSPORT doit valoir « maildir » ou « smtp ».")
        if self.smtp_security not in ("none", "starttls", "tls"):
            raise SettingsError("GUICHET_SMTP_SECURITY doit valoir « none », « starttls » ou « tls ».")
        if self.staff_totp not in ("required", "optional"):
            raise SettingsError("GUICHET_STAFF_TOTP doit valoir « required » (par défaut) ou « optional ».")
        if "*" in self.cors_origins:
            raise SettingsError(
                "GUICHET_CORS_ORIGINS n'accepte pas « * ». Donnez les origines exactes, séparées par des virgules."
            )
        if self.identity_key:
            self._check_identity()
        if self.keep_audit < KEEP_AUDIT_LEAST:
            raise SettingsError("GUICHET_KEEP_AUDIT ne peut pas être sous 180 jours (15552000) : le journal fait foi.")
        for pair in self.mail_boxes:
            if "=" not in pair or "@" not in pair:
                raise SettingsError(f"GUICHET_MAIL_BOXES : « {pair} » n'est pas de la forme caisse=adresse@domaine.")
        return self

    def _check_bounds(self) -> None:
        """Every wait is shorter than the one that waits for it; every limit lets something through."""
        for spec in fields(self):
            value = getattr(self, spec.name)
            if isinstance(spec.default, (int, float)) and not isinstance(spec.default, bool):
                low, high = (1, 65_535) if spec.name.endswith("_port") else (0, 10**9)
                if not low <= value <= high or (value == 0 and spec.name != "trusted_proxies"):  # NaN fails too
                    raise SettingsError(
                        f"{_variable(spec)} : {value:g} n'est pas possible. Corrigez-le, puis relancez."
                    )
        if self.ticket_lock_lifetime != int(self.ticket_lock_lifetime):
            raise SettingsError(
                "TICKET_LOCK_LIFETIME doit être un nombre entier de secondes : Rasa n'en lit pas d'autre."
            )
        named = {spec.name: _variable(spec) for spec in fields(self)}
        for steps in (("action_timeout", "turn_timeout", "ticket_lock_lifetime"), ("reply_wait", "turn_timeout")):
            waits = [getattr(self, step) for step in steps]
            if not all(shorter < longer for shorter, longer in pairwise(waits)):
                told = " < ".join(f"{named[step]} ({wait:g} s)" for step, wait in zip(steps, waits, strict=True))
                raise SettingsError(f"Les délais doivent être en ordre : {told}. Corrigez-les, puis relancez.")
        if self.reply_wait > REPLY_WAIT_LIMIT:
            raise SettingsError(
                f"GUICHET_REPLY_WAIT ({self.reply_wait:g} s) dépasse {REPLY_WAIT_LIMIT} s : le navigateur n'attend pas "
                "plus longtemps. Réduisez-le, puis relancez."
            )

    def _check_identity(self) -> None:
        """RFC 8725: the algorithm is one of a list without «none», and a shared secret has at least 256 bits."""
        if self.identity_algorithm not in IDENTITY_ALGORITHMS:
            raise SettingsError(f"GUICHET_IDENTITY_ALGORITHM doit être parmi : {', '.join(IDENTITY_ALGORITHMS)}.")
        if self.identity_algorithm.startswith("HS") and len(self.identity_key.encode()) < 32:
            raise SettingsError(
                "GUICHET_IDENTITY_KEY est trop courte : il faut au moins 32 caractères tirés au hasard."
            )
        if not self.identity_audience:
            raise SettingsError(
                "GUICHET_IDENTITY_AUDIENCE est vide : le site hôte et Guichet doivent avoir la même valeur."
            )

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
    def web_url(self) -> str:
        """Where this machine reaches the web process."""
        return f"http://{_reached(self.web_host)}:{self.web_port}"

    @property
    def console_url(self) -> str:
        return f"http://{_reached(self.console_host)}:{self.console_port}"

    @property
    def brain_url(self) -> str:
        return f"http://127.0.0.1:{self.brain_port}"

    @property
    def boxes(self) -> dict[str, str]:
        """Mail box of each caisse that has one of its own, by caisse id."""
        return {caisse.strip(): box.strip() for caisse, box in (pair.split("=", 1) for pair in self.mail_boxes)}


def _reached(host: str) -> str:
    """A host to connect to, for a host to listen on: every address includes loopback; IPv6 stands in brackets."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"


def _variable(spec: Field) -> str:
    return spec.metadata.get("env", f"GUICHET_{spec.name.upper()}")


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
