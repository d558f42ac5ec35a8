"""The pool: who has no guide is given one of her store, who stays untouched goes back, who is protected stays."""

from datetime import timedelta

import pytest

from guides.actions import handovers, pool
from guides.models import Bond
from members.actions import merges, persons
from newretail.kernel.actions import jobs, settings
from tests import serving, sights, world

LONG_AFTER = world.NOW + timedelta(days=200)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def crowd(count):
    world.people(*({"member_no": f"P{n:03}", "store_code": "SH01"} for n in range(count)))


def served(staff_no):
    return Bond.objects.open().filter(post=serving.post(staff_no)).count()


def test_members_without_a_guide_go_to_guides_of_their_store_who_has_fewest_first():
    crowd(5)
    assert pool.allocate(at=world.NOW) == 6
    assert (served("G1"), served("G2"), served("G9"), served("M1")) == (3, 3, 1, 0)
    assert set(Bond.objects.filter(source="pool").values_list("member__home_store__code", "post__store__code")) == {
        ("SH01", "SH01"), ("GZ01", "GZ01")
    }  # fmt: skip
    assert pool.allocate(at=world.NOW) == 0


def test_spread_evenly_each_gets_as_many_whatever_she_has():
    settings.put(key="pool_rule", value="evenly", at=world.NOW)
    crowd(4)
    pool.allocate(at=world.NOW)
    assert (served("G1"), served("G2")) == (3, 2)


def test_who_was_erased_merged_away_or_is_at_home_nowhere_is_not_given():
    world.people({"member_no": "N1", "name": "无店"}, {"member_no": "E1", "store_code": "SH01"},
                 {"member_no": "D1", "store_code": "SH01"})  # fmt: skip
    persons.erase(member=world.member("E1"), reason="request", at=world.NOW)
    merges.merge(member=world.member("D1"), into=world.member("V1"), reason="一人", at=world.NOW)
    assert pool.allocate(at=world.NOW) == 1
    assert serving.served("V2") == "G9"


def test_where_customers_are_free_the_pool_takes_nobody_from_a_guide():
    settings.put(key="bond_mode", value="free", at=world.NOW)
    pool.allocate(at=world.NOW)
    assert serving.served("V1") == "G1"


def test_who_deleted_her_guide_is_left_in_peace_for_a_while():
    handovers.part(member=world.member("V1"), at=world.NOW)
    pool.allocate(at=world.NOW)
    assert serving.served("V1") == ""
    pool.allocate(at=LONG_AFTER)
    assert serving.served("V1") != ""


def test_who_stays_untouched_goes_back_and_is_given_anew():
    assert pool.recycle(at=world.NOW + timedelta(days=100)) == 0
    assert pool.recycle(at=LONG_AFTER) == 1
    bond = Bond.objects.get()
    assert (bond.end, bond.ended_at) == ("recycled", LONG_AFTER)
    pool.allocate(at=LONG_AFTER)
    assert serving.served("V1") in ("G1", "G2")


def test_who_bought_lately_stays():
    world.buy(world.order("A1", "10.00", "2026-06-10T10:00:00", member_no="V1", store_code="SH01"))
    assert pool.recycle(at=world.NOW + timedelta(days=170)) == 0
    assert pool.recycle(at=LONG_AFTER) == 1


def test_who_is_locked_and_for_whom_a_task_is_open_stays():
    settings.put(key="bond_mode", value="locked", at=world.NOW)
    settings.put(key="bond_lock_days", value=300, at=world.NOW)
    serving.bind("V2", "G9")
    task = serving.give("V1", "G1", kept=timedelta(days=300))
    assert pool.recycle(at=LONG_AFTER) == 0
    serving.complete(task, "refused")
    assert pool.recycle(at=LONG_AFTER) == 1
    assert serving.served("V2") == "G9"


def test_by_night_it_is_worked_only_where_the_brand_wants_it():
    def worked(at):
        run = jobs.enter(name="work_pool", as_of=sights.TODAY, at=at, due_at=at)
        jobs.perform(run=run)
        run.refresh_from_db()
        return run.counts

    assert worked(world.NOW) == {"aside": True}
    settings.put(key="pool_nightly", value="on", at=world.NOW)
    assert worked(world.NOW + timedelta(minutes=1)) == {"recycled": 0, "allocated": 1}


def near():
    """SH02 near SH01 and without guides, GZ01 far off; the pool goes by where she last bought."""
    world.stores({"code": "SH01", "name": "上海南京西路店", "latitude": "31.23", "longitude": "121.47"},
                 {"code": "GZ01", "name": "广州天河店", "latitude": "23.13", "longitude": "113.26"},
                 {"code": "SH02", "name": "徐汇店", "region": "华东", "city": "上海", "latitude": "31.19", "longitude": "121.44"},
                 {"code": "SH03", "name": "无坐标店", "region": "华东", "city": "上海"})  # fmt: skip
    world.people({"member_no": "N2", "store_code": "SH02"}, {"member_no": "N3", "store_code": "SH03"},
                 {"member_no": "N4", "store_code": "SH02"})  # fmt: skip
    world.buy(world.order("N4A", "9.00", "2026-06-10T10:00:00", member_no="N4", store_code="GZ01"))


def test_where_nobody_serves_at_home_she_waits_unless_the_brand_goes_by_what_is_near():
    near()
    pool.allocate(at=world.NOW)
    assert [serving.served(number) for number in ("N2", "N3", "N4")] == ["", "", ""]
    settings.put(key="pool_place", value="near", at=world.NOW)
    assert pool.allocate(at=world.NOW) == 2
    assert [serving.served(number) for number in ("N2", "N3", "N4")] == ["G2", "", "G9"]
