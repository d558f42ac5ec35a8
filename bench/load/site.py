"""The site under load: gunicorn with two workers, as production serves it, over the database of a bench."""

import os
import signal
import sys
import time
from typing import Any, Self
from urllib.request import Request, urlopen

from bench.ground import BIG, HOSTS, ROOT, Ground
from newretail.platform.child import Child, Plan
from newretail.platform.embedded_valkey import Valkey
from newretail.platform.ports import choose_port

READY_SECONDS = 60


class Site:
    """The web as production serves it, with two workers, over the ground's database; as a context."""

    def __init__(self, ground: Ground) -> None:
        self.valkey = Valkey(ground.home)
        self.home = ground.home
        self.port = choose_port()
        self.child: Child | None = None

    def __enter__(self) -> Self:
        """Start, and wait until it answers."""
        given = {
            "REDIS_URL": self.valkey.start(), "DJANGO_SETTINGS_MODULE": "newretail.settings.prod", "HOST": "127.0.0.1",
            "ALLOWED_HOSTS": HOSTS[BIG], "SECURE_SSL_REDIRECT": "0", "WEB_CONCURRENCY": "2", "PORT": str(self.port),
            "LOG_REQUESTS": "WARNING", "PROMETHEUS_MULTIPROC_DIR": str(self.home / "metrics"),
        }  # fmt: skip
        command = [sys.executable, "-m", "gunicorn", "-c", "python:newretail.gunicorn", "newretail.wsgi"]
        plan = Plan(command, ROOT, log=self.home / "web.log", environment={**os.environ, **given}, stop=signal.SIGINT)
        self.child = Child("web", plan)
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if not self.child.running or time.monotonic() > deadline:
                raise RuntimeError(self.child.written())
            time.sleep(0.1)
        return self

    def _answers(self) -> bool:
        try:
            with urlopen(Request(f"{self.address}/healthz", headers={"Host": HOSTS[BIG]}), timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    @property
    def address(self) -> str:
        """Give where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *_error: Any) -> None:
        """Stop it."""
        if self.child is not None:
            self.child.end()
        self.valkey.stop()
