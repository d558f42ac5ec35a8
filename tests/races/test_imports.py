"""One file taken twice at the same moment: one import, every row once."""

import contextlib

import pytest
from django.db.models import F

from members.models import Member, Order
from newretail.kernel.actions import imports
from newretail.kernel.files import importing, reader
from newretail.kernel.models import ImportFile, JournalEntry, RowError
from newretail.kernel.verbs import verb
from tests import world
from tests.faults.site import Site
from tests.kernel.files import desk
from tests.races.race import errors, race

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, CHUNK, BAD = 60, 10, 6
GIVEN = {"kind": "orders", "file_name": "orders.csv", "enrol": True, "chunk_rows": CHUNK, "at": world.NOW}


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, str(CHUNK))


@pytest.fixture
def path(tmp_path):
    lines = [f"A{i},pos,2026-05-01,{-1 if i % 10 == 7 else i},138000000{i % 7:02d}" for i in range(ROWS)]
    return desk.write(tmp_path, desk.rows("order_no,source,paid_at,amount,phone", lines), "orders.csv")


def begin(path):
    """An import of the file that stands begun, as after a kill."""
    return imports.begin(digest=reader.digest(path), **GIVEN)


def take(path):
    return importing.take_file("orders", path, at=world.NOW, enrol=True)


def counts():
    row = ImportFile.objects.get()
    return row.rows, row.created, row.rejected, row.enrolled, row.chunks_done


WHOLE = (ROWS, ROWS - BAD, BAD, 7, ROWS // CHUNK)


def test_an_import_begun_by_many_at_once_is_one_import(brand):
    begun = race(brand, 8, lambda _: imports.begin(digest="d", **GIVEN).pk)
    assert begun == [ImportFile.objects.get().pk] * 8


def test_a_file_taken_by_two_threads_at_once_comes_in_once(brand, path):
    begin(path)
    assert errors(race(brand, 2, lambda _: take(path))) == []
    assert counts() == WHOLE
    assert Order.objects.count() == ROWS - BAD
    assert (RowError.objects.count(), Member.objects.count()) == (BAD, 7)


def test_a_file_is_taken_by_a_second_thread_only_where_the_first_has_not_been(brand, path):
    begin(path)
    race(brand, 4, lambda _: take(path))
    taken = JournalEntry.objects.filter(name="members.order.recorded")
    assert sum(line.facts["created"] for line in taken) == ROWS - BAD
    assert taken.count() == ROWS // CHUNK


def test_an_import_ended_by_two_at_once_is_told_once(brand, path):
    row = begin(path)
    assert errors(race(brand, 2, lambda _: imports.end(import_file=row, at=world.NOW))) == []
    assert JournalEntry.objects.filter(name="kernel.import.done").count() == 1


def test_a_file_taken_by_two_processes_at_once_comes_in_once(brand, path, database_urls, tmp_path):
    site = Site(database_urls, tmp_path / "home")
    words = ("import_file", "orders", str(path), "--brand", "acme", "--enrol")
    with contextlib.ExitStack() as stack:
        both = [stack.enter_context(site.start(*words)) for _ in range(2)]
        said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    created = [row.created for row in ImportFile.objects.all()]
    assert (sum(created), Order.objects.count(), Member.objects.count()) == (ROWS - BAD, ROWS - BAD, 7)
    assert {(row.rows, row.rejected, row.state) for row in ImportFile.objects.all()} == {(ROWS, BAD, "done")}


@verb
def take_unguarded(*, import_file, batch, apply, at):
    """Take a chunk without asking whose turn it is: the mistake."""
    outcome = apply(batch)
    done = {name: F(name) + getattr(outcome, name) for name in ("rows", "created", "updated", "skipped", "rejected")}
    ImportFile.objects.filter(pk=import_file.pk).update(chunks_done=batch.number, **done)
    return True


@pytest.mark.books_may_break
def test_without_the_cursor_a_file_taken_by_two_is_counted_twice(brand, path, monkeypatch):
    monkeypatch.setattr(imports, "take_chunk", take_unguarded)
    monkeypatch.setattr(imports, "end", lambda import_file, **_: import_file)
    row = begin(path)
    assert errors(race(brand, 2, lambda _: take(path))) == []
    assert ImportFile.objects.get(pk=row.pk).rows == 2 * ROWS
