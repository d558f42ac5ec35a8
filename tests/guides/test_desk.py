"""On her store's board a manager sees what her guides have not read, and what waits for her answer."""

from datetime import timedelta

import pytest

from guides.queries.desk import waits_beside
from stores.models import Store
from tests import noticing, serving, sights, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def waits(code, hours=0):
    found = waits_beside(Store.objects.filter(code=code), world.NOW + timedelta(hours=hours)).get()
    return found.unread, found.notices, found.escalations, found.late


def test_what_waits_is_counted_in_the_store_it_waits_in():
    assert waits("SH01") == (0, 0, 0, 0)
    first, _second = noticing.send(), noticing.send(noticing.stores("SH01"), until=world.NOW + timedelta(hours=5))
    noticing.read(first, "G1")
    serving.take_up("G1")
    assert waits("SH01") == (5, 2, 1, 0)
    assert waits("SH01", hours=30) == (2, 1, 1, 1)
    assert waits("GZ01") == (1, 1, 0, 0)


def test_it_stands_on_the_board_and_leads_to_the_lists():
    noticing.send()
    said = sights.text(sights.browser("manager").get("/stores/SH01/"))
    assert "公告与上报" in said
    assert "/admin/guides/notice/?unread=yes" in said
    assert "/admin/guides/escalation/?state=open" in said
