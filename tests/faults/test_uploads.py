"""A browser's import whose worker is killed in the middle of the file: the next worker leaves what no kill would have."""

import random
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from members.models import Member, Order
from newretail.kernel.actions import jobs
from newretail.kernel.files import reader, storage
from newretail.kernel.models import ImportFile, JobRun, JournalEntry, RowError, Upload
from tests import sights, world
from tests.faults.site import KILLS
from tests.kernel.files import desk as desk_of

pytestmark = pytest.mark.django_db(transaction=True)
CHUNK, ROWS, BAD = 5, 60, 6
CHUNKS = ROWS // CHUNK
WORKER = """
from newretail.kernel.jobs import perform_queued
from newretail.platform.models import Brand
with Brand.objects.get(code="acme"):
    print(perform_queued())
"""

# The mistake: rows in a transaction of their own, the cursor in another.
ROWS_FIRST = """
from newretail.kernel.actions import imports
from newretail.kernel.failpoint import failpoint
from newretail.kernel.verbs import verb
take_chunk = imports.take_chunk
def rows_first(**given):
    outcome = verb(given["apply"])(given["batch"])
    failpoint("control.between")
    return take_chunk(**{**given, "apply": lambda _: outcome})
imports.take_chunk = rows_first
"""


@pytest.fixture(autouse=True)
def _small_chunks(site, settings, monkeypatch):
    settings.MEDIA_ROOT = site.home / "media"
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, str(CHUNK))


@pytest.fixture
def desk(brand):
    """Hand in a file of orders at HQ and match its columns: a worker shall try it now."""
    world.chain()
    client = sights.browser("hq")
    lines = [f"A{i},pos,2026-05-01,{-1 if i % 10 == 7 else i},139000000{i % 7:02d}" for i in range(ROWS)]
    content = desk_of.rows("order_no,source,paid_at,amount,phone", lines).encode()
    given = {"kind": "orders", "file": SimpleUploadedFile("orders.csv", content), "enrol": "on"}
    page = client.post("/admin/imports/new/", given).url
    rows = client.get(f"{page}columns/").context["rows"]
    assert client.post(f"{page}columns/", {f"column_{r['number']}": r["chosen"] for r in rows}).status_code == 302
    return client, page


@pytest.fixture
def confirmed(desk):
    """A file that was tried and confirmed: a worker shall take it in."""
    client, page = desk
    assert jobs.perform_next(jobs.QUEUED)
    client.post(f"{page}confirm/")
    return Upload.objects.get()


def work(site, before="", **environment):
    """Let a worker work in a process of its own, until the server has seen that it is gone."""
    ended = site.run("shell", "--no-imports", "-c", before + WORKER, **environment)
    run = {"run": JobRun.objects.values_list("pk", flat=True).last()}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock({jobs.LOCK})", run)
        cursor.execute(f"SELECT pg_advisory_unlock({jobs.LOCK})", run)
    return ended


def books():
    """What the file leaves: rows, counts, refused rows, its errors as a file, no upload on the disk, lines told once."""
    return {
        "orders": sorted(Order.objects.values_list("order_no", "amount_cents")),
        "members": Member.objects.filter(phone__startswith="+86139").count(),
        "refusals": sorted(RowError.objects.values_list("line", "code")),
        "counts": list(ImportFile.objects.values_list(*COUNTS, "chunks_done", "state")),
        "run": list(JobRun.objects.filter(name="take_upload").values_list("state", "progress", "counts")),
        "errors": [len(path.read_text().splitlines()) for path in storage.folder("imports").glob("*-errors.csv")],
        "uploads": (list(storage.folder("uploads").iterdir()), Upload.objects.get().state),
        "lines": [JournalEntry.objects.filter(name=name).count() for name in LINES],
    }


COUNTS = ("rows", "created", "updated", "skipped", "rejected", "enrolled")
LINES = ("kernel.import.begun", "kernel.import.done", "members.order.recorded")
TOLD = (ROWS, ROWS - BAD, 0, 0, BAD, 7)
KEPT = ("orders", "members", "refusals", "counts", "errors", "uploads", "lines")
WHOLE = {
    "orders": sorted((f"A{i}", 100 * i) for i in range(ROWS) if i % 10 != 7),
    "members": 7,
    "refusals": [(i + 2, "negative") for i in range(7, ROWS, 10)],
    "counts": [(*TOLD, CHUNKS, "done")],
    "run": [("done", 100, dict(zip(COUNTS, TOLD, strict=True)))],
    "errors": [1 + BAD],
    "uploads": ([], "closed"),
    "lines": [1, 1, CHUNKS],
}


def test_an_import_nobody_disturbs_leaves_the_whole_file(confirmed):
    assert jobs.perform_next(jobs.QUEUED)
    assert books() == WHOLE


@pytest.mark.parametrize(("where", "chunks"), [
    ("import.after_cursor=kill9:3", 2), ("upload.before_closed=kill9", CHUNKS),
])  # fmt: skip
def test_an_import_whose_worker_is_killed_is_taken_up_by_the_next_and_leaves_the_same(confirmed, site, where, chunks):
    assert work(site, NEWRETAIL_FAILPOINT=where)[0] == -9
    assert ImportFile.objects.get().chunks_done == chunks
    assert JobRun.objects.get(name="take_upload").state == "running"
    assert jobs.perform_next(jobs.QUEUED)
    assert books() == WHOLE
    assert JobRun.objects.get(name="take_upload").attempts == 2


def test_a_trial_whose_worker_is_killed_is_told_by_the_next_and_writes_nothing(desk, site):
    assert work(site, NEWRETAIL_FAILPOINT="import.after_cursor=kill9:3")[0] == -9
    assert (Upload.objects.get().state, Order.objects.count()) == ("trying", 0)
    assert jobs.perform_next(jobs.QUEUED)
    upload = Upload.objects.get()
    assert tuple(upload.told[name] for name in COUNTS) == TOLD
    assert (upload.state, Order.objects.count(), ImportFile.objects.count()) == ("tried", 0, 0)


@pytest.mark.prove
def test_an_import_killed_again_and_again_and_confirmed_again_is_whole_in_the_end(desk, confirmed, site):
    client, page = desk
    draw, run = random.Random(3), JobRun.objects.filter(name="take_upload")
    for _ in range(KILLS):
        with site.start("shell", "--no-imports", "-c", WORKER) as process:
            time.sleep(draw.uniform(1.2, 4))
            process.kill()
        if run.latest("pk").state == "failed":
            client.post(f"{page}confirm/")  # three workers died of it: somebody lets it go on
    client.post(f"{page}confirm/")
    while jobs.perform_next(jobs.QUEUED):  # nothing is left where the last of them was quicker than its kill
        pass
    assert JobRun.objects.filter(state__in=["waiting", "running"]).count() == 0
    told = books()
    assert {name: told[name] for name in KEPT} == {name: WHOLE[name] for name in KEPT}


def test_rows_that_come_in_before_the_cursor_moves_are_counted_wrong_after_a_kill(confirmed, site):
    assert work(site, ROWS_FIRST, NEWRETAIL_FAILPOINT="control.between=kill9:3")[0] == -9
    assert work(site, ROWS_FIRST) == (0, "1")
    assert books() != WHOLE
