"""Refunds over the API: per line, never more than paid, in whatever order things come."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.actions import parked
from members.models import Order, ParkedRefund, Refund
from newretail.kernel.actions import settings as brand_settings
from newretail.kernel.models import JournalEntry
from tests import world
from tests.api.machines import account, line, machine, order, post

State = ParkedRefund.State


@pytest.fixture
def till(noon):
    world.chain()
    return machine()


def refund(number="R1", **more):
    usual = {"refund_no": number, "order_no": "A1", "source": "pos", "line_no": 1, "amount": "30.00",
             "refunded_at": "2026-06-11T10:00:00+08:00"}  # fmt: skip
    return {**usual, **more}


def parked_states():
    return list(ParkedRefund.objects.order_by("pk").values_list("state", flat=True))


def test_a_refund_is_taken_once_told_again_and_never_changes(till):
    post(till, "orders", order(lines=[line()]))
    first, again = post(till, "refunds", refund()), post(till, "refunds", refund(refund_no="r1"))
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert post(till, "refunds", refund(amount="31.00")).json()["errors"][0]["code"] == "refund_differs"
    assert post(till, "refunds", refund("R2", amount="70.01")).json()["errors"][0]["code"] == "refund_exceeds"
    assert [each["refund_no"] for each in till.get("/api/v1/refunds").json()["items"]] == ["R1"]
    assert till.get("/api/v1/refunds?order_no=none").json()["items"] == []
    assert Order.objects.get().refunded_cents == 3_000


def test_a_refund_before_its_order_waits_and_goes_in_with_it(till):
    early = post(till, "refunds", refund())
    assert (early.status_code, early.json()["state"]) == (202, "parked")
    assert post(till, "refunds", refund()).status_code == 202
    assert post(till, "refunds", refund(amount="1.00")).json()["errors"][0]["code"] == "refund_differs"
    assert parked_states() == [State.WAITING]
    told = post(till, "orders", order("a1", lines=[line()])).json()
    assert told["refunded"] == "30.00"
    assert parked_states() == [State.APPLIED]
    assert post(till, "refunds", refund()).status_code == 200


def test_a_batch_tells_of_each_whether_it_went_in_waits_or_was_refused(till):
    post(till, "orders", order("A2"))
    given = [refund(), refund("R2", order_no="A2", line_no=0), refund("R3", order_no="A2", amount="99.00"),
             refund(), refund(amount="7.00"), refund("R4", refunded_at="2027-01-01T00:00:00Z")]  # fmt: skip
    told = post(till, "refunds:batch", {"refunds": given}).json()
    assert [each["state"] for each in told["results"]] == [
        "parked", "created", "refused", "parked", "refused", "refused",
    ]  # fmt: skip
    assert (told["parked"], told["created"], told["refused"]) == (2, 1, 3)
    assert ParkedRefund.objects.count() == 1


def test_an_order_that_comes_by_file_finds_its_refunds_at_the_next_relay(till):
    post(till, "refunds", refund(line_no=0))
    world.buy(world.order("A1", "100.00", "2026-06-10T10:00:00"))
    assert Order.objects.get().refunded_cents == 0
    assert (parked.apply(at=world.NOW), parked.apply(at=world.NOW)) == (1, 0)
    assert (Order.objects.get().refunded_cents, parked_states()) == (3_000, [State.APPLIED])


def test_what_the_books_refuse_keeps_its_reason_and_goes_in_when_sent_again_in_time(till):
    post(till, "refunds", refund(amount="130.00", line_no=0))
    post(till, "orders", order())
    row = ParkedRefund.objects.get()
    assert (row.state, row.reason, Refund.objects.count()) == (State.REFUSED, "refund_exceeds", 0)
    post(till, "orders", order(amount="150.00"))
    assert post(till, "refunds", refund(amount="130.00", line_no=0)).status_code == 201


def test_a_refund_whose_order_never_comes_expires_and_leaves_a_line(till):
    post(till, "refunds", refund())
    brand_settings.put(key="parked_refund_days", value=3, at=world.NOW)
    assert parked.expire(at=world.NOW + timedelta(days=3)) == 0
    assert parked.expire(at=world.NOW + timedelta(days=3, seconds=1)) == 1
    assert parked_states() == [State.EXPIRED]
    assert JournalEntry.objects.filter(name="members.refund.expired").count() == 1
    assert post(till, "refunds", refund()).status_code == 202
    assert parked_states() == [State.WAITING]


def test_a_key_of_one_store_refunds_no_order_of_another_not_by_waiting_either(till):
    post(till, "orders", order())
    other = machine(of=account("till-gz", store="GZ01"))
    assert post(other, "refunds", refund(line_no=0)).status_code == 202
    assert parked.apply(at=world.NOW) == 0
    assert (Order.objects.get().refunded_cents, parked_states()) == (0, [State.WAITING])
    post(till, "orders", order("A2", store_code="GZ01"))
    assert post(other, "refunds", refund(order_no="A2", line_no=0)).status_code == 201
    assert [each["order_no"] for each in other.get("/api/v1/refunds").json()["items"]] == ["A2"]


# A sale of two lines, its correction, a return of half a line, and the cancelling of the rest, as a till tells them.
STORY = (
    ("orders", order(lines=[line(1, amount="60.00"), line(2, sku="NUT", amount="40.00")])),
    ("refunds", refund("R1", line_no=1, amount="20.00")),
    ("refunds", refund("C", line_no=1, amount="40.00")),
    ("refunds", refund("C", line_no=2, amount="40.00")),
)


def final():
    return (
        list(Order.objects.values_list("order_no", "amount_cents", "refunded_cents")),
        sorted(Refund.objects.values_list("refund_no", "line_no", "amount_cents")),
    )


@settings(max_examples=24, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order_of=st.permutations(range(len(STORY))), again=st.sets(st.integers(0, len(STORY) - 1)))
def test_any_order_of_arrival_gives_one_final_state(till, order_of, again):
    from django.db import transaction

    with transaction.atomic():
        for number in order_of:
            for _ in range(2 if number in again else 1):
                answer = post(till, *STORY[number])
                assert answer.status_code in (200, 201, 202), answer.content
        assert final() == (
            [("A1", 10_000, 10_000)],
            [("C", 1, 4_000), ("C", 2, 4_000), ("R1", 1, 2_000)],
        )
        transaction.set_rollback(True)
