"""Levels, benefits and tags over the API: read, put on, taken off, booked; within sight alone."""

import pytest

from members.actions import leveling, tags
from members.importers import TAGS
from members.models import BenefitUse, MemberTag
from newretail.kernel.files.rows import batch_of
from tests import sights, world
from tests.api import machines
from tests.members.levels import ladder

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def scheme(noon):
    world.chain()
    ladder.steps()
    ladder.publish(levels={"S": {
        "privileges": [{"name": "贵宾厅", "kind": "partner", "per_year": 1}], "discount_bp": 500, "free_shipping": "59",
    }})  # fmt: skip
    world.buy(world.order("A", "120", "2026-06-10", member_no="V1"))
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    rows = [{"name": "茶友"}, {"name": "沪", "store_code": "SH01"}, {"name": "穗", "store_code": "GZ01"}]
    tags.record(batch=batch_of(TAGS, rows), at=world.NOW)


def till():
    return machines.client(machines.key(of=machines.account("till", "SH01")).text)


def test_a_member_stands_where_the_api_says():
    told = machines.machine().get("/api/v1/members/V1/level").json()
    assert told == {"member_no": "V1", "level": "S", "growth": 120, "kept_until": None, "next_level": "G",
                    "next_growth": 300, "missing": 180}  # fmt: skip
    assert [one["code"] for one in till().get("/api/v1/levels").json()] == ["C", "S", "G", "B"]


def test_a_till_reads_what_her_level_gives_and_books_it_once():
    client = till()
    told = client.get("/api/v1/members/V1/benefits").json()
    assert (told["discount_bp"], told["free_shipping_over"], told["bookable"][0]["left"]) == (500, "59.00", 1)
    body = {"name": "贵宾厅", "key": "t1"}
    assert [machines.post(client, "members/V1/benefits", body).json()["left"] for _ in range(2)] == [0, 0]
    refused = machines.post(client, "members/V1/benefits", {**body, "key": "t2"})
    assert (refused.status_code, refused.json()["code"]) == (409, "used_up")
    assert BenefitUse.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"name": "贵宾厅"}, {"name": 1, "key": "k"}, {"name": "无", "key": "k"}, {"x": "y"}]
)
def test_a_booking_that_makes_no_sense_is_refused(body):
    assert machines.post(machines.machine(), "members/V1/benefits", body).status_code in (400, 409, 422)
    assert not BenefitUse.objects.exists()


def test_tags_are_put_on_and_taken_off_and_again_is_the_same():
    client = machines.machine()
    assert [client.put("/api/v1/members/V1/tags/茶友").status_code for _ in range(2)] == [200, 200]
    assert [one["tag"] for one in client.get("/api/v1/members/V1/tags").json()] == ["茶友"]
    assert [client.delete("/api/v1/members/V1/tags/茶友").status_code for _ in range(2)] == [204, 204]
    assert not MemberTag.objects.exists()


def test_a_tag_of_another_place_is_neither_seen_nor_set():
    names = [one["name"] for one in till().get("/api/v1/tags").json()["items"]]
    assert "沪" in names
    assert "穗" not in names
    client = till()
    assert client.put("/api/v1/members/V1/tags/穗").status_code == 404
    assert client.put("/api/v1/members/V2/tags/茶友").status_code == 404
    assert (
        machines.client(machines.key(of=machines.account("whole")).text).put("/api/v1/members/V1/tags/穗").status_code
        == 409
    )
    assert not MemberTag.objects.exists()
    assert client.put("/api/v1/members/V1/tags/沪").status_code == 200
