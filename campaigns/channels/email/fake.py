"""A mail server for tests: speaks enough SMTP, keeps what it took, and misbehaves when told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Taken:
    """What a server took, as raw text, and how it behaves: addresses it refuses, whether it breaks off after a text."""

    mails: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    breaks_off: bool = False
    port: int = 0


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with suppress(ConnectionError):
            self._talk(self.server.taken)  # type: ignore[attr-defined]

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _talk(self, taken: Taken) -> None:
        self._say("220 fake")
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT" and any(address in line for address in taken.refuses):
                self._say("550 nobody here")
            elif word == "DATA":
                self._say("354 go on")
                taken.mails.append("".join(iter(lambda: self.rfile.readline().decode(), ".\r\n")))
                if taken.breaks_off:
                    return
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    taken: Taken


@contextmanager
def listening() -> Iterator[Taken]:
    """Listen on a port of this machine; give what is taken."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.taken = Taken(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.taken
        finally:
            server.shutdown()
            thread.join()
