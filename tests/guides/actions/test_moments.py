"""A guide makes the post of a slot once, within its week, brand advertising once a week; the last word can be undone."""

from datetime import timedelta

import pytest

from guides.actions import moment_plans
from guides.actions import moments as posted
from guides.actions.moments import AdvertPosted, NotYet, PostedAlready, UnknownSlot
from guides.actions.tasks import TooLateToUndo
from guides.models import MomentPost
from guides.queries import moments as figures
from guides.queries.moments import Kept
from newretail.kernel.guard import writing
from tests import moments, serving, world
from tests.moments import DAY, record, slot, undo


@pytest.fixture(autouse=True)
def _planned(noon):
    serving.shops()
    moments.stocked()
    moments.propose()


def kept(at, staff_no="G1"):
    return figures.kept_this_week([serving.post(staff_no).pk], at)


def test_a_post_is_kept_as_she_tells_it_with_what_it_was_about():
    made = record(slot(1))
    moment_plans.replace(slot=slot(1), material="L1", at=world.NOW)
    made.refresh_from_db()
    assert (made.evidence, made.category, made.material.category, made.by.staff_no) == (
        "self",
        "product",
        "product",
        "G1",
    )
    assert made.week_on == moments.WEEK


def test_each_guide_makes_it_once():
    record(slot(1))
    with pytest.raises(PostedAlready):
        record(slot(1))
    record(slot(1), "G2")
    assert MomentPost.objects.count() == 2


def test_before_its_day_after_its_week_and_in_another_store_it_is_refused():
    for planned, at, why in (
        (slot(2), world.NOW, NotYet),
        (slot(1), world.NOW + 7 * DAY, moment_plans.WeekOver),
        (slot(1, "GZ01"), world.NOW, UnknownSlot),
    ):
        with pytest.raises(why):
            record(planned, at=at)
    assert not MomentPost.objects.exists()
    assert record(slot(1), at=world.NOW + 6 * DAY)


def test_brand_advertising_is_posted_once_a_week_even_where_the_plan_has_moved():
    record(slot(7))
    moment_plans.replace(slot=slot(7), material="P1", at=world.NOW)
    moment_plans.replace(slot=slot(5), material="B1", at=world.NOW)
    with pytest.raises(AdvertPosted):
        record(slot(5))
    assert MomentPost.objects.count() == 1
    assert record(slot(5), "G2").category == "brand"


def test_what_was_just_posted_is_taken_back_and_may_be_posted_again():
    undo(record(slot(1)))
    assert kept(slot(1).opens_at) == Kept()
    assert record(slot(1))
    assert MomentPost.objects.standing().count() == 1


def test_later_it_stands():
    made = record(slot(1))
    with pytest.raises(TooLateToUndo):
        undo(made, timedelta(minutes=2))
    with pytest.raises(TooLateToUndo):
        posted.undo(slot=slot(2).ref, within=[made.post_id], at=made.at, by=made.by)
    assert MomentPost.objects.standing().count() == 1


def test_the_score_is_what_was_made_and_what_was_made_in_time_of_what_was_due():
    record(slot(1))
    record(slot(2), at=slot(2).closes_at)
    wednesday = world.NOW + 2 * DAY
    assert kept(wednesday) == Kept(due=3, made=2, in_time=1)  # with the advertisement of Tuesday noon
    assert kept(wednesday).score == 0.5
    assert kept(world.NOW - timedelta(hours=2)).score is None
    assert kept(wednesday, "G2").score == 0


def test_who_came_later_is_asked_for_what_came_after():
    post = serving.post("G1")
    post.since = moments.WEEK + 5 * DAY
    with writing("tests"):
        post.save()
    assert kept(world.NOW + 6 * DAY) == Kept(due=1)


def test_what_is_left_today_is_counted():
    assert figures.left_today([serving.post("G1").pk], world.NOW) == 1
    record(slot(1))
    assert figures.left_today([serving.post("G1").pk], world.NOW) == 0
    assert figures.left_today([serving.post("G1").pk], world.NOW + DAY) == 2
