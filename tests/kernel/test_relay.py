"""The relay: a line reaches its handler once, whole or not at all, and one that fails comes again later."""

from datetime import timedelta

import pytest

from newretail.kernel.actions import journal, relay
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry, Pending, Receipt
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import verb
from stores.models import Region
from tests import world

pytestmark = pytest.mark.usefixtures("brand")
LINE, HANDLER = "tests.thing.done", "tests.hear"
HOURS = timedelta(hours=6)


@verb
def tell(*subjects):
    """Write a line for each subject."""
    return [journal.write(LINE, at=world.NOW, subject=subject) for subject in subjects]


@pytest.fixture
def hear(monkeypatch):
    def enter(handler, name=HANDLER):
        monkeypatch.setitem(TABLES.handlers, name, handler)
        monkeypatch.setitem(TABLES.hears, LINE, [*TABLES.hears.get(LINE, []), name])

    return enter


def drain(after=timedelta()):
    return relay.drain(at=world.NOW + after)


def fail(_entry):
    raise ValueError("no")


def fail_on(subject, heard):
    """A handler that one subject poisons."""

    def handler(entry):
        heard.append(entry.pk)
        assert entry.subject != subject

    return handler


def set_pending(**values):
    with writing("tests"):
        Pending.objects.update(**values)


def test_a_line_is_heard_once(hear):
    heard = []
    hear(heard.append)
    line = tell("a")[0]
    assert (drain(), drain()) == (1, 0)
    assert heard == [line]
    assert Receipt.objects.get().entry == line


def test_each_handler_hears_a_line_for_itself(hear):
    heard = []
    hear(fail, "tests.deaf")
    hear(heard.append)
    line = tell("a")[0]
    assert drain() == 2
    assert heard == [line]
    assert (Receipt.objects.get().handler, Pending.objects.get().handler) == (HANDLER, "tests.deaf")


def test_what_a_failing_handler_wrote_is_undone(hear):
    def handler(_entry):
        Region.objects.create(name="东区")
        raise ValueError("no")

    hear(handler)
    tell("a")
    drain()
    left = Pending.objects.get()
    assert (left.error, Region.objects.count(), Receipt.objects.count()) == ("ValueError: no", 0, 0)


def test_a_failing_line_comes_again_after_a_longer_and_longer_while(hear):
    hear(fail)
    tell("a")
    waits, at = [], timedelta()
    for _ in range(16):
        assert drain(at) == 1
        due = Pending.objects.get().due_at - world.NOW
        waits.append((due - at).total_seconds())
        assert drain(due - timedelta(seconds=1)) == 0
        at = due
    assert waits == [min(2.0**n, HOURS.total_seconds()) for n in range(1, 17)]


@pytest.mark.parametrize("attempts", [30, 60, 1000, 100_000])
def test_a_line_that_has_failed_for_months_still_stops_nobody(hear, attempts):
    heard = []
    hear(fail_on("poison", heard))
    poison = tell("poison")[0]
    set_pending(attempts=attempts, due_at=world.NOW - HOURS)
    line = tell("a")[0]
    assert drain() == 2
    assert heard == [poison.pk, line.pk]
    assert Pending.objects.get().due_at == world.NOW + HOURS


def test_a_line_waits_while_an_earlier_one_of_its_subject_does(hear):
    heard = []
    hear(fail_on("poison", heard))
    first, _second, other = (line.pk for line in tell("poison", "poison", "a"))
    assert drain() == 2
    assert heard == [first, other]
    assert drain(timedelta(seconds=2)) == 1
    assert heard == [first, other, first]


def test_without_the_rule_of_subjects_a_later_line_overtakes(hear, monkeypatch):
    monkeypatch.setattr(relay, "NEXT", relay.NEXT.replace("p.subject <> ''", "false"))
    heard = []
    hear(fail_on("poison", heard))
    first, second = (line.pk for line in tell("poison", "poison"))
    drain()
    assert heard == [first, second]


def test_a_poisoned_subject_goes_on_in_order_once_it_is_well(hear, monkeypatch):
    heard = []
    hear(fail)
    lines = tell("a", "a", "a")
    drain()
    monkeypatch.setitem(TABLES.handlers, HANDLER, heard.append)
    assert drain(timedelta(seconds=2)) == 3
    assert heard == lines


def test_lines_without_a_subject_wait_for_nobody(hear):
    heard = []
    hear(lambda entry: fail(entry) if not heard.append(entry.pk) and len(heard) == 1 else None)
    tell("", "")
    assert drain() == 2
    assert Pending.objects.count() == 1


def test_a_line_whose_handler_is_gone_waits_and_stops_nobody(hear):
    hear(fail, "tests.gone")
    del TABLES.handlers["tests.gone"]
    tell("a")
    assert drain() == 1
    assert "KeyError" in Pending.objects.get().error


def test_a_drain_carries_as_many_as_it_was_told(hear):
    hear(lambda _entry: None)
    tell("a", "b", "c")
    assert relay.drain(at=world.NOW, most=2) == 2
    assert Pending.objects.count() == 1


def test_a_line_a_handler_writes_is_carried_too(hear, monkeypatch):
    heard = []
    monkeypatch.setitem(TABLES.handlers, "tests.echo", lambda entry: heard.append(entry.name))
    monkeypatch.setitem(TABLES.hears, "tests.echo.heard", ["tests.echo"])
    hear(lambda _entry: journal.write("tests.echo.heard", at=world.NOW))
    tell("a")
    assert drain() == 2
    assert heard == ["tests.echo.heard"]
    assert JournalEntry.objects.count() == 2
