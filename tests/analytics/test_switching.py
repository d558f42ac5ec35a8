"""Going from store to store: who sees several chooses among them, by name, code or city, and never sees another's."""

from itertools import chain

import pytest
import time_machine

from analytics.views import stores
from tests import sights, world

SWITCH = {"part": "switch"}


@pytest.fixture(autouse=True)
def _chain(brand):
    with time_machine.travel(world.NOW, tick=False):
        world.chain()
        world.stores(
            {"code": "SH02", "name": "徐家汇店", "region": "华东", "city": "上海"},
            {"code": "HZ01", "name": "武林店", "region": "华东", "city": "杭州"},
        )
        yield


def offered(client, **asked):
    groups = client.get("/stores/", SWITCH | asked).context["groups"]
    return {str(region): [store.code for store, _link in found] for region, found in groups}


def test_who_sees_several_stores_chooses_among_hers_alone():
    supervisor, hq = sights.browser("supervisor"), sights.browser("hq")
    assert offered(supervisor) == {"华东": ["HZ01", "SH01", "SH02"]}
    assert offered(hq) == {"华东": ["HZ01", "SH01", "SH02"], "华南": ["GZ01"]}
    assert "data-switch" in sights.text(supervisor.get("/stores/SH01/"))
    assert "data-switch" in sights.text(hq.get("/stores/SH01/weeks/2026-W24/"))


def test_who_has_one_store_has_no_switcher_and_goes_straight_in():
    manager = sights.browser("manager")
    assert "data-switch" not in sights.text(manager.get("/stores/SH01/"))
    assert manager.get("/stores/")["Location"] == "/stores/SH01/"
    assert offered(manager) == {"华东": ["SH01"]}


@pytest.mark.parametrize(
    ("q", "codes"), [("徐家", ["SH02"]), ("sh0", ["SH01", "SH02"]), ("杭州", ["HZ01"]), ("上海 南京", ["SH01"]),
                     ("华南", []), ("无此店", []), ("\0", ["HZ01", "SH01", "SH02"]), ("' OR 1=1", [])],
)  # fmt: skip
def test_a_store_is_found_by_name_code_city_within_sight(q, codes):
    assert list(chain(*offered(sights.browser("supervisor"), q=q).values())) == codes


def test_the_switcher_leads_to_the_same_page_of_another_store():
    hq = sights.browser("hq")
    page = sights.text(hq.get("/stores/", SWITCH | {"here": "SH02", "week": "2026-W24"}))
    assert "/stores/SH01/weeks/2026-W24/" in page
    assert page.count('aria-current="page"') == 1
    assert "/weeks/" not in sights.text(hq.get("/stores/", SWITCH | {"week": "2026-W24/../x"}))


def test_a_long_list_is_cut_and_says_so(monkeypatch):
    monkeypatch.setattr(stores, "LISTED", 2)
    hq = sights.browser("hq")
    assert sum(len(found) for found in offered(hq).values()) == 2
    assert "仅列出前 2 家" in sights.text(hq.get("/stores/"))
    assert offered(hq, q="GZ01") == {"华南": ["GZ01"]}
