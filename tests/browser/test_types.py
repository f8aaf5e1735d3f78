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


def test_what_is_served_says_the_same(site):
    """Shorter names, but every text, pattern and property of the source; what it does is for the other tests here."""
    names = ["widget.js", *(f"widget/{path.name}" for path in sorted((STATIC / "widget").glob("*.js")))]
    with httpx.Client(base_url=site(), trust_env=False) as browser:
        pairs = [[(STATIC / name).read_text(encoding="utf-8"), browser.get(f"/{name}").text] for name in names]
    read = """
      const ts = require(process.argv[1]);
      const told = (text) => {
        const found = new Set();
        const visit = (node) => {
          if (ts.isLiteralExpression(node) || ts.isTemplateLiteralToken(node)) found.add(node.text);
          if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.name)) found.add(node.name.text);
          ts.forEachChild(node, visit);
        };
        visit(ts.createSourceFile("a.js", text, ts.ScriptTarget.ESNext, true));
        return [...found].filter((one) => !/^[\\d_.e]*$/.test(one)).sort();
      };
      const pairs = JSON.parse(require("fs").readFileSync(0, "utf8"));
      console.log(JSON.stringify(pairs.map((pair) => pair.map(told))));
    """
    done = node("-e", read, str(HERE / "node_modules/typescript"), input=json.dumps(pairs))
    for name, (source, served) in zip(names, json.loads(done.stdout or "[]"), strict=True):
        assert (len(source) > 3, served) == (True, source), name
