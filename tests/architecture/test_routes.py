"""Every route of the public process declares who may call it."""

from pathlib import Path

import pytest

from channels.web.access import check_routes
from channels.web.app import create_app
from guichet.settings import Settings


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
