"""The platform's receipts: what a guide told is confirmed, what she did not tell is kept, sent again nothing changes."""

from datetime import timedelta

import pytest

from guides.models import MomentPost
from tests import moments, serving, world
from tests.api import machines
from tests.moments import DAY, record, slot

AT = "2026-06-15T11:45:00+08:00"


@pytest.fixture(autouse=True)
def _planned(noon):
    serving.shops()
    moments.stocked()
    moments.propose()


def row(nth=1, staff_no="G1", moment_id="mom1", **more):
    return {"moment_id": moment_id, "staff_no": staff_no, "material_code": slot(nth).material.code, "posted_at": AT, **more}  # fmt: skip


def push(*rows, client=None, **headers):
    sent = client or machines.machine("moments:change")
    return machines.post(sent, "moment-posts:confirm", {"moment_posts": list(rows)}, **headers)


def posts():
    return list(MomentPost.objects.order_by("pk").values_list("post__user__staff_no", "evidence", "moment_id"))


def test_what_she_told_is_confirmed_with_the_platforms_time():
    record(slot(1), at=world.NOW)
    answer = push(row()).json()
    assert [each["state"] for each in answer["results"]] == ["updated"]
    assert posts() == [("G1", "platform", "mom1")]
    assert MomentPost.objects.get().at == world.NOW - timedelta(minutes=15)


def test_what_she_did_not_tell_is_kept_and_sent_again_nothing_changes():
    client = machines.machine("moments:change")
    first, again = (push(row(), row(staff_no="G2"), client=client).json() for _ in range(2))
    assert [each["state"] for each in first["results"]] == ["created", "created"]
    assert [each["state"] for each in again["results"]] == ["unchanged", "unchanged"]
    assert posts() == [("G1", "platform", "mom1"), ("G2", "platform", "mom1")]


def test_each_wrong_row_is_named_and_the_good_one_goes_in():
    late = (world.NOW + DAY).isoformat()
    answer = push(
        row(), row(staff_no="none"), row(posted_at=late, moment_id="m2"), row(2, moment_id="m3"),
        row(material_code="none", moment_id="m4"),
    )  # fmt: skip
    assert [each["state"] for each in answer.json()["results"]] == ["created", *["refused"] * 4]
    assert answer.content.count(b'"not_planned"') == 2
    assert b'"unknown_staff"' in answer.content
    assert b'"in_future"' in answer.content
    assert len(posts()) == 1


def test_a_second_advertisement_of_the_week_is_not_kept():
    tuesday = {"posted_at": slot(7).opens_at.isoformat()}
    outcome = moments.confirm(row(7, **tuesday), at=world.NOW + DAY)
    assert outcome.created == 1
    assert world.reasons(moments.confirm(row(7, moment_id="m2", **tuesday), at=world.NOW + DAY)) == [
        (1, "material_code", "not_planned")
    ]  # fmt: skip
    assert len(posts()) == 1


def test_without_the_right_nothing_is_confirmed_and_of_a_till_its_own_shop_alone():
    assert push(row(), client=machines.machine("bonds:view", "bonds:change")).status_code == 403
    till = machines.machine("moments:change", of=machines.account("till", "GZ01"))
    assert b"unknown_staff" in push(row(), client=till).content
    assert posts() == []
