"""A scoring that is killed leaves the portrait as it was; the same job again does all of it."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from django.db import connection

from members.models import Portrait, ScoreCut, StageChange
from newretail.kernel.models import JobRun
from tests import world

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = str(datetime.now(tz=ZoneInfo("Asia/Shanghai")).date())
# Clones of one template know the table by the same number: the database is asked too.
WAITING = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'acme.analytics_portraitcell'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def score(site, name="score_rfm"):
    return site.run("run_job", name, "--brand", "acme", "--as-of", TODAY)[0]


def portrait():
    return sorted(Portrait.objects.values_list())


@pytest.fixture
def bought(brand):
    world.people(*({"member_no": f"P{i}", "joined_at": "2025-01-01"} for i in range(20)))
    world.buy(*(world.order(f"A{i}", 10 + i, f"2026-0{1 + i % 5}-11", member_no=f"P{i % 20}") for i in range(60)))


@pytest.fixture
def held(database_urls, bought):
    """Hold the table a scoring writes last, so that it stands still with everything else written."""
    owner = psycopg2.connect(database_urls.owner_url)
    owner.cursor().execute("LOCK TABLE acme.analytics_portraitcell IN ACCESS EXCLUSIVE MODE")
    yield owner
    owner.close()


def wait_until_it_waits():
    found = 0
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            found = cursor.fetchone()[0]
        if found:
            return
        time.sleep(0.1)
    raise AssertionError("nothing waits for the table")


@pytest.mark.parametrize("name", ["score_rfm", "move_lifecycle"])
def test_a_scoring_killed_before_its_end_changes_nothing(site, held, name):
    with site.start("run_job", name, "--brand", "acme", "--as-of", TODAY) as process:
        wait_until_it_waits()
        process.kill()
    held.rollback()
    assert (portrait(), ScoreCut.objects.count(), StageChange.objects.count()) == ([], 0, 0)
    assert score(site, name) == 0
    assert len(portrait()) == 20


def test_a_run_whose_process_was_killed_is_not_left_running(site, held):
    with site.start("run_job", "score_rfm", "--brand", "acme", "--as-of", TODAY) as process:
        wait_until_it_waits()
        process.kill()
    held.rollback()
    score(site)
    assert list(JobRun.objects.order_by("id").values_list("state", flat=True)) == ["failed", "done"]
