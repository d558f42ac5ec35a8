"""The fiscal year of targets: it begins with the brand's month, sums to quarters, and shows no place out of sight."""

from datetime import date

import pytest

from analytics.queries import target_years
from newretail.kernel.actions import settings
from newretail.kernel.brand import DECLARED
from stores.actions import targets
from stores.models import Region, Store
from stores.queries.chain import BRAND, ONLINE, place_of
from tests import sights, world

YEAR = "/admin/targets/year/"


pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True, scope="module")
def _trade(long_trade):
    for month in (date(2026, 6, 1), date(2026, 7, 1)):
        places = {place_of(Store.objects.get(code=code)): 300_00 for code in ("SH01", "GZ01")}
        targets.plan(draft=targets.Draft(month, "sales", places), at=world.NOW)
    sights.night()


def year(place=BRAND, metric="sales", first=date(2026, 1, 1)):
    return target_years.year(place, metric=metric, first=first, today=sights.TODAY)


def test_the_fiscal_year_begins_with_the_brands_month_on_the_brands_day():
    assert target_years.year_of(sights.TODAY) == date(2026, 1, 1)
    settings.put(key="year_first_month", value=4, at=world.NOW)
    assert target_years.year_of(sights.TODAY) == date(2026, 4, 1)
    assert target_years.year_of(date(2026, 3, 31)) == date(2025, 4, 1)
    settings.put(key="month_first_day", value=26, at=world.NOW)
    assert target_years.year_of(date(2026, 4, 25)) == date(2025, 4, 26)
    assert target_years.year_of(date(2026, 4, 26)) == date(2026, 4, 26)


@pytest.mark.parametrize("wrong", [0, 13, "4", 1.5, None, True])
def test_a_year_begins_in_one_of_twelve_months(wrong):
    assert not DECLARED["year_first_month"].holds(wrong)


def test_months_sum_to_quarters_and_to_the_year():
    found = year()
    june = found.months[5]
    assert (june.target, june.actual, june.to_date, june.then) == (600_00, 170_00, 280_00, 80_00)
    assert june.gap == 170_00 - 280_00
    july = found.months[6]
    assert (july.target, july.actual, july.then) == (600_00, None, None)
    assert [part.target for part in found.quarters] == [None, 600_00, 600_00, None]
    assert (found.whole.target, found.whole.actual) == (1200_00, 170_00)
    assert found.whole.gap == june.gap  # months ahead do not count as behind


def test_each_place_has_its_own_year_and_orders_of_no_store_theirs():
    shanghai = Store.objects.get(code="SH01")
    assert [year(place).months[5].actual for place in (place_of(shanghai), place_of(Region.objects.get(name="华南")), ONLINE)] == [
        130_00, 30_00, 10_00,
    ]  # fmt: skip
    assert year(place_of(shanghai), "recruits").months[5].actual == 0
    assert (year(metric="repeat_rate").whole, year(metric="reach").months[5].actual) == (None, 0)


def test_the_page_shows_the_year_of_places_within_sight_alone():
    settings.put(key="year_first_month", value=4, at=world.NOW)
    hq, manager = sights.browser("hq"), sights.browser("manager")
    page = hq.get(YEAR)
    text = sights.text(page)
    assert "2026/27 财年" in text
    assert [row["name"] for row in page.context["rows"]][:4] == ["2026-04", "2026-05", "2026-06", "第 1 季度"]
    assert len(page.context["rows"]) == 17
    foreign = manager.get(YEAR, {"place": "store:GZ01"})
    assert (foreign.status_code, foreign.context["node"].code) == (200, "SH01")
    assert "广州天河店" not in sights.text(foreign)
    assert hq.get(YEAR, {"metric": "reach"}).status_code == 200
    for asked in ({"year": "x"}, {"year": "2027"}, {"place": "\0"}, {"metric": "repeat_rate"}):
        assert hq.get(YEAR, asked).status_code == 200


def test_every_month_opens_its_orders_and_the_page_costs_the_same_at_any_size():
    hq = sights.browser("hq")
    with sights.asked() as few:
        rows = hq.get(YEAR, {"place": "store:SH01"}).context["rows"]
    june = next(row for row in rows if row["name"] == "2026-06")
    assert hq.get(june["link"]).context["cl"].queryset.count() == 2
    assert hq.get(june["then_link"]).context["cl"].queryset.count() == 1
    world.stores(*({"code": f"N{i}", "name": f"{i}店", "region": "华东"} for i in range(30)))
    with sights.asked() as many:
        hq.get(YEAR)
    assert len(many) == len(few) <= sights.MOST_QUERIES
