"""How a command finds its database: a given one, the running stack's, or one for its own time."""

import atexit
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from newretail.platform.database import database_of, may_create_roles, provision, require_fit
from newretail.platform.embedded import Cluster
from newretail.platform.folder import Lock, prepare
from newretail.platform.home import complete_addresses, secrets_home, state_home
from newretail.platform.running import Running, announce, found, withdraw
from newretail.platform.stack import HOLDER_LOCK, planned, started_database
from newretail.platform.trouble import InUse

NO_DATABASE = frozenset(
    (
        *("help", "version", "check", "diffsettings", "findstatic", "collectstatic", "spectacular"),
        *("makemigrations", "squashmigrations", "optimizemigration", "startapp", "startproject"),
        *("makemessages", "compilemessages", "compile_messages", "test"),
    )
)
ASKING = frozenset(("-h", "--help", "--logins"))  # answered without a database
SERVING = frozenset(("up", "demo"))
USERS_LOCK = "users.lock"
PATIENCE = 180.0
TELL_AFTER = 2.0


def attach(argv: list[str]) -> None:
    """Put the database's addresses into the environment, starting the embedded one where none runs.

    What is started for one command stops with the last command that uses it. `up` and `demo` start
    their own servers later, so they are only told where these will stand.

    Refuses: PlatformError in one sentence when there is no way to a database.
    """
    command = argv[1] if len(argv) > 1 else "help"
    if command in NO_DATABASE or command.startswith("-") or ASKING & set(argv):
        return
    home = state_home()
    complete_addresses()
    if given := os.environ.get("DATABASE_URL"):
        if sentence := require_fit(given):
            _tell(sentence)
        _complete()
    if command in SERVING:
        if running := found(home):
            raise InUse(home, who=str(running))
        os.environ.update(planned(home))
    elif not os.environ.get("DATABASE_URL"):
        prepare(home)
        _join(home, command)


def _complete() -> None:
    """Where one address is given, make the two roles there if that login may, else share it."""
    given = os.environ["DATABASE_URL"]
    if os.environ.get("DATABASE_OWNER_URL"):
        return
    if may_create_roles(given):
        urls = provision(given, database_of(given), secrets=secrets_home())
        os.environ["DATABASE_URL"] = urls.app_url
        os.environ["DATABASE_OWNER_URL"] = urls.owner_url
        return
    os.environ["DATABASE_OWNER_URL"] = given
    _tell(
        "DATABASE_OWNER_URL 未设置，且该账号不能建角色：迁移与网站将共用同一角色"
        " / DATABASE_OWNER_URL is not set and this login may not create roles:"
        " migrations and the site share one role, which may also change ledgers"
    )


def _join(home: Path, command: str) -> None:
    """Use the database that runs for this folder, or start it and lend it to the others."""
    users, holder = Lock(home / USERS_LOCK), Lock(home / HOLDER_LOCK)
    users.take(shared=True, wait=True)
    me = Running(pid=os.getpid(), command=command)
    began, told = time.monotonic(), False
    while True:
        if running := found(home):
            os.environ.update(running.environment)
            atexit.register(users.release)
            return
        if holder.take():
            break
        waited = time.monotonic() - began
        if waited > PATIENCE:
            holder.claim(note=str(me))
        if waited > TELL_AFTER and not told:
            told = True
            _tell("正在等待数据库启动或停止 / waiting for the database to start or stop")
        time.sleep(0.1)
    holder.claim(note=str(me))
    _Lender(home, users=users, holder=holder).lend(me)


class _Lender:
    """The database that one command started and others may use beside it."""

    def __init__(self, home: Path, *, users: Lock, holder: Lock) -> None:
        self.home, self.users, self.holder = home, users, holder
        self.pid = os.getpid()
        self.cluster = Cluster(home)

    def lend(self, me: Running) -> None:
        """Start it, tell the others, and see to it that it ends with us."""
        addresses = started_database(self.cluster)
        os.environ.update(addresses)
        announce(self.home, Running(pid=me.pid, command=me.command, environment=addresses))
        atexit.register(self.end)
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _leave)

    def end(self) -> None:
        """Wait for the others, then stop it."""
        if os.getpid() != self.pid:
            return  # a forked child on its way out
        try:
            with contextlib.suppress(KeyboardInterrupt):
                if not self.users.take():
                    _tell(
                        "正在等待其他命令用完数据库（Ctrl-C 立即停止）"
                        " / waiting for other commands that use the database (Ctrl-C stops it now)"
                    )
                    self.users.take(wait=True)
        finally:
            withdraw(self.home)
            self.cluster.stop()
            self.holder.release()
            self.users.release()


def _leave(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
