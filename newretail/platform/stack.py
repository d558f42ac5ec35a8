"""The whole site on one machine: data servers, migration, web, worker and beat, in order."""

import contextlib
import http.client
import os
import selectors
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from newretail.platform.child import Child, Plan
from newretail.platform.database import connect, provision, role_urls
from newretail.platform.embedded import Cluster
from newretail.platform.embedded_valkey import Valkey, trouble_with
from newretail.platform.folder import SECRETS, Lock, prepare
from newretail.platform.home import CHECKOUT
from newretail.platform.ports import reachable, require_free
from newretail.platform.running import Running, announce, withdraw
from newretail.platform.trouble import PlatformError, tail

DATABASE = "newretail"
HOLDER_LOCK = "lock"
READY_SECONDS = 90.0
WEB_THREADS = "8"
WORKERS = {
    "worker": ("celery", "2"),
    "queued": ("queued", "1"),
    "webhooks": ("webhooks", "2"),
}  # a lane of newretail/schedule.py, processes
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Celery frowns on root because messages could carry code; ours are JSON. Static files are found
# in place, so nothing is collected.
KNOWN_WARNINGS = ("ignore:You're running the worker with superuser", "ignore:No directory at")
ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def planned(home: Path) -> dict[str, str]:
    """Give the addresses that the environment lacks, where the embedded servers will stand."""
    addresses = {}
    if not os.environ.get("DATABASE_URL"):
        addresses.update(_database_addresses(Cluster(home)))
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(home)
        valkey.reserve_port()
        addresses["REDIS_URL"] = valkey.url
    return addresses


def _database_addresses(cluster: Cluster) -> dict[str, str]:
    cluster.reserve_port()
    urls = role_urls(cluster.url, DATABASE, secrets=cluster.home / SECRETS)
    return {"DATABASE_URL": urls.app_url, "DATABASE_OWNER_URL": urls.owner_url}


def started_database(cluster: Cluster) -> dict[str, str]:
    """Start the cluster with its two roles and give the addresses to put into the environment."""
    urls = provision(cluster.start(), DATABASE, secrets=cluster.home / SECRETS)
    return {"DATABASE_URL": urls.app_url, "DATABASE_OWNER_URL": urls.owner_url}


class Output(Protocol):
    """Where lines are told: a stream, or a command's own output."""

    def write(self, text: str, /) -> object:
        """Take some text."""

    def flush(self) -> object:
        """Show it now."""


