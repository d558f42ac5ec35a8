"""The supervisor's board: stores side by side as their own boards count them, in any order, within her sight."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.queries import boards, regions
from stores.models import Region, Store
from tests import sights, world
from tests.analytics.test_boards import MOST_QUERIES, told

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")  # static files come from the finders


@pytest.fixture(autouse=True)
def _trade(brand):
    with time_machine.travel(world.NOW, tick=False):
        sights.trade()
        world.stores({"code": "SH02", "name": "上海徐家汇店", "region": "华东", "city": "上海"},
                     {"code": "XX01", "name": "无区域店"})  # fmt: skip
        world.buy(
            world.order("C1", "70", "2026-06-12T10:00:00", member_no="V1", store_code="SH02"),
            world.order("C2", "7", "2026-06-15T10:00:00", store_code="SH02"),
            world.order("C3", "9", "2026-06-01T10:00:00", store_code="XX01"),
        )
        sights.night()
        yield


def compare(name, sort="sales", *, falling=True):
    return regions.stores_of(Region.objects.filter(name=name).first(), at=world.NOW, sort=sort, falling=falling, page=1)


def test_each_line_equals_the_stores_own_board():
    for line in compare("华东").lines:
        own = boards.board(Store.objects.get(code=line.code), at=world.NOW)
        assert (line.today, line.month, line.whole, line.recent) == (own.today, own.month, own.whole_month, own.recent)
        assert (line.change, line.repeat_rate) == (own.change, own.membership.repeat_rate)
        assert (line.members, line.lapsing) == (own.membership.members, own.membership.lapsing)
        assert (line.step, line.spark[-1]) == (own.stage.number, own.yesterday.cents)


def test_the_total_is_the_sum_of_the_stores_and_the_regions_sum_to_the_brand():
    found = compare("华东")
    assert found.total.month.cents == sum(line.month.cents for line in found.lines) == 207_00
    whole = regions.by_region(at=world.NOW, sort="sales", falling=True, page=1)
    assert [(line.name, line.month.cents) for line in whole.lines] == [("华东", 207_00), ("华南", 30_00), ("", 9_00)]
    assert whole.total.month.cents == 246_00


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
    assert [row["name"] for row in hq.get("/regions/").context["rows"]] == ["华东", "华南", ""]
    assert [row["name"] for row in hq.get("/regions/-/").context["rows"]] == ["无区域店"]
    assert [manager.get(path).status_code for path in ("/regions/华东/", "/regions/")] == [403, 403]


def test_every_cell_leads_to_the_list_behind_it():
    client = sights.browser("supervisor")
    rows = client.get("/regions/华东/").context["rows"]
    links = {cell["link"] for row in rows for cell in row["cells"] if cell["link"]} | {row["link"] for row in rows}
    assert len(links) > 4
    for link in links:
        assert client.get(link).status_code == 200, link


def test_the_board_asks_at_most_twelve_questions_whatever_the_number_of_stores():
    client = sights.browser("supervisor")
    with CaptureQueriesContext(connection) as few:
        client.get("/regions/华东/")
    world.stores(*({"code": f"N{i}", "name": f"{i}店", "region": "华东"} for i in range(60)))
    with CaptureQueriesContext(connection) as many:
        page = client.get("/regions/华东/")
    assert len(told(many)) == len(told(few)) <= MOST_QUERIES
    assert (len(page.context["rows"]), len(page.context["pages"])) == (50, 2)
