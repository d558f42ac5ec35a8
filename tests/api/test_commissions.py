"""Commission over the API: statements and lines of a month, those of the key's stores, page by page; told when closed."""

from datetime import date
from decimal import Decimal

import pytest

from guides import hooks
from guides.actions import commission_months
from newretail.kernel.models import JournalEntry
from tests import earning, world
from tests.api import machines

STATEMENTS, ENTRIES = "/api/v1/commission-statements", "/api/v1/commission-entries"
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture(autouse=True)
def _paid(noon):
    earning.shops()
    earning.buy("A1", "100.00", "2026-04-10")
    earning.buy("A9", "50.00", "2026-04-11", staff_no="G9", member_no="V2", store_code="GZ01")
    earning.settle(APRIL)
    earning.refund("100.00")
    earning.buy("A2", "40.00", "2026-05-02")
    commission_months.compute(month=MAY, at=world.NOW)


def items(path=STATEMENTS, client=None, **query):
    answer = (client or machines.machine("guide_pay:view")).get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def test_a_statement_says_what_is_paid_and_what_was_carried():
    assert items(month="2026-05") == [
        {"month": "2026-05", "state": "computed", "staff_no": "G1", "earned": "-1.80", "recovered": "0.00",
         "carried": "1.80", "gross": "0.00", "debt_after": "1.80", "lines": 2, "reviewed_at": None}
    ]  # fmt: skip
    april = items(month="2026-04", client=machines.machine("guide_pay:view", of=machines.account("pay")))
    assert [(each["staff_no"], each["state"], each["gross"]) for each in april] == [
        ("G1", "paid", "3.00"), ("G9", "paid", "1.50")
    ]  # fmt: skip


def test_the_lines_of_a_person_and_a_month_add_up_to_what_she_earned():
    client = machines.machine("guide_pay:view")
    for statement in items(client=client):
        query = {"month": statement["month"], "staff_no": statement["staff_no"]}
        lines = items(ENTRIES, client, **query)
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(statement["earned"])
        assert len(lines) == statement["lines"]
    first = items(ENTRIES, client, order_no="A1")[0]
    told = ("kind", "base", "rate_bp", "share_bp", "amount", "level", "version", "source")
    assert [first[name] for name in told] == ["accrue", "100.00", 300, 10_000, "3.00", 1, 1, "pos"]


def test_pages_follow_each_other_and_tell_each_line_once():
    client, after, found = machines.machine("guide_pay:view"), "", []
    for _page in range(4):
        page = client.get(ENTRIES, {"limit": 1, **({"after": after} if after else {})}).json()
        found += [(each["order_no"], each["kind"]) for each in page["items"]]
        after = page["next"]
    assert (after, found) == (None, [("A1", "accrue"), ("A9", "accrue"), ("A1", "claw_back"), ("A2", "accrue")])


@pytest.mark.parametrize("month", ["2026-13", "May", "202605", "２０２６-05", ""])
def test_what_is_no_month_is_refused(month):
    client = machines.machine("guide_pay:view")
    for path in (STATEMENTS, ENTRIES):
        answer = client.get(path, {"month": month})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_parameter")


def test_a_key_of_one_store_reads_what_its_own_guides_earned():
    till = machines.machine("guide_pay:view", of=machines.account("till", "GZ01"))
    assert [each["staff_no"] for each in items(client=till)] == ["G9"]
    assert [each["order_no"] for each in items(ENTRIES, till)] == ["A9"]


def test_without_the_right_nothing_is_told():
    client = machines.machine("members:view")
    assert [client.get(path).status_code for path in (STATEMENTS, ENTRIES)] == [403, 403]


def test_a_closed_month_is_told_person_by_person():
    line = JournalEntry.objects.get(name="guides.commission_month.closed")
    assert [(row["month"], row["staff_no"], row["gross"]) for row in hooks.closed_statements(line)] == [
        ("2026-04", "G1", "3.00"), ("2026-04", "G9", "1.50")
    ]  # fmt: skip
