"""The jobs of analytics by command: the same twice, aside for the past, refused for the future, failures on their row."""

import io
import json
from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from analytics import jobs as analytics_jobs
from analytics.actions import scores
from members.models import StageChange
from newretail.kernel.models import JobRun
from newretail.kernel.registry import TABLES
from tests import world
from tests.analytics.test_scores import busy_year

JOBS = ("score_rfm", "move_lifecycle", "refresh_facts", "measure_retention")
TODAY = date(2026, 6, 15)
LIVE = ("members_portrait", "members_scorecut", "members_stagechange", "analytics_portraitcell", "analytics_storeday",
        "members_order", "members_refund", "members_member")  # fmt: skip
RUNS = ("run", "job", "as_of")
pytestmark = pytest.mark.usefixtures("noon")
SAID = "(to_jsonb(t) - 'id')::text"  # a row written anew says the same under another number


@pytest.fixture
def year(brand):
    busy_year(3, orders=200)


def run(name, *words):
    """What the command says on its last line."""
    out = io.StringIO()
    call_command("run_job", name, "--brand", "acme", *words, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def digests(*tables, row="t::text"):
    """MD5 of all rows of each table."""
    found = {}
    for table in tables:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT md5(string_agg({row}, chr(10) ORDER BY {row})) FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


def counts(said):
    return {name: value for name, value in said.items() if name not in RUNS}


@pytest.mark.parametrize("name", JOBS)
def test_a_job_run_twice_leaves_what_it_left_once(year, name):
    run(name)
    tables = set(LIVE) - {"members_scorecut"}  # each scoring keeps its cuts
    before = digests(*tables, row=SAID)
    run(name)
    assert digests(*tables, row=SAID) == before
    assert [row.state for row in JobRun.objects.all()] == ["done", "done"]


@pytest.mark.parametrize("words", [(), ("--full",)])
def test_a_scoring_run_twice_says_that_nothing_changed(year, words):
    first, second = run("score_rfm", *words), run("score_rfm", *words)
    assert (second["scored"], second["changed"]) == (first["scored"], 0)


def test_a_full_scoring_after_an_incremental_one_changes_nothing(year):
    run("score_rfm")
    world.buy(world.order("late", "70", "2025-08-01", member_no="P1"))
    run("score_rfm")
    before = digests("members_portrait", "analytics_portraitcell", row=SAID)
    assert run("score_rfm", "--full")["changed"] == 0
    assert digests("members_portrait", "analytics_portraitcell", row=SAID) == before


def test_facts_of_a_range_run_twice_are_the_same(year):
    words = ("--from", "2026-01-01", "--to", "2026-02-01")
    first = run("refresh_facts", *words)
    assert first["days"] == 31
    assert counts(run("refresh_facts", *words)) == counts(first)


@pytest.mark.parametrize("name", ["score_rfm", "move_lifecycle"])
def test_a_past_day_is_computed_aside_and_leaves_the_live_tables_alone(year, name):
    for job in JOBS:
        run(job)
    before = digests(*LIVE)
    said = run(name, "--as-of", "2025-12-01")
    assert said["aside"] is True
    assert sum(said["stages"].values()) == said["members"] > 0
    assert digests(*LIVE) == before


def test_a_past_day_says_the_same_twice_and_what_the_day_itself_said(year):
    with time_machine.travel("2026-05-01T04:00:00Z", tick=False):
        then = run("move_lifecycle")
    aside = counts(run("move_lifecycle", "--as-of", "2026-05-01"))
    assert counts(run("move_lifecycle", "--as-of", "2026-05-01")) == aside
    assert {name: n for name, n in then.items() if name in aside["stages"]} == aside["stages"]


@pytest.mark.parametrize("name", JOBS)
def test_a_day_that_has_not_begun_is_refused(brand, name):
    with pytest.raises(CommandError) as refused:
        run(name, "--as-of", "2026-06-16")
    assert refused.value.returncode == 2
    assert not JobRun.objects.exists()


def test_a_day_begins_at_the_brands_midnight(brand):
    with time_machine.travel("2026-06-15T16:00:00Z", tick=False):
        assert run("score_rfm")["as_of"] == "2026-06-16"
        assert run("score_rfm", "--as-of", "2026-06-16")["as_of"] == "2026-06-16"


@pytest.mark.parametrize(
    "words", [("dance",), ("score_rfm", "--as-of", "June"), ("score_rfm", "--as-of", "2026-02-30")]
)
def test_what_is_no_job_or_no_day_is_refused_in_a_sentence(brand, words):
    with pytest.raises(CommandError) as refused:
        run(*words)
    assert "2026-01-31" in str(refused.value) or refused.value.returncode == 2
    assert words[-1] in str(refused.value)


def fail(_run, _as_of):
    raise ArithmeticError("cuts crossed")


def test_a_job_that_fails_keeps_its_error_and_raises(brand, monkeypatch):
    monkeypatch.setitem(TABLES.jobs, "score_rfm", fail)
    with pytest.raises(ArithmeticError):
        run("score_rfm")
    row = JobRun.objects.get()
    assert (row.state, row.error, row.progress) == ("failed", "ArithmeticError: cuts crossed", 0)
    assert "in fail" in row.log
    assert row.ended_at == world.NOW


def test_a_scoring_that_fails_halfway_leaves_the_live_tables_as_they_were(year, monkeypatch):
    run("move_lifecycle")
    before = digests(*LIVE)
    world.buy(world.order("late", "70", "2026-06-14", member_no="P1"))
    changed = digests("members_order")
    monkeypatch.setattr(scores.figures, "refresh_cells", lambda **_: fail(None, None))
    with pytest.raises(ArithmeticError):
        run("score_rfm")
    assert digests(*LIVE) == {**before, **changed}


def test_the_lifecycle_lived_from_a_day_on_moves_week_by_week(brand):
    world.people({"member_no": "V1", "joined_at": "2025-01-01"})
    world.buy(world.order("A", "1", "2026-01-10", member_no="V1"))
    row = JobRun(name="move_lifecycle", as_of=TODAY, params={"from": "2026-01-11"})
    analytics_jobs.move_lifecycle(row, TODAY)
    moves = StageChange.objects.order_by("changed_on").values_list("to_stage", "changed_on")
    assert list(moves) == [("active", date(2026, 1, 11)), ("wake", date(2026, 4, 10))]
