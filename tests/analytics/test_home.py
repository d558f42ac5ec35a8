"""The home page: its figures equal a hand count, its sight is the person's, its cost does not grow."""

from datetime import date

import pytest

from analytics.queries import home
from analytics.queries.standing import standing
from newretail.kernel.actions import settings as brand_settings
from tests import sights, world

pytestmark = pytest.mark.usefixtures("noon")


def seen(role):
    return home.home(sights.person(role), today=sights.TODAY)


def test_the_month_equals_a_hand_count():
    sights.trade()
    sights.night()
    trading = seen("hq").trading
    assert (trading.sales.now, trading.sales.then) == (170_00, 80_00)
    assert (trading.orders.now, trading.orders.then) == (4, 1)
    assert (trading.recruits.now, trading.recruits.then) == (1, 0)
    assert [(s.name, s.sales.now, s.sales.then) for s in trading.top] == [
        ("上海南京西路店", 130_00, 80_00),
        ("广州天河店", 30_00, None),
        ("", 10_00, None),
    ]


def test_the_trend_stands_beside_the_same_weekday_a_year_earlier():
    sights.trade()
    sights.night()
    trend = {day.day: day for day in seen("hq").trading.trend}
    assert len(trend) == 30
    assert trend[date(2026, 6, 2)].cents == 100_00
    assert trend[date(2026, 6, 2)].then_cents == 80_00  # 3 June 2025, a Tuesday too
    assert trend[date(2026, 6, 3)].then_cents is None


def test_the_members_stand_as_counted_by_hand():
    sights.trade()
    sights.night()
    found = standing()
    assert (found.members, found.buyers, found.repeat_buyers, found.orders) == (2, 2, 1, 4)
    assert found.monetary_cents == 200_00
    assert found.repeat_rate == 0.5
    assert (found.per_buyer_cents, found.per_order_cents) == (100_00, 50_00)
    assert {key: n for key, n in found.stages.items() if n} == {("active", "repeat"): 1, ("onboarding", "new"): 1}
    assert sum(cell.members for cell in found.heat) == 2
    bubbles = sorted((b.frequency, round(b.aov_cents), b.members) for b in found.quadrant.bubbles)
    assert bubbles == [(1, 30_00, 1), (3, 56_67, 1)]


def test_the_four_quadrants_hold_every_buyer_once():
    sights.trade()
    sights.night()
    quadrant = standing().quadrant
    corners = [quadrant.members(often=often, much=much) for often in (True, False) for much in (True, False)]
    assert sum(corners) == 2


def test_a_manager_sees_her_store_and_nothing_brand_wide_while_hq_sees_all():
    sights.trade()
    sights.night()
    manager, hq = seen("manager"), seen("hq")
    assert (manager.trading.sales.now, hq.trading.sales.now) == (130_00, 170_00)
    assert [store.name for store in manager.trading.top] == ["上海南京西路店"]
    assert (manager.standing, manager.retention, manager.runs) == (None, [], [])
    assert hq.standing
    assert len(hq.runs) == len(sights.JOBS)


def test_a_guide_sees_nothing_while_a_supervisor_sees_her_region():
    sights.trade()
    sights.night()
    guide, supervisor = seen("guide"), seen("supervisor")
    assert (guide.trading, guide.standing, guide.freshness.facts_until) == (None, None, None)
    assert supervisor.trading.sales.now == 130_00


def test_an_empty_brand_is_told_what_to_do():
    page = sights.text(sights.browser("hq").get("/admin/"))
    for job in ("score_rfm", "refresh_facts", "measure_retention"):
        assert f"manage.py run_job {job} --brand acme" in page


def test_every_figure_leads_to_the_list_behind_it():
    sights.trade()
    sights.night()
    client = sights.browser("hq")
    page = client.get("/admin/")
    tiles = [*page.context["month_tiles"], *page.context["member_tiles"]]
    charts = page.context["charts"]
    marks = [d["link"] for s in charts["stages"]["series"] for d in s["data"]]
    marks += [c["link"] for c in charts["heat"]["cells"]] + [b["link"] for b in charts["quadrant"]["bubbles"]]
    marks += [p["link"] for p in charts["quadrant"]["parts"]] + charts["trend"]["links"] + charts["top"]["links"]
    for link in {tile.link for tile in tiles} | set(marks):
        assert client.get(link).status_code == 200


def test_a_mark_opens_a_list_of_as_many_members_as_it_says():
    sights.trade()
    sights.night()
    client = sights.browser("hq")
    charts = client.get("/admin/").context["charts"]
    bars = [(d["link"], d["value"]) for s in charts["stages"]["series"] for d in s["data"]]
    cells = [(c["link"], c["members"]) for c in charts["heat"]["cells"]]
    bubbles = [(b["link"], b["value"][2]) for b in charts["quadrant"]["bubbles"]]
    parts = [(p["link"], p["members"]) for p in charts["quadrant"]["parts"]]
    for link, members in bars + cells + bubbles + parts:
        assert client.get(link).context["cl"].result_count == members


def test_the_home_page_asks_at_most_twelve_questions_whatever_the_size():
    sights.trade()
    sights.night()
    client = sights.browser("hq")
    with sights.asked() as few:
        client.get("/admin/")
    world.people(*({"member_no": f"P{i}", "joined_at": "2026-05-01"} for i in range(200)))
    sights.night()
    with sights.asked() as many:
        client.get("/admin/")
    assert len(many) == len(few) <= sights.MOST_QUERIES


def test_the_page_is_whole_in_both_languages():
    sights.trade()
    sights.night()
    client = sights.browser("hq")
    chinese = sights.text(client.get("/admin/", headers={"accept-language": "en"}))
    client.cookies["django_language"] = "en"
    english = sights.text(client.get("/admin/"))
    assert "核心客户留存率" in chinese
    assert "本月销售额" in chinese
    assert "Sales this month" in english
    assert "本月销售额" not in english


def test_the_core_days_of_the_brand_stand_in_the_page():
    brand_settings.put(key="core_days", value=30, at=world.NOW)
    sights.trade()
    sights.night()
    points = seen("hq").retention
    assert all(point.days == 30 for point in points)
