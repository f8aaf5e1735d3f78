"""The JSDoc of the widget is true, as TypeScript reads it (strict); what is served is still a script."""

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from channels.web.pages import STATIC

HERE = Path(__file__).parent


def node(*command: str, **options: object) -> subprocess.CompletedProcess:
    found = shutil.which("node")
    if found is None:
        pytest.fail("Node is not installed: install the system packages « nodejs npm », then run again")
    return subprocess.run([found, *command], capture_output=True, text=True, check=False, **options)


def test_every_module_keeps_its_types():
    done = node(str(HERE / "node_modules/typescript/bin/tsc"), "--project", str(HERE))
    assert (done.stdout, done.returncode) == ("", 0), done.stdout + done.stderr


def test_slimming_leaves_scripts_that_say_the_same(site):
    """Without its comments and its layout, the source and what is served are one program for TypeScript."""
    names = ["widget.js", *(f"widget/{path.name}" for path in sorted((STATIC / "widget").glob("*.js")))]
    with httpx.Client(base_url=site(), trust_env=False) as browser:
        pairs = [[(STATIC / name).read_text(encoding="utf-8"), browser.get(f"/{name}").text] for name in names]
    compare = """
      const ts = require(process.argv[1]);
      const pairs = JSON.parse(require("fs").readFileSync(0, "utf8"));
      const options = { target: "esnext", removeComments: true };
      const told = (text) => ts.transpile(text, options).replace(/^\\s+|\\n\\s*(?=\\n)/gm, "");
      console.log(JSON.stringify(pairs.map(([source, served]) => told(source) === told(served))));
    """
    done = node("-e", compare, str(HERE / "node_modules/typescript"), input=json.dumps(pairs))
    assert json.loads(done.stdout or "[]") == [True] * len(names), done.stderr
