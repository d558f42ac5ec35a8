"""Targets: versions, sums, days, who may set what, two editors, files."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newretail.kernel.actions import settings
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import JournalEntry
from stores import importers as files
from stores.actions import target_versions, targets, weights
from stores.actions.targets import Draft
from stores.models import DayWeight, Post, Region, Store, Target, TargetPlan
from stores.queries import spreading
from stores.queries import targets as aims
from stores.queries.chain import BRAND, ONLINE, place_of
from tests import sights, world

NOW = world.NOW  # 15 June 2026, noon in Shanghai
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
START = datetime(2026, 5, 30, 4, tzinfo=UTC)
amounts = st.integers(min_value=0, max_value=10**12)
loads = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=31)


@pytest.fixture(autouse=True)
def cast(brand):
    world.chain()
    world.staff({"staff_no": "G2", "name": "小丽", "store_code": "SH01", "role": "guide"})


def store(code="SH01"):
    return place_of(Store.objects.get(code=code))


def region(name="华东"):
    return place_of(Region.objects.get(name=name))


def guide(staff_no="G1"):
    return place_of(Post.objects.get(user__staff_no=staff_no))


def plan(amounts, *, at=NOW, by=None, month=JUNE, metric="sales", **more):
    draft = Draft(month, metric, amounts, **{"reason": "调整", **more})
    return targets.plan(draft=draft, at=at, by=by)


def in_force(month=JUNE, metric="sales"):
    rows = aims.targets_of(aims.in_force(month, metric))
    return {place: target.amount for place, target in rows.items()}


def days(place=None, month=JUNE, metric="sales"):
    target = aims.targets_of(aims.in_force(month, metric))[place_of(place)]
    return {month + timedelta(days=n): amount for n, amount in enumerate(target.days)}


def books():
    return TargetPlan.objects.count(), Target.objects.count(), JournalEntry.objects.count()


def refused(code, amounts, **more):
    before = books()
    with pytest.raises(targets.Refused) as refusal:
        plan(amounts, **more)
    assert refusal.value.code == code
    assert books() == before
    return refusal.value


@given(amounts, loads, st.lists(amounts, max_size=31))
def test_days_sum_to_the_month_whatever_the_weights_and_the_past(amount, load, past):
    found = spreading.spread(amount, load, past)
    assert sum(found) == amount
    assert len(found) == len(load)
    assert min(found) >= 0


@given(amounts, loads)
def test_days_gone_by_keep_their_targets(amount, load):
    before = spreading.spread(amount, load)
    gone = len(load) // 2
    after = spreading.spread(amount + 1000, load, before[:gone])
    assert after[:gone] == before[:gone]
    assert sum(after) == amount + 1000


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=6), loads)
def test_parts_of_a_day_sum_to_the_day_and_parts_of_the_month_to_the_part(parts, load):
    whole = spreading.spread(sum(parts), load)
    shared = spreading.share_out(whole, parts)
    assert [sum(row) for row in shared] == parts
    assert [sum(column) for column in zip(*shared, strict=True)] == whole
    assert min(min(row) for row in shared) >= 0


def test_places_above_sum_up_what_was_set_below_and_days_sum_to_the_month():
    plan({store(): 900_00, store("GZ01"): 100_01, guide(): 500_00, guide("G2"): 400_00})
    assert in_force()[region()] == 900_00
    assert in_force()[BRAND] == 1000_01
    shanghai = Store.objects.get(code="SH01")
    assert sum(days().values()) == 1000_01
    assert sum(days(shanghai).values()) == 900_00
    per_guide = [days(Post.objects.get(user__staff_no=number)) for number in ("G1", "G2")]
    assert {day: sum(each[day] for each in per_guide) for day in per_guide[0]} == days(shanghai)


def test_a_replan_is_a_new_version_and_the_past_is_never_rewritten():
    first = plan({store(): 3000_00}, at=START)
    before = days(Store.objects.get(code="SH01"))
    second = plan({store(): 4500_00}, reason="新品上市")
    after = days(Store.objects.get(code="SH01"))
    assert (first.version, second.version) == (1, 2)
    assert {day: after[day] for day in after if day < sights.TODAY} == {
        day: before[day] for day in before if day < sights.TODAY
    }
    assert sum(after.values()) == 4500_00
    assert aims.targets_of(first)[store()].amount == 3000_00
    assert list(TargetPlan.objects.order_by("version").values_list("reason", flat=True)) == ["调整", "新品上市"]


def test_a_rate_falls_on_no_day_and_sums_to_nothing():
    plan({BRAND: 3820, store(): 5000}, metric="repeat_rate")
    assert in_force(metric="repeat_rate") == {BRAND: 3820, store(): 5000}
    assert days(Store.objects.get(code="SH01"), metric="repeat_rate") == {}


def test_sums_that_differ_are_refused_until_they_are_confirmed():
    plan({store(): 900, store("GZ01"): 100})
    refusal = refused("sums_differ", {BRAND: 1500})
    assert [(each.place, each.amount, each.below) for each in refusal.found] == [(BRAND, 1500, 1000)]
    plan({BRAND: 1500}, confirmed=True)
    assert Target.objects.get(plan__version=2, kind="brand").differs
    plan({ONLINE: 500})
    assert not Target.objects.get(plan__version=3, kind="brand").differs


def test_a_difference_elsewhere_holds_nobody_up():
    plan({BRAND: 1500, store("GZ01"): 100, store(): 15}, confirmed=True)
    plan({guide(): 10, guide("G2"): 5})
    refused("sums_differ", {store("GZ01"): 1600})


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("closed_month", {"month": date(2026, 5, 1)}),
        ("month_far_off", {"month": date(2029, 1, 1)}),
        ("month_far_off", {"month": date(2026, 7, 2)}),
        ("unknown_metric", {"metric": "luck"}),
        ("needs_reason", {"reason": "  "}),
        ("reason_too_long", {"reason": "因" * 201}),
    ],
)
def test_what_no_plan_may_be_is_refused(code, more):
    plan({store(): 100})
    refused(code, {store(): 200}, **more)


def test_what_no_target_may_be_is_refused():
    refused("bad_amount", {store(): -1})
    refused("bad_amount", {store(): 10**15})
    refused("bad_amount", {store(): 10_001}, metric="repeat_rate")
    refused("unknown_place", {targets.Place("store", 10**9): 1})
    plan({store(): 5})
    refused("nothing_changed", {store(): 5})


def test_each_sets_targets_beneath_her_own_place_only():
    supervisor, manager = sights.person("supervisor"), sights.person("manager")
    refused("not_yours", {region(): 100}, by=supervisor)
    refused("not_yours", {store("GZ01"): 100}, by=supervisor)
    refused("not_yours", {store(): 100}, by=manager)
    refused("not_yours", {BRAND: 100}, by=sights.person("auditor"))
    plan({store(): 100, guide(): 60, guide("G2"): 40}, by=supervisor)
    plan({guide(): 50, guide("G2"): 50}, by=manager)
    plan({region(): 100}, by=sights.person("hq"), reason="固定")
    assert in_force()[guide()] == 50


def test_two_editors_of_the_same_target_the_second_is_told_and_nothing_is_lost():
    hq = sights.person("hq")
    plan({store(): 100, store("GZ01"): 100})
    plan({store(): 110}, by=hq, base=1)
    refusal = refused("stale", {store(): 120, store("GZ01"): 90}, base=1)
    assert "上海南京西路店" in str(refusal)
    plan({store("GZ01"): 90}, base=1)  # other targets do not clash
    assert (in_force()[store()], in_force()[store("GZ01")]) == (110, 90)
    plan({store(): 120}, base=3)
    assert in_force()[store()] == 120


def test_a_target_taken_away_is_summed_up_again():
    plan({region(): 100, store(): 100})
    plan({region(): None})
    assert Target.objects.get(plan__version=2, kind="region").implied


def file(*rows):
    return targets.record(batch=batch_of(files.TARGETS, rows), at=NOW)


def test_a_file_makes_one_version_for_each_month_and_metric():
    outcome = file(
        {"month": "2026-06", "code": "SH01", "amount": "1200.50"},
        {"month": "2026-06-01", "metric": "拉新", "place": "导购", "code": "G1", "amount": "30"},
        {"month": "2026-07", "metric": "repeat_rate", "place": "brand", "amount": "38.2"},
    )
    assert (outcome.created, outcome.refusals) == (3, [])
    assert in_force()[store()] == 1200_50
    assert in_force(metric="recruits")[guide()] == 30
    assert in_force(JULY, "repeat_rate") == {BRAND: 3820}
    again = file({"month": "2026-06", "code": "SH01", "amount": "1200.50"})
    assert (again.skipped, TargetPlan.objects.count()) == (1, 3)
    assert file({"month": "2026-06", "code": "SH01", "amount": "1300"}).updated == 1


def test_bad_rows_of_a_file_are_named_and_stop_no_good_ones():
    outcome = file(
        {"month": "2026-13", "code": "SH01", "amount": "1"},
        {"month": "2026-05", "code": "SH01", "amount": "1"},
        {"month": "2026-06", "code": "XX", "amount": "1"},
        {"month": "2026-06", "metric": "recruits", "code": "SH01", "amount": "1.5"},
        {"month": "2026-06", "metric": "repeat_rate", "code": "SH01", "amount": "101"},
        {"month": "2026-06", "place": "guide", "code": "nobody", "amount": "1"},
        {"month": "2026-06", "place": "region", "amount": "1"},
        {"month": "2026-06", "code": "SH01", "amount": "7"},
        {"month": "2026-06-01", "code": "SH01", "amount": "8"},
    )
    assert [(each.line, each.column, each.code) for each in outcome.refusals] == [
        (1, "month", "not_month"), (2, "month", "closed_month"), (3, "code", "unknown_store"),
        (4, "amount", "not_whole"), (5, "amount", "over_whole"), (6, "code", "unknown_guide"),
        (7, "code", "missing"), (9, "code", "target_twice"),
    ]  # fmt: skip
    assert in_force()[store()] == 700


def test_a_store_that_moves_to_another_region_leaves_its_versions_as_they_were():
    plan({region(): 100, store(): 100, store("GZ01"): 50})
    world.stores({"code": "SH01", "name": "上海南京西路店", "region": "华北"})
    plan({store("GZ01"): 60})
    assert in_force()[region("华北")] == 100  # the law of sums is proved after each test


def test_weights_set_by_hand_go_before_those_learned_and_months_planned_fall_anew():
    shanghai = Store.objects.get(code="SH01")
    plan({store(): 3000_00}, at=START)
    even = days(shanghai)
    weights.keep_learned(metric="sales", learned=[weights.Learned(None, "sat", 20_000, 500)], at=NOW)
    assert days(shanghai) == even
    weights.put(metric="sales", store=shanghai, weights={"sat": 30_000}, reason="周末市集", at=NOW)
    weights.keep_learned(metric="sales", learned=[weights.Learned(shanghai.pk, "sat", 5_000, 9)], at=NOW)
    heavy = days(shanghai)
    saturday, friday, gone = date(2026, 6, 27), date(2026, 6, 26), date(2026, 6, 13)
    assert abs(heavy[saturday] - 3 * heavy[friday]) <= 2
    assert heavy[gone] == even[gone]
    assert aims.in_force(JUNE, "sales").reason == "周末市集"
    assert sum(heavy.values()) == 3000_00


def put(store_, by=None, **more):
    given = {"metric": "sales", "weights": {"sat": 1}, "reason": "因", **more}
    return weights.put(store=store_, at=NOW, by=by, **given)


def test_weights_that_are_none_are_refused():
    shanghai, before = Store.objects.get(code="SH01"), books()
    for more in ({"weights": {"sat": -1}}, {"weights": {"SAT'": 1}}, {"weights": {"sat": 10**7}},
                 {"metric": "repeat_rate"}, {"reason": " "}, {"weights": {}}):  # fmt: skip
        with pytest.raises(targets.Refused):
            put(shanghai, **more)
    manager = sights.person("manager")
    with pytest.raises(weights.NotYourStore):
        put(None, manager)
    with pytest.raises(weights.NotYourStore):
        put(Store.objects.get(code="GZ01"), manager)
    assert DayWeight.objects.count() == 0
    assert books()[:2] == before[:2]
    put(shanghai, manager)
    assert DayWeight.objects.get().weight_bp == 1


def test_a_month_begins_on_the_brands_own_day():
    settings.put(key="month_first_day", value=26, at=NOW)
    refused("month_far_off", {store(): 100})
    plan({store(): 3100}, month=date(2026, 5, 26))
    found = days(Store.objects.get(code="SH01"), month=date(2026, 5, 26))
    assert (min(found), max(found), sum(found.values())) == (date(2026, 5, 26), date(2026, 6, 25), 3100)
    assert file({"month": "2026-06", "code": "SH01", "amount": "9"}).created == 1
    assert aims.in_force(date(2026, 6, 26), "sales").version == 1


def back(version, *, month=JUNE, metric="sales", reason="导错文件", by=None, **more):
    return target_versions.go_back(month=month, metric=metric, version=version, reason=reason, at=NOW, by=by, **more)


def rows_of(version):
    found = Target.objects.filter(plan__version=version).order_by("kind", "store", "post", "region")
    return list(found.values_list("kind", "region", "store", "post", "amount", "days", "implied", "differs"))


def test_going_back_makes_a_new_version_equal_to_the_former_one_also_of_its_days_gone_by():
    plan({store(): 3000_00, guide(): 1000_00, guide("G2"): 2000_00, BRAND: 5000_00}, at=START, confirmed=True)
    plan({store(): 9000_00, store("GZ01"): 1, guide(): None}, at=START, confirmed=True)
    plan({store(): 8000_00, guide(): 7, BRAND: None}, confirmed=True)
    made = back(1)
    assert (made.version, made.reason, TargetPlan.objects.count()) == (4, "导错文件", 4)
    assert rows_of(4) == rows_of(1)
    assert rows_of(3) != rows_of(1)
    assert JournalEntry.objects.filter(name="stores.target.planned").latest("id").facts["version"] == 4


def test_a_file_imported_by_mistake_is_taken_back_even_when_it_was_the_first():
    assert file({"month": "2026-06", "code": "SH01", "amount": "900"}).created == 1
    assert back(0).version == 2
    assert in_force() == {}
    plan({store(): 5})
    assert in_force()[store()] == 5


@pytest.mark.parametrize(
    ("code", "version", "more"),
    [
        ("unknown_version", 9, {}),
        ("nothing_changed", 2, {}),
        ("needs_reason", 1, {"reason": " "}),
        ("reason_too_long", 1, {"reason": "长" * 201}),
        ("closed_month", 0, {"month": date(2026, 5, 1)}),
        ("stale", 1, {"base": 1}),
    ],
)
def test_going_back_is_refused_and_then_nothing_changed(code, version, more):
    plan({store(): 3000}, at=START)
    plan({store(): 4000})
    if code == "closed_month":
        plan({store(): 1}, at=START, month=date(2026, 5, 1))
    before = books()
    with pytest.raises(targets.Refused) as refusal:
        back(version, **more)
    assert refusal.value.code == code
    assert books() == before


def test_who_sets_a_part_goes_back_where_only_that_part_differs():
    plan({store(): 3000, guide(): 1000, guide("G2"): 2000}, at=START)
    plan({guide(): 1500, guide("G2"): 1500})
    plan({store("GZ01"): 5})
    manager = sights.person("manager")
    before = books()
    with pytest.raises(targets.NotYours):
        back(1, by=manager)
    assert books() == before
    back(2)
    assert back(1, by=manager).version == 5
    assert in_force()[guide()] == 1000
