"""The widget's files, the demonstration page, the contract's document, liveness and readiness."""

from __future__ import annotations

import asyncio
import gzip
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import httpx
import minify
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from ruamel.yaml import YAML
from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import json as json_response
from sanic.response import raw

from channels.web.access import public
from channels.web.errors import Refusal
from guichet.retention import span
from guichet.settings import Settings
from guichet.store import StoreUnavailable, ask

__all__ = ["add_files", "pages"]

pages = Blueprint("pages")

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
CONTRACT = Path(__file__).parent / "openapi.yml"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


class File(NamedTuple):
    """A file as it is sent, plain and compressed."""

    body: bytes
    small: bytes
    type: str


@pages.get("/healthz")
@public
async def alive(request: Request) -> HTTPResponse:
    """200: this process answers."""
    return json_response({"status": "ok"})


@pages.get("/readyz")
@public
async def ready(request: Request) -> HTTPResponse:
    """200 when an insured person would get an answer; else 503 and what is missing."""
    parts = dict(zip(("database", "brain", "actions"), await asyncio.gather(*_checks(request.app)), strict=True))
    return json_response({"ready": all(parts.values()), "parts": parts}, status=200 if all(parts.values()) else 503)


def add_files(app: Sanic, departements: dict[str, str], settings: Settings) -> None:
    """Read the static files, the notice and the contract once, serve them from memory, small; no other can be named."""
    files = {
        f"/{path.relative_to(STATIC).as_posix()}": _file(path.read_bytes(), path.suffix)
        for path in sorted(STATIC.rglob("*"))
        if path.is_file() and path.suffix in TYPES
    }
    files["/"] = files.pop("/demo.html")
    choices = [{"code": code, "nom": name} for code, name in departements.items()]
    files["/widget/departements.json"] = _file(json.dumps(choices, ensure_ascii=False).encode(), ".json")
    files["/openapi.json"] = _file(_contract(), ".json")
    files["/donnees"] = _file(_notice(settings), ".html")

    @public
    async def file(request: Request) -> HTTPResponse:
        found = files.get(request.path)
        if found is None:
            raise Refusal(404, "erreur_introuvable")
        headers = {"Cache-Control": "no-cache"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return raw(found.small, content_type=found.type, headers=headers | {"Content-Encoding": "gzip"})
        return raw(found.body, content_type=found.type, headers=headers)

    for n, path in enumerate(files):
        app.add_route(file, path, methods=("GET",), name=f"file_{n}")


def _file(body: bytes, suffix: str) -> File:
    """What a phone needs of a file: a script without its comments, its spaces and its long names."""
    if suffix == ".js":
        body = minify.string("text/javascript", body.decode()).encode()
    return File(body, gzip.compress(body, mtime=0), TYPES[suffix])


def _notice(settings: Settings) -> bytes:
    """The second layer of the information notice (RGPD, art. 13), with the delays that the purge obeys."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True)
    delays = {name: span(getattr(settings, f"keep_{name}")) for name in ("conversations", "cases", "figures")}
    page = environment.get_template("donnees.html")
    return page.render(service=settings.service_name, contact=settings.privacy_contact, **delays).encode()


@cache
def _contract() -> bytes:
    document = YAML(typ="safe").load(CONTRACT.read_text(encoding="utf-8"))
    return json.dumps(document, ensure_ascii=False).encode()


def _checks(app: Sanic) -> tuple:
    async def database() -> bool:
        try:
            await ask(app.ctx.store.ping)
        except StoreUnavailable:
            return False
        return True

    async def actions() -> bool:
        try:
            return (await app.ctx.actions.get("/health")).status_code == 200
        except httpx.HTTPError:
            return False

    return database(), app.ctx.brain.ready(), actions()
