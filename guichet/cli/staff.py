"""The commands on accounts and on the audit table: `bin/guichet staff ...` and `bin/guichet audit`."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

import typer
from rich.table import Table

from guichet.audit import ACTIONS, CLI, Deed
from guichet.cases import DEFAULT_CAISSE
from guichet.cli.opening import Refused, fail, opened, out
from guichet.content import Content, load_content
from guichet.settings import Settings
from guichet.staff import EVERY_CAISSE, ROLES, hash_password, normalise_login, one_time_password
from guichet.store import Store, audit
from guichet.store import staff as rows
from guichet.store.audit import Filter
from guichet.store.tables import Staff

__all__ = ["audit_command", "staff"]

staff = typer.Typer(help="Gérer les comptes de la console.", no_args_is_help=True)

SPAN = re.compile(r"(\d{1,4})([hdj])")
SHOWN = 200  # rows of the audit table on a terminal
LOGIN = typer.Argument(metavar="IDENTIFIANT", help="Lettres sans accent, chiffres, et . _ @ + -")
ROLE = typer.Option(None, help=f"Un de : {', '.join(ROLES)}.")
CAISSES = typer.Option(
    None, help="Les caisses d'un agent : cpam_49,cpam_53 (identifiants de data/caisses.yml) ou toutes."
)
NAME = typer.Option(None, help="Le nom affiché, entre guillemets.")


@staff.command()
def add(login: str = LOGIN, name: str = NAME, role: str = ROLE, caisses: str = CAISSES) -> None:
    """Créer un compte et afficher, une seule fois, son mot de passe provisoire."""
    with opened() as (settings, store):
        known, role = _new_login(login), _role(role or "")
        given = _caisses(_content(settings), role, caisses)
        password, now = one_time_password(), datetime.now(UTC)
        made = rows.add(
            store, login=known, name=(name or known).strip()[:120], role=role, caisses=given, must_change=True, now=now,
            password_hash=hash_password(password), deed=_deed("staff.added", known, now, _rights(role, given)),
        )  # fmt: skip
        if made is None:
            raise Refused(f"« {known} » a déjà un compte. Choisissez un autre identifiant, ou : staff reset {known}")
    _tell_password(known, password)


@staff.command()
def reset(login: str = LOGIN) -> None:
    """Donner un nouveau mot de passe provisoire ; la double authentification est à refaire."""
    with opened() as (_, store):
        person = _find(store, login)
        password = one_time_password()
        rows.reset(store, person.id, hash_password(password), _deed("staff.reset", person.login))
    out.print("Ses sessions sont fermées, sa double authentification est effacée.")
    _tell_password(person.login, password)
    if person.disabled:
        out.print(f"Ce compte est désactivé : bin/guichet staff enable {person.login}", markup=False)


@staff.command()
def change(login: str = LOGIN, name: str = NAME, role: str = ROLE, caisses: str = CAISSES) -> None:
    """Changer le nom, le rôle ou les caisses d'un compte."""
    if name is None and role is None and caisses is None:
        fail("Rien à changer : donnez --name, --role ou --caisses.")
    with opened() as (settings, store):
        person = _find(store, login)
        wanted = _role(role) if role else person.role
        given = None
        if wanted != person.role or caisses is not None:
            given = _caisses(_content(settings), wanted, caisses)
        name = name and name.strip()[:120]
        deed = _deed("staff.changed", person.login, detail=_rights(wanted, given))
        rows.change(store, person.id, name=name or None, role=wanted, caisses=given, deed=deed)
    out.print(f"« {person.login} » est modifié. Ses sessions sont fermées.", markup=False)


@staff.command()
def disable(login: str = LOGIN) -> None:
    """Désactiver un compte : ses sessions sont fermées à l'instant."""
    with opened() as (_, store):
        person = _find(store, login)
        rows.set_disabled(store, person.id, True, _deed("staff.disabled", person.login))
    out.print(f"« {person.login} » est désactivé. Ses sessions sont fermées.", markup=False)


@staff.command()
def enable(login: str = LOGIN) -> None:
    """Réactiver un compte, avec le mot de passe et le téléphone qu'il avait."""
    with opened() as (_, store):
        person = _find(store, login)
        rows.set_disabled(store, person.id, False, _deed("staff.enabled", person.login))
    out.print(f"« {person.login} » est réactivé.", markup=False)


@staff.command("list")
def list_command() -> None:
    """Montrer les comptes, leurs rôles et leurs caisses."""
    with opened() as (_, store):
        people = rows.everyone(store)
    table = Table("Identifiant", "Nom", "Rôle", "Caisses", "Double auth.", "Compte")
    for person in people:
        one = person.staff
        state = "désactivé" if one.disabled else "mot de passe provisoire" if one.must_change else "actif"
        table.add_row(
            *map(_plain, (one.login, one.name, one.role, ", ".join(sorted(person.caisses)))),
            "oui" if one.totp_secret else "non", state,
        )  # fmt: skip
    out.print(table)


