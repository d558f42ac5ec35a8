"""Many workers at the wire and at the inbox: each message claimed by one, taken once, in nobody's way."""

import threading
from collections import Counter

import pytest

from newretail.kernel.actions import deliveries, endpoints, inbox, sources
from newretail.kernel.api.inbox import items_of
from newretail.kernel.models import Delivery, InboxMessage
from newretail.kernel.registry import TABLES, Taker
from newretail.kernel.webhooks.calls import Outcome
from tests import world
from tests.api.machines import account
from tests.races.race import PATIENCE, RACERS, Beside, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
URL = "https://hooks.example.com/in"
# A statement that has begun lets the other's go on, and waits until that one has begun too.
CLAIM_TOGETHER = deliveries.CLAIM.replace(
    "WITH room", "WITH met AS (SELECT pg_advisory_unlock(%(mine)s), pg_advisory_lock_shared(%(other)s)), room"
).replace("FROM kernel_endpoint e WHERE", "FROM met, kernel_endpoint e WHERE")


@pytest.fixture
def waiting(brand):
    """Two endpoints with twelve deliveries each."""
    for _ in range(2):
        endpoint = endpoints.add(url=URL, at=world.NOW, by=None).endpoint
        for _ in range(12):
            endpoints.ping(endpoint=endpoint, at=world.NOW, by=None)


def claim(_number=0, most=3):
    return deliveries.claim(at=world.NOW, most=most)


def claimed(outcomes):
    return Counter(call.delivery for calls in outcomes for call in calls)


@pytest.mark.prove
def test_workers_at_once_claim_each_delivery_once_and_no_endpoint_more_than_it_takes(brand, waiting):
    outcomes = race(brand, RACERS, claim)
    assert errors(outcomes) == []
    assert set(claimed(outcomes).values()) == {1}
    of_each = Counter(Delivery.objects.filter(state="claimed").values_list("endpoint", flat=True))
    assert of_each
    assert max(of_each.values()) <= 2


def claim_together(brand, monkeypatch):
    """Let two claim whose statements both have begun, and see the same rows, before either takes any."""
    own, held, rows = threading.local(), threading.Barrier(2), deliveries.sql.rows

    def begin(number):
        own.number = number
        rows("SELECT pg_advisory_lock(%(mine)s)", {"mine": number})
        held.wait(PATIENCE)
        return claim()

    def look(statement, params):
        if statement != deliveries.CLAIM:
            return rows(statement, params)
        return rows(CLAIM_TOGETHER, {**params, "mine": own.number, "other": 1 - own.number})

    with monkeypatch.context() as patched:
        patched.setattr(deliveries.sql, "rows", look)
        return race(brand, 2, begin)


def test_without_the_lock_an_endpoint_is_called_more_often_at_once_than_it_takes(brand, waiting, monkeypatch):
    monkeypatch.setattr(deliveries, "LOCK", deliveries.LOCK.partition("FOR NO KEY")[0])
    outcomes = claim_together(brand, monkeypatch)
    assert errors(outcomes) == []
    assert set(claimed(outcomes).values()) == {2}


def test_a_claim_under_way_keeps_no_other_endpoint_waiting(brand, waiting):
    from django.db import transaction

    with transaction.atomic():
        deliveries.sql.rows(
            deliveries.LOCK.replace("ORDER BY", "AND e.id = (SELECT min(id) FROM kernel_endpoint) ORDER BY"),
            {"at": world.NOW},
        )
        assert len(Beside(brand, claim).start(20).answer) == 2


def test_a_record_that_came_after_its_claim_ran_out_changes_nothing_but_is_kept(brand):
    endpoints.ping(endpoint=endpoints.add(url=URL, at=world.NOW, by=None).endpoint, at=world.NOW, by=None)
    late = claim()[0]
    at = world.NOW + deliveries.LEASE
    again = deliveries.claim(at=at, most=8)[0]
    assert (again.ref, again.number) == (late.ref, 2)
    deliveries.record(call=again, outcome=Outcome(200), at=at)
    deliveries.record(call=late, outcome=Outcome(500), at=at)
    row = Delivery.objects.get(pk=late.delivery)
    assert (row.state, row.calls.count()) == ("delivered", 2)


@pytest.fixture
def mall(brand):
    world.chain()
    return sources.add(code="mall", account=account("mall"), kinds={"a": "orders"}, at=world.NOW, by=None).source


def receive(mall, ref="m1", body=b'{"type": "a", "data": {}}'):
    return inbox.receive(source=mall, ref=ref, kind="a", body=body, at=world.NOW)


@pytest.mark.prove
def test_one_id_sent_by_many_at_once_is_kept_once(brand, mall):
    outcomes = race(brand, RACERS, lambda _: receive(mall))
    assert errors(outcomes) == []
    assert (outcomes.count(True), InboxMessage.objects.count()) == (1, 1)


@pytest.mark.prove
def test_one_id_with_different_bodies_at_once_is_kept_with_one_of_them(brand, mall):
    outcomes = race(brand, RACERS, lambda number: receive(mall, body=b'{"type": "a", "data": {}}' + b" " * number))
    assert outcomes.count(True) == 1
    assert {type(error) for error in errors(outcomes)} == {inbox.AnotherBody}
    assert InboxMessage.objects.count() == 1


def test_without_the_unique_id_twins_would_both_be_kept(brand, mall, monkeypatch):
    looked = threading.Barrier(2)

    def keep(params, statement):
        known = InboxMessage.objects.filter(message_id="m1").exists()
        looked.wait(20)
        return prepared({**params, "ref": threading.current_thread().name}, statement) if not known else []

    prepared = inbox.sql.prepared
    with monkeypatch.context() as patched:
        patched.setattr(inbox.sql, "prepared", keep)
        outcomes = race(brand, 2, lambda _: receive(mall))
    assert outcomes == [True, True]
    assert InboxMessage.objects.count() == 2


def work(_number=0):
    count = 0
    while inbox.work_one(at=world.NOW, read=items_of):
        count += 1
    return count


@pytest.fixture
def taken(monkeypatch):
    """What was taken, by whom does not matter."""
    found = []

    def take(_intake, items):
        found.append(items[0]["n"])
        return []

    monkeypatch.setitem(TABLES.takers, "orders", Taker("orders", take))
    return found


def fill(mall, count):
    for number in range(count):
        receive(mall, f"m{number}", b'{"type": "a", "data": {"n": "%d"}}' % number)


@pytest.mark.prove
def test_workers_at_once_take_each_message_once(brand, mall, taken):
    fill(mall, 30)
    outcomes = race(brand, RACERS, work)
    assert errors(outcomes) == []
    assert sum(outcomes) == len(set(taken)) == len(taken) == 30


def test_without_the_lock_a_message_is_taken_by_every_worker(brand, mall, taken, monkeypatch):
    fill(mall, 1)
    together = threading.Barrier(2)
    monkeypatch.setattr(inbox, "NEXT", inbox.NEXT.partition("FOR UPDATE")[0])
    first = TABLES.takers["orders"].take

    def take(intake, items):
        together.wait(20)
        return first(intake, items)

    monkeypatch.setitem(TABLES.takers, "orders", Taker("orders", take))
    race(brand, 2, lambda _: inbox.work_one(at=world.NOW, read=items_of))
    assert taken == ["0", "0"]
