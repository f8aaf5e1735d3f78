"""The commands of `bin/guichet`; each is a few lines over a function that tests and screens call too."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from cryptography.fernet import Fernet
from rich.console import Console

from guichet import launch as launcher
from guichet import model
from guichet.content import Content, ContentError, load_content
from guichet.logs import configure_logs
from guichet.privacy import load_vault
from guichet.safety import PatternError
from guichet.safety import load as load_detector
from guichet.settings import ROOT, Settings, SettingsError, current
from guichet.store import StoreUnavailable, migrate, open_store

if TYPE_CHECKING:  # loaded by the commands that use them
    from guichet.evaluate import Outcome, Report
    from guichet.questions import Question
    from guichet.talk import Talk

__all__ = ["app"]

app = typer.Typer(
    help="Guichet : l'assistant, son contenu et ses outils.", no_args_is_help=True, pretty_exceptions_enable=False
)
new = typer.Typer(help="Préparer un fichier à remplir.", no_args_is_help=True)
app.add_typer(new, name="new")
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

LEARNING_LIMIT = 300  # seconds
QUESTIONS = ROOT / "tests" / "brain" / "questions.yml"
FILE = typer.Argument(QUESTIONS, metavar="[FICHIER]", help="Les questions et leurs thèmes, en JSONL ou en YAML.")
PART = typer.Option(None, help="« reglage » (par défaut) pour choisir et corriger, « preuve » pour rendre compte.")
JSON = typer.Option(None, "--json", metavar="CHEMIN", help="Écrire aussi les mesures dans ce fichier JSON.")
HTML = typer.Option(None, "--html", metavar="CHEMIN", help="Écrire aussi le rapport dans cette page.")


@app.command()
def run() -> None:
    """Démarrer tout le service et afficher son adresse."""
    settings = _settings()
    taken = launcher.taken_ports(settings)
    if taken:
        _fail("\n".join(taken))
    _load(settings)
    _train(settings, force=False)
    password = _prepare(settings)
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
        if settings.mail_transport == "maildir":
            out.print(f"Les mails sont déposés dans {settings.var_dir / 'mail'} et se lisent dans la console.")
        out.print("Ctrl-C pour tout arrêter.\n")

    try:
        code = launcher.launch(settings, ready, waiting)
    except launcher.LaunchFailed as error:
        _fail(str(error))
    raise typer.Exit(code)


@app.command()
def train(
    force: bool = typer.Option(False, "--force", help="Même si le contenu n'a pas changé."),
) -> None:
    """Entraîner le modèle si le contenu a changé."""
    settings = _settings()
    _load(settings)
    _train(settings, force)


@app.command("migrate")
def migrate_command() -> None:
    """Créer ou mettre à jour la base de données."""
    _prepare(_settings())


@app.command()
def key() -> None:
    """Créer une clé de chiffrement des contacts (pour GUICHET_CONTACT_KEYS)."""
    typer.echo(Fernet.generate_key().decode())


@app.command()
def check(
    files: list[Path] = typer.Argument(None, metavar="[FICHIER]...", help="Ne montrer que ces fichiers."),
    watch: bool = typer.Option(False, "--watch", help="Recommencer à chaque enregistrement, jusqu'à Ctrl-C."),
    links: bool = typer.Option(False, "--links", help="Ouvrir aussi chaque adresse externe (demande internet)."),
    counts: bool = typer.Option(False, "--counts", help="Ajouter le tableau des nombres, thème par thème."),
) -> None:
    """Vérifier le contenu ; se termine par le code 1 s'il reste une erreur."""
    from guichet.check.report import stamp

    settings, failed = _settings(), False
    try:
        while True:
            seen = stamp(settings.data_dir)
            failed = _check(settings, files or [], links, counts)
            if not watch:
                break
            out.print("[dim]J'attends un enregistrement … (Ctrl-C pour arrêter)[/]")
            while stamp(settings.data_dir) == seen:
                time.sleep(0.5)
            out.clear()
    except KeyboardInterrupt:
        out.print()
    raise typer.Exit(1 if failed else 0)


@new.command("theme")
def new_theme(
    theme: str = typer.Argument(metavar="ID", help="Un identifiant de data/catalogue.yml qui n'a pas de fichier."),
) -> None:
    """Écrire le squelette du fichier d'un thème."""
    from guichet.skeleton import SkeletonRefused, write_skeleton

    data = _settings().data_dir
    try:
        path = write_skeleton(data, theme, _today()).relative_to(data.parent)
    except (SkeletonRefused, ContentError) as error:
        _fail(str(error))
    out.print(f"[bold]{path}[/] est prêt. Remplissez-le, puis lancez : bin/guichet check {path}")


