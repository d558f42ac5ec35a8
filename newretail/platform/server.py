"""What embedded servers share: one holder, a remembered port, a clean start and stop."""

import os
import time
from abc import ABC, abstractmethod
from pathlib import Path

from newretail.platform.account import Account, account_for
from newretail.platform.child import Child, Plan
from newretail.platform.folder import Lock, prepare
from newretail.platform.ports import choose_port, hold, let_go, remember_port, remembered_port, require_free
from newretail.platform.trouble import PortTaken, from_log, from_os

PORT_TRIES = 3


class EmbeddedServer(ABC):
    """A server on loopback whose data, password and port are kept in the state folder.

    The process that starts it holds it alone; when that process dies, so does the server (on
    Linux at once; elsewhere the next start ends what was left).
    """

    name: str
    label: str
    data_name: str
    usual_port: int
    start_seconds: float
    stop_seconds: float

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        """Name the server; nothing starts yet. A given port is used or refused, never replaced."""
        self.home, self.asked_port = home, port
        self.data = home / self.data_name
        self.port = 0
        self._lock = Lock(home / f"{self.name}.lock")
        self._child: Child | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Give the address, password included."""

    @property
    def running(self) -> bool:
        """Say whether the server that we started lives."""
        return self._child is not None and self._child.running

    @abstractmethod
    def _ready_data(self, account: Account | None) -> Path:
        """End what an earlier run left, make the data folder where needed, and name the program."""

    @abstractmethod
    def _plan(self, program: Path, account: Account | None) -> tuple[Plan, str]:
        """Say how the server runs on the chosen port, and what it reads from its standard input."""

    @abstractmethod
    def _answers(self, child: Child) -> bool:
        """Say whether the server takes work now."""

    def reserve_port(self) -> int:
        """Choose the port of the next start, remember it, and keep it from others until then.

        Refuses: PortTaken, when the port was asked for by number.
        """
        prepare(self.home)
        if self.asked_port is not None:
            require_free(self.asked_port, host="127.0.0.1", use=self.label)
        known = remembered_port(self.home, self.name)
        self.port = self.asked_port or choose_port(known, self.usual_port)
        remember_port(self.home, self.name, self.port)
        hold(self.port)
        return self.port

    def start(self) -> str:
        """Start the server, making its data the first time, and give its address.

        Refuses: PlatformError (port taken, disk full, no account, already in use, its own words).
        """
        if self.running:
            return self.url
        prepare(self.home)
        self._lock.claim(note=f"pid {os.getpid()}")
        try:
            account = account_for(self.home, self.data)
            self._launch(self._ready_data(account), account)
        except BaseException as error:
            self.stop()
            if isinstance(error, OSError):
                raise from_os(error, self.home) from error
            raise
        return self.url

    def stop(self) -> None:
        """Stop the server; what it has promised to keep is on disk."""
        if self._child is not None:
            self._child.end(seconds=self.stop_seconds)
            self._child = None
        self._lock.release()

    def _launch(self, program: Path, account: Account | None) -> None:
        """Start the process; where a port of our choosing was snatched meanwhile, try another."""
        for attempt in range(PORT_TRIES):
            self.reserve_port()
            plan, stdin = self._plan(program, account)
            let_go(self.port)
            self._child = Child(self.name, plan, stdin=stdin)
            try:
                self._await_answer(self._child)
            except PortTaken:
                if self.asked_port is not None or attempt == PORT_TRIES - 1:
                    raise
            else:
                return

    def _await_answer(self, child: Child) -> None:
        deadline = time.monotonic() + self.start_seconds
        while child.running and time.monotonic() < deadline:
            if self._answers(child):
                return
            time.sleep(0.02)
        raise from_log(child.written(), server=self.label, folder=self.home, port=self.port)
