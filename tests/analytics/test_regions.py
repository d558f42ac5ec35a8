"""The supervisor's board: stores side by side as their own boards count them, in any order, within her sight."""

from datetime import date

import pytest

from analytics.models import StoreDay
from analytics.queries import boards, regions
from analytics.queries import targets as target_boards
from analytics.queries.regions import Asked
from newretail.kernel.guard import writing
from stores.actions import targets
from stores.models import Region, Store
from stores.queries.chain import BRAND, ONLINE, place_of
from tests import sights, world
from tests.analytics.test_targets import days

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True, scope="module")
def _trade(long_trade):
    world.stores({"code": "SH02", "name": "上海徐家汇店", "region": "华东", "city": "上海"},
                 {"code": "XX01", "name": "无区域店"})  # fmt: skip
    world.buy(
        world.order("C1", "70", "2026-06-12T10:00:00", member_no="V1", store_code="SH02"),
        world.order("C2", "7", "2026-06-15T10:00:00", store_code="SH02"),
        world.order("C3", "9", "2026-06-01T10:00:00", store_code="XX01"),
    )
    sights.night()


def compare(name, sort="sales", *, falling=True):
    asked = Asked(sort, falling)
    return regions.stores_of(Region.objects.filter(name=name).first(), at=world.NOW, asked=asked)


def aim(metric, **amounts):
    """Plan this June in cents or persons, by store."""
    places = {place_of(Store.objects.get(code=code)): amount for code, amount in amounts.items()}
    targets.plan(draft=targets.Draft(date(2026, 6, 1), metric, places), at=world.NOW)


def test_each_line_equals_the_stores_own_board():
    aim("sales", SH01=300_00, SH02=100_00)
    aim("recruits", SH01=30)
    for line in compare("华东").lines:
        own = boards.board(Store.objects.get(code=line.code), at=world.NOW)
        assert (line.today, line.month, line.whole, line.recent) == (own.today, own.month, own.whole_month, own.recent)
        assert (line.change, line.repeat_rate) == (own.change, own.membership.repeat_rate)
        assert (line.members, line.lapsing) == (own.membership.members, own.membership.lapsing)
        assert (line.step, line.spark[-1]) == (own.stage.number, own.yesterday.cents)
        assert (line.sales_goal, line.recruits_goal) == (own.sales_goal, own.recruits_goal)


def test_the_total_is_the_sum_of_the_stores_and_the_regions_sum_to_the_brand():
    found = compare("华东")
    assert found.total.month.cents == sum(line.month.cents for line in found.lines) == 207_00
    whole = regions.by_region(at=world.NOW, asked=Asked())
    of_lines = [(line.name, line.month.cents) for line in whole.lines]
    assert of_lines == [("华东", 207_00), ("华南", 30_00), ("", 10_00), ("", 9_00)]
    assert [line.place for line in whole.lines[2:]] == [ONLINE, regions.NO_REGION]
    assert whole.total.month.cents == 256_00


def test_targets_stand_beside_what_came_in_for_stores_regions_and_the_brand():
    aim("sales", SH01=300_00, SH02=90_00, GZ01=60_00, XX01=30_00)
    found = compare("华东", "reached", falling=False)
    assert [line.code for line in found.lines] == ["SH01", "SH02"]
    first = found.lines[0].sales_goal
    assert (first.target, first.actual, first.to_date, first.gap) == (300_00, 130_00, 140_00, -10_00)
    assert (len(first.needed), sum(first.needed)) == (16, 170_00)
    assert (found.total.sales_goal.target, found.total.sales_goal.actual) == (390_00, 207_00)
    whole = regions.by_region(at=world.NOW, asked=Asked("name", falling=False))
    goals = {line.name: line.sales_goal for line in whole.lines}
    assert (goals["华东"].target, goals["华南"].target) == (390_00, 60_00)
    assert goals["华东"] == found.total.sales_goal
    assert (whole.total.sales_goal.target, whole.total.sales_goal.actual) == (480_00, 256_00)
    assert compare(None).total.sales_goal.target == 30_00


