"""The month of plans: expected members by day, what collides, how members are split, before anything is published."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns.actions import forecasts, plans
from campaigns.models import PlanForecast
from campaigns.queries import boards
from members.actions import contacts
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun, User
from tests import sights, world
from tests.campaigns import casting, sending
from tests.campaigns.planning import DAY, TODAY, kept, live, planned

JUNE = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def town(noon):
    world.chain()
    sending.people("M1", "M2")


def foreseen(plan):
    forecasts.foresee(plan=plan, day=TODAY, at=world.NOW)
    return list(PlanForecast.objects.filter(plan=plan).order_by("day").values_list("day", "members"))


def test_a_plan_is_counted_on_the_days_it_will_be_about_somebody_once_for_each_occasion():
    world.people({"member_no": "M1", "birthday": "1990-06-20", "store_code": "SH01"})
    assert foreseen(live()) == [(TODAY, 4)]
    assert foreseen(live("birthday", "b", terms={"days_before": 3}, purpose="care")) == [(date(2026, 6, 17), 1)]
    days = foreseen(live("member_day", "d", terms={"day_of_month": 18}))
    assert days == [(date(2026, 6, 18), 4), (date(2026, 7, 18), 4)]


def test_drafts_are_not_counted_submitted_plans_are_and_a_new_count_replaces_the_old():
    plan = kept(starts_on=TODAY + DAY)
    assert foreseen(plan) == []
    plan = plans.move(plan=plan, do="submit", at=world.NOW)
    assert foreseen(plan) == foreseen(plan) == [(TODAY + DAY, 4)]
    assert foreseen(plans.move(plan=plan, do="end", at=world.NOW)) == []


def test_the_board_holds_the_ledger_the_load_and_what_collides():
    segment = casting.kept(casting.SHANGHAI, "sh")
    one, other = live(segment=segment), live("member_day", "d", terms={"day_of_month": 18}, starts_on=date(2026, 6, 18))
    foreseen(one)
    planned(one)
    third = live(code="late", starts_on=date(2026, 6, 18))
    for plan in (other, third):
        foreseen(plan)
    contact = contacts.Contact(world.member("M1"), "sms", "marketing", "guides.task:1.1")
    contacts.make(contact=contact, at=world.NOW, by=User.objects.order_by("pk").first())
    board = boards.board(JUNE, world.NOW)
    days = {day.day: day for week in board.weeks for day in week if day}
    assert (len(days), {len(week) for week in board.weeks}) == (30, {7})
    assert (days[TODAY].touches, days[TODAY].members) == (4, 3)
    assert [day.day for day in board.collisions] == [date(2026, 6, 18)]
    assert board.segments == [("", 8), (segment.name, 3)]
    assert (board.grouped, board.single, board.group_share) == (3, 1, 0.75)
    assert board.times[:2] == [("1", 2), ("2", 1)]
    assert boards.board(date(2026, 1, 1), world.NOW).group_share is None


def test_the_page_shows_a_month_and_has_it_counted_anew():
    live("member_day", "d", name="会员日", terms={"day_of_month": 18})
    hq = sights.browser("hq")
    page = reverse("admin:campaigns_touchplan_board")
    assert "会员日" not in sights.text(hq.get(page))
    assert hq.post(reverse("admin:campaigns_touchplan_foresee")).status_code == 302
    hq.post(reverse("admin:campaigns_touchplan_foresee"))
    assert JobRun.objects.filter(name="foresee_plans").count() == 1
    while jobs.perform_next(jobs.QUEUED):
        pass
    assert "会员日" in sights.text(hq.get(page))
    assert "2026-07" in sights.text(hq.get(page, {"month": "2026-08"}))
    for wrong in ("2026-13", "x", "0000-00", "２０２６-0"):
        assert hq.get(page, {"month": wrong}).status_code == 200
    assert sights.browser("auditor").post(reverse("admin:campaigns_touchplan_foresee")).status_code == 403
