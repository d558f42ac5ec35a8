"""A trial holds its rows until it is rolled back: it gives way to whoever needs them, and stops nobody's day."""

import time

import psycopg2
import pytest
from django.db import OperationalError

from members.actions import phones
from members.models import Member, Order
from newretail.kernel.actions import jobs
from newretail.kernel.files import importing, reader
from newretail.kernel.files.importing import Given
from tests import sights, world
from tests.kernel.files import desk
from tests.races.race import Beside, Once

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture(autouse=True)
def _chain(brand, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "1")
    world.chain()
    world.buy(*(world.order(number, 1, "2026-06-02T10:00:00", member_no="V1") for number in ("A1", "A2")))


def file_of(tmp_path, amount, *numbers):
    """A file of orders that says what each of these is worth; order A1 and A2 are known."""
    lines = [f"{number},pos,2026-06-02T10:00:00,{amount}" for number in numbers]
    return desk.write(tmp_path, desk.rows("order_no,source,paid_at,amount", lines), f"{amount}.csv")


@pytest.fixture
def until_one_waits(database_urls):
    """Wait until somebody waits for a lock: whoever waited first is the one that ends a deadlock."""
    beside = psycopg2.connect(database_urls.app_url)
    beside.autocommit = True

    def wait():
        with beside.cursor() as cursor:
            for _ in range(2000):
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    return
                time.sleep(0.01)
        raise AssertionError("nobody waits")

    yield wait
    beside.close()


@pytest.fixture
def held(brand, tmp_path, monkeypatch, until_one_waits):
    """A trial of A2, then A1, in two parts; between them an import of A1 and A2, in one, begins and waits."""
    trial, other = file_of(tmp_path, 20, "A2", "A1"), file_of(tmp_path, 30, "A1", "A2")

    def take():
        monkeypatch.setenv(reader.CHUNK_ROWS_SET, "2")
        return importing.take_file("orders", other, at=world.NOW)

    beside = Beside(brand, take)

    def let_it_wait():
        beside.start(seconds=0)
        until_one_waits()

    begin = Once(let_it_wait)

    def run():
        report = lambda row: begin() if row.chunks_done == 1 else None  # noqa: E731
        return importing.attempt(Given("orders", trial), at=world.NOW, report=report)

    return run, beside


def worth():
    return dict(Order.objects.values_list("order_no", "amount_cents"))


BEFORE, IMPORTED = {"A1": 100, "A2": 100}, {"A1": 3000, "A2": 3000}


def test_a_trial_gives_way_to_an_import_that_holds_its_rows(held):
    trial, beside = held
    with pytest.raises(importing.RowsBusy):
        trial()
    assert beside.answer.updated == 2
    assert worth() == IMPORTED


def test_a_trial_that_would_not_give_way_costs_the_import_its_rows(held, monkeypatch):
    monkeypatch.setattr(importing, "GIVES_WAY", "0")
    monkeypatch.setattr(importing, "TRIES", 1)
    trial, beside = held
    result, _ = trial()
    assert result.updated == 2
    assert isinstance(beside.answer, OperationalError)
    assert worth() == BEFORE


@pytest.fixture
def deadlocked(brand, tmp_path, database_urls, monkeypatch, until_one_waits):
    """Somebody else takes A2, an import takes A1 and waits for A2, somebody else wants A1; what became of the import."""
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "2")
    path = file_of(tmp_path, 30, "A1", "A2")
    lock = "SELECT 1 FROM acme.members_order WHERE order_no = %s FOR UPDATE"

    def run():
        other = psycopg2.connect(database_urls.owner_url)
        with other, other.cursor() as cursor:
            cursor.execute(lock, ["A2"])
            beside = Beside(brand, lambda: importing.take_file("orders", path, at=world.NOW)).start(seconds=0)
            until_one_waits()
            cursor.execute(lock, ["A1"])
        other.close()
        return beside.answer

    return run


def test_a_part_that_loses_a_deadlock_is_taken_again(deadlocked):
    assert deadlocked().updated == 2
    assert worth() == IMPORTED


def test_without_a_second_try_a_deadlock_ends_the_import(deadlocked, monkeypatch):
    monkeypatch.setattr(importing, "TRIES", 1)
    assert isinstance(deadlocked(), OperationalError)
    assert worth() == BEFORE


def test_while_a_trial_holds_its_rows_the_day_goes_on(brand, tmp_path):
    hq = sights.person("hq")
    member = Member.objects.get(member_no="V1")

    def day():
        phones.reveal(member=member, reason="order", note="", at=world.NOW, by=hq)
        world.buy(world.order("A3", "100.00", "2026-06-02T10:00:00", member_no="V1", store_code="SH01"))
        for name in sights.JOBS:
            jobs.perform(run=jobs.enter(name=name, as_of=sights.TODAY, at=world.NOW))
        return "done"

    beside = Beside(brand, day)
    still = []
    begin = Once(lambda: still.append(beside.start(seconds=20).thread.is_alive()))
    rows = desk.rows("member_no,name,phone", ["V1,new,13900000003", "V2,new,", "V3,new,"])
    given = Given("members", desk.write(tmp_path, rows, "members.csv"))
    importing.attempt(given, at=world.NOW, report=lambda row: begin() if row.chunks_done == 3 else None)
    assert (still, beside.answer) == ([False], "done")
