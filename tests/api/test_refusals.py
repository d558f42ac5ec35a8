"""What the description shows of each status of a refusal is, word for word, what is answered; each stands there once."""

from pathlib import Path
from unittest import mock

import pytest
import yaml

from members.api import orders
from newretail.kernel import sql
from newretail.kernel.api import problems, refusals
from newretail.kernel.guard import writing
from tests import world
from tests.api import machines

KEPT = Path(__file__).resolve().parents[2] / "docs" / "integrators" / "openapi.yaml"
DESCRIBED = yaml.safe_load(KEPT.read_text(encoding="utf-8"))
SHARED = DESCRIBED["components"]["responses"]
LANGUAGES = {"zh": "zh-CN", "en": "en"}


@pytest.fixture
def chain(noon):
    world.chain()
    world.buy(world.order("A1", "1.00", "2026-06-10", member_no="V1"))


def till(language, *rights):
    """A system that may ask once a minute."""
    return machines.client(machines.key(*rights, of=machines.account("pos"), per_minute=1).text, language)


def push(language, *rights, **more):
    return machines.post(till(language, *rights), "orders", machines.order(**more))


def taken_meanwhile(**_given):
    """Write a row whose key another has written a moment ago."""
    with writing("tests"):
        sql.execute("INSERT INTO members_order SELECT * FROM members_order")


def push_what_is_taken(language):
    with mock.patch.object(orders.arrivals, "take", taken_meanwhile):
        return push(language)


def ask_twice(language):
    known = till(language)
    return [known.get("/api/v1/orders") for _ in range(2)][-1]


MET = {
    400: lambda language: till(language).get("/api/v1/orders?colour=red"),
    401: lambda language: machines.client("none", language).get("/api/v1/orders"),
    403: lambda language: push(language, "orders:view"),
    404: lambda language: till(language).get("/api/v1/orders/pos/none"),
    409: push_what_is_taken,
    422: lambda language: push(language, store_code="XX"),
    429: ask_twice,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", refusals.SHOWN)
def test_a_refusal_is_met_as_it_is_shown(status, language, chain):
    answer = MET[status](LANGUAGES[language])
    shown = SHARED[f"Problem{status}"]["content"][problems.TYPE]["examples"]
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, problems.TYPE)
    assert answer.json() == shown[language]["value"]


def test_each_operation_leads_to_the_refusals_that_stand_once():
    for path, methods in DESCRIBED["paths"].items():
        for operation in methods.values():
            refused = {status: told for status, told in operation["responses"].items() if status >= "4"}
            assert {"400", "401", "403", "429"} <= refused.keys(), path
            assert "404" in refused or "{" not in path, path
            assert all(told == {"$ref": f"#/components/responses/Problem{status}"} for status, told in refused.items())
