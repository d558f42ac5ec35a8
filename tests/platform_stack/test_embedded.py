"""The embedded servers start, keep what they were given, explain themselves, leave nothing."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from newretail.platform import account, trouble
from newretail.platform.child import command_line, end_leftover
from newretail.platform.database import answers, connect
from newretail.platform.embedded import Cluster
from newretail.platform.embedded_valkey import Valkey, trouble_with
from newretail.platform.trouble import DiskFull, InUse, PlatformError, PortTaken


def test_a_cluster_keeps_its_data_port_and_password_over_a_restart(home: Path) -> None:
    first = Cluster(home, durable=False)
    address = first.start()
    connect(address).cursor().execute("CREATE TABLE kept AS SELECT 1 AS one")
    first.stop()
    assert not answers(address)
    second = Cluster(home, durable=False)
    assert second.start() == address
    cursor = connect(address).cursor()
    cursor.execute("SELECT one FROM kept")
    assert cursor.fetchone() == (1,)
    second.stop()
    assert not second.running


def test_a_cluster_is_utf8_with_scram_on_loopback_only(cluster: Cluster) -> None:
    cursor = connect(cluster.url).cursor()
    cursor.execute(
        "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories'),"
        " current_setting('max_connections'), current_setting('server_encoding'),"
        " (SELECT bool_and(auth_method = 'scram-sha-256') FROM pg_hba_file_rules),"
        " (SELECT datlocale FROM pg_database WHERE datname = 'postgres')"
    )
    assert cursor.fetchone() == ("127.0.0.1", "", "250", "UTF8", True, "C.UTF-8")


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(f"postgres://postgres:guess@127.0.0.1:{cluster.port}/postgres")


def test_secrets_are_private(cluster: Cluster) -> None:
    folder = cluster.home / "secret"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_taken_port_is_told_in_both_languages(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"端口被占用：{port}.* / port {port} .* is taken"):
            Cluster(home, durable=False, port=port).start()
        with pytest.raises(PortTaken):
            Valkey(home, port=port).start()


def test_a_second_holder_of_the_same_folder_is_refused(cluster: Cluster) -> None:
    with pytest.raises(InUse, match=f"pid {os.getpid()}"):
        Cluster(cluster.home).start()
    assert cluster.running


def test_initdb_explains_itself(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newretail.platform.embedded.INITDB", ("--locale=nowhere",))
    with pytest.raises(PlatformError, match=r"(?s)initdb 失败.*initdb failed.*nowhere"):
        Cluster(home).start()
    assert not (home / "pg18").exists()


def test_a_full_disk_is_told_before_anything_is_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "LEAST_FREE", 2**60)
    with pytest.raises(DiskFull, match=r"磁盘空间不足.* / the disk is full"):
        Cluster(home).start()
    assert not (home / "pg18").exists()


def test_root_without_an_account_is_told_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "ACCOUNTS", ("nobody-of-that-name",))
    with pytest.raises(PlatformError, match=r"需要系统账号.* / running as root needs an account"):
        account.account_for(home, home / "pg18")


def test_a_lost_password_file_is_told_at_the_start(home: Path) -> None:
    first = Cluster(home, durable=False)
    first.start()
    first.stop()
    (home / "secret" / "pg").unlink()
    with pytest.raises(PlatformError, match=r"无法登录内嵌数据库.* / cannot log in"):
        Cluster(home, durable=False).start()


def test_valkey_needs_its_password_and_keeps_its_keys(home: Path) -> None:
    first = Valkey(home)
    redis.Redis.from_url(first.start()).set("kept", "1")
    assert "authenticated" in str(trouble_with(f"redis://127.0.0.1:{first.port}/0"))
    first.stop()
    second = Valkey(home)
    client = redis.Redis.from_url(second.start())
    assert client.get("kept") == b"1"
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    second.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_killing_the_starter_leaves_no_server(home: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from newretail.platform.embedded import Cluster\n"
        "from newretail.platform.embedded_valkey import Valkey\n"
        f"home = Path({str(home)!r})\n"
        "Cluster(home, durable=False).start(); Valkey(home).start()\n"
        "print('up', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"up\n"
        servers = [int((home / name).read_text().split()[0]) for name in PID_FILES]
        assert all(map(command_line, servers))
        starter.kill()
    deadline = time.monotonic() + 10
    while any(map(command_line, servers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(command_line, servers))


PID_FILES = ("pg18/postmaster.pid", "valkey/valkey.pid")


def test_a_stale_pid_that_names_somebody_else_is_forgotten(home: Path) -> None:
    pidfile = home / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"]) as bystander:
        pidfile.write_text(f"{bystander.pid}\n")
        end_leftover(pidfile, words=str(home), stop=signal.SIGINT)
        assert bystander.poll() is None
        assert not pidfile.exists()
        bystander.kill()


def test_a_server_left_behind_is_ended_by_its_words(home: Path) -> None:
    pidfile = home / "postmaster.pid"
    command = ["sh", "-c", f"echo up; read never; : {home}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as left:
        assert left.stdout is not None
        left.stdout.readline()
        pidfile.write_text(f"{left.pid}\n")
        end_leftover(pidfile, words=str(home), stop=signal.SIGTERM)
        assert left.wait(5) == -signal.SIGTERM
    assert not pidfile.exists()
