"""The product served as in production: gunicorn with two worker processes, and clients that speak to it by a socket."""

import http.client
import json
import os
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newretail.platform.child import Child, Plan
from newretail.platform.ports import choose_port

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
PATIENCE = 60  # seconds until the site, or an answer of it, counts as lost
GIVEN = {
    "DJANGO_SETTINGS_MODULE": "newretail.settings.prod", "ALLOWED_HOSTS": "localhost", "SECURE_SSL_REDIRECT": "0",
    "SECRET_KEY": "tests only", "WRITE_GUARD": "1", "HOST": "127.0.0.1", "WEB_CONCURRENCY": str(WORKERS),
    "LOG_LEVEL": "WARNING", "LOG_REQUESTS": "WARNING",
}  # fmt: skip
CUT_OFF = struct.pack("ii", 1, 0)  # linger for no time: the line is cut, not closed


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the wire; `again` where an earlier one was given once more."""

    status: int
    body: bytes
    again: bool = False

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body)


class Served:
    """The site at work; whatever it does, it may be killed."""

    def __init__(self, urls: Any, home: Path, application: str = "newretail.wsgi") -> None:
        self.port = choose_port()
        command = [sys.executable, "-m", "gunicorn", "-c", "python:newretail.gunicorn", application]
        environment = {
            **os.environ, **GIVEN, "DATABASE_URL": urls.app_url, "NEWRETAIL_HOME": str(home), "PORT": str(self.port),
            "PROMETHEUS_MULTIPROC_DIR": str(home / "metrics"),
        }  # fmt: skip
        home.mkdir(exist_ok=True)
        self.child = Child("web", Plan(command, ROOT, log=home / "web.log", environment=environment))
        self._await_answer()

    def _await_answer(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.child.running, self.child.written()
            assert time.monotonic() < deadline, self.child.written()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return _asked(self.port, "GET", "/healthz", b"", {}).status == 200
        except OSError:
            return False

    @property
    def workers(self) -> list[int]:
        """Give the process ids of the workers."""
        pid = self.child.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_workers(self) -> None:
        """Kill every worker, whatever it is doing; their master starts others."""
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """Kill all of it at once."""
        os.killpg(self.child.process.pid, signal.SIGKILL)
        self.child.process.wait()


def _asked(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request(method, path, body, {"Host": "localhost", **headers})
        answer = line.getresponse()
        return Answer(answer.status, answer.read(), answer.getheader("Idempotent-Replayed") == "true")
    finally:
        line.close()


@dataclass(frozen=True)
class Till:
    """A system that holds a key and sends to a site over the wire."""

    served: Served
    key: str

    def send(self, path: str, body: Any, once: str = "", **more: str) -> Answer:
        """Send a body; `once` is its Idempotency-Key."""
        return _asked(self.served.port, "POST", f"/api/v1/{path}", *self._written(body, once, more))

    def ask(self, path: str) -> Any:
        """Ask for something."""
        answer = _asked(self.served.port, "GET", f"/api/v1/{path}", b"", self._written({}, "", {})[1])
        assert answer.status == 200, answer
        return answer.json()

    def send_and_leave(self, path: str, body: Any, once: str = "") -> None:
        """Send a body, and be cut off as the answer arrives: it is on the way and nobody reads it."""
        text, headers = self._written(body, once, {})
        line = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE)
        line.request("POST", f"/api/v1/{path}", text, {"Host": "localhost", **headers})
        line.sock.recv(1, socket.MSG_PEEK)
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CUT_OFF)
        line.close()

    def _written(self, body: Any, once: str, more: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **more}
        headers |= {"Idempotency-Key": once} if once else {}
        return json.dumps(body).encode(), headers
