"""The product's commands run as processes of their own, that a test may kill."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROVE = os.environ.get("NEWRETAIL_PROVE") == "1"
KILLS = 200 if PROVE else 2


@dataclass(frozen=True)
class Site:
    """Runs manage.py against this worker's database."""

    urls: Any
    home: Path

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a command; environment variables are given by name."""
        given = {
            **os.environ, "DATABASE_URL": self.urls.app_url, "DATABASE_OWNER_URL": self.urls.owner_url,
            "NEWRETAIL_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "newretail.settings.base", "WRITE_GUARD": "1",
            **environment,
        }  # fmt: skip
        command = [sys.executable, "manage.py", *words]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=given,
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