@app.command("try")
def try_command(
    phrases: list[str] = typer.Argument(metavar='"PHRASE"...', help="Ce qu'une personne écrirait, entre guillemets."),
) -> None:
    """Montrer ce que le modèle comprend d'une phrase, pourquoi, et ce que la personne verrait."""
    from guichet.preview import preview
    from guichet.terminal import show_trial
    from guichet.understanding import NotUnderstood, ask

    settings = _settings()
    content, detector = _load(settings), load_detector(settings.data_dir / "urgences.yml", model.LIKENESS)
    try:
        with out.status("Le modèle se charge …"):
            understood = ask(phrases, model.MODEL)
    except NotUnderstood as error:
        _fail(str(error))
    for one in understood:
        show_trial(out, content, one, *preview(content, detector, one))
    if not model.is_current():
        out.print("[yellow]Le contenu a changé depuis l'entraînement : lancez « bin/guichet train ».[/]")


@app.command()
def talk(
    url: str = typer.Option(None, metavar="ADRESSE", help="Un autre service que celui de cette machine."),
) -> None:
    """Converser dans le terminal avec le service démarré par « run », comme le fait la page web."""
    from guichet.talk import Refused, Talk
    from guichet.terminal import show_said

    try:
        conversation = Talk(url or _settings().web_url)
    except Refused as error:
        _fail(str(error))
    show_said(out, conversation.messages)
    out.print("[dim]Écrivez, ou tapez le numéro d'un bouton. /formulaire : écrire à un conseiller. /fin : quitter.[/]")
    while True:
        try:
            said = out.input("[bold]> [/]").strip()
        except (EOFError, KeyboardInterrupt):
            said = "/fin"
        if said == "/fin":
            break
        if not said:
            continue
        try:
            show_said(out, _talk_turn(conversation, said))
        except Refused as error:
            out.print(str(error), style="red", markup=False)
    conversation.close()


def _talk_turn(conversation: Talk, said: str) -> list[dict[str, Any]]:
    """A button by its number, the form, or words."""
    if said == "/formulaire":
        form = {
            "email": typer.prompt("Votre adresse e-mail"),
            "departement": typer.prompt("Votre département (par exemple 49)"),
            "message": typer.prompt("Votre demande en quelques mots"),
        }
        return conversation.hand_off(**form, consent=typer.confirm("Transmettre cette demande à un conseiller ?"))
    if said.isascii() and said.isdigit() and 1 <= int(said) <= len(conversation.choices):
        return conversation.choose(conversation.choices[int(said) - 1]["id"])
    return conversation.say(said)


@app.command()
def diff(
    questions: Path = typer.Option(QUESTIONS, help="Les questions à comparer."),
) -> None:
    """Montrer les questions de test qui changent de thème entre le modèle précédent et celui-ci."""
    from guichet.questions import QuestionsRefused, catalogue, read_questions
    from guichet.terminal import show_changes
    from guichet.understanding import NotUnderstood, changes

    if not model.PREVIOUS.exists():
        _fail("Il n'y a pas de modèle précédent. Il est gardé au prochain « bin/guichet train » qui change le contenu.")
    try:
        asked = read_questions(questions, catalogue(_settings().data_dir))
        with out.status(f"Les deux modèles lisent {len(asked)} questions …"):
            found = changes(asked, model.PREVIOUS, model.MODEL)
    except (NotUnderstood, QuestionsRefused, ContentError) as error:
        _fail(str(error))
    show_changes(out, asked, found)


@app.command()
def evaluate(
    questions: Path = FILE,
    part: str = PART,
    json_path: Path = JSON,
    html_path: Path = HTML,
) -> None:
    """Mesurer la compréhension : bon thème, confusions, confiance, hors du domaine, ce que le bot aurait fait."""
    from guichet.evaluate import Evaluation, evaluation_record, evaluation_report

    asked = _questions(questions, part)
    evaluation = Evaluation(_read(asked), asked[0].part)
    _tell(evaluation_report(evaluation), evaluation_record(evaluation), json_path, html_path)


@app.command("robustness")
def robustness_command(
    questions: Path = FILE,
    part: str = PART,
    json_path: Path = JSON,
    html_path: Path = HTML,
) -> None:
    """Mesurer ce que perdent les questions soignées quand on les abîme : fautes, SMS, capitales, accents …"""
    from guichet.evaluate import careful, robustness, robustness_record, robustness_report

    asked = careful(_questions(questions, part))
    if not asked:
        _fail(f"{questions} n'a pas de question soignée (noise: none) du domaine : il n'y a rien à abîmer.")
    found = robustness(asked, _read, asked[0].part)
    _tell(robustness_report(found), robustness_record(found), json_path, html_path)


