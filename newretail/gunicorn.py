"""How gunicorn serves in production: `gunicorn -c python:newretail.gunicorn newretail.wsgi`."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from newretail.settings.logs import LOGGING

MOST_WORKERS = 8


def processors() -> int:
    """Count the processors we may use: the machine's, or the container's quota if less."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return here
    return min(here, max(1, int(quota) // int(period))) if quota.isdigit() else here


def shared_memory() -> str:
    """Name a folder in memory for the workers' heartbeats; on a slow disk they would seem dead."""
    folder = Path("/dev/shm")  # noqa: S108
    return str(folder) if os.access(folder, os.W_OK) else tempfile.gettempdir()


bind = f"{os.environ.get('HOST', '0.0.0.0')}:{os.environ.get('PORT', '8000')}"  # noqa: S104
workers = int(os.environ.get("WEB_CONCURRENCY") or min(MOST_WORKERS, processors() + 1))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 5000  # what a library leaks goes with its process
max_requests_jitter = 500
worker_tmp_dir = shared_memory()
control_socket_disable = True
logconfig_dict = {
    **LOGGING,
    "loggers": {
        **LOGGING["loggers"],
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},  # it would tell what was asked
    },
}


def on_starting(_server: Any) -> None:
    """Say where the processes keep their counters, and forget those of an earlier start."""
    usual = Path(tempfile.gettempdir()) / "newretail-metrics"
    folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(usual)))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first slot that no living one has; it goes on with that slot's counters."""
    taken = {getattr(other, "slot", None) for other in server.WORKERS.values()}
    worker.slot = next(number for number in range(len(taken) + 1) if number not in taken)


def post_fork(_server: Any, worker: Any) -> None:
    """Tell the counters their slot, before they are imported."""
    os.environ["NEWRETAIL_SLOT"] = str(worker.slot)
