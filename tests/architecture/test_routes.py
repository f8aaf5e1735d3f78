"""Every route of the public process declares who may call it; no staff page reads a case without its caisse.

The console's routes are tested one by one in tests/console/test_matrix.py.
"""

import inspect
from pathlib import Path

import pytest

from channels.web.access import check_routes
from channels.web.app import create_app
from guichet.settings import Settings
from guichet.store import inbox


def test_every_web_route_declares_its_auth(tmp_path):
    app = create_app(Settings(data_dir=Path("data").resolve(), var_dir=tmp_path))
    declared = {f"{'/'.join(sorted(r.methods))} /{r.path}": r.handler.auth for r in app.router.routes}
    private = {name for name, auth in declared.items() if auth == "token"}
    assert private == {
        "DELETE /chat/conversations",
        "GET /chat/messages",
        "POST /chat/clicks",
        "POST /chat/feedback",
        "POST /chat/handoff",
        "POST /chat/messages",
    }


def test_the_app_refuses_a_route_that_declares_nothing(tmp_path):
    app = create_app(Settings(data_dir=Path("data").resolve(), var_dir=tmp_path))

    @app.get("/oubliee")
    async def forgotten(request):
        return None

    with pytest.raises(RuntimeError, match="oubliee"):
        check_routes(app)


def test_whatever_staff_read_of_cases_is_narrowed_to_what_they_may_see():
    for name in inbox.__all__:
        function = getattr(inbox, name)
        if inspect.isfunction(function) and "store" in inspect.signature(function).parameters:
            scope = inspect.signature(function).parameters.get("scope")
            assert scope, f"inbox.{name} takes no scope"
            assert scope.default is inspect.Parameter.empty, f"inbox.{name} would see every caisse by default"


def test_the_console_reads_cases_through_the_inbox_only():
    for path in Path("console").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "handoffs" not in text, f"{path}: guichet.store.handoffs knows no caisse"
