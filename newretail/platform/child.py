"""Server processes: each in a session of its own, and none outlives the process that started it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from newretail.platform.account import Account

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 25.0


def _dies_with(parent: int, death: signal.Signals) -> Callable[[], None]:
    """Prepare what the child does between fork and exec: ask for a signal when its parent dies."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def prepare() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


@dataclass(frozen=True)
class Plan:
    """How a server process runs, and with which signals it ends."""

    command: list[str]
    folder: Path
    log: Path | None = None
    account: Account | None = None
    environment: Mapping[str, str] | None = None
    stop: signal.Signals = signal.SIGTERM
    hurry: signal.Signals = signal.SIGQUIT
    death: signal.Signals = signal.SIGTERM


class Child:
    """One running process; on Linux it gets a signal when the thread that started it ends."""

    def __init__(self, name: str, plan: Plan, *, stdin: str = "") -> None:
        """Start it; with a log its output goes there, else to a pipe that does not block."""
        self.name, self.plan, self._rest = name, plan, b""
        self._log_start = plan.log.stat().st_size if plan.log and plan.log.exists() else 0
        target: Any = plan.log.open("ab") if plan.log else subprocess.PIPE
        self.process = subprocess.Popen(  # noqa: S603
            plan.command,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.STDOUT,
            env=dict(plan.environment or os.environ),
            cwd=plan.folder,
            start_new_session=True,
            preexec_fn=_dies_with(os.getpid(), plan.death),  # noqa: PLW1509
            **(plan.account.rights() if plan.account else {}),
        )
        if plan.log:
            target.close()
        elif self.process.stdout is not None:
            os.set_blocking(self.process.stdout.fileno(), False)
        if stdin and self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.write(stdin.encode())
                self.process.stdin.close()

    @property
    def running(self) -> bool:
        """Say whether the process lives."""
        return self.process.poll() is None

    @property
    def output(self) -> IO[bytes]:
        """Give the pipe that the process writes to."""
        if self.process.stdout is None:
            raise ValueError(f"the output of {self.name} goes to {self.plan.log}")
        return self.process.stdout

    def read_lines(self) -> list[str] | None:
        """Read the whole lines that wait in the pipe, without waiting; None at its end."""
        try:
            found = os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return []
        *lines, self._rest = (self._rest + found).split(b"\n")
        if not found and self._rest:
            lines, self._rest = [*lines, self._rest], b""
        elif not found:
            return None
        return [line.decode(errors="replace").rstrip() for line in lines]

    def written(self) -> str:
        """Read what it has written to its log since it started."""
        if self.plan.log is None:
            return ""
        with self.plan.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def end(self, *, seconds: float = STOP_SECONDS, meanwhile: Callable[[], object] = lambda: None) -> int:
        """Stop it: politely, then in a hurry, then with everything in its session."""
        for number, patience in ((self.plan.stop, seconds), (self.plan.hurry, 5.0)):
            if self.running:
                self.process.send_signal(number)
                self._await(patience, meanwhile)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)  # whatever of its session is left
        return self.process.wait()

    def _await(self, seconds: float, meanwhile: Callable[[], object]) -> None:
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            meanwhile()
            time.sleep(0.02)


def end_leftover(pidfile: Path, *, words: str, stop: signal.Signals) -> None:
    """End a server that an earlier run left behind, and forget its pid.

    It is ours only if `words` stand in its command line: the pid may name something else by now.
    """
    try:
        pid = int(pidfile.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    for number, seconds in ((stop, 30.0), (signal.SIGKILL, 5.0)):
        deadline = time.monotonic() + seconds
        if words in command_line(pid):
            os.kill(pid, number)
        while words in command_line(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
    pidfile.unlink(missing_ok=True)


def command_line(pid: int) -> str:
    """Give the command line of a process; empty when there is none."""
    known = Path("/proc") / str(pid) / "cmdline"
    if Path("/proc/self").exists():
        try:
            return known.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    ask = ["/bin/ps", "-o", "args=", "-p", str(pid)]
    shown = subprocess.run(ask, capture_output=True, text=True, check=False)  # noqa: S603
    return shown.stdout.strip()
