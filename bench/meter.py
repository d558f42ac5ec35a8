"""Wall clock and processor seconds of a piece of work: ours, our children's, and the database server's."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TypeVar

from django.db import connection

T = TypeVar("T")
TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True)
class Took:
    """Seconds: on the wall, on a processor here, on a processor in the server (None when it is on another host)."""

    wall: float
    here: float
    server: float | None

    @property
    def cpu(self) -> float:
        """Add up what is known of the processor seconds."""
        return self.here + (self.server or 0.0)

    @property
    def words(self) -> str:
        """Say both: "1.23 s (cpu 1.02)"."""
        return f"{spoken(self.wall)} (cpu {spoken(self.cpu)})"


def spoken(seconds: float) -> str:
    """Write seconds so that three digits tell."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def middle(took: list[Took]) -> Took:
    """Give the medians, each figure for itself."""
    servers = [t.server for t in took if t.server is not None]
    return Took(median(t.wall for t in took), median(t.here for t in took), median(servers) if servers else None)


def _stat(pid: str) -> list[str]:
    return (PROC / pid / "stat").read_text().rpartition(")")[2].split()


def postmaster() -> int | None:
    """Find the server's first process when it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    try:
        name = (PROC / str(backend) / "comm").read_text().strip()
        return int(_stat(str(backend))[1]) if name.startswith("postgres") else None
    except (FileNotFoundError, PermissionError):
        return None


def server_seconds(first: int | None) -> float | None:
    """Add up the processor seconds of all server processes, those that have ended included."""
    if first is None:
        return None
    ticks = sum(int(n) for n in _stat(str(first))[11:15])
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = _stat(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[1] == str(first):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def _seconds_here() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class Meter:
    """Measures pieces of work against one server."""

    def __init__(self) -> None:
        self.server = postmaster()

    def take(self, work: Callable[[], T]) -> tuple[T, Took]:
        """Do the work once; give its answer and what it took."""
        server, here, began = server_seconds(self.server), _seconds_here(), time.perf_counter()
        answer = work()
        wall, used = time.perf_counter() - began, _seconds_here() - here
        after = server_seconds(self.server)
        return answer, Took(wall, used, None if server is None or after is None else after - server)
