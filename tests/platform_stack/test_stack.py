"""One stack per state folder; it refuses in a sentence and leaves nothing running."""

import io
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from newretail.platform.database import answers
from newretail.platform.embedded import Cluster
from newretail.platform.home import CHECKOUT
from newretail.platform.running import found
from newretail.platform.stack import Stack, planned
from newretail.platform.trouble import InUse, PortTaken


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))


def test_a_second_stack_of_the_same_folder_is_refused(home: Path) -> None:
    second = Stack(home, io.StringIO())
    with Stack(home, io.StringIO()), pytest.raises(InUse, match=r"正在被使用.*already in use"):
        second.__enter__()
    with Stack(home, io.StringIO()):
        pass


def test_the_data_servers_stand_where_they_were_planned_and_stop_with_the_stack(home: Path) -> None:
    os.environ.update(planned(home))
    promised = dict(os.environ)
    with Stack(home, io.StringIO()) as stack:
        stack.data()
        assert dict(os.environ) == promised
        running = found(home)
        assert running is not None
        assert running.environment["REDIS_URL"] == promised["REDIS_URL"]
    assert found(home) is None
    assert not answers(promised["DATABASE_URL"])
    assert not (home / "run.json").exists()


def test_a_planned_port_is_kept_from_others_until_the_server_takes_it(home: Path) -> None:
    port = Cluster(home).reserve_port()
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", port))
    cluster = Cluster(home, durable=False, port=port)
    cluster.start()
    assert cluster.port == port
    cluster.stop()


def test_stopping_twice_gives_the_signals_back(home: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stack(home, io.StringIO()) as stack:
        stack.stop()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_taken_web_port_is_told_before_anything_is_spawned(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with Stack(home, io.StringIO()) as stack, pytest.raises(PortTaken, match="web"):
            stack.serve("127.0.0.1", port)


def test_up_refuses_a_taken_port_in_one_sentence(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, "manage.py", "up", "--port", port]
        refused = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"端口被占用：{port}" in refused.stderr
    assert not (home / "pg18").exists()
