"""What the audit table tells: who did what, on what, when, from where; never a personal text (issue: who saw what)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["ACTIONS", "CLI", "Deed"]

CLI = "cli"  # who, for what a command of bin/guichet did

# Every action, and its words on the screens. A new kind of deed = a line here.
ACTIONS = {
    "signin.done": "Connexion",
    "signin.password_accepted": "Mot de passe accepté, code attendu",
    "signin.password_refused": "Mot de passe refusé",
    "signin.code_refused": "Code refusé",
    "signin.recovery_code": "Code de secours utilisé",
    "signin.ended": "Déconnexion",
    "signin.ended_everywhere": "Déconnexion partout",
    "access.refused": "Accès refusé",
    "form.refused": "Formulaire refusé",
    "password.changed": "Mot de passe changé",
    "password.refused": "Mot de passe actuel refusé",
    "totp.enrolled": "Double authentification activée",
    "totp.codes_renewed": "Codes de secours refaits",
    "cases.listed": "Liste des dossiers vue",
    "case.shown": "Dossier vu",
    "case.refused": "Dossier refusé",
    "case.taken": "Dossier pris",
    "case.released": "Dossier rendu",
    "case.given": "Dossier confié",
    "case.noted": "Note ajoutée",
    "case.replied": "Réponse envoyée",
    "case.closed": "Dossier clos",
    "case.reopened": "Dossier rouvert",
    "cases.searched": "Dossiers cherchés par adresse",
    "mails.listed": "Courrier local vu",
    "mail.shown": "Mail vu",
    "mail.resent": "Mail renvoyé",
    "staff.listed": "Équipe vue",
    "staff.added": "Compte créé",
    "staff.changed": "Compte modifié",
    "staff.reset": "Compte remis à zéro",
    "staff.disabled": "Compte désactivé",
    "staff.enabled": "Compte réactivé",
    "audit.read": "Journal lu",
    "purge.done": "Données échues effacées",
    "person.exported": "Données d’une personne copiées",
    "person.erased": "Données d’une personne effacées",
    "switches.shown": "Arrêts vus",
    "switch.stopped": "Arrêt décidé",
    "switch.restored": "Service rétabli",
    "dashboard.read": "Tableau de bord vu",
    "dashboard.exported": "Tableau de bord exporté",
    "authors.read": "Page des auteurs vue",
    "authors.exported": "Page des auteurs exportée",
}


@dataclass(frozen=True)
class Deed:
    """One row to come of the audit table.

    `who` is a login, CLI, or empty when nobody is known (a refused password); `target` a reference, a login, the key of
    a mail; `detail` words of ours, never something that an insured person typed (a switch-off gives its comment).
    """

    who: str
    action: str
    at: datetime
    address: str = ""
    target: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"{self.action} is no action of the audit table: add it to guichet.audit.ACTIONS")
