"""An import that is killed or fails goes on where it was: nothing lost, nothing double."""

import json
import random
import time

import pytest

from members.models import Member, Order
from newretail.kernel import failpoint
from newretail.kernel.actions import imports
from newretail.kernel.failpoint import Failed
from newretail.kernel.files import importing, reader
from newretail.kernel.models import ImportFile, JournalEntry, RowError
from newretail.kernel.verbs import verb
from tests import world
from tests.faults.site import KILLS
from tests.kernel.files import desk

pytestmark = pytest.mark.django_db(transaction=True)
CHUNK, ROWS, BAD = 5, 60, 6
CHUNKS = ROWS // CHUNK


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, str(CHUNK))
    monkeypatch.setattr(failpoint, "_hits", {})


@pytest.fixture
def path(tmp_path):
    lines = [f"A{i},pos,2026-05-01,{-1 if i % 10 == 7 else i},138000000{i % 7:02d}" for i in range(ROWS)]
    return desk.write(tmp_path, desk.rows("order_no,source,paid_at,amount,phone", lines), "orders.csv")


def books():
    """Everything the file should leave: orders with their amounts, members, refusals."""
    return {
        "orders": sorted(Order.objects.values_list("order_no", "amount_cents")),
        "members": sorted(Member.objects.values_list("phone", flat=True)),
        "refusals": sorted(RowError.objects.values_list("line", "code")),
        "lines": JournalEntry.objects.filter(name="members.order.recorded").count(),
        "counts": list(ImportFile.objects.values_list("rows", "created", "rejected", "enrolled", "state")),
    }


WHOLE = {
    "orders": sorted((f"A{i}", 100 * i) for i in range(ROWS) if i % 10 != 7),
    "members": [f"+86138000000{i:02d}" for i in range(7)],
    "refusals": [(i + 2, "negative") for i in range(7, ROWS, 10)],
    "lines": CHUNKS,
    "counts": [(ROWS, ROWS - BAD, BAD, 7, "done")],
}


def command(path):
    return "import_file", "orders", str(path), "--brand", "acme", "--enrol"


@pytest.mark.parametrize("where", ["import.before_cursor", "import.after_cursor"])
@pytest.mark.parametrize(("what", "code"), [("kill9", -9), ("raise", 1)])
def test_an_import_cut_off_in_a_chunk_keeps_the_chunks_before_it_and_goes_on(brand, site, path, where, what, code):
    cut_off, _ = site.run(*command(path), NEWRETAIL_FAILPOINT=f"{where}={what}:3")
    row = ImportFile.objects.get()
    assert (cut_off, row.state, row.chunks_done, Order.objects.count()) == (code, "running", 2, 9)
    finished, said = site.run(*command(path))
    assert finished == 0
    assert books() == WHOLE
    assert json.loads(said)["created"] == ROWS - BAD


@pytest.mark.prove
def test_an_import_killed_again_and_again_is_whole_in_the_end(brand, site, path):
    draw, kills = random.Random(1), 0
    while kills < KILLS:
        where = draw.choice(["import.before_cursor", "import.after_cursor"])
        code, _ = site.run(*command(path), NEWRETAIL_FAILPOINT=f"{where}=kill9:{draw.randint(1, 4)}")
        kills += code == -9
        path.write_text(path.read_text() + "\n" * (code == 0))
    site.run(*command(path))
    assert books()["orders"] == WHOLE["orders"]
    assert books()["members"] == WHOLE["members"]
    assert ImportFile.objects.exclude(state="done").count() == 0
    assert {row.rows for row in ImportFile.objects.all()} == {ROWS}


@pytest.mark.prove
def test_an_import_killed_at_any_instant_is_whole_in_the_end(brand, site, path):
    draw = random.Random(2)
    for _ in range(KILLS):
        with site.start(*command(path)) as process:
            time.sleep(draw.uniform(1.2, 4))
            process.kill()
    assert site.run(*command(path))[0] == 0
    assert books()["orders"] == WHOLE["orders"]
    assert ImportFile.objects.exclude(state="done").count() == 0


def cut_off_once(path, monkeypatch, where):
    monkeypatch.setenv("NEWRETAIL_FAILPOINT", f"{where}=raise:3")
    with pytest.raises(Failed):
        importing.take_file("orders", path, at=world.NOW, enrol=True)
    monkeypatch.delenv("NEWRETAIL_FAILPOINT")
    importing.take_file("orders", path, at=world.NOW, enrol=True)


def test_a_failure_within_the_process_is_survived_too(brand, path, monkeypatch):
    cut_off_once(path, monkeypatch, "import.before_cursor")
    assert books() == WHOLE


@verb
def move_cursor(row, batch):
    """Move a cursor in a transaction of its own: the mistake."""
    ImportFile.objects.filter(pk=row.pk).update(chunks_done=batch.number)


@verb
def apply_rows(apply, batch):
    """Take the rows in a transaction of their own: the mistake."""
    apply(batch)


def cursor_first(*, import_file, batch, apply, at):
    move_cursor(import_file, batch)
    failpoint.failpoint("control.between")
    apply_rows(apply, batch)


def rows_first(*, import_file, batch, apply, at):
    apply_rows(apply, batch)
    failpoint.failpoint("control.between")
    move_cursor(import_file, batch)


def test_a_cursor_that_moves_before_its_rows_loses_a_chunk(brand, path, monkeypatch):
    monkeypatch.setattr(imports, "take_chunk", cursor_first)
    cut_off_once(path, monkeypatch, "control.between")
    assert books()["orders"] != WHOLE["orders"]


def test_a_cursor_that_moves_after_its_rows_takes_a_chunk_twice(brand, path, monkeypatch):
    taken = []
    monkeypatch.setattr(
        imports, "take_chunk", lambda **given: (taken.append(given["batch"].number), rows_first(**given))
    )
    cut_off_once(path, monkeypatch, "control.between")
    assert taken.count(3) == 2
    assert books()["orders"] == WHOLE["orders"]  # only because an order is known by its number


def test_a_failpoint_nobody_named_does_nothing(monkeypatch):
    failpoint.failpoint("import.before_cursor")
    monkeypatch.setenv("NEWRETAIL_FAILPOINT", "another=raise")
    failpoint.failpoint("import.before_cursor")
    assert failpoint._hits == {}
