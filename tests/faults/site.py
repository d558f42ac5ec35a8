"""The product's commands run as processes of their own, that a test may kill."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.faults import parent

ROOT = Path(__file__).resolve().parents[2]
PROVE = os.environ.get("NEWRETAIL_PROVE") == "1"
KILLS = 200 if PROVE else 2


@dataclass(frozen=True)
class Site:
    """Runs manage.py against this worker's database."""

    urls: Any
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Give what a command finds in its environment."""
        return {
            **os.environ, "DATABASE_URL": self.urls.app_url, "DATABASE_OWNER_URL": self.urls.owner_url,
            "NEWRETAIL_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "newretail.settings.base", "WRITE_GUARD": "1",
            **more,
        }  # fmt: skip

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a command; environment variables are given by name."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment(**environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, **environment: str) -> tuple[int, str]:
        """Run a command to its end; give its exit code (-9 when killed) and the last line it printed."""
        with self.start(*words, **environment) as process:
            said, _ = process.communicate(timeout=120)
        return process.returncode, (said.splitlines() or [""])[-1]


@dataclass(frozen=True)
class LoadedSite(Site):
    """A site whose commands run in children of one process, in which the product is loaded: it takes seconds to load."""

    @cached_property
    def parent(self) -> "subprocess.Popen[str]":
        """Start the process they are born of."""
        return self.start("shell", "--no-imports", "-c", "from tests.faults import parent; parent.serve()")

    def run(self, *words: str, **environment: str) -> tuple[int, str]:
        """Run a command to its end, as `Site.run` does."""
        asked, told = self.parent.stdin, self.parent.stdout
        assert asked
        assert told
        print(json.dumps([words, self.environment(**environment)]), file=asked, flush=True)
        said = []
        while not (line := told.readline()).startswith(parent.ENDED):
            assert line, "".join(said)
            said.append(line)
        return int(line.removeprefix(parent.ENDED)), ("".join(said)[:-1].splitlines() or [""])[-1]

    def close(self) -> None:
        """End the process they are born of."""
        self.parent.communicate(timeout=parent.PATIENCE)
