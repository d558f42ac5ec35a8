"""Staff and their posts: where the file says a person stands, there she stands."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from newretail.kernel import clock, guard
from newretail.kernel.models import User
from stores.actions import posts
from stores.models import Post, posts_of
from tests import world

pytestmark = pytest.mark.usefixtures("chain")


@pytest.fixture
def chain(brand):
    world.chain()


def standing():
    found = Post.objects.filter(until=None).order_by("user__staff_no")
    return [(post.user.staff_no, post.role, post.store and post.store.code) for post in found]


def test_a_person_moved_ends_her_former_post():
    assert world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"}).updated == 1
    assert ("G1", "guide", "GZ01") in standing()
    assert Post.objects.filter(user__staff_no="G1", until__isnull=False).count() == 1


def test_a_person_who_moves_back_stands_where_she_was():
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"})
    back = world.staff({"staff_no": "G1", "name": "小美", "store_code": "SH01", "role": "guide"})
    assert (back.updated, back.skipped) == (1, 0)
    assert [row for row in standing() if row[0] == "G1"] == [("G1", "guide", "SH01")]


def test_a_role_needs_its_place():
    outcome = world.staff(
        {"staff_no": "X1", "name": "甲", "role": "guide"},
        {"staff_no": "X2", "name": "乙", "role": "manager", "store_code": "NO"},
        {"staff_no": "X3", "name": "丙", "role": "supervisor", "store_code": "华北"},
        {"staff_no": "X4", "name": "丁", "role": "hq"},
    )
    assert world.reasons(outcome) == [
        (1, "store_code", "needs_place"), (2, "store_code", "unknown_store"), (3, "store_code", "unknown_region"),
    ]  # fmt: skip
    assert (outcome.created, ("X4", "hq", None) in standing()) == (1, True)


def test_a_number_that_is_somebodys_login_already_is_refused_and_stops_nobody_else():
    posts.admit(username="N1", password="x" * 12, name="总部", role="hq", at=world.NOW)
    outcome = world.staff(
        {"staff_no": "N1", "name": "甲", "store_code": "SH01", "role": "guide"},
        {"staff_no": "N2", "name": "乙", "store_code": "SH01", "role": "guide"},
    )
    assert (outcome.created, [line for line, _, _ in world.reasons(outcome)]) == (1, [1])


def test_staff_from_a_file_cannot_sign_in_until_admitted():
    assert not User.objects.get(staff_no="G1").has_usable_password()
    posts.admit(username="G1", password="long enough 1", name="小美", role="hq", at=world.NOW)
    assert User.objects.get(staff_no="G1").check_password("long enough 1")


def test_admitting_without_the_place_a_role_needs_is_refused():
    with pytest.raises(posts.NeedsPlace):
        posts.admit(username="x", password="long enough 1", name="x", role="guide", at=world.NOW)
    assert not User.objects.filter(username="x").exists()


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_a_post_is_held_from_its_first_day_by_the_brands_clock(monkeypatch, zone):
    monkeypatch.setattr(connection.tenant, "time_zone", zone)
    today = clock.business_day(datetime.now(tz=UTC))
    for since, held in ((today, 1), (today + timedelta(days=1), 0)):
        with guard.writing("tests"):
            Post.objects.filter(user__staff_no="G1").update(since=since)
        assert len(posts_of(User.objects.get(staff_no="G1"))) == held
