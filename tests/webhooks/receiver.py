"""A receiver on this machine, and a wire that may reach it: loopback is no public place, so a test says it is."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from newretail.kernel.webhooks.calls import Wire


@dataclass
class Heard:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers as it is told to, and keeps what it heard."""

    answer: Callable[[Heard], tuple[int, bytes]] = lambda _heard: (204, b"")
    heard: list[Heard] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://hooks.example.com:{self.port}/in"

    @property
    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.heard]


def wire(**more: Any) -> Wire:
    """A wire that takes every name for this machine, and this machine for a public place."""
    given = {"judge": lambda _place: True, "resolve": lambda _host, _port: [ip_address("127.0.0.1")],
             "check": urlsplit, **more}  # fmt: skip
    return Wire(**given)


@contextmanager
def listening(receiver: Receiver, context: Any = None) -> Iterator[Receiver]:
    """Let a receiver listen, with TLS where a context is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            heard = Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            receiver.heard.append(heard)
            status, said = receiver.answer(heard)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", said.decode())
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def dripping(first: bytes, drop: bytes, every: float) -> Iterator[int]:
    """A server that answers one drop at a time, for ever; gives its port."""
    import socket

    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        try:
            other, _ = listener.accept()
            with other:
                other.sendall(first)
                while not over.wait(every):
                    other.sendall(drop)
        except OSError:
            pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.close()
        thread.join(5)


def elapsed(act: Callable[[], Any]) -> tuple[Any, float]:
    """What an act gave, and how long it took."""
    began = time.monotonic()
    return act(), time.monotonic() - began
