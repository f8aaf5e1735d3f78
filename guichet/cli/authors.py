"""The authors' commands: `bin/guichet check`, `new theme`, `try`, `talk` and `diff`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from guichet import model
from guichet.cli.opening import configured, confirmed, fail, out, telling, today
from guichet.content import load_content
from guichet.safety import PatternError
from guichet.safety import load as load_detector
from guichet.settings import ROOT, Settings

if TYPE_CHECKING:  # loaded by the commands that use them
    from guichet.talk import Talk

__all__ = ["check", "diff", "new", "talk", "try_command"]

new = typer.Typer(help="Préparer un fichier à remplir.", no_args_is_help=True)
QUESTIONS = ROOT / "tests" / "brain" / "questions.yml"


def check(
    files: list[Path] = typer.Argument(None, metavar="[FICHIER]...", help="Ne montrer que ces fichiers."),
    watch: bool = typer.Option(False, "--watch", help="Recommencer à chaque enregistrement, jusqu'à Ctrl-C."),
    links: bool = typer.Option(False, "--links", help="Ouvrir aussi chaque adresse externe (demande internet)."),
    counts: bool = typer.Option(False, "--counts", help="Ajouter le tableau des nombres, thème par thème."),
) -> None:
    """Vérifier le contenu ; se termine par le code 1 s'il reste une erreur."""
    from guichet.check.report import stamp

    settings, failed = configured(), False
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

    data = configured().data_dir
    with telling(SkeletonRefused):
        path = write_skeleton(data, theme, today()).relative_to(data.parent)
    out.print(f"[bold]{path}[/] est prêt. Remplissez-le, puis lancez : bin/guichet check {path}")


def try_command(
    phrases: list[str] = typer.Argument(metavar='"PHRASE"...', help="Ce qu'une personne écrirait, entre guillemets."),
) -> None:
    """Montrer ce que le modèle comprend d'une phrase, pourquoi, et ce que la personne verrait."""
    from guichet.cli.looks import show_trial
    from guichet.preview import preview
    from guichet.understanding import NotUnderstood, ask

    settings = configured()
    with telling(NotUnderstood, PatternError):
        content = load_content(settings.data_dir)
        detector = load_detector(settings.data_dir / "urgences.yml", model.LIKENESS)
        with out.status("Le modèle se charge …"):
            understood = ask(phrases, model.MODEL)
    for one in understood:
        show_trial(out, content, one, *preview(content, detector, one))
    if not model.is_current():
        out.print("[yellow]Le contenu a changé depuis l'entraînement : lancez « bin/guichet train ».[/]")


def talk(
    url: str = typer.Option(None, metavar="ADRESSE", help="Un autre service que celui de cette machine."),
) -> None:
    """Converser dans le terminal avec le service démarré par « run », comme le fait la page web."""
    from guichet.cli.looks import show_said
    from guichet.talk import Refused, Talk

    with telling(Refused):
        conversation = Talk(url or configured().web_url)
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
        return conversation.hand_off(**form, consent=confirmed("Transmettre cette demande à un conseiller ?"))
    if said.isascii() and said.isdigit() and 1 <= int(said) <= len(conversation.choices):
        return conversation.choose(conversation.choices[int(said) - 1]["id"])
    return conversation.say(said)


def diff(
    questions: Path = typer.Option(QUESTIONS, help="Les questions à comparer."),
) -> None:
    """Montrer les questions de test qui changent de thème entre le modèle précédent et celui-ci."""
    from guichet.cli.looks import show_changes
    from guichet.questions import QuestionsRefused, catalogue, read_questions
    from guichet.understanding import NotUnderstood, changes

    if not model.PREVIOUS.exists():
        fail("Il n'y a pas de modèle précédent. Il est gardé au prochain « bin/guichet train » qui change le contenu.")
    data = configured().data_dir
    with telling(NotUnderstood, QuestionsRefused):
        asked = read_questions(questions, catalogue(data))
        with out.status(f"Les deux modèles lisent {len(asked)} questions …"):
            found = changes(asked, model.PREVIOUS, model.MODEL)
    show_changes(out, asked, found)


def _check(settings: Settings, files: list[Path], links: bool, counts: bool) -> bool:
    """Print what is wrong in `files` (all when empty); True when there is an error."""
    from guichet.check import ERROR, VectorsFailed, find_strays
    from guichet.check import check as find
    from guichet.check.report import counts as counted
    from guichet.check.report import print_findings

    data = settings.data_dir
    unknown = [str(path) for path in files if not path.is_file()]
    if unknown:
        fail(f"Fichier introuvable : {', '.join(unknown)}. Donnez un chemin comme data/themes/compte/….yml.")
    with telling(VectorsFailed), out.status("Lecture du contenu (une demi-minute la première fois) …"):
        found = find(data, today(), find_strays=find_strays(settings.var_dir / "check"))
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