def audit_command(
    since: str = typer.Option(None, metavar="DURÉE", help="Depuis : 12h, 7d (ou 7j) …"),
    login: str = typer.Option(None, "--staff", metavar="IDENTIFIANT", help="Ce que cette personne a fait ou subi."),
    case: str = typer.Option(None, metavar="RÉFÉRENCE", help="Ce qui a été fait sur ce dossier."),
    as_csv: bool = typer.Option(False, "--csv", help="Tout écrire en CSV, pour un tableur."),
) -> None:
    """Lire le journal : qui a vu et fait quoi, quand, et d'où."""
    with opened() as (_, store):
        now = datetime.now(UTC)
        wanted = Filter(
            since=now - _span(since) if since else None, staff=(login or "").strip().lower(),
            case=(case or "").strip().upper(),
        )  # fmt: skip
        audit.record(store, _deed("audit.read", "", now))
        if as_csv:
            from guichet.spreadsheet import write_csv

            header = ("quand (UTC)", "qui", "action", "libellé", "sur quoi", "adresse", "détail")
            found = (
                (row.at.isoformat(timespec="seconds"), row.who, row.action, ACTIONS.get(row.action, ""), row.target,
                 row.address, row.detail)
                for row in audit.every(store, wanted)
            )  # fmt: skip
            write_csv(sys.stdout, header, found)
            return
        found, total = audit.entries(store, wanted, per_page=SHOWN)
    table = Table("Quand", "Qui", "Action", "Sur quoi", "Adresse", "Détail")
    for row in found:
        when = row.at.astimezone().strftime("%d/%m/%Y %H:%M:%S")
        words = ACTIONS.get(row.action, row.action)
        table.add_row(*map(_plain, (when, row.who or "inconnu", words, row.target, row.address, row.detail)))
    out.print(table)
    if total > len(found):
        out.print(f"{total - len(found)} lignes plus anciennes. Resserrez avec --since, ou prenez tout avec --csv.")


def _content(settings: Settings) -> Content:
    return load_content(settings.data_dir)


def _new_login(written: str) -> str:
    login = normalise_login(written)
    if not login or login == CLI:
        raise Refused(
            f"« {written} » ne peut pas être un identifiant. Prenez 1 à 60 lettres sans accent, chiffres ou . _ @ + -"
        )
    return login


def _find(store: Store, written: str) -> Staff:
    login = normalise_login(written)
    person = rows.find(store, login) if login else None
    if person is None:
        known = [one.staff.login for one in rows.everyone(store)]
        raise Refused(f"« {written} » n'a pas de compte.{_near(written, known)} La liste : bin/guichet staff list")
    return person


def _role(written: str) -> str:
    role = written.strip().lower()
    if role not in ROLES:
        said = f"« {written} » n'est pas un rôle.{_near(role, ROLES)}" if written else "Il manque le rôle."
        raise Refused(f"{said} Donnez --role avec un de : {', '.join(ROLES)}.")
    return role


def _caisses(content: Content, role: str, written: str | None) -> frozenset[str]:
    """The ids written, checked. Only agents have caisses: the other roles see all of them, or none."""
    if role != "agent":
        if written is not None:
            raise Refused(f"Le rôle {role} n'a pas de caisses : retirez --caisses.")
        return frozenset()
    given = [one.strip().lower() for one in (written or "").split(",") if one.strip()]
    if not given:
        raise Refused("Un agent a des caisses. Donnez --caisses cpam_49,cpam_53 ou --caisses toutes.")
    known = [caisse.id for caisse in content.caisses] + [DEFAULT_CAISSE, EVERY_CAISSE]
    for one in given:
        if one not in known:
            raise Refused(
                f"« {one} » n'est pas une caisse.{_near(one, known)} Les identifiants sont dans data/caisses.yml."
            )
    return frozenset((EVERY_CAISSE,) if EVERY_CAISSE in given else given)


def _near(written: str, known: list[str] | tuple[str, ...]) -> str:
    """« Vouliez-vous dire … ? », or nothing. A bare number is that of a département."""
    near = [one for one in known if one == f"cpam_{written.lower()}"] or get_close_matches(written.lower(), known, n=3)
    return f" Vouliez-vous dire {' ou '.join(near)} ?" if near else ""


def _rights(role: str, caisses: frozenset[str] | None) -> str:
    return ", ".join([role, *sorted(caisses or ())])


def _deed(action: str, target: str, now: datetime | None = None, detail: str = "") -> Deed:
    return Deed(CLI, action, now or datetime.now(UTC), target=target, detail=detail)


def _span(written: str) -> timedelta:
    found = SPAN.fullmatch(written.strip().lower())
    if not found:
        raise Refused(f"« {written} » n'est pas une durée. Écrivez par exemple --since 12h ou --since 7d.")
    count = int(found[1])
    return timedelta(hours=count) if found[2] == "h" else timedelta(days=count)


def _tell_password(login: str, password: str) -> None:
    out.print(f"  identifiant : {login}   mot de passe provisoire : {password}", markup=False)
    out.print("Il n'est affiché qu'ici : transmettez-le en main propre. Il est à changer à la première connexion.")


def _plain(text: str) -> str:
    """Shown as it is: no markup, no control characters."""
    from rich.markup import escape

    from guichet.content.bare import harmless

    return escape(harmless(text))
