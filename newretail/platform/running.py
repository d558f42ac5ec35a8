"""The run file: what serves this state folder now, and at which addresses."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from newretail.platform.database import answers
from newretail.platform.folder import read_json, write_private

RUN_FILE = "run.json"


@dataclass(frozen=True)
class Running:
    """Servers in use: who started them, their addresses, and where the site answers."""

    pid: int
    command: str
    environment: dict[str, str] = field(default_factory=dict)
    site: str = ""

    def __str__(self) -> str:
        """Name the holder for a sentence."""
        return ", ".join(filter(None, (f"manage.py {self.command}, pid {self.pid}", self.site)))


def announce(home: Path, running: Running) -> None:
    """Tell other commands of this state folder; the file holds passwords and is private."""
    write_private(home / RUN_FILE, json.dumps(asdict(running)))


def withdraw(home: Path) -> None:
    """Tell others that nothing runs any more."""
    (home / RUN_FILE).unlink(missing_ok=True)


def found(home: Path) -> Running | None:
    """Find what runs here; a file left by a killed run, whose database is silent, is nothing."""
    known = read_json(home / RUN_FILE)
    try:
        running = Running(**known)
    except TypeError:
        return None
    return running if answers(running.environment.get("DATABASE_URL", "")) else None
