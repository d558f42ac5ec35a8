"""The page that gets integrators started does what it says: each of its blocks runs against a live site."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from members.models import Event, Member, Order, ParkedRefund
from tests.api import machines

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrators" / "getting-started.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUNNERS = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_block_runs_and_leaves_what_it_says(live_server, brand):
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert {kind for kind, _ in blocks} == set(RUNNERS)
    key = machines.key().text
    environment = {**os.environ, "URL": f"http://localhost:{live_server.thread.port}", "KEY": key, "NO_PROXY": "*"}
    for kind, text in blocks:
        run = subprocess.run(
            [*RUNNERS[kind], text], check=False, env=environment, capture_output=True, text=True, timeout=60
        )  # fmt: skip
        assert run.returncode == 0, f"{text}\n{run.stdout}\n{run.stderr}"
    assert sorted(Order.objects.values_list("order_no", "refunded_cents")) == [("GS-1", 0), ("GS-2", 2_800)]
    assert ParkedRefund.objects.get().state == ParkedRefund.State.APPLIED
    assert (Member.objects.filter(phone="+8613800138000").count(), Event.objects.count()) == (1, 1)