def _questions(path: Path, part: str | None) -> list[Question]:
    from guichet.questions import QuestionsRefused, catalogue, in_part, read_questions

    try:
        return in_part(read_questions(path, catalogue(_settings().data_dir)), part)
    except (QuestionsRefused, ContentError) as error:
        _fail(str(error))


def _read(questions: Sequence[Question]) -> tuple[Outcome, ...]:
    """What the bot makes of each: the crisis detector first, as in the web process, then the model, asked once."""
    from guichet.evaluate import outcomes
    from guichet.understanding import NotUnderstood, ask

    texts = [question.text for question in questions]
    try:
        detector = load_detector(_settings().data_dir / "urgences.yml", model.LIKENESS)
        with out.status(f"Le modèle lit {len(texts)} phrases …"):
            understood = ask(texts, model.MODEL)
    except (NotUnderstood, PatternError, ContentError) as error:
        _fail(str(error))
    return outcomes(questions, understood, [detector.detect(text) for text in texts])


def _tell(report: Report, record: dict[str, Any], json_path: Path | None, html_path: Path | None) -> None:
    """On the terminal, and in the files that were asked for."""
    from guichet.evaluate import page
    from guichet.terminal import show_report

    for path, write in (
        (json_path, lambda: json.dumps(record, ensure_ascii=False, indent=1) + "\n"),
        (html_path, lambda: page(report, _today())),
    ):
        if path:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(write(), encoding="utf-8")
            except OSError as error:
                _fail(f"{path} ne peut pas être écrit ({error.strerror}). Donnez un autre chemin.")
    show_report(out, report)
    if not model.is_current():
        out.print("[yellow]Le contenu a changé depuis l'entraînement : lancez « bin/guichet train ».[/]")
    for path in filter(None, (json_path, html_path)):
        out.print(f"Écrit : {path}", markup=False)


def _check(settings: Settings, files: list[Path], links: bool, counts: bool) -> bool:
    """Print what is wrong in `files` (all when empty); True when there is an error."""
    from guichet.check import ERROR, VectorsFailed, find_strays
    from guichet.check import check as find
    from guichet.check.report import counts as counted
    from guichet.check.report import print_findings

    data = settings.data_dir
    unknown = [str(path) for path in files if not path.is_file()]
    if unknown:
        _fail(f"Fichier introuvable : {', '.join(unknown)}. Donnez un chemin comme data/themes/compte/….yml.")
    try:
        with out.status("Lecture du contenu (une demi-minute la première fois) …"):
            found = find(data, _today(), find_strays=find_strays(settings.var_dir / "check"))
    except VectorsFailed as error:
        _fail(str(error))
    if links:
        found = sorted([*found, *_open_links(data)])
    if files:
        wanted = {path.resolve() for path in files}
        found = [finding for finding in found if (data.parent / finding.path).resolve() in wanted]
    print_findings(out, found)
    if counts:
        out.print(counted(data, found))
    return any(finding.level == ERROR for finding in found)


def _open_links(data: Path) -> list:
    from guichet.check.addresses import addresses, open_client, try_addresses

    async def visit() -> list:
        async with open_client() as client:
            with out.status("Ouverture des adresses …") as status:

                def tell(done: int, total: int) -> None:
                    status.update(f"Adresses ouvertes : {done} sur {total}")

                return await try_addresses(addresses(data), client, tell)

    return asyncio.run(visit())


def _today() -> date:
    return datetime.now().astimezone().date()


def _settings() -> Settings:
    configure_logs()
    try:
        return current()
    except SettingsError as error:
        _fail(str(error))


def _load(settings: Settings) -> Content:
    """Content that cannot be used is refused before anything is trained or started."""
    try:
        return load_content(settings.data_dir)
    except ContentError as error:
        _fail(str(error))


def _train(settings: Settings, force: bool) -> None:
    """The brain's model and what crisis messages look like, side by side."""
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
            _fail(f"Les messages de crise n'ont pas pu être appris. {error}")


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

        try:
            model.train(log, tell)
        except model.TrainingFailed as error:
            _fail(str(error))
    out.print(f"Modèle entraîné en {time.monotonic() - started:.0f} s.")


def _prepare(settings: Settings) -> str | None:
    """Database, key and demonstration agent; returns the agent's one-time password when it was just made."""
    from guichet.staff import ensure_demo_agent

    store = open_store(settings.database)
    try:
        migrate(store)
        load_vault(settings)
        return ensure_demo_agent(store)
    except StoreUnavailable:
        _fail("La base de données ne répond pas. Vérifiez DATABASE_URL et que le serveur est démarré.")
    finally:
        store.close()


def _fail(message: str) -> None:
    err.print(message, style="bold red", markup=False, soft_wrap=True)
    sys.exit(1)
