"""Who can reach what: the listening sockets of every process that `make run` starts, seen from another machine.

The other machine, and the service's own, are network namespaces made here, joined by a cable of their own; nothing
leaves them. Their addresses are for documentation (RFC 5737).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.faults.rig import ROOT, until

SERVER, CLIENT = "192.0.2.1", "192.0.2.2"
PORTS = {"WEB": 8000, "CONSOLE": 8001, "ACTIONS": 5055, "BRAIN": 5005}
PRIVATE_ROUTES = [
    "/",
    "/version",
    "/status",
    "/health",
    "/actions",
    "/webhook",
    "/domain",
    "/model/parse",
    "/model/train",
    "/webhooks/guichet/",
    "/webhooks/guichet/turns",
    "/webhooks/rest/webhook",
    "/webhooks/callback/webhook",
    "/conversations/x/tracker",
    "/conversations/x/tracker/events",
    "/conversations/x/trigger_intent",
    "/conversations/x/execute",
    "/socket.io/",
]
PROBE = """
import http.client, json, sys
found = []
for port in json.loads(sys.argv[2]):
    for path in json.loads(sys.argv[3]):
        for method in ("GET", "POST"):
            try:
                line = http.client.HTTPConnection(sys.argv[1], port, timeout=2)
                line.request(method, path, body="{}" if method == "POST" else None)
                found.append([port, path, method, line.getresponse().status])
            except OSError:
                pass
print(json.dumps(found))
"""


def ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (
        f"« ip {' '.join(words)} » : {done.stderr} (ce test crée des espaces réseau : il faut root)"
    )


@pytest.fixture(scope="module")
def machines():
    """Names of two network namespaces joined by a cable: the service's machine, and a stranger's."""
    tag = uuid4().hex[:6]
    server, client = f"guichet-s{tag}", f"guichet-c{tag}"
    ip("netns", "add", server)
    ip("netns", "add", client)
    ip("link", "add", f"gs{tag}", "netns", server, "type", "veth", "peer", "name", f"gc{tag}", "netns", client)
    for space, link, address in ((server, f"gs{tag}", SERVER), (client, f"gc{tag}", CLIENT)):
        ip("-n", space, "addr", "add", f"{address}/24", "dev", link)
        ip("-n", space, "link", "set", link, "up")
        ip("-n", space, "link", "set", "lo", "up")
    yield server, client
    for space in (server, client):
        ip("netns", "del", space)


class Service:
    """`bin/guichet run` on the server's machine."""

    def __init__(self, machine: str, folder: Path, **settings: str) -> None:
        self.machine, self.log = machine, folder / "log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("GUICHET_", "DATABASE_"))}
        environment |= {"GUICHET_VAR_DIR": str(folder)} | settings
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", machine, ROOT / "bin/guichet", "run"],
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        until(lambda: "Prêt." in self.log.read_text() or self.process.poll() is not None, 240, "the service is ready")
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        time.sleep(0.5)

    def listening(self) -> set[tuple[str, int]]:
        """(address, port) of every TCP socket that listens on this machine: all are the service's own."""
        told = subprocess.run(
            ["ip", "netns", "exec", self.machine, "cat", "/proc/net/tcp", "/proc/net/tcp6"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        rows = [line.split() for line in told.splitlines() if ":" in line.split()[0]]
        return {_address(row[1]) for row in rows if row[3] == "0A"}

    def udp(self) -> int:
        told = subprocess.run(
            ["ip", "netns", "exec", self.machine, "cat", "/proc/net/udp", "/proc/net/udp6", "/proc/net/raw"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        return sum(":" in line.split()[0] for line in told.splitlines())

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def _address(written: str) -> tuple[str, int]:
    address, port = written.split(":")
    if len(address) == 8:
        octets = [str(byte) for byte in reversed(bytes.fromhex(address))]
        return ".".join(octets), int(port, 16)
    return f"ipv6:{address}", int(port, 16)


def answers(machine: str, host: str, ports: list[int], paths: list[str]) -> list[list]:
    """[port, path, method, status] of what answers a machine's requests."""
    done = subprocess.run(
        ["ip", "netns", "exec", machine, sys.executable, "-c", PROBE, host, json.dumps(ports), json.dumps(paths)],
        capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_only_the_web_and_console_ports_answer_and_only_when_told(machines, tmp_path, tell):
    server, client = machines
    (tmp_path / "inside").mkdir()
    service = Service(server, tmp_path / "inside")
    try:
        listening = service.listening()
        assert {address for address, _ in listening} == {"127.0.0.1"}
        assert set(PORTS.values()) <= {port for _, port in listening}
        assert service.udp() == 0
        ports = sorted({port for _, port in listening})
        reached = answers(client, SERVER, ports, ["/", "/healthz"])
        inside = answers(server, "127.0.0.1", [PORTS["BRAIN"]], PRIVATE_ROUTES)
    finally:
        service.stop()
    tell(
        f"as it comes: {len(listening)} sockets listen ({ports}), all on 127.0.0.1; {len(reached)} answer from outside"
    )
    assert reached == []
    open_routes = {(path, method) for _, path, method, status in inside if status not in (404, 405)}
    assert open_routes == {("/", "GET"), ("/webhooks/guichet/", "GET"), ("/webhooks/guichet/turns", "POST")}

    (tmp_path / "outside").mkdir()
    service = Service(server, tmp_path / "outside", GUICHET_WEB_HOST=SERVER, GUICHET_CONSOLE_HOST=SERVER)
    try:
        listening = service.listening()
        ports = sorted({port for _, port in listening})
        paths = ["/healthz", *PRIVATE_ROUTES]
        reached = answers(client, SERVER, ports, paths)
    finally:
        service.stop()
    outside = {port for port, *_ in reached}
    private = {address for address, port in listening if port not in (PORTS["WEB"], PORTS["CONSOLE"])}
    tell(
        f"told to leave loopback: ports {sorted(outside)} answer from outside, of {ports} tried on {len(paths)} routes"
    )
    assert private == {"127.0.0.1"}
    assert outside == {PORTS["WEB"], PORTS["CONSOLE"]}
