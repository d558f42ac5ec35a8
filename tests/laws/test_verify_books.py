"""verify_books finds what is wrong: each law is broken on purpose, behind the house's back, and named alone."""

import io
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection

from analytics.actions import facts, scores, standings
from newretail.kernel import books
from newretail.kernel.actions import imports, relay
from newretail.kernel.models import Pending
from tests import world
from tests.campaigns import casting
from tests.conftest import GROUND
from tests.laws import house, of_contests, prepared
from tests.laws.breaks import BREAKS, first
from tests.laws.house import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(brand, settings, tmp_path):
    """A small house with a row in every ledger, counted and scored."""
    settings.MEDIA_ROOT = tmp_path / "media"
    house.trade(tmp_path)
    relay.drain(at=world.NOW)
    scores.move_lifecycle(as_of=TODAY, at=world.NOW)
    facts.mark_opened(at=world.NOW + timedelta(days=2))
    casting.beat(world.NOW + timedelta(days=2))
    facts.refresh_stale(at=world.NOW)
    of_contests.closed()
    standings.count(as_of=TODAY, at=world.NOW)
    return brand


@contextmanager
def behind_its_back():
    """The owner's cursor on a connection of its own; what it did is committed in the end."""
    owner = psycopg2.connect(GROUND["owner_url"], options="-c search_path=acme")
    try:
        with owner, owner.cursor() as cursor:
            yield cursor
    finally:
        owner.close()


def broken(monkeypatch, statement):
    """Break the books by a statement and take it back; give the laws that did not hold meanwhile."""
    with behind_its_back() as cursor:

        def rows(select, params=None):
            cursor.execute(select, params)
            return cursor.fetchall()

        cursor.execute(statement)
        assert cursor.rowcount > 0
        with monkeypatch.context() as patched:
            patched.setattr(books.sql, "rows", rows)
            found = books.verify()
        cursor.connection.rollback()
    return [finding.law for finding in found]


def verify():
    """What the command says, line by line."""
    out = io.StringIO()
    try:
        call_command("verify_books", "--brand", "acme", stdout=out)
    finally:
        connection.set_schema("acme")
    return out.getvalue().splitlines()


def test_every_law_is_broken_once_here():
    assert sorted(BREAKS) == sorted(books.LAWS)


def test_the_books_of_a_house_that_is_in_order_are_silent(kept):
    assert books.verify() == []
    assert verify()[-1] == f"laws={len(books.LAWS)} unexplained=0"


def test_the_books_of_an_empty_house_are_silent(brand):
    assert books.verify() == []


def test_a_law_that_is_broken_is_named_and_no_other(kept, monkeypatch):
    assert {law: broken(monkeypatch, statement) for law, statement in BREAKS.items()} == {law: [law] for law in BREAKS}


@pytest.mark.books_may_break
def test_the_command_names_the_difference_and_ends_with_code_1(brand):
    world.buy(world.order("A1", "100", "2026-06-01"))
    with behind_its_back() as cursor:
        cursor.execute(first("members_order", "refunded_cents = refunded_cents + 1"))
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_books", "--brand", "acme", stdout=out)
    said = out.getvalue().splitlines()
    assert ended.value.code == 1
    assert "NO  an order's refunded amount is the sum of its refunds: 1" in said
    assert "      pos/A1: 1 ≠ 0" in said
    assert said[-1].endswith(" unexplained=1")
    assert [each.law for each in prepared.broken()] == ["an order's refunded amount is the sum of its refunds"]


@pytest.mark.books_may_break
def test_many_differences_are_counted_whole_and_named_in_part(brand):
    world.buy(*(world.order(f"A{i}", "1", "2026-06-01") for i in range(books.MOST + 5)))
    with behind_its_back() as cursor:
        cursor.execute("UPDATE members_order SET refunded_cents = 1")
    found = books.verify()
    assert [(finding.count, len(finding.examples)) for finding in found] == [(books.MOST + 5, books.MOST)]


def test_what_waits_for_a_job_is_explained(brand):
    world.people({"member_no": "V1"})
    world.buy(world.order("A", "1", "2026-06-01", member_no="V1"))
    assert books.explained()["lines not yet heard"] == Pending.objects.count() > 0
    relay.drain(at=world.NOW)
    waits = books.explained()
    assert (waits["lines not yet heard"], waits["members to score anew"]) == (0, 1)
    assert waits["days to count anew"] > 0
    assert verify()[-1].endswith("unexplained=0")


def test_an_import_that_has_not_ended_breaks_no_law(brand):
    imports.begin(kind="orders", file_name="x", digest="d", enrol=False, chunk_rows=10, at=world.NOW)
    assert books.verify() == []
