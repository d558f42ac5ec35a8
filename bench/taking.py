"""One import in a process of its own, watched: counts, and the most memory it and its reader held."""

import contextlib
import json
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

import django

from bench.ground import brand

PROC = Path("/proc")
EVERY = 0.02


def _peak(pid: str) -> int:
    """Give the most memory a process held so far, in KiB."""
    for line in (PROC / pid / "status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def _children() -> list[str]:
    tasks = (PROC / "self" / "task").iterdir()
    return [pid for task in tasks for pid in (task / "children").read_text().split()]


class Watch(threading.Thread):
    """Reads the children's high-water marks until told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[str, int] = {}
        self.over = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        while not self.over.wait(EVERY):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended while we looked
                for pid in _children():
                    self.peaks[pid] = max(self.peaks.get(pid, 0), _peak(pid))


def main(kind: str, path: str, code: str) -> dict[str, Any]:
    """Take the file in and tell what it took."""
    django.setup()
    importing = import_module("newretail.kernel.files.importing")
    clock = import_module("newretail.kernel.clock")
    watch = Watch()
    watch.start()
    with brand(code):
        result = importing.take_file(kind, Path(path), at=clock.now())
    watch.over.set()
    return {"created": result.created, "here": _peak("self"), "reader": max(watch.peaks.values(), default=0)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4])))
