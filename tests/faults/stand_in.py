"""Stands where Rasa stands, in a process that a test can break: `python -m tests.faults.stand_in PORT FOLDER`.

It speaks the seam (brain/channel.py) and keeps its promise: a message id that it holds is rebuilt, not run again. Each
real run is a row of FOLDER/brain.db. What it does wrong is read from FOLDER/mode at each turn, empty when all is well.
"""

from __future__ import annotations

import json
import socket
import sqlite3
import struct
import sys
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LATENCY = 0.02  # seconds of a turn when all is well
BAD_BODIES = {
    "empty": b'{"utterances": [], "intent": "ceam", "decision": {}}',
    "blank": b'{"utterances": [{"text": " ", "custom": {}}], "intent": "ceam", "decision": {}}',
    "html": b"<html><body>It works!</body></html>",
    "list": b"[]",
    "half": b'{"utterances": [{"te',
    "foreign": b'{"utterances": "none", "intent": 3}',
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path
    turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def log_message(self, *args: object) -> None:
        """Nothing: the tests read the ledger."""

    def do_GET(self) -> None:
        self._send(503 if self._mode() == "no_model" else 200, b'{"status": "ok"}')

    def do_DELETE(self) -> None:
        self._send(204, b"")

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mode, _, value = self._mode().partition(":")
        if mode == "no_model":
            return self._send(503, b'{"error": "no model"}')
        if mode == "error":
            return self._send(500, b'{"error": "turn failed"}')
        if mode == "cut_before":
            return self._cut(b"")
        if mode in BAD_BODIES:
            return self._send(200, BAD_BODIES[mode])
        with self.turns[asked["sender"]]:
            body = json.dumps(self._run(asked, float(value) if mode == "slow" else LATENCY)).encode()
        if mode == "cut":
            return self._cut(body)
        if mode == "trickle":
            return self._trickle(body)
        return self._send(200, body)

    def _run(self, asked: dict, seconds: float) -> dict:
        with sqlite3.connect(self.folder / "brain.db", timeout=20) as ledger:
            held = ledger.execute(
                "SELECT reply FROM runs WHERE sender = ? AND message_id IN (?, ?)",
                (asked["sender"], asked["message_id"], asked.get("again")),
            ).fetchone()
            if held:
                return json.loads(held[0]) | {"replayed": True}
        time.sleep(seconds)
        said = asked.get("text") or asked.get("intent")
        utterance = {"text": f"Réponse à {said}", "custom": {"kind": "answer", "theme": "ceam"}}
        reply = {"utterances": [utterance], "intent": "ceam", "decision": {"reason": "compris"}, "ranking": []}
        with sqlite3.connect(self.folder / "brain.db", timeout=20) as ledger:
            ledger.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?)", (asked["sender"], asked["message_id"], said, json.dumps(reply))
            )
        return reply | {"replayed": False}

    def _mode(self) -> str:
        try:
            return (self.folder / "mode").read_text().strip()
        except FileNotFoundError:
            return ""

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _cut(self, body: bytes) -> None:
        """Half of the reply, then a reset."""
        if body:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _trickle(self, body: bytes) -> None:
        """One byte a second: no single read is late, the reply is."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(1)


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    Handler.folder = folder
    with sqlite3.connect(folder / "brain.db") as ledger:
        ledger.execute("PRAGMA journal_mode=WAL")
        ledger.execute("CREATE TABLE IF NOT EXISTS runs (sender TEXT, message_id TEXT, said TEXT, reply TEXT)")
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
