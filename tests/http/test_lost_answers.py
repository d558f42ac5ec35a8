"""An answer that is lost, a twin that comes meanwhile, a process that dies: whoever sends again, it happened once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from django.db import transaction

from members.models import CouponEvent, Order, PointsAccount
from newretail.kernel import clock, sql
from newretail.kernel.models import JournalEntry, KeptAnswer
from tests import coupons as cast
from tests.http.served import PATIENCE, Answer, Till
from tests.members import purse

pytestmark = pytest.mark.django_db(transaction=True)
SPEND = "members/V1/points:spend"
SPENDING = {"source": "pos", "source_no": "S1", "points": 60}
ORDER = {"source": "pos", "order_no": "A1", "member_no": "V1", "store_code": "SH01", "amount": "10.00",
         "paid_at": "2026-05-10T10:00:00+08:00"}  # fmt: skip
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Sending:
    """A request that is under way while the test goes on."""

    def __init__(self, till: Till, body: Any, once: str) -> None:
        self.found: list[Answer | Exception] = []
        self.thread = Thread(target=self._send, args=(till, body, once))
        self.thread.start()

    def _send(self, till: Till, body: Any, once: str) -> None:
        try:
            self.found.append(till.send(SPEND, body, once))
        except OSError as error:
            self.found.append(error)

    @property
    def outcome(self) -> Any:
        """Wait for its answer, or for the error that it met."""
        self.thread.join(PATIENCE)
        return self.found[0]


@contextmanager
def held_up() -> Iterator[None]:
    """Let no spending of V1 go on while the block lasts."""
    with transaction.atomic():
        PointsAccount.objects.select_for_update().get(member__member_no="V1")
        yield


def waiting(count: int) -> None:
    """Come back when so many requests stand in the middle of their work.

    A transaction sees the connections of its first look until it says otherwise; a worker may open its own later.
    """
    deadline = time.monotonic() + PATIENCE
    while sql.rows(WAITING)[0][0] < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
        sql.rows("SELECT pg_stat_clear_snapshot()")


def spent() -> tuple[int, int]:
    """What V1 holds, and how often she has spent."""
    return purse.held()[0], JournalEntry.objects.filter(name="members.points.spent").count()


@pytest.fixture
def hundred(chain: Any) -> None:
    """A hundred points of V1."""
    purse.give(100)


def test_a_spending_whose_answer_is_lost_is_told_again_under_its_key(hundred, till):
    till.send_and_leave(SPEND, SPENDING, "k")
    again = till.send(SPEND, SPENDING, "k")
    assert (again.status, again.again, again.json()["points"]) == (201, True, 60)
    assert spent() == (40, 1)


def test_a_spending_whose_answer_is_lost_is_known_by_its_number_without_a_key(hundred, till):
    till.send_and_leave(SPEND, SPENDING)
    again = till.send(SPEND, SPENDING)
    assert (again.status, again.json()["points"]) == (200, 60)
    assert spent() == (40, 1)


def test_under_another_number_it_is_another_spending(hundred, till):
    """What the two above rest on: only the name makes them one."""
    till.send_and_leave(SPEND, {**SPENDING, "points": 30})
    till.send(SPEND, {**SPENDING, "points": 30, "source_no": "S2"})
    assert spent() == (40, 2)


def test_a_redemption_whose_answer_is_lost_is_told_again_with_and_without_its_key(chain, till):
    row = cast.coupon(cast.plan(), at=clock.now())
    shown = {"code": row.code, "source": "pos", "source_no": "A1", "amount": "100.00", "store_code": "SH01"}
    till.send_and_leave("coupons:redeem", shown, "k")
    told = [till.send("coupons:redeem", shown, once) for once in ("k", "")]
    assert [(answer.status, answer.json()["discount"]) for answer in told] == [(200, "5.00")] * 2
    assert CouponEvent.objects.filter(move="redeemed").count() == 1


def test_a_twin_in_flight_waits_and_meets_the_same_answer(hundred, till):
    with held_up():
        first = Sending(till, SPENDING, "k")
        waiting(1)
        twin = Sending(till, SPENDING, "k")
        waiting(2)
    assert (first.outcome.status, first.outcome.again) == (201, False)
    assert (twin.outcome.body, twin.outcome.again) == (first.outcome.body, True)
    assert spent() == (40, 1)


def test_a_twin_that_would_wait_too_long_is_told_and_another_body_is_refused(hundred, weak):
    with held_up():
        first = Sending(weak, SPENDING, "k")
        waiting(1)
        twin = weak.send(SPEND, SPENDING, "k")
    assert (twin.status, twin.json()["code"]) == (409, "in_flight")
    assert first.outcome.status == 201
    other = weak.send(SPEND, {**SPENDING, "points": 1}, "k")
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")
    assert spent() == (40, 1)


def test_a_request_whose_process_is_killed_while_it_waits_is_done_by_its_first_retry(hundred, till):
    with held_up():
        first = Sending(till, SPENDING, "k")
        waiting(1)
        till.served.kill_workers()
        assert isinstance(first.outcome, OSError)
    answer = till.send(SPEND, SPENDING, "k")
    assert (answer.status, answer.again) == (201, False)
    assert spent() == (40, 1)


def test_a_request_killed_before_it_commits_leaves_nothing_and_its_first_retry_does_it(hundred, weak):
    with pytest.raises(OSError):  # noqa: PT011 - the line breaks
        weak.send(SPEND, SPENDING, "k", **{"X-Failpoint": "points.spent=kill9"})
    assert (spent(), KeptAnswer.objects.count()) == ((100, 0), 0)
    answer = weak.send(SPEND, SPENDING, "k")
    assert (answer.status, answer.again) == (201, False)
    assert spent() == (40, 1)


def test_a_request_killed_behind_its_commit_gets_its_original_answer_at_the_first_retry(chain, weak, till):
    with pytest.raises(OSError):  # noqa: PT011 - the line breaks
        weak.send("orders", ORDER, "k", **{"X-Failpoint": "answer.kept=kill9"})
    assert (Order.objects.count(), KeptAnswer.objects.count()) == (1, 1)
    answer = till.send("orders", ORDER, "k")
    assert (answer.status, answer.again, answer.json()["order_no"]) == (201, True, "A1")
    assert till.send("orders", ORDER).status == 200
    assert Order.objects.count() == JournalEntry.objects.filter(name="members.order.recorded").count() == 1
