"""The journal: a line per verb, heard by whoever asked for its name, never without a verb."""

import pytest
from django.db import transaction

from newretail.kernel.actions import journal
from newretail.kernel.models import JournalEntry, Pending
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import verb
from tests import world

pytestmark = pytest.mark.usefixtures("brand")
LINE = "tests.thing.done"


@verb
def tell(**facts):
    """Write a line."""
    return journal.write(LINE, at=world.NOW, **facts)


def test_a_line_says_what_when_and_about_whom():
    line = tell(subject="thing:1", count=3, keys=["a"])
    kept = JournalEntry.objects.get(pk=line.pk)
    assert (kept.name, kept.subject, kept.facts) == (LINE, "thing:1", {"count": 3, "keys": ["a"]})
    assert kept.effective_at == world.NOW


def test_a_line_outside_a_verb_is_a_mistake():
    with pytest.raises(journal.OutsideVerb):
        journal.write(LINE, at=world.NOW)
    assert not JournalEntry.objects.exists()


def test_a_line_waits_for_each_that_hears_it(monkeypatch):
    monkeypatch.setitem(TABLES.hears, LINE, ["tests.first", "tests.second"])
    line = tell(subject="thing:1")
    waits = Pending.objects.order_by("id").values_list("entry_id", "handler", "subject", "due_at", "attempts")
    assert list(waits) == [(line.pk, name, "thing:1", world.NOW, 0) for name in ("tests.first", "tests.second")]


def test_a_line_nobody_hears_waits_for_nobody():
    tell()
    assert not Pending.objects.exists()


def test_a_verb_that_fails_leaves_no_line():
    @verb
    def act():
        journal.write(LINE, at=world.NOW)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"), transaction.atomic():
        act()
    assert not JournalEntry.objects.exists()


def test_a_line_that_was_reserved_keeps_its_number():
    @verb
    def act():
        number = journal.reserve()
        other = journal.write(LINE, at=world.NOW)
        return number, other.pk, journal.write(LINE, at=world.NOW, entry_id=number).pk

    reserved, other, written = act()
    assert reserved == written != other


def test_the_lines_of_a_brand_are_its_own(other_brand):
    tell()
    with other_brand:
        assert not JournalEntry.objects.exists()
