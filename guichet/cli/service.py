"""The commands on the service itself: `bin/guichet run`, `train`, `migrate` and `key`."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import typer
from cryptography.fernet import Fernet

from guichet import launch as launcher
from guichet import model
from guichet.cli.opening import configured, fail, opened, out, telling
from guichet.content import ContentError, load_content
from guichet.privacy import load_vault
from guichet.safety import PatternError
from guichet.settings import Settings
from guichet.staff import ensure_demo_agent

__all__ = ["key", "migrate", "run", "train"]

LEARNING_LIMIT = 300  # seconds
TOTP_ADVICE = (
    "  À la première connexion, une application d'authentification (FreeOTP, Aegis, Google Authenticator …) est "
    "demandée.\n  Pour essayer sans téléphone : Ctrl-C, puis GUICHET_STAFF_TOTP=optional make run (même mot de passe)."
)


def run() -> None:
    """Démarrer tout le service et afficher son adresse."""
    settings = configured()
    taken = launcher.taken_ports(settings)
    if taken:
        fail("\n".join(taken))
    _train(settings, force=False)
    with opened(prepare=True) as (settings, store):
        load_vault(settings)
        password = ensure_demo_agent(store)
    out.print("Démarrage du service (le modèle met une vingtaine de secondes à se charger) …")
    told = [0.0]

    def waiting(elapsed: float) -> None:
        if elapsed - told[0] >= 10:
            told[0] = elapsed
            out.print(f"… en cours de chargement, {elapsed:.0f} s")

    def ready() -> None:
        out.print(f"\n[bold green]Prêt.[/] Le service : [bold]{settings.web_url}/[/]")
        out.print(f"La console des conseillers : [bold]{settings.console_url}/[/]")
        if password:
            out.print(f"  identifiant : [bold]demo[/]   mot de passe provisoire : [bold]{password}[/]")
            if settings.staff_totp == "required":
                out.print(TOTP_ADVICE)
        if settings.mail_transport == "maildir":
            out.print(f"Les mails sont déposés dans {settings.var_dir / 'mail'} et se lisent dans la console.")
        out.print("Ctrl-C pour tout arrêter.\n")

    with telling(launcher.LaunchFailed):
        code = launcher.launch(settings, ready, waiting)
    raise typer.Exit(code)


def train(
    force: bool = typer.Option(False, "--force", help="Même si le contenu n'a pas changé."),
) -> None:
    """Entraîner le modèle si le contenu a changé."""
    settings = configured()
    _train(settings, force)


def migrate() -> None:
    """Créer ou mettre à jour la base de données."""
    with opened(prepare=True) as (settings, _):
        load_vault(settings)


def key() -> None:
    """Créer une clé de chiffrement des contacts (pour GUICHET_CONTACT_KEYS)."""
    typer.echo(Fernet.generate_key().decode())


def _train(settings: Settings, force: bool) -> None:
    """The brain's model and what crisis messages look like, side by side, from content that can be used."""
    with telling():
        load_content(settings.data_dir)
    vigilance = None
    with ThreadPoolExecutor(max_workers=1) as beside:
        if force or not model.likeness_is_current():
            vigilance = beside.submit(model.learn_likeness, settings.data_dir)
        _train_brain(settings, force)
        try:
            if vigilance:
                with out.status("Apprentissage des messages de crise …"):
                    vigilance.result(LEARNING_LIMIT)
                out.print("Messages de crise appris.")
        except (PatternError, ContentError, TimeoutError) as error:
            fail(f"Les messages de crise n'ont pas pu être appris. {error}")


def _train_brain(settings: Settings, force: bool) -> None:
    if model.is_current() and not force:
        out.print("Le modèle est à jour.")
        return
    log = settings.var_dir / "train.log"
    started = time.monotonic()
    with out.status("Entraînement du modèle …") as status:

        def tell(line: str) -> None:
            if "Starting to train component" in line:
                status.update(f"Entraînement du modèle : {line.split(chr(39))[-2]} …")

        with telling(model.TrainingFailed):
            model.train(log, tell)
    out.print(f"Modèle entraîné en {time.monotonic() - started:.0f} s.")
