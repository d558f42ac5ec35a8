"""One call of an endpoint: resolved once, every address judged, pinned to one of them, no redirect, nothing long."""

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

import httpcore

from newretail.kernel.webhooks import places
from newretail.kernel.webhooks.places import BadPlace, Place

CONNECT_SECONDS, READ_SECONDS, MOST_SECONDS = 5.0, 10.0, 15.0
ANSWER_BYTES = 500
MOST_PLACES = 2  # of a host's addresses that are tried
AGENT = "newretail-webhooks/1"
LONG_NUMBER = re.compile(r"\d{7,}")

# What became of a call that had no answer; the first that fits.
ERRORS: tuple[tuple[type[Exception], str], ...] = (
    (httpcore.TimeoutException, "timeout"),
    (UnicodeError, "bad_url"),
    (ssl.SSLError, "tls"),
    (httpcore.ConnectError, "no_connection"),
    (httpcore.NetworkError, "broken_off"),
    (httpcore.ProtocolError, "no_http"),
    (OSError, "no_connection"),
)


@dataclass(frozen=True)
class Outcome:
    """What an endpoint answered, its first bytes; or why it could not be asked."""

    status: int | None = None
    answer: str = ""
    error: str = ""
    millis: int = 0
    retry_after: int | None = None

    @property
    def arrived(self) -> bool:
        """Tell whether the message was taken."""
        return self.status is not None and 200 <= self.status < 300


def _resolve(host: str, port: int) -> list[Place]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadPlace("no_such_host") from None
    return [ip_address(str(each[4][0]).partition("%")[0]) for each in found]


class _Hurried(httpcore.NetworkStream):
    """A connection whose every step ends by one deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def _left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return min(left, timeout or left)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Hurried(self.stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class _Pinned(httpcore.NetworkBackend):
    """Connects to nothing but addresses that were judged; a host with one bad address is refused whole."""

    def __init__(self, wire: "Wire", deadline: float) -> None:
        self.wire, self.deadline = wire, deadline

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        found = list(dict.fromkeys(self.wire.resolve(host, port)))
        if not found or not all(self.wire.judge(place) for place in found):
            raise BadPlace("not_public")
        for left, place in reversed(list(enumerate(found[:MOST_PLACES]))):
            try:
                stream = httpcore.SyncBackend().connect_tcp(str(place), port, timeout, local_address, socket_options)
                return _Hurried(stream, self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not left:
                    raise
        raise BadPlace("no_such_host")


class NoAnswer(Exception):
    """Nobody answered, or not as was asked; the message names why, never where."""


@dataclass(frozen=True)
class Wire:
    """How calls go out; a test gives it another judge, another resolver, authorities of its own."""

    judge: Callable[[Place], bool] = places.is_public
    resolve: Callable[[str, int], list[Place]] = _resolve
    check: Callable[[str], object] = places.taken_apart
    authorities: Callable[[], ssl.SSLContext] = field(default=httpcore.default_ssl_context)
    most_seconds: float = MOST_SECONDS

    @cached_property
    def context(self) -> ssl.SSLContext:
        """Read the authorities once."""
        return self.authorities()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Send a message; whatever happens is an outcome."""
        began = time.monotonic()
        try:
            self.check(url)
            status, answer, told = self._ask("POST", url, headers, body, began + self.most_seconds)
        except BadPlace as bad:
            return Outcome(error=str(bad), millis=_since(began))
        except Exception as error:  # noqa: BLE001 - an endpoint never stops the others
            return Outcome(error=_named(error), millis=_since(began))
        retry = told.get(b"retry-after", b"").decode("ascii", "replace")
        seconds = int(retry) if retry.isdigit() and len(retry) < 7 else None
        return Outcome(status, _shown(answer), millis=_since(began), retry_after=seconds)

    def get(self, url: str, most: int) -> bytes:
        """Ask for what stands at an address, of at most so many bytes.

        Raises NoAnswer.
        """
        try:
            self.check(url)
            status, answer, _told = self._ask("GET", url, {}, b"", time.monotonic() + self.most_seconds, most + 1)
        except BadPlace as bad:
            raise NoAnswer(str(bad)) from None
        except Exception as error:  # noqa: BLE001 - whatever it was, there is no answer
            raise NoAnswer(_named(error)) from None
        if status != HTTPStatus.OK or len(answer) > most:
            raise NoAnswer(f"status {status}, {len(answer)} bytes")
        return answer

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, deadline: float, most: int = ANSWER_BYTES
    ) -> tuple[int, bytes, dict[bytes, bytes]]:
        usual = {"content-type": "application/json", "user-agent": AGENT, "accept-encoding": "identity"}
        given = list({**usual, **headers}.items())
        timeouts = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}
        backend = _Pinned(self, deadline)
        with (
            httpcore.ConnectionPool(ssl_context=self.context, network_backend=backend, max_connections=1) as pool,
            pool.stream(
                method, url.encode("ascii"), headers=given, content=body, extensions={"timeout": timeouts}
            ) as response,
        ):
            answer = b""
            for chunk in response.iter_stream():
                answer += chunk
                if len(answer) >= most:
                    break
            return response.status, answer[:most], {name.lower(): value for name, value in response.headers}


WIRE = Wire()


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _named(error: Exception) -> str:
    """Name what went wrong; a broken handshake hides behind a lost connection."""
    if isinstance(error.__cause__ or error.__context__, ssl.SSLError):
        return "tls"
    return next((code for kind, code in ERRORS if isinstance(error, kind)), "fault")


def _shown(answer: bytes) -> str:
    """Write what was answered without what could be somebody's number."""
    text = answer.decode("utf-8", "replace").replace("\0", "�")
    return LONG_NUMBER.sub(lambda found: f"{found[0][:2]}***", text)
