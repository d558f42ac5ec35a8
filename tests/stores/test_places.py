"""Stores and their regions come into the books."""

import pytest

from stores.models import Region, Store
from tests import world

pytestmark = pytest.mark.usefixtures("brand")


def test_a_store_brings_its_region_once():
    world.stores({"code": "A", "name": "甲", "region": "华东"}, {"code": "B", "name": "乙", "region": "华东"})
    assert Region.objects.get().name == "华东"
    assert Store.objects.filter(region__name="华东").count() == 2


def test_an_empty_cell_keeps_what_is_there():
    whole = {"code": "A", "name": "甲", "region": "华东", "city": "上海", "latitude": "31.2", "longitude": "121.5"}
    world.stores({**whole, "opened_on": "2019-05-01"})
    assert world.stores({"code": "A", "name": "甲"}).skipped == 1
    assert world.stores({"code": "A", "name": "甲店"}).updated == 1
    store = Store.objects.get()
    assert (store.name, store.region.name, store.city, store.latitude) == ("甲店", "华东", "上海", 31.2)


def test_a_position_is_whole_and_on_earth():
    outcome = world.stores(
        {"code": "A", "name": "甲", "latitude": "31"},
        {"code": "B", "name": "乙", "latitude": "91", "longitude": "0"},
        {"code": "C", "name": "丙", "latitude": "31", "longitude": "121"},
    )
    assert [(r.line, r.column, r.code) for r in outcome.refusals] == [
        (1, "longitude", "missing"), (2, "latitude", "not_number"),
    ]  # fmt: skip
    assert Store.objects.get().code == "C"


def test_a_store_may_be_older_than_its_software():
    assert world.stores({"code": "A", "name": "甲", "opened_on": "1956-10-01"}).refusals == []
