"""A gateway for tests: keeps what it took under its id, tells of it when asked, and misbehaves when told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Taken:
    """What a gateway took, in order, with the headers; what it answers, and whether it then hangs up instead."""

    bodies: list[dict[str, str]] = field(default_factory=list)
    raw: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    state: str = "sent"
    status: int = 200
    hangs_up: bool = False
    port: int = 0

    @property
    def url(self) -> str:
        """Give its address, by a name that a test resolves to this machine."""
        return f"http://gateway.example.com:{self.port}/messages"

    @property
    def ids(self) -> list[str]:
        """Give the ids in the order they came."""
        return [body["id"] for body in self.bodies]


@contextmanager
def listening() -> Iterator[Taken]:
    """Listen on a port of this machine; give what is taken."""
    taken = Taken()

    class Handler(BaseHTTPRequestHandler):
        """Takes a message, or tells of one."""

        def do_POST(self) -> None:
            """Take a message."""
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            taken.raw.append(({name.lower(): value for name, value in self.headers.items()}, body))
            taken.bodies.append(json.loads(body))
            if taken.hangs_up:
                self.close_connection = True
                self.connection.close()
                return
            self._say(taken.status)

        def do_GET(self) -> None:
            """Tell of a message."""
            self._say(200 if self.path.rpartition("/")[2] in taken.ids else 404)

        def _say(self, status: int) -> None:
            said = json.dumps({"state": taken.state}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    taken.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
