"""What is stopped: the bot, a theme, a téléservice; stop it, restore it. Web processes obey within seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import redirect

from console.access import staff_only
from console.deeds import deed, record
from console.phrases import plain
from console.render import page
from guichet.content import FAMILIES, Content
from guichet.content.display import typography
from guichet.store import ask
from guichet.store import switches as rows
from guichet.store.sessions import SignedIn

__all__ = ["switches"]

switches = Blueprint("switches")

NEVER = ("urgences", "conversation")  # families whose themes cannot be stopped: emergencies are always answered
LIMIT = 500  # characters of the message, and of the comment
HISTORY = 20
HOURS = {"": "Jusqu’à ce que quelqu’un le rétablisse", "1": "1 heure", "4": "4 heures", "24": "24 heures",
         "168": "7 jours"}  # fmt: skip
NOTICES = ("arrete", "retabli", "deja")


@dataclass(frozen=True)
class Target:
    """Something that can be stopped; `value` is how a form names it."""

    what: str
    id: str
    label: str

    @property
    def value(self) -> str:
        return f"{self.what}:{self.id}"


@switches.get("/arrets")
@staff_only("switch.write")
async def show_switches(request: Request, agent: SignedIn) -> HTTPResponse:
    """What is off, how to stop something, and what was off before."""
    await record(request, "switches.shown")
    notice = request.args.get("avis", "")
    return await _page(request, notice=notice if notice in NOTICES else "")


@switches.post("/arrets")
@staff_only("switch.write")
async def stop(request: Request, agent: SignedIn) -> HTTPResponse:
    """Stop something; the form again, with what is missing, when it cannot be taken."""
    asked = {name: _written(request, name) for name in ("quoi", "message", "commentaire", "duree")}
    target = _targets(request.app.ctx.content).get(asked["quoi"])
    problems = _problems(asked, target)
    if problems or target is None:
        return await _page(request, asked=asked, problems=problems, status=422)
    now: datetime = request.app.ctx.clock()
    until = now + timedelta(hours=int(asked["duree"])) if asked["duree"] else None
    done = deed(request, "switch.stopped", target=target.value, detail=asked["commentaire"])
    await ask(
        rows.stop, request.app.ctx.store, what=target.what, target=target.id, message=asked["message"],
        comment=asked["commentaire"], until=until, deed=done,
    )  # fmt: skip
    return redirect("/arrets?avis=arrete", status=303)


@switches.post("/arrets/retablir")
@staff_only("switch.write")
async def restore(request: Request, agent: SignedIn) -> HTTPResponse:
    """Switch something on again, in one click."""
    what, _, target = _written(request, "quoi").partition(":")
    done = deed(request, "switch.restored", target=f"{what}:{target}")
    restored = await ask(rows.restore, request.app.ctx.store, what, target, done)
    return redirect(f"/arrets?avis={'retabli' if restored else 'deja'}", status=303)


async def _page(
    request: Request, *, asked: dict[str, str] | None = None, problems: dict[str, str] | None = None,
    notice: str = "", status: int = 200,
) -> HTTPResponse:  # fmt: skip
    ctx = request.app.ctx
    now, targets = ctx.clock(), _targets(ctx.content)
    active, ended = await ask(rows.active, ctx.store, now), await ask(rows.ended, ctx.store, now, HISTORY)
    return page(
        request, "arrets.html", status=status, active=active, ended=ended, groups=_groups(ctx.content), hours=HOURS,
        limit=LIMIT, asked=asked or dict.fromkeys(("quoi", "message", "commentaire", "duree"), ""), notice=notice,
        problems=problems or {}, label=lambda row: _label(targets, row),
    )  # fmt: skip


def _problems(asked: dict[str, str], target: Target | None) -> dict[str, str]:
    """One sentence a field that must be mended."""
    found = {}
    if target is None:
        found["quoi"] = "Choisissez ce qu’il faut arrêter."
    if not asked["message"]:
        found["message"] = "Écrivez ce que les assurés doivent savoir, et ce qu’ils peuvent faire à la place."
    if not asked["commentaire"]:
        found["commentaire"] = "Écrivez pourquoi : vos collègues et le journal en ont besoin."
    for name in ("message", "commentaire"):
        if len(asked[name]) > LIMIT:
            found[name] = f"Ce texte dépasse {LIMIT} caractères. Raccourcissez-le."
    if asked["duree"] not in HOURS:
        found["duree"] = "Choisissez une durée dans la liste."
    return found


def _groups(content: Content) -> list[tuple[str, list[Target]]]:
    """What can be stopped, by kind, in the order of the list."""
    themes = sorted(
        (theme for theme in content.themes.values() if theme.famille not in NEVER),
        key=lambda theme: (FAMILIES.index(theme.famille), theme.titre),
    )
    services = sorted(content.teleservices.values(), key=lambda service: service.libelle)
    return [
        ("Tout", [Target("bot", "", "Tout l’assistant")]),
        ("Un sujet", [Target("theme", theme.id, typography(theme.titre)) for theme in themes]),
        ("Un téléservice", [Target("teleservice", one.id, typography(one.libelle)) for one in services]),
    ]


def _targets(content: Content) -> dict[str, Target]:
    return {target.value: target for _, targets in _groups(content) for target in targets}


def _label(targets: dict[str, Target], row: Any) -> str:
    """What a row stopped, in words; its id when content no longer has it."""
    known = targets.get(f"{row.what}:{row.target}")
    kinds = {"bot": "", "theme": "Sujet : ", "teleservice": "Téléservice : "}
    return typography(f"{kinds.get(row.what, '')}{known.label if known else row.target}")


def _written(request: Request, name: str) -> str:
    """A field of the form, without control characters but its line breaks, nor outer spaces."""
    text = (request.form.get(name) if request.form else None) or ""
    return plain(text.replace("\r\n", "\n")).strip()
