"""How long what is kept, and what ends it (issue 10): one table, from which documents and tests are made."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from guichet.audit import CLI, Deed
from guichet.cases import mailbox_of
from guichet.privacy import Vault
from guichet.settings import Settings, SettingsError
from guichet.store import Store, audit, purge, trackers

__all__ = ["KEPT", "Kept", "Purged", "erase_person", "export_person", "kept_table", "purge_all", "span"]

BATCH = 200  # rows a transaction


@dataclass(frozen=True)
class Kept:
    """What a table holds of a person; `setting`: how long, from when; `person`: whether export and erase cover it."""

    what: str
    why: str
    setting: str | None
    since: str
    person: str


CONVERSATION = ("keep_conversations", "le dernier message ; plus longtemps si un dossier la garde")
CASE = ("keep_cases", "la clôture du dossier")
ACCOUNT = "un compte du personnel, pas un assuré"
KEPT: dict[str, Kept] = {
    "conversations": Kept("identifiant au hasard, identité du site hôte (chiffrée)", "répondre", *CONVERSATION, "oui"),
    "turns": Kept("question masquée, ce qui a été compris", "répondre, améliorer", *CONVERSATION, "oui"),
    "messages": Kept("messages masqués des deux côtés", "répondre, reprendre après une coupure", *CONVERSATION, "oui"),
    "feedback": Kept("raison d'un « Non », sans texte", "chiffres", "keep_figures", "l'avis", "oui"),
    "clicks": Kept("téléservice ouvert", "chiffres", "keep_figures", "le clic", "oui"),
    "handoffs": Kept("e-mail et nom (chiffrés), département, résumé masqué", "répondre par mail", *CASE, "oui"),
    "cases": Kept("conversation masquée, dates, raison", "répondre par mail ; chiffres", *CASE, "oui"),
    "case_events": Kept("notes et réponses des conseillers (chiffrées)", "suivre le dossier", *CASE, "oui"),
    "additions": Kept("quel formulaire complète quel dossier", "suivre le dossier", *CASE, "oui"),
    "outbox": Kept("état des mails d'un dossier, sans leur texte", "ne perdre aucun mail", *CASE, "oui"),
    "audit": Kept("qui a fait quoi, sans texte d'assuré", "prouver", "keep_audit", "l'action", "non : preuve"),
    "staff": Kept("compte du personnel", "ouvrir la console", None, "", ACCOUNT),
    "staff_caisses": Kept("caisses d'un agent", "ouvrir la console", None, "", ACCOUNT),
    "staff_sessions": Kept("sessions ouvertes du personnel", "ouvrir la console", None, "", ACCOUNT),
    "recovery_codes": Kept("codes de secours (empreintes)", "ouvrir la console", None, "", ACCOUNT),
    "switches": Kept("arrêts décidés, leurs messages", "informer", None, "", "aucune donnée d'assuré"),
}  # fmt: skip


@dataclass
class Purged:
    """How many of each were, or would be, removed."""

    conversations: int = 0  # content removed, figures kept
    cases: int = 0  # the same
    forms: int = 0  # that never became a case
    events: int = 0  # of Rasa; conversations when nothing is done
    mails: int = 0
    audit: int = 0
    figures: int = 0  # of conversations and cases

    @property
    def total(self) -> int:
        return sum(vars(self).values())


def purge_all(store: Store, settings: Settings, now: datetime, *, dry_run: bool = False) -> Purged:
    """Remove all that is due. Idempotent; stopped anywhere, the next run goes on. Raises StoreUnavailable."""
    done = Purged()

    def before(seconds: int) -> datetime:
        return now - timedelta(seconds=seconds)

    def each(rows: Select, remove: Callable[[Session, list], None]) -> int:
        return purge.due(store, rows) if dry_run else purge.take(store, rows, remove, BATCH)

    done.cases = each(
        purge.closed_cases(before(settings.keep_cases)), lambda session, ids: purge.strip_cases(session, ids, now)
    )
    done.forms = each(purge.lost_forms(before(settings.keep_cases)), purge.drop_forms)
    done.conversations = each(
        purge.finished_conversations(before(settings.keep_conversations)), purge.strip_conversations
    )
    done.events = _trackers(store, settings, dry_run)
    done.figures = each(purge.old_conversations(before(settings.keep_figures)), purge.drop_conversations)
    done.figures += each(purge.old_cases(before(settings.keep_figures)), purge.drop_cases)
    done.audit = each(purge.audit_before(before(settings.keep_audit)), purge.drop_audit)
    done.mails = _mails(settings, before(settings.keep_mails), dry_run)
    if done.total and not dry_run:
        detail = ", ".join(f"{value} {name}" for name, value in vars(done).items() if value)
        audit.record(store, Deed(CLI, "purge.done", now, detail=detail))
    return done


def span(seconds: int) -> str:
    """« 30 jours », « 24 heures »."""
    days, hours = seconds // 86_400, seconds // 3600
    return f"{days} jours" if days > 1 else f"{hours} heure{'s' if hours > 1 else ''}"


def kept_table(settings: Settings) -> str:
    """KEPT in Markdown, with the delays of these settings."""
    lines = ["| table | ce qu'elle contient | pourquoi | gardé | export et effacement |", "|---|---|---|---|---|"]
    for table, kept in KEPT.items():
        delay = "tant qu'il sert"
        if kept.setting:
            delay = f"{span(getattr(settings, kept.setting))} après {kept.since} (`GUICHET_{kept.setting.upper()}`)"
        lines.append(f"| `{table}` | {kept.what} | {kept.why} | {delay} | {kept.person} |")
    return "\n".join(lines)


def export_person(store: Store, vault: Vault, email: str, now: datetime) -> dict[str, Any]:
    """All that is kept under an e-mail address, decrypted, ready for JSON. Raises SettingsError without its key."""
    cases = [
        {
            "reference": case.reference,
            "theme": case.theme,
            "caisse": case.caisse,
            "state": case.state,
            "created_at": case.created_at.isoformat(),
            "transcript": case.transcript,
            "forms": [
                {
                    "contact": vault.open(form.contact),
                    "departement": form.departement,
                    "summary": form.summary,
                    "verified": form.verified,
                    "at": form.consent_at.isoformat(),
                }
                for form in forms
                if form.contact
            ],
            "events": [
                {
                    "kind": event.kind,
                    "at": event.at.isoformat(),
                    "text": vault.open(event.text)["text"] if event.text else None,
                }
                for event in events
            ],
        }
        for case, forms, events in purge.held_of(store, _forms_of(store, vault, email))
    ]
    audit.record(store, Deed(CLI, "person.exported", now, detail=f"{len(cases)} dossiers"))
    return {"cases": cases}


def erase_person(store: Store, settings: Settings, vault: Vault, email: str, now: datetime) -> int:
    """Strip every case of an e-mail address, open ones too, and its conversations; returns how many cases."""
    count, talks = purge.erase(store, _forms_of(store, vault, email), Deed(CLI, "person.erased", now))
    trackers.forget(settings, store, talks)
    return count


def _forms_of(store: Store, vault: Vault, email: str) -> list[str]:
    """Ids of the forms with this mailbox. Contacts are opened: fingerprints change with the key, they do not."""
    wanted, found = mailbox_of(vault, email), []
    for form, sealed in purge.contacts(store):
        with suppress(SettingsError):  # sealed with a key that is gone: nobody can read it any more
            if mailbox_of(vault, vault.open(sealed)["email"]) == wanted:
                found.append(form)
    return found


def _trackers(store: Store, settings: Settings, dry_run: bool) -> int:
    """Rasa forgets every conversation that is not there any more, those erased while it was answering too."""
    known = trackers.senders(settings, store)  # before ours are read: a conversation begun in between is not in it
    gone: list[str] = []
    for start in range(0, len(known), BATCH):
        some = known[start : start + BATCH]
        gone += sorted(set(some) - purge.live(store, some))
    return len(gone) if dry_run else trackers.forget(settings, store, gone)


def _mails(settings: Settings, before: datetime, dry_run: bool) -> int:
    """Files of the local maildir, by their age."""
    if settings.mail_transport != "maildir":
        return 0
    old = [
        path
        for folder in ("new", "cur", "tmp")
        for path in (settings.var_dir / "mail" / folder).glob("*")
        if path.is_file() and path.stat().st_mtime < before.timestamp()
    ]
    if not dry_run:
        for path in old:
            path.unlink(missing_ok=True)
    return len(old)
