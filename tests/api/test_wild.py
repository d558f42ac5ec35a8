"""Requests nobody would think of, drawn from the description of the API, for three keys: none meets a fault."""

import json
import os
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, given, settings

from members.models import Order
from newretail.kernel.models import JobRun
from tests import world
from tests.api import machines

PROVING = bool(os.environ.get("NEWRETAIL_PROVE"))
EXAMPLES = 40 if PROVING else 2
ROLES = {
    "writer": (machines.ALL, None),
    "reader": (tuple(right for right in machines.ALL if right.endswith(":view")), None),
    "till": (machines.ALL, "SH01"),
}
QUIET = settings(
    max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_no_request_whatever_it_holds_meets_a_fault(role, noon, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    world.chain()
    world.buy(world.order("A1", "100.00", "2026-06-10T10:00:00", member_no="V1", store_code="SH01"))
    rights, store = ROLES[role]
    key = machines.key(*rights, of=machines.account(role, store), per_minute=60_000).text
    drawn = tmp_path / "openapi.yaml"
    call_command("spectacular", "--file", str(drawn))
    described = schemathesis.openapi.from_path(str(drawn))
    asked = 0
    for result in described.get_all_operations():
        operation = result.ok()
        asked += fuzz(operation, machines.client(key))
    assert asked > 40
    assert JobRun.objects.exists() or role != "writer" or not PROVING
    assert Order.objects.filter(order_no="A1", amount_cents=10_000).count() == 1


def fuzz(operation, client):
    """Ask at one address in so many ways; return how often."""
    asked = 0

    @QUIET
    @given(case=operation.as_strategy())
    def ask(case):
        nonlocal asked
        asked += 1
        sent = case.as_transport_kwargs(base_url="http://localhost")
        answer = send(client, sent)
        assert answer.status_code < 500, (sent, answer.content)

    ask()
    return asked


def send(client, sent):
    """Send what was drawn as the test's own client sends it."""
    path = sent["url"].removeprefix("http://localhost")
    query = urlencode(sent.get("params") or {}, doseq=True, errors="replace")
    headers = {
        name: value for name, value in (sent.get("headers") or {}).items() if value.isascii() and value.isprintable()
    }
    body = json.dumps(sent["json"]) if "json" in sent else ""
    return client.generic(
        sent["method"], quote(path, safe="/%:") + (f"?{query}" if query else ""), body,
        content_type="application/json", headers={k: v for k, v in headers.items() if k.lower() != "content-type"},
    )  # fmt: skip
