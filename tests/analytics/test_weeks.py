"""The page of a store's week: figures beside targets, words taken and refused; the board's targets and catch-up."""

from datetime import date

import pytest

from analytics.queries import boards, weeks
from analytics.queries.alerts import alerts
from analytics.queries.goals import goal
from stores.actions import targets
from stores.models import Store, WeeklyReview
from stores.queries.chain import place_of
from tests import sights, world

WEEK = "/stores/SH01/weeks/2026-W24/"


pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True, scope="module")
def _trade(long_trade):
    sights.night()


def aim(**amounts):
    """Plan this June for SH01 in cents and persons."""
    place = place_of(Store.objects.get(code="SH01"))
    for metric, amount in amounts.items():
        draft = targets.Draft(month=date(2026, 6, 1), metric=metric, amounts={place: amount})
        targets.plan(draft=draft, at=world.NOW, by=sights.person("hq"))


def test_what_is_missing_is_spread_over_the_days_left_by_their_weight():
    days = {date(2026, 6, n): amount for n, amount in ((1, 100), (2, 100), (3, 100), (4, 300))}
    found = goal(days, day=date(2026, 6, 3), before=120, today=30)
    assert (found.target, found.to_date, found.actual, found.gap) == (600, 200, 150, -50)
    assert found.needed == (120, 360)
    assert sum(found.needed) == 600 - 120
    assert found.each == 240


def test_a_target_that_is_met_needs_nothing_and_none_is_none():
    days = {date(2026, 6, n): 100 for n in (1, 2)}
    assert goal(days, day=date(2026, 6, 2), before=500, today=0).needed == (0,)
    assert goal({}, day=date(2026, 6, 2), before=500, today=0) is None


def test_the_week_equals_a_hand_count():
    found = weeks.week(Store.objects.get(code="SH01"), date(2026, 6, 8), today=sights.TODAY)
    assert (found.now.cents, found.now.orders) == (30_00, 1)
    assert (found.before.cents, found.then) == (100_00, None)
    assert [each.trade.cents for each in found.days] == [0, 0, 30_00, 0, 0, 0, 0]


def test_the_manager_sends_a_comment_and_reads_hqs_answer():
    manager, hq = sights.browser("manager"), sights.browser("hq")
    assert manager.post(WEEK, {"words": "推热茶"}).status_code == 302
    assert "推热茶" in sights.text(hq.get(WEEK))
    assert hq.post(WEEK, {"words": "同意"}, follow=True).status_code == 200
    page = sights.text(manager.get(WEEK))
    assert "同意" in page
    assert "提交点评" in page
    assert "提交回复" not in page


def test_words_that_are_refused_stay_in_the_form_with_the_reason():
    manager = sights.browser("manager")
    answer = manager.post(WEEK, {"words": "长" * 2001})
    assert answer.status_code == 400
    assert "最多 2000 个字，现在有 2001 个" in sights.text(answer)
    assert "长" * 2001 in sights.text(answer)
    assert not WeeklyReview.objects.exists()
    assert manager.post(WEEK, {"words": "短"}).status_code == 302


def test_a_supervisor_reads_a_week_of_her_region_and_says_nothing():
    supervisor = sights.browser("supervisor")
    assert "提交" not in sights.text(supervisor.get(WEEK))
    assert supervisor.post(WEEK, {"words": "x"}).status_code == 400
    assert not WeeklyReview.objects.exists()


@pytest.mark.parametrize(
    "path", ["SH01/weeks/2026-W60/", "SH01/weeks/now/", "SH01/weeks/0000-W01/", "GZ01/weeks/2026-W24/"]
)
def test_a_week_that_is_none_or_foreign_is_not_there(path):
    assert sights.browser("manager").get(f"/stores/{path}").status_code == 404


def test_the_week_asks_at_most_twelve_questions():
    client = sights.browser("manager")
    with sights.asked() as asked:
        client.get(WEEK)
    assert len(asked) <= sights.MOST_QUERIES


def test_without_targets_the_board_says_what_to_do():
    assert "本店本月还没有目标" in sights.text(sights.browser("manager").get("/stores/SH01/"))


def test_with_targets_the_board_says_what_today_must_bring_and_warns_who_is_behind():
    aim(sales=3000_00, recruits=30)
    found = boards.board(Store.objects.get(code="SH01"), at=world.NOW)
    assert (found.sales_goal.target, found.sales_goal.actual) == (3000_00, 130_00)
    assert sum(found.sales_goal.needed) == 3000_00 - 130_00
    assert len(found.sales_goal.needed) == 16
    assert "behind" in {alert.rule.code for alert in alerts(found)}
    client = sights.browser("manager")
    with sights.asked() as asked:
        page = client.get("/stores/SH01/")
    assert len(asked) <= sights.MOST_QUERIES
    assert "剩余 16 天每天" in sights.text(page)


@pytest.mark.parametrize("path", ["/stores/SH01/", WEEK])
def test_where_no_target_is_set_a_link_leads_who_sets_it_and_the_others_are_told_who_does(path):
    told = {role: sights.text(sights.browser(role).get(path)) for role in ("hq", "supervisor", "manager", "auditor")}
    assert [role for role, text in told.items() if "去设置目标" in text] == ["hq", "supervisor"]
    assert all("总部或督导" in told[role] for role in ("manager", "auditor"))
    assert sights.browser("manager").get("/admin/targets/?metric=sales").status_code == 200
