"""The state folder of the embedded servers: its shape, secrets, logs and locks."""

import contextlib
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import IO, Any

from newretail.platform.trouble import InUse, from_os, require_room

SECRETS = "secret"
LOGS = "log"
LARGEST_LOG = 10 * 1024 * 1024


def prepare(home: Path) -> None:
    """Make the state folder with its parts; secrets stay closed to everybody else.

    Refuses: PlatformError when the folder cannot be written or the disk is nearly full.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / LOGS).mkdir(exist_ok=True)
        (home / SECRETS).mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            home.chmod(0o755)  # the account that the servers run as must be able to enter
        require_room(home)
        probe = home / f".write.{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise from_os(error, home) from error


def kept_secret(folder: Path, name: str) -> str:
    """Read the secret of this name, or make and keep one (0600); two starts at once agree."""
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}"
        write_private(draft, secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, at no moment readable by others."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    draft.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Read a small JSON object; a file that is missing or torn says nothing."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    except OSError as error:
        raise from_os(error, path) from error
    return found if isinstance(found, dict) else {}


def open_log(home: Path, server: str) -> Path:
    """Name the server's log, set aside when it has grown large."""
    path = home / LOGS / f"{server}.log"
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path


class Lock:
    """A lock on a file of the state folder; the kernel frees it when its holder dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def _open(self) -> IO[str]:
        if self._file is None:
            try:
                self._file = self.path.open("a+")
            except OSError as error:
                raise from_os(error, self.path) from error
        return self._file

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Take the lock, or turn a lock that is held into the other kind; False when it is busy."""
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._open(), kind if wait else kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def claim(self, *, note: str) -> None:
        """Take the lock and leave a note saying who holds it.

        Refuses: InUse, with the note of the holder.
        """
        if not self.take():
            file = self._open()
            file.seek(0)
            who = file.read().strip()
            self.release()
            raise InUse(self.path.parent, who=who or self.path.name)
        self.note(note)

    def note(self, text: str) -> None:
        """Leave word, for those who find the lock held."""
        file = self._open()
        file.truncate(0)
        file.write(text)
        file.flush()

    def release(self) -> None:
        """Free the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None
