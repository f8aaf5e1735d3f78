"""What must never be committed, and what the files that start everything must say."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def committed():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_path_of_a_machine():
    registry = re.compile(r"^(--)?(extra-)?index-url|/simple/|files\.pythonhosted", re.MULTILINE)
    for path in committed():
        if (
            path.suffix in (".lock", ".in", ".txt", ".toml", ".cfg", ".md", ".yml", "")
            and path.name != Path(__file__).name
        ):
            text = path.read_text(encoding="utf-8", errors="ignore")
            assert not registry.search(text), path
            assert f"{ROOT.parent}/" not in text or ROOT.parent == Path("/"), path


def test_both_environments_are_locked_with_hashes():
    for name in ("front", "test", "brain", "uv"):
        text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
        packages = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", text, re.MULTILINE)
        assert packages
        assert text.count("--hash=sha256:") >= len(packages)


def test_nothing_private_is_committed():
    private = re.compile(r"(^|/)(var|models)/|\.(db|sqlite|key|pem)$|\.tar\.gz$")
    assert [path for path in committed() if private.search(str(path.relative_to(ROOT)))] == []


def test_both_pythons_are_named():
    assert (ROOT / ".python-version").read_text().split() == ["3.13", "3.10"]


def test_the_procfile_runs_one_package_a_process():
    lines = (ROOT / "Procfile").read_text().splitlines()
    assert {line.split(":")[0]: line.split(" -m ")[1].split()[0] for line in lines} == {
        "brain": "brain",
        "actions": "actions",
        "web": "channels.web",
        "relay": "channels.mail",
        "console": "console",
        "purge": "guichet",
    }
