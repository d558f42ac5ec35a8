"""Many workers carry journal lines: each line once, in order per subject, a slow or poisoned one in nobody's way."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from newretail.kernel.actions import journal, relay
from newretail.kernel.models import Pending, Receipt
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import verb
from tests import world
from tests.races.race import RACERS, Beside, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
LINE, HANDLER = "tests.thing.done", "tests.hear"


@verb
def tell(*subjects):
    """Write a line for each subject."""
    return [journal.write(LINE, at=world.NOW, subject=subject).pk for subject in subjects]


@pytest.fixture
def hear(brand, monkeypatch):
    """Let a function hear the lines."""

    def enter(handler):
        monkeypatch.setitem(TABLES.handlers, HANDLER, handler)
        monkeypatch.setitem(TABLES.hears, LINE, [HANDLER])

    return enter


def drain(_number=0):
    return relay.drain(at=world.NOW)


@pytest.mark.prove
def test_many_workers_carry_each_line_once(brand, hear):
    heard = []
    hear(lambda entry: heard.append(entry.pk))
    told = tell(*(f"subject {i % 7}" for i in range(40)))
    carried = race(brand, RACERS, drain)
    assert errors(carried) == []
    drain()
    assert Counter(heard) == dict.fromkeys(told, 1)
    assert (Receipt.objects.count(), Pending.objects.count()) == (40, 0)


@pytest.mark.prove
def test_lines_of_a_subject_are_heard_in_order_by_many_workers(brand, hear):
    heard = []
    hear(lambda entry: heard.append((entry.subject, entry.pk)))
    told = tell(*(f"subject {i % 3}" for i in range(30)))
    race(brand, RACERS, drain)
    drain()
    assert sorted(heard, key=lambda each: each[0]) == sorted(
        ((f"subject {i % 3}", pk) for i, pk in enumerate(told)), key=lambda each: each[0]
    )


def test_a_line_under_way_keeps_no_other_waiting(brand, hear):
    heard = []
    other = Beside(brand, drain)
    acts = {"slow": lambda: heard.append(other.start(20).answer), "quick": lambda: heard.append("quick")}
    hear(lambda entry: acts[entry.subject]())
    tell("slow", "quick")
    assert drain() == 1
    assert heard == ["quick", 1]


def test_a_line_under_way_keeps_the_next_of_its_subject_waiting(brand, hear):
    heard = []
    other = Beside(brand, drain)
    acts = iter([lambda: heard.append(other.start(20).answer), lambda: heard.append("second")])
    hear(lambda entry: next(acts)())
    tell("one", "one")
    drain()
    assert heard == [0, "second"]


def test_without_the_lock_a_line_is_heard_by_every_worker(brand, hear, monkeypatch):
    heard, together = [], threading.Barrier(2)
    monkeypatch.setattr(relay, "NEXT", relay.NEXT.partition("FOR UPDATE")[0])
    hear(lambda entry: (heard.append(entry.pk), together.wait(20)))
    told = tell("one")
    race(brand, 2, lambda _: relay.carry_one(at=world.NOW))
    assert heard == told * 2


def test_without_skipping_what_is_locked_a_slow_line_stops_all(brand, hear, monkeypatch):
    monkeypatch.setattr(relay, "NEXT", relay.NEXT.replace("SKIP LOCKED", ""))
    heard = []
    other = Beside(brand, drain)
    acts = {"slow": lambda: other.start(1), "quick": lambda: None}
    hear(lambda entry: (acts[entry.subject](), heard.append(entry.subject)))
    tell("slow", "quick")
    relay.carry_one(at=world.NOW)
    assert heard[0] == "slow"
    assert other.answer == 1


def test_a_poisoned_line_backs_off_and_the_others_go_on(brand, hear):
    heard = []

    def handler(entry):
        heard.append(entry.subject)
        assert entry.subject != "poison"

    hear(handler)
    tell("poison", "a", "b")
    assert drain() == 3
    assert heard == ["poison", "a", "b"]
    left = Pending.objects.get()
    assert (left.attempts, left.due_at) == (1, world.NOW + timedelta(seconds=2))
