"""The contract's document is valid, describes the app as it is, and would catch an answer that drifts from it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import jsonschema_rs
import pytest

from channels.web.app import create_app
from channels.web.chat import REASONS
from channels.web.handoff import NAME_LIMIT, SUMMARY_LIMIT
from guichet.settings import Settings
from tests.channels.web.conftest import client
from tests.channels.web.contract import contract

DOCUMENT = contract().document
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


@pytest.fixture
def app(tmp_path, content):
    return create_app(Settings(data_dir=Path("data").resolve(), var_dir=tmp_path), content=content)


def references(node: object) -> set[str]:
    """The local addresses (#/...) that a part of the document names."""
    if isinstance(node, dict):
        own = {node["$ref"]} if "$ref" in node else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_the_document_is_valid_openapi():
    contract().schema.validate()
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate(schema)
    for address in references(DOCUMENT):
        found = DOCUMENT
        for name in address.removeprefix("#/").split("/"):
            found = found[name]


def test_examples_are_what_they_show():
    bodies = [operation["requestBody"]["content"] for operation in OPERATIONS.values() if "requestBody" in operation]
    assert len(bodies) == 5
    for content in bodies:
        told = content["application/json"]
        schema = told["schema"] | {"components": DOCUMENT["components"]}
        jsonschema_rs.validator_for(schema, validate_formats=True).validate(told["example"])


def test_the_document_describes_the_routes_of_the_app_and_no_other(app):
    module = OPERATIONS["GET", "/widget/{module}"]["parameters"][0]["schema"]["pattern"]
    routes = {(method, f"/{route.path}") for route in app.router.routes for method in route.methods}
    modules = {(method, path) for method, path in routes if re.match(module, path.removeprefix("/widget/"))}
    assert len(modules) > 5
    assert (routes - modules) | {("GET", "/widget/{module}")} == set(OPERATIONS)


def test_the_document_says_which_routes_need_a_token(app):
    for route in app.router.routes:
        operation = OPERATIONS.get((next(iter(route.methods)), f"/{route.path}"))
        if operation:
            assert ("security" not in operation) == (route.handler.auth == "token"), route.path
            assert ("SansConversation" in str(operation["responses"])) == (route.handler.auth == "token"), route.path


def test_every_operation_is_told_in_french_and_has_its_own_name():
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    for operation in OPERATIONS.values():
        assert operation["summary"]
        assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}


def test_answers_have_no_undescribed_field():
    received = list(SCHEMAS)[list(SCHEMAS).index("Started") :]
    for name in received:
        if SCHEMAS[name].get("type") == "object":
            assert SCHEMAS[name]["additionalProperties"] is False, name


def test_limits_are_those_of_the_settings():
    settings = Settings()
    assert SCHEMAS["Said"]["properties"]["text"]["maxLength"] == settings.text_limit
    assert SCHEMAS["Form"]["properties"]["message"]["maxLength"] == SUMMARY_LIMIT
    assert SCHEMAS["Form"]["properties"]["name"]["maxLength"] == NAME_LIMIT
    told = " ".join(str(DOCUMENT).replace("\\n", " ").split())
    for limit in (
        f"{settings.text_limit} caractères",
        f"{settings.body_limit:,} octets".replace(",", " "),
        f"{settings.turns_per_minute} tours par minute",
        f"{settings.conversations_per_minute} par minute",
        f"Il vaut {settings.token_lifetime // 3600} heures",
        f"moins de {settings.reply_wait:g} secondes",
    ):
        assert limit in told, limit


def test_closed_lists_are_those_of_the_code_and_of_the_content(content):
    assert set(SCHEMAS["Feedback"]["properties"]["reason"]["enum"]) == set(REASONS)
    codes = {key.removeprefix("erreur_") for key in content.texts if key.startswith("erreur_")}
    assert set(SCHEMAS["Refusal"]["properties"]["error"]["properties"]["code"]["enum"]) == codes
    fields = set(SCHEMAS["Form"]["properties"]) - {"id"}
    assert set(SCHEMAS["FormInvalid"]["properties"]["errors"]["properties"]) == fields
    places = [f"{n:02}" for n in range(1000)] + ["2A", "2B"]
    assert {code for code in places if re.match(SCHEMAS["Departement"]["pattern"], code)} == set(content.departements)


def test_the_document_is_served(site):
    served = client(site()).get("/openapi.json")
    assert served.json() == DOCUMENT


# --- the comparison itself


MESSAGE = {
    "seq": 1, "from": "bot", "at": "2026-11-28T20:07:53+00:00", "kind": "welcome", "theme": None, "text": "Bonjour.",
    "links": [], "choices": [],
}  # fmt: skip
SESSION = "Cette conversation est terminée ou a expiré. Ouvrez-en une nouvelle pour continuer."


def answered(status: int, body: object, **headers: str) -> httpx.Response:
    """An answer to GET /chat/messages."""
    request = httpx.Request("GET", "http://localhost/chat/messages")
    return httpx.Response(status, json=body, headers={"Cache-Control": "no-store"} | headers, request=request)


def read(**changes: object) -> httpx.Response:
    return answered(200, {"messages": [MESSAGE | changes], "pending": False})


def refused(message: str = SESSION, code: str = "session", **headers: str) -> httpx.Response:
    return answered(401, {"error": {"code": code, "message": message}}, **headers)


@pytest.mark.parametrize("good", [read(), refused(**{"WWW-Authenticate": "Bearer"})])
def test_an_answer_as_described_passes(good):
    contract().check(good)


@pytest.mark.parametrize(
    "drift",
    [
        read(nouveau=1),
        read(kind="autre"),
        read(kind="user"),
        read(kind="handoff_done"),
        read(at="hier"),
        read(links=[{"id": "a", "label": "A", "url": "javascript:alert(1)", "login": False}]),
        answered(200, {"messages": [MESSAGE]}),
        answered(200, {"messages": [MESSAGE], "pending": False}, **{"Cache-Control": "max-age=60"}),
        answered(200, {"messages": [MESSAGE], "pending": False}, **{"Content-Type": "text/html"}),
        answered(418, {}),
        refused(),
        refused(code="interne", **{"WWW-Authenticate": "Bearer"}),
        refused("This conversation is over, open a new one.", **{"WWW-Authenticate": "Bearer"}),
    ],
    ids=[
        "field", "kind", "side", "reference", "instant", "link", "missing", "cache", "type", "status", "header", "code",
        "english",
    ],
)  # fmt: skip
def test_an_answer_that_drifts_is_caught(drift):
    with pytest.raises(AssertionError):
        contract().check(drift)
