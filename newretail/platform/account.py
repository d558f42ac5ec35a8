"""Whom the embedded servers run as: ourselves, or an unprivileged account when we are root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newretail.platform.trouble import PlatformError

ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Whom a server runs as when we are root."""

    name: str
    uid: int
    gid: int

    def rights(self) -> dict[str, Any]:
        """Give the arguments of subprocess that drop to this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may_enter(self, folder: Path) -> bool:
        """Say whether this account can reach the folder."""
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        tried = subprocess.run(  # noqa: S603
            command, cwd="/", capture_output=True, check=False, **self.rights()
        )
        return tried.returncode == 0


def account_for(home: Path, data: Path) -> Account | None:
    """Choose whom a server runs as: None (ourselves) unless we are root, then who owns its data.

    Refuses: PlatformError when no account serves, or it cannot reach the folder.
    """
    if os.geteuid() != 0:
        return None
    account = _owner(data) or next(filter(None, map(_named, ACCOUNTS)), None)
    if account is None:
        raise PlatformError(
            "以 root 运行时需要系统账号 postgres 或 nobody。请建立一个，或用普通用户运行，或设置 DATABASE_URL",
            "running as root needs an account named postgres or nobody: add one, run as a normal"
            " user, or set DATABASE_URL",
        )
    if not account.may_enter(home):
        raise PlatformError(
            f"账号 {account.name} 进不了 {home}。请用 NEWRETAIL_HOME 选一个它能进入的目录"
            "（如 /var/lib/newretail），或用普通用户运行",
            f"the account {account.name} cannot enter {home}: set NEWRETAIL_HOME to a folder it can"
            " reach (such as /var/lib/newretail), or run as a normal user",
        )
    return account


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _owner(data: Path) -> Account | None:
    """Find the account that owns a server's data already, which it must keep running as."""
    if not data.exists() or data.stat().st_uid == 0:
        return None
    status = data.stat()
    try:
        name = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        name = str(status.st_uid)
    return Account(name, status.st_uid, status.st_gid)


def own(path: Path, account: Account | None) -> None:
    """Give a file or folder to the account."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def runnable(package: Path, program: str, *, copy: Path, account: Account | None) -> Path:
    """Find a program of a wheel that the account can execute, copying the package where it must.

    `program` is a path below `package`; its libraries lie beside the package in `<package>.libs`.
    """
    if account is None or _runs(package / program, account):
        return package / program
    if not (copy / package.name / program).exists():
        _copy_readable(package, copy)
    return copy / package.name / program


def _copy_readable(package: Path, copy: Path) -> None:
    """Copy a package with its libraries so that anybody can read it; the copy stands whole or not at all."""
    draft = copy.with_name(copy.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(package, draft / package.name, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name)
    for path in (copy.parent, draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    shutil.rmtree(copy, ignore_errors=True)
    draft.rename(copy)


def _runs(program: Path, account: Account) -> bool:
    try:
        tried = subprocess.run(  # noqa: S603
            [program, "--version"], cwd="/", capture_output=True, check=False, **account.rights()
        )
    except OSError:
        return False
    return tried.returncode == 0
