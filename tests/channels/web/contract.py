"""The contract's document (channels/web/openapi.yml), and whether an answer is one that it describes."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import requests
import schemathesis
from ruamel.yaml import YAML
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from channels.web.pages import CONTRACT
from guichet.content import Display, load_content

__all__ = ["ELSEWHERE", "Contract", "contract"]

CHECKS = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
ELSEWHERE = "/*"  # stands in the tests' copy of the document for what no path and method of it describes


class Contract:
    """The document as a test uses it; `answers` counts the statuses it was compared with."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        named = {"403": "OrigineRefusee", "404": "Introuvable", "405": "MethodeRefusee"}
        refusals = {status: {"$ref": f"#/components/responses/{name}"} for status, name in named.items()}
        elsewhere = document["x-partout"] | refusals | {"204": {"description": "OPTIONS"}}
        paths = document["paths"] | {ELSEWHERE: {"get": {"responses": elsewhere}}}
        self.schema = schemathesis.openapi.from_dict(document | {"paths": paths})
        self.answers: Counter[int] = Counter()
        self._display = Display(load_content(Path("data")))

    def check(self, response: httpx.Response) -> None:
        """Raises AssertionError when the document does not describe this answer."""
        response.read()
        self.answers[response.status_code] += 1
        path, method = self._place(response.request)
        case = self.schema[path][method].Case(path_parameters={"module": "panel.js"})
        empty = response.request.method == "HEAD"
        answer = schemathesis.Response(
            status_code=response.status_code,
            headers={name: [value] for name, value in response.headers.items()},
            content=response.content,
            request=requests.Request(method, "http://localhost" + path).prepare(),
            elapsed=0.0,
            verify=True,
        )
        try:
            case.validate_response(answer, checks=CHECKS[:-1] if empty else CHECKS)
        except FailureGroup as group:
            why = "\n".join(f"{failure.title}: {failure.message}" for failure in group.exceptions)
            raise AssertionError(f"{method} {path} answered {response.status_code}\n{why}") from None
        if response.status_code >= 400 and not empty:
            self._check_words(response)

    def _place(self, request: httpx.Request) -> tuple[str, str]:
        """The path and method of the document that a request is for."""
        path, method = request.url.raw_path.decode().partition("?")[0].removesuffix("/") or "/", request.method
        module = self.document["paths"]["/widget/{module}"]["get"]["parameters"][0]["schema"]["pattern"]
        if path not in self.document["paths"] and re.match(module, path.removeprefix("/widget/")):
            path = "/widget/{module}"
        if method.lower() in self.document["paths"].get(path, {}):
            return path, method
        return ELSEWHERE, "GET"

    def _check_words(self, response: httpx.Response) -> None:
        """A refusal says the French sentence of its code, whatever the numbers in it."""
        body = response.json()
        if "error" in body:
            values = {"limite": "0", "secondes": "0"}
            sentence = self._display.say(f"erreur_{body['error']['code']}", **values)
            said, expected = (re.sub(r"\d+", "0", text) for text in (body["error"]["message"], sentence))
            assert said == expected, body


@cache
def contract() -> Contract:
    """The contract that the file describes, read once for all tests."""
    return Contract(YAML(typ="safe").load(CONTRACT.read_text(encoding="utf-8")))
