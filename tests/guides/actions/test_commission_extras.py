"""Bounties and task bonuses of days before the scheme was there: brought in once, whichever way they are settled."""

from datetime import date, datetime

import pytest

from guides.actions import commission_extras, handovers, tasks
from guides.models import CommissionEntry, Policy
from guides.queries import simulating
from guides.queries.policies import newest
from guides.queries.trials import draft_of
from newretail.kernel import books
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun, JournalEntry
from tests import earning, serving, world
from tests.earning import held, moves
from tests.members import consenting

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
SCHEME = {**earning.SCHEME, "bounty_cents": 500, "bounty_days": 30, "task_cents": 70, "tasks_most": 1}
HEARD = {
    "guides.bond.made": commission_extras.settle_bonds, "guides.bond.parted": commission_extras.settle_bonds,
    "guides.task.done": commission_extras.settle_tasks, "guides.task.undone": commission_extras.settle_tasks,
}  # fmt: skip


def instant(text):
    return datetime.fromisoformat(f"{text}T12:00:00+08:00")


@pytest.fixture
def worked(brand):
    """小美 won 张三 in June and did two tasks for her, 阿强 won 李四 in May; then a scheme since May is published."""
    serving.shops()
    consenting.texts()
    for member_no in ("V1", "V2"):
        consenting.say(consenting.row(member_no, channel="wecom", purpose="care"))
    serving.bind("V2", "G9", at=instant("2026-05-20"))
    done = [serving.complete(serving.give("V1", "G1", f"tests:{nth}")) for nth in (1, 2)]
    earning.hear()
    for kind, terms in (("levels", earning.LEVELS), ("credits", earning.CREDITS), ("commission", SCHEME)):
        earning.publish(kind, terms, MAY)
    assert not CommissionEntry.objects.exists()
    return done


def undo(task, at=world.NOW):
    """Let her take it back; nobody hears of it."""
    tasks.undo(task=task.ref, within=[task.post_id], at=at, by=task.post.user)


def bring(first=MAY, last=JULY, at=world.NOW):
    """Settle the days; how many entries that made."""
    return commission_extras.settle_days(first=first, last=last, at=at)["entries"]


def test_work_done_before_the_scheme_was_there_is_brought_in_once(worked):
    assert bring(MAY, JUNE) == 1
    assert (moves("G9"), moves("G1")) == ([("bounty", 500)], [])
    assert bring() == 2
    assert sorted(moves()) == [("bounty", 500), ("task", 70)]
    assert held() == (570, 0, 0, 0, 0)
    assert bring() == 0
    line = JournalEntry.objects.filter(name="guides.commission.settled").latest("id")
    assert (line.facts["first"], line.facts["last"], line.facts["entries"]) == ("2026-05-01", "2026-07-01", 2)
    assert books.verify() == []


def test_what_was_brought_in_is_what_each_line_would_have_made_and_the_scheme_simulates(worked):
    bring()
    before = CommissionEntry.objects.count()
    for line in JournalEntry.objects.filter(name__in=HEARD).order_by("id"):
        assert HEARD[line.name](line=line.pk, at=world.NOW) == {"entries": 0}
    assert CommissionEntry.objects.count() == before
    simulated = simulating.simulate(draft_of("commission", newest(Policy.Kind.COMMISSION).terms), first=MAY, last=JULY)
    booked = {"bounty": sum(cents for kind, cents in moves() + moves("G9") if kind == "bounty"), "task": 70}
    assert {kind: simulated.kinds[kind].now for kind in booked} == booked == {"bounty": 1_000, "task": 70}


def test_lines_heard_after_the_scheme_leave_nothing_for_its_days(worked):
    for line in JournalEntry.objects.filter(name__in=HEARD).order_by("id"):
        HEARD[line.name](line=line.pk, at=world.NOW)
    assert sorted(moves()) == [("bounty", 500), ("task", 70)]
    assert bring() == 0


def test_a_task_taken_back_unheard_is_found_by_its_days_and_the_next_one_counts(worked):
    bring()
    undo(worked[0])
    assert bring() == 2
    assert sorted(moves()) == [("bounty", 500), ("claw_back", -70), ("task", 70), ("task", 70)]
    assert bring() == 0


def test_a_task_done_again_in_another_month_is_paid_there_whichever_days_are_settled(worked):
    last, next_day = instant("2026-06-30"), instant("2026-07-01")
    task = serving.complete(serving.give("V2", "G9", at=last), at=last)
    assert (bring(at=last), moves("G9")[-1]) == (4, ("task", 70))
    undo(task, at=last)
    serving.complete(task, at=next_day)
    assert bring(at=next_day) == 0
    assert bring(JULY, date(2026, 8, 1), at=next_day) == 0
    assert sum(cents for kind, cents in moves("G9") if kind != "bounty") == 70


def test_a_member_lost_before_the_days_of_the_scheme_were_over_was_not_won(worked):
    bring()
    at = instant("2026-06-16")
    handovers.part(member=world.member("V1"), at=at)
    assert bring(at=at) == 1
    assert sum(cents for kind, cents in moves() if kind != "task") == 0


def test_the_job_brings_in_work_beside_sales_month_by_month(worked, noon):
    run = jobs.queue(name="settle_commission", at=world.NOW, params={"from": "2026-05-01", "to": "2026-06-16"})
    jobs.perform(run=run)
    assert JobRun.objects.get().counts == {"credits": 0, "entries": 3}
    assert sorted(moves()) == [("bounty", 500), ("task", 70)]
