"""The demo's contests: one is closed with prizes, two run; held again nothing is added."""

import pytest

from analytics.models import Contest, ContestStanding
from newretail.demo import contests
from tests import serving, sights, world

pytestmark = pytest.mark.usefixtures("noon")


def test_one_contest_is_closed_with_a_prize_and_two_run():
    world.stores({"code": "SH01", "name": "店", "region": "华东", "city": "上海"})
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "SH01", "role": "guide", "joined_on": "2025-01-01"})
    serving.shops()
    world.buy(world.order("M1", "100", "2026-05-10T10:00:00", member_no="V1", store_code="SH01", staff_no="G1"))
    assert contests.hold(at=world.NOW) == contests.hold(at=world.NOW) == 1
    assert sorted(Contest.objects.values_list("state", flat=True)) == ["closed", "published", "published"]
    assert ContestStanding.objects.get(rank=1, score__gt=0).prize == contests.PRIZES[0]
    assert "上月销售冠军赛" in sights.text(serving.phone("G1").get("/g/contests/"))
