"""A week is planned for every store at once, from what each may use; slots are changed one by one."""

from datetime import timedelta

import pytest

from guides.actions import moment_plans
from guides.actions.moment_plans import AdvertPlanned, NotToBePlanned, WeekOver
from guides.models import MomentSlot
from newretail.kernel.actions import settings
from stores.models import Product
from tests import moments, serving, sharing, world
from tests.moments import DAY, WEEK, plan, propose, slot


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def codes(store="SH01", week_on=WEEK):
    return [each.material.code if each.material else "" for each in plan(store, week_on)]


def test_each_store_with_guides_gets_the_weeks_slots_with_a_material_of_its_own_each():
    moments.stocked()
    assert propose() == 16
    assert sorted(codes()) == sorted(code for each in moments.CODES.values() for code in each)
    assert [each.category for each in plan()] == ["product", "product", "life", "product", "product", "life", "brand", "product"]  # fmt: skip
    assert codes() == codes("GZ01")


def test_planned_again_nothing_changes_and_the_same_materials_give_the_same_plan():
    moments.stocked()
    propose()
    first = codes()
    assert propose() == 0
    assert codes() == first


def test_a_store_posts_what_is_meant_for_it_and_valid_on_the_day():
    sharing.material("GZ", stores=[serving.post("G9").store_id])
    sharing.material("LATE", first_on=WEEK + 3 * DAY)
    propose()
    assert set(codes()) == {"", "LATE"}
    assert [day.day >= WEEK + 3 * DAY for day in plan() if day.material] == [True] * 3
    assert "GZ" in codes("GZ01")


def test_nothing_is_planned_before_the_content_centre_holds_anything_for_the_week():
    sharing.material("OLD", last_on=WEEK - DAY)
    assert propose() == 0
    assert not MomentSlot.objects.exists()
    moments.stocked()
    assert propose() == 16


def test_where_a_store_has_no_material_guides_find_words_of_their_own_and_advertise_nothing():
    sharing.material("GZ", stores=[serving.post("G9").store_id])
    assert propose() == 16
    assert set(codes()) == {""}
    assert {each.category for each in plan()} == {"product", "life"}


def test_of_one_product_one_post_comes_before_the_second_of_another():
    for code, sku in (("T1", "TEA"), ("T2", "TEA"), ("N1", "NUT")):
        sharing.material(code, kind="product", product=Product.objects.get(sku=sku))
    propose()
    turns = [code for code, each in zip(codes(), plan(), strict=True) if each.category == "product"]
    assert {turns[0], turns[1]} == {"N1", "T1"} or {turns[0], turns[1]} == {"N1", "T2"}


def test_next_week_begins_with_what_was_planned_the_longest_ago():
    for code in ("L1", "L2", "L3", "L4"):
        sharing.material(code, category="life")
    propose()
    propose(WEEK + 7 * DAY)
    now, then = ({code for code in codes(week_on=week) if code} for week in (WEEK, WEEK + 7 * DAY))
    assert len(now) == len(then) == 2
    assert not now & then


def test_the_brands_rule_is_asked():
    moments.stocked()
    settings.put(key="moments_last_two", value="daily", at=world.NOW)
    settings.put(key="moments_hours", value=["中 12:00-13:00", "晚 19:00-20:00"], at=world.NOW)
    assert propose() == 24
    assert slot(1).closes_at - slot(1).opens_at == timedelta(hours=1)


def test_a_week_that_is_over_or_none_is_refused():
    moments.stocked()
    for week in (WEEK - 7 * DAY, WEEK + DAY):
        with pytest.raises(WeekOver):
            propose(week)
    assert not MomentSlot.objects.exists()
    assert propose(WEEK + 7 * DAY)


def test_a_slot_is_given_another_material_or_none():
    moments.stocked()
    propose()
    moment_plans.replace(slot=slot(2), material="L1", at=world.NOW)
    assert (slot(2).material.code, slot(2).category) == ("L1", "life")
    moment_plans.replace(slot=slot(7), material="", at=world.NOW)
    assert (slot(7).material, slot(7).category) == (None, "product")
    moment_plans.replace(slot=slot(1), material="B1", at=world.NOW)
    assert slot(1).category == "brand"


def test_a_second_advertisement_a_foreign_material_and_a_day_that_is_over_are_refused():
    moments.stocked()
    sharing.material("GZ", stores=[serving.post("G9").store_id])
    sharing.material("OLD", last_on=WEEK)
    propose()
    before = codes()
    for material, why in (
        ("B1", AdvertPlanned),
        ("GZ", NotToBePlanned),
        ("OLD", NotToBePlanned),
        ("?", NotToBePlanned),
    ):
        with pytest.raises(why):
            moment_plans.replace(slot=slot(2), material=material, at=world.NOW)
    with pytest.raises(WeekOver):
        moment_plans.replace(slot=slot(1), material="P1", at=world.NOW + DAY)
    assert codes() == before
