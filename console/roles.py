"""What each role may do: the one table that says it. A handler names the capability it needs (`access.staff_only`)."""

from __future__ import annotations

from dataclasses import dataclass

from guichet.staff import EVERY_CAISSE
from guichet.store.inbox import Scope
from guichet.store.sessions import SignedIn

__all__ = ["CAPABILITIES", "MENU", "Entry", "home", "may", "menu", "scope"]

AGENT, AUTHOR, SUPERVISOR, ADMIN = "agent", "author", "supervisor", "admin"

CAPABILITIES: dict[str, tuple[str, ...]] = {
    "account.own": (AGENT, AUTHOR, SUPERVISOR, ADMIN),  # one's password, second factor, sessions
    "cases.read": (AGENT, SUPERVISOR, ADMIN),  # an agent: those of the caisses given to them; see `scope`
    "cases.all": (SUPERVISOR, ADMIN),  # whatever the caisse
    "cases.work": (AGENT, SUPERVISOR),  # take, note, reply, close; an admin reads, to help, and answers nobody
    "mail.read": (SUPERVISOR, ADMIN),  # the local maildir holds everyone's mails
    "authors.read": (AUTHOR, SUPERVISOR, ADMIN),  # messages not understood, answers refused
    "dashboard.read": (SUPERVISOR, ADMIN),
    "switch.write": (SUPERVISOR, ADMIN),  # stop the bot, a theme, a téléservice
    "staff.read": (SUPERVISOR, ADMIN),  # accounts are changed by `bin/guichet staff` only
    "audit.read": (SUPERVISOR, ADMIN),
}


@dataclass(frozen=True)
class Entry:
    """A page of the main menu; `below` is how the addresses of its inner pages begin."""

    path: str
    label: str
    capability: str
    below: str


MENU = (
    Entry("/", "Dossiers", "cases.read", "/dossiers/"),
    Entry("/tableau", "Tableau de bord", "dashboard.read", "/tableau/"),
    Entry("/auteurs", "À améliorer", "authors.read", "/auteurs/"),
    Entry("/arrets", "Arrêts", "switch.write", "/arrets/"),
    Entry("/courrier", "Courrier local", "mail.read", "/courrier/"),
    Entry("/equipe", "Équipe", "staff.read", "/equipe/"),
    Entry("/journal", "Journal", "audit.read", "/journal/"),
    Entry("/compte", "Mon compte", "account.own", "/compte/"),
)


def may(role: str, capability: str) -> bool:
    return role in CAPABILITIES[capability]


def menu(role: str) -> list[Entry]:
    """The pages of the menu that a role may open."""
    return [entry for entry in MENU if may(role, entry.capability)]


def home(role: str) -> str:
    """Where a role arrives: its first page."""
    return menu(role)[0].path


def scope(agent: SignedIn) -> Scope:
    """The caisses whose cases this person sees; None for all of them."""
    if may(agent.staff.role, "cases.all") or EVERY_CAISSE in agent.caisses:
        return None
    return agent.caisses
