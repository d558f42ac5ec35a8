"""A guide of the demo moves once: her customers wait to be handed over, and the store she came to has none of them."""

import pytest

from guides.models import Bond
from guides.queries import leaving
from newretail.demo import moving
from newretail.kernel import books
from tests import serving, sights, world


@pytest.fixture
def shops(noon):
    serving.shops()
    world.stores({"code": "SH02", "name": "上海二店", "region": "华东"})
    world.people({"member_no": "M7", "phone": "13800000007", "store_code": "SH01"})
    world.buy(world.order("A1", "9", "2026-06-01", store_code="SH01"))


def test_who_moved_left_customers_behind_whom_nobody_served(shops):
    moved = moving.move(at=world.NOW)
    assert moved == Bond.objects.filter(post__user__staff_no="G9001").count() > 0
    found = leaving.guides(sights.person("hq"))
    assert [(each.post.user.staff_no, each.post.store.code, each.left, each.customers) for each in found] == [
        ("G9001", "SH01", True, moved)
    ]
    assert moving.move(at=world.NOW) == 0
    assert books.verify() == []
