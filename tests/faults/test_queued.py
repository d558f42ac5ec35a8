"""A queued run whose worker is killed is taken up by the next one: nothing lost, nothing double."""

import csv

import pytest

from newretail.kernel.actions import exports
from newretail.kernel.models import ExportFile, JobRun, JournalEntry
from newretail.kernel.verbadmin import files
from tests import sights, world

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = """
from newretail.kernel.jobs import perform_queued
from newretail.kernel.verbadmin import export
from newretail.platform.models import Brand
export.CHUNK = 2
with Brand.objects.get(code="acme"):
    print(perform_queued())
"""


@pytest.fixture
def file(brand, site, settings, monkeypatch):
    settings.MEDIA_ROOT = site.home / "media"
    monkeypatch.setattr(exports, "AT_ONCE_MOST_ROWS", 0)
    world.chain()
    world.people(*({"member_no": f"P{i}", "joined_at": "2026-05-01"} for i in range(9)))
    sights.browser("hq").post("/admin/members/member/export/")
    return ExportFile.objects.get()


def work(site, **environment):
    return site.run("shell", "--no-imports", "-c", WORKER, **environment)


def test_an_export_whose_worker_is_killed_is_written_whole_by_the_next(file, site):
    assert work(site, NEWRETAIL_FAILPOINT="export.written=kill9:2")[0] == -9
    run = JobRun.objects.get()
    assert (run.state, run.progress, run.attempts) == ("running", 18, 1)
    assert not ExportFile.objects.get().ready(world.NOW)
    assert work(site) == (0, "1")
    run.refresh_from_db()
    assert (run.state, run.progress, run.attempts, run.counts) == ("done", 100, 2, {"rows": 11})
    with files.path_of(file).open(encoding="utf-8-sig") as lines:
        numbers = [row["会员号"] for row in csv.DictReader(lines)]
    assert sorted(numbers) == sorted(["V1", "V2", *(f"P{i}" for i in range(9))])
    assert JournalEntry.objects.filter(name="kernel.export.written").count() == 1


def test_a_run_that_kills_each_worker_is_given_up_and_told_in_words(file, site):
    for _ in range(3):
        assert work(site, NEWRETAIL_FAILPOINT="export.written=kill9:1")[0] == -9
    assert work(site) == (0, "0")
    run = JobRun.objects.get()
    assert (run.state, run.failure, run.attempts) == ("failed", {"code": "died"}, 3)
    assert not ExportFile.objects.get().written_at
