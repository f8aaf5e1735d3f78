"""The command `bin/guichet demo`: a service that looks used, to try the console and to teach with."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from rich.progress import track

from guichet import demo
from guichet.cli.opening import fail, opened, out
from guichet.content import load_content
from guichet.privacy import load_vault
from guichet.staff import ensure_demo_agent

__all__ = ["demo_command"]


def demo_command(
    force: bool = typer.Option(False, "--force", help="Même si de vraies conversations sont dans la base."),
) -> None:
    """Remplir la base de deux semaines inventées : conversations, dossiers, réponses, une panne."""
    with opened(prepare=True) as (settings, store):
        content, vault, now = load_content(settings.data_dir), load_vault(settings), datetime.now(UTC)
        if settings.mail_transport == "smtp":
            fail("Un serveur de mail est réglé : les mails inventés partiraient. Retirez GUICHET_MAIL_TRANSPORT=smtp.")
        if demo.holds_real_conversations(store) and not force:
            fail(
                "De vraies conversations sont dans cette base : la démonstration s'y mélangerait. "
                "Choisissez une autre base (DATABASE_URL ou GUICHET_VAR_DIR), ou ajoutez --force."
            )
        password = ensure_demo_agent(store, now)
        made = [("demo", password)] if password else []
        made += demo.accounts(store, now)
        filled = demo.fill(
            store, content, vault, now, lambda days: track(days, "Deux semaines inventées …", console=out)
        )
    if filled.conversations:
        out.print(f"Ajouté : {filled.conversations} conversations, {filled.cases} dossiers, {filled.replies} réponses.")
    else:
        out.print("La démonstration est déjà à jour : rien n'a été ajouté.")
    for login, secret in made:
        out.print(f"  identifiant : [bold]{login}[/]   mot de passe provisoire : [bold]{secret}[/]")
    out.print("Voyez les dossiers, le tableau de bord et « À améliorer » dans la console (make run).")
