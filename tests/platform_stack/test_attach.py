"""A command finds its database: the given one, the running one, or one started for its own time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newretail.platform import database
from newretail.platform.attach import attach
from newretail.platform.database import Urls, connect, provision
from newretail.platform.embedded import Cluster
from newretail.platform.home import CHECKOUT
from newretail.platform.running import Running, announce, found
from newretail.platform.trouble import PlatformError

COMMAND = """
import os, sys
from newretail.platform.attach import attach
from newretail.platform.database import connect
attach(["manage.py", "verify_books"])
cursor = connect(os.environ["DATABASE_URL"]).cursor()
cursor.execute("SELECT pg_postmaster_start_time()::text, current_user")
print(*cursor.fetchone(), flush=True)
sys.stdin.readline()
cursor.execute("SELECT 1")
"""


def start() -> "subprocess.Popen[str]":
    """Start a command that uses the database until its input ends."""
    pipe = subprocess.PIPE
    program = [sys.executable, "-c", COMMAND]
    return subprocess.Popen(program, stdin=pipe, stdout=pipe, text=True, cwd=CHECKOUT)


def end_input(command: "subprocess.Popen[str]") -> None:
    """Let the command go on to its end."""
    assert command.stdin is not None
    command.stdin.close()


def first_line(command: "subprocess.Popen[str]") -> str:
    """Read what it said first."""
    assert command.stdout is not None
    return command.stdout.readline()


@pytest.mark.parametrize("command", ["check", "makemigrations", "--version", "help"])
def test_commands_without_a_database_start_nothing(home: Path, command: str) -> None:
    attach(["manage.py", command])
    attach(["manage.py", "migrate", "--help"])
    assert "DATABASE_URL" not in os.environ
    assert not list(home.iterdir())


def test_two_commands_at_once_share_one_server_until_the_last_is_done(home: Path) -> None:
    with start() as lender, start() as guest:
        told = first_line(lender)
        assert "newretail_app" in told
        assert first_line(guest) == told
        end_input(lender)
        end_input(guest)
        assert (lender.wait(20), guest.wait(20)) == (0, 0)
    assert not (home / "run.json").exists()
    assert not (home / "pg18" / "postmaster.pid").exists()


def test_the_one_who_started_it_waits_for_the_others(home: Path) -> None:
    with start() as lender:
        first_line(lender)
        with start() as guest:
            first_line(guest)
            end_input(lender)
            with pytest.raises(subprocess.TimeoutExpired):
                lender.wait(1)
            assert guest.poll() is None
            end_input(guest)
            assert guest.wait(20) == 0
        assert lender.wait(20) == 0


def test_a_terminated_command_takes_its_server_along(home: Path) -> None:
    with start() as command:
        first_line(command)
        command.terminate()
        assert command.wait(20) == 143
    assert not (home / "pg18" / "postmaster.pid").exists()


def test_the_running_stack_is_used(home: Path, urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    addresses = {"DATABASE_URL": urls.app_url, "DATABASE_OWNER_URL": urls.owner_url}
    announce(home, Running(pid=1, command="up", environment={**addresses, "REDIS_URL": "redis://x"}))
    attach(["manage.py", "verify_books"])
    assert os.environ["DATABASE_OWNER_URL"] == urls.owner_url
    assert os.environ["REDIS_URL"] == "redis://x"
    assert not (home / "pg18").exists()


def test_what_a_killed_run_left_counts_for_nothing(home: Path) -> None:
    gone = "postgres://newretail_app:x@127.0.0.1:1/newretail"
    announce(home, Running(pid=1, command="up", environment={"DATABASE_URL": gone}))
    assert found(home) is None


def test_a_given_administrator_makes_the_two_roles(own_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(own_cluster.url).cursor().execute("CREATE DATABASE given")
    given = own_cluster.url.removesuffix("postgres") + "given"
    monkeypatch.setattr(os, "environ", {**os.environ, "DATABASE_URL": given})
    attach(["manage.py", "verify_books"])
    assert "//newretail_app:" in os.environ["DATABASE_URL"]
    assert "//newretail_owner:" in os.environ["DATABASE_OWNER_URL"]
    assert os.environ["DATABASE_URL"].endswith("/given")


def test_a_given_login_without_that_right_serves_for_both_and_is_told(
    home: Path,
    urls: Urls,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "DATABASE_URL": urls.owner_url})
    attach(["manage.py", "verify_books"])
    assert os.environ["DATABASE_OWNER_URL"] == urls.owner_url
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "DATABASE_OWNER_URL is not set" in told


def test_a_given_server_that_is_too_old_is_refused_in_a_sentence(
    home: Path, urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "DATABASE_URL": urls.owner_url})
    attach(["manage.py", "verify_books"])
    monkeypatch.setattr(database, "OLDEST_SERVER", 990000)
    with pytest.raises(PlatformError, match=r"需要 18 或更新版本 / .* is PostgreSQL 18; 18 or newer is needed"):
        attach(["manage.py", "verify_books"])


@pytest.mark.parametrize(("locale", "told"), [("LOCALE_PROVIDER libc LOCALE 'C'", 1), (database.LOCALE, 0)])
def test_a_given_database_in_another_locale_is_told_and_used(
    own_cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    locale: str,
    told: int,
) -> None:
    connect(own_cluster.url).cursor().execute(f"CREATE DATABASE given TEMPLATE template0 {locale}")
    given = own_cluster.url.removesuffix("postgres") + "given"
    monkeypatch.setattr(os, "environ", {**os.environ, "DATABASE_URL": given})
    attach(["manage.py", "verify_books"])
    said = capsys.readouterr().err
    assert said.count("does not use the builtin locale C.UTF-8") == told
    assert os.environ["DATABASE_URL"].endswith("/given")


def test_a_database_that_is_made_has_the_builtin_locale(own_cluster: Cluster) -> None:
    made = provision(own_cluster.url, "made", secrets=own_cluster.home / "secret")
    assert database.require_fit(made.app_url) == ""