class Stack:
    """Everything the site needs, as a context: whatever was started is stopped on the way out.

    Order: `data`, `migrate`, `serve`, `wait`. Call it from the main thread: it takes the signals,
    and the servers die with the thread that started them. One stack per state folder.
    """

    def __init__(self, home: Path, out: Output) -> None:
        """Name the state folder and where to tell what happens; nothing starts yet."""
        self.home, self.out = home, out
        self._born = time.monotonic()
        self._lock = Lock(home / HOLDER_LOCK)
        self._started = ExitStack()
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._signals: dict[int, Any] = {}
        self._running = Running(pid=os.getpid(), command=next(iter(sys.argv[1:2]), "up"))

    def __enter__(self) -> Self:
        """Take the state folder for ourselves.

        Refuses: InUse, naming who has it.
        """
        prepare(self.home)
        self._lock.claim(note=str(self._running))
        for number in STOPPING:
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # started under nohup
            self._signals[number] = signal.signal(number, _interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything."""
        self.stop()

    def data(self) -> None:
        """Start PostgreSQL and Valkey, or use those whose addresses are given; set the environment.

        Refuses: PlatformError when a server does not start or a given one does not answer.
        """
        cluster = Cluster(self.home)
        given = os.environ.get("DATABASE_URL")
        if not given or given == _database_addresses(cluster)["DATABASE_URL"]:
            cluster.asked_port = cluster.port or None
            self._started.callback(self._stop_server, cluster)
            os.environ.update(started_database(cluster))
            self._say("postgres", f"127.0.0.1:{cluster.port}")
        else:
            connect(given).close()
            os.environ.setdefault("DATABASE_OWNER_URL", given)
        self._queue()
        found = {name: os.environ[name] for name in ADDRESSES}
        self._running = replace(self._running, environment=found)
        self._started.callback(withdraw, self.home)
        announce(self.home, self._running)

    def _queue(self) -> None:
        valkey = Valkey(self.home)
        given = os.environ.get("REDIS_URL")
        valkey.reserve_port()
        if not given or given == valkey.url:
            valkey.asked_port = valkey.port
            self._started.callback(self._stop_server, valkey)
            os.environ["REDIS_URL"] = valkey.start()
            self._say("valkey", f"127.0.0.1:{valkey.port}")
        else:
            _require_queue(given)

    def migrate(self) -> None:
        """Bring the public schema and every brand's up to date, as the owner role.

        Refuses: PlatformError with the last lines of the migration.
        """
        command = [sys.executable, "manage.py", "migrate_schemas", "--noinput", "--no-color"]
        child = self._spawn("migrate", command, role="owner")
        lines: list[str] = []
        while child.running:
            lines += self._pump(0.1, show="Applying ")
        lines += self._pump(0.1, show="Applying ")
        self._children.remove(child)
        if child.end():
            raise PlatformError(
                "数据库迁移失败，输出末尾如下",
                "the migration failed; its output ends with",
                tail("\n".join(lines)),
            )
        self._say("migrate", "done")

    def serve(self, host: str, port: int) -> None:
        """Start web, worker and beat; when the site answers, print READY and its address.

        Refuses: PlatformError when the port is taken, a process ends, or the site stays silent.
        """
        require_free(port, host=host, use="web")
        python = sys.executable
        celery = [python, "-m", "celery", "--quiet", "-A", "newretail"]
        wake = ["worker", "-l", "WARNING", "--without-gossip", "--without-mingle"]
        web = [python, "-m", "gunicorn", "newretail.wsgi", "--bind", f"{host}:{port}"]
        web += ["--workers", "1", "--threads", WEB_THREADS, "--no-control-socket"]
        web += ["--graceful-timeout", "10", "--log-level", "warning"]
        for name, (lane, processes) in WORKERS.items():
            of_lane = ["-Q", lane, "-c", processes, "-n", f"{name}@%h"]
            self._spawn(name, [*celery, *wake, *of_lane], hurry=signal.SIGQUIT)
        self._spawn("beat", [*celery, "beat", "-l", "WARNING"], death=signal.SIGTERM)
        self._spawn("web", web, hurry=signal.SIGQUIT, death=signal.SIGQUIT)
        self._await_site(reachable(host), port)
        self._running = replace(self._running, site=f"http://localhost:{port}/")
        self._lock.note(str(self._running))
        announce(self.home, self._running)
        self._write(f"READY {self._running.site}\n")

    def wait(self) -> None:
        """Pass on what the processes say until Ctrl-C.

        Refuses: PlatformError when one of them ends by itself.
        """
        try:
            while True:
                self._pump(0.5)
                self._require_alive()
        except KeyboardInterrupt:
            self._write("\n")

    def stop(self) -> None:
        """Stop web, beat, worker, Valkey and PostgreSQL, in this order; again, it does nothing."""
        for number in self._signals:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not cut this short
        try:
            self._started.close()
        finally:
            self._lock.release()
            for number, handler in self._signals.items():
                signal.signal(number, handler)
            self._signals.clear()

    def _spawn(
        self,
        name: str,
        command: list[str],
        *,
        role: str = "app",
        hurry: signal.Signals = signal.SIGKILL,
        death: signal.Signals = signal.SIGKILL,
    ) -> Child:
        quiet = ",".join(filter(None, (os.environ.get("PYTHONWARNINGS"), *KNOWN_WARNINGS)))
        settings = {"DB_ROLE": role, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": quiet}
        plan = Plan(
            command=command,
            folder=CHECKOUT,
            environment={**os.environ, **settings},
            hurry=hurry,
            death=death,
        )
        child = Child(name, plan)
        self._selector.register(child.output, selectors.EVENT_READ, child)
        self._children.append(child)
        self._started.callback(self._stop_child, child)
        return child

    def _stop_child(self, child: Child) -> None:
        if child.running:
            self._say("up", f"stopping {child.name}")
        child.end(meanwhile=lambda: self._pump(0))
        self._pump(0)
        with contextlib.suppress(KeyError):  # its output has come to an end already
            self._selector.unregister(child.output)
        child.output.close()

    def _stop_server(self, server: Cluster | Valkey) -> None:
        if server.running:
            self._say("up", f"stopping {server.name}")
        server.stop()

    def _await_site(self, host: str, port: int) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self._pump(0.1)
            self._require_alive()
            if _healthy(host, port):
                return
        raise PlatformError(
            f"网站在 {READY_SECONDS:.0f} 秒内没有响应 /healthz，原因见上面的输出",
            f"the site did not answer /healthz within {READY_SECONDS:.0f} s; see the lines above",
        )

    def _require_alive(self) -> None:
        for child in self._children:
            if not child.running:
                self._pump(0)
                raise PlatformError(
                    f"{child.name} 意外结束（退出码 {child.process.returncode}），原因见上面的输出",
                    f"{child.name} ended by itself (exit code {child.process.returncode}); see the lines above",
                )

    def _pump(self, seconds: float, *, show: str = "") -> list[str]:
        """Pass on the lines that the processes wrote, waiting at most so long for the first."""
        seen: list[str] = []
        for key, _events in self._selector.select(seconds):
            child: Child = key.data
            lines = child.read_lines()
            if lines is None:
                self._selector.unregister(key.fileobj)
                continue
            for line in filter(lambda line: show in line, lines):
                self._say(child.name, line)
            seen += lines
        return seen

    def _say(self, name: str, text: str) -> None:
        self._write(f"{time.monotonic() - self._born:6.1f}s {name:<8} | {text}\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone while we still stop servers
            self.out.write(text)
            self.out.flush()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _require_queue(url: str) -> None:
    if reason := trouble_with(url):
        raise PlatformError(
            "连不上 REDIS_URL 指定的 Redis 或 Valkey，请检查地址与服务器",
            "cannot reach the Redis or Valkey named by REDIS_URL: check the address and the server",
            tail(reason),
        )
