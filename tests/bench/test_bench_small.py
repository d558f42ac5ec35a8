"""The bench runs: a tiny load on a server of its own, measured by most of its items, told in one table."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GIVEN = {"DATABASE_URL", "DATABASE_OWNER_URL", "NEWRETAIL_HOME", "DB_ROLE", "DJANGO_SETTINGS_MODULE", "WRITE_GUARD"}


@pytest.fixture(scope="module")
def told() -> dict:
    """What a run prints, and the figures it keeps."""
    environment = {name: value for name, value in os.environ.items() if name not in GIVEN}
    command = [
        sys.executable,
        "-m",
        "bench",
        "--scale",
        "tiny",
        "--items",
        "scores,browser,boards,tills,inbox,wallets,tasks,phones,commissions,pages",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    path = Path(done.stdout.rsplit(" · ", 1)[1].strip())
    kept = json.loads(path.read_text())
    path.unlink()
    return {"printed": done.stdout, **kept}


def test_every_figure_stands_in_the_table(told):
    assert [f["item"] for f in told["figures"] if f["item"] not in told["printed"]] == []


def test_scoring_day_by_day_equals_scoring_in_full(told):
    judged = {figure["item"]: figure["ok"] for figure in told["figures"]}
    assert judged["RFM day by day equals in full"]
    assert judged["equal values, equal scores"]


def test_a_tiny_run_judges_no_speed(told):
    assert {figure["ok"] for figure in told["figures"] if figure["ratio"] is not None} == {None}


def test_boards_equal_raw_orders_and_a_browser_brings_in_as_many_rows(told):
    judged = {figure["item"]: figure["ok"] for figure in told["figures"]}
    equal = [item for item in judged if item.endswith(("equals raw", "as many rows"))]
    assert len(equal) == 6
    assert all(judged[item] for item in equal)