def test_a_regions_own_target_counts_where_it_was_confirmed_beside_its_stores():
    region = place_of(Region.objects.get(name="华东"))
    amounts = {region: 500_00, place_of(Store.objects.get(code="SH01")): 300_00}
    targets.plan(draft=targets.Draft(date(2026, 6, 1), "sales", amounts, confirmed=True), at=world.NOW)
    assert compare("华东").total.sales_goal.target == 500_00


@pytest.mark.books_may_break  # the facts are made up
def test_stores_regions_and_the_brand_are_forecast_from_their_own_days():
    store = Store.objects.get(code="SH02")
    with writing("tests"):
        StoreDay.objects.all().delete()
    days(store, lambda _day: 100_00)
    found = {line.code: line.forecast for line in compare("华东").lines}
    assert found["SH02"].amount == 30 * 100_00
    assert found["SH02"].low <= found["SH02"].amount <= found["SH02"].high
    assert found["SH01"] is None
    grid = target_boards.grid(sights.person("hq"), metric="sales", month=date(2026, 6, 1), today=sights.TODAY)
    same = {line.node.place: line.progress.forecast for line in grid.lines if line.progress}
    whole = regions.by_region(at=world.NOW, asked=Asked())
    assert compare("华东").total.forecast == same[place_of(store.region)] == whole.lines[0].forecast
    assert whole.total.forecast == same[BRAND]


@pytest.mark.parametrize("sort", list(regions.SORTS))
def test_every_column_sorts_both_ways_and_what_is_not_known_comes_last(sort):
    key = regions.SORTS[sort]
    for falling in (True, False):
        values = [key(line) for line in compare("华东", sort, falling=falling).lines]
        known = [value for value in values if value is not None]
        assert values[: len(known)] == sorted(known, reverse=falling)


@pytest.mark.parametrize("asked", ["?sort=-rate", "?sort=nonsense", "?sort=name&page=99", "?page=x", "?sort=%00"])
def test_whatever_is_asked_the_page_answers(asked):
    answer = sights.browser("supervisor").get(f"/regions/华东/{asked}")
    assert answer.status_code == 200
    assert len(answer.context["rows"]) == 2


def test_a_supervisor_lands_on_her_region_and_finds_no_other():
    client = sights.browser("supervisor")
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/regions/%E5%8D%8E%E4%B8%9C/"
    foreign, unknown = client.get("/regions/华南/"), client.get("/regions/无此区/")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert client.get("/regions/-/").status_code == 404
    assert client.get("/regions/华东/").status_code == 200


def test_hq_sees_all_regions_and_the_stores_of_none_while_a_manager_sees_no_region():
    hq, manager = sights.browser("hq"), sights.browser("manager")
    assert [row["name"] for row in hq.get("/regions/").context["rows"]] == ["华东", "华南", "线上（无门店）", "无区域"]
    assert [row["name"] for row in hq.get("/regions/-/").context["rows"]] == ["无区域店"]
    assert [manager.get(path).status_code for path in ("/regions/华东/", "/regions/")] == [403, 403]


def test_the_board_asks_at_most_twelve_questions_whatever_the_number_of_stores():
    client = sights.browser("supervisor")
    aim("sales", SH01=300_00, SH02=90_00)
    with sights.asked() as few:
        client.get("/regions/华东/")
    world.stores(*({"code": f"N{i}", "name": f"{i}店", "region": "华东"} for i in range(60)))
    with sights.asked() as many:
        page = client.get("/regions/华东/")
    assert len(many) == len(few) <= sights.MOST_QUERIES
    assert (len(page.context["rows"]), len(page.context["pages"])) == (50, 2)
    hq = sights.browser("hq")
    with sights.asked() as whole:
        hq.get("/regions/?show=targets")
    assert len(whole) <= sights.MOST_QUERIES
