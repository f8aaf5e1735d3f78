"""The style sheet, the icon, and liveness."""

from __future__ import annotations

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import json as json_response
from sanic.response import raw

from console.access import public
from console.errors import Refusal
from console.render import STATIC

__all__ = ["pages"]

pages = Blueprint("pages")

FILES = {"console.css": "text/css; charset=utf-8", "icone.svg": "image/svg+xml"}


@pages.get("/healthz")
@public
async def alive(request: Request) -> HTTPResponse:
    """200: this process answers."""
    return json_response({"status": "ok"})


@pages.get("/static/<name:str>")
@public
async def static_file(request: Request, name: str) -> HTTPResponse:
    """A file of static/, by its name only; the pages add its version to the address."""
    if name not in FILES:
        raise Refusal(404)
    headers = {"Cache-Control": "public, max-age=86400"}
    return raw((STATIC / name).read_bytes(), content_type=FILES[name], headers=headers)
