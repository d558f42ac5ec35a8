"""`manage.py demo --logins` tells the kept logins as one JSON line, and what to do before there are any; nothing starts."""

import json
import os
import subprocess
import sys

from newretail.demo import logins
from newretail.platform.folder import write_private
from tests.architecture.tree import ROOT


def ask(home):
    """Ask as a person at the terminal does, without any server."""
    given = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    command = [sys.executable, "manage.py", "demo", "--logins"]
    environment = {**given, "NEWRETAIL_HOME": str(home), "DJANGO_SETTINGS_MODULE": "newretail.settings.base"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_kept_logins_are_told_as_one_line(tmp_path):
    kept = {"brand": "demo", **{role: {"username": role, "password": "p"} for role in logins.ROLES}}
    (tmp_path / "secret").mkdir(mode=0o700)
    write_private(tmp_path / "secret" / logins.FILE, json.dumps(kept))
    told = ask(tmp_path)
    assert (told.returncode, told.stdout.count("\n")) == (0, 1)
    assert json.loads(told.stdout) == kept
    assert not (tmp_path / "pg18").exists()


def test_before_there_is_a_demo_it_says_what_to_run(tmp_path):
    told = ask(tmp_path)
    assert told.returncode == 1
    assert "请先运行 make demo / no demo yet: run `make demo` first" in told.stderr
    assert not (tmp_path / "pg18").exists()
