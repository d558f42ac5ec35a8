"""Bonds over the API: who was added to which guide, bound by the brand's mode, once; told of each whose customer she is."""

from datetime import timedelta

import pytest

from guides.models import Bond, Task
from members.actions import merges
from newretail.kernel.actions import settings
from tests import serving, world
from tests.api import machines

RIGHTS = ("bonds:view", "bonds:change")
ADDED = "2026-06-14T10:00:00+08:00"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    world.people({"member_no": "V3", "store_code": "SH01", "external_userid": "wmA1"})


def push(*rows, client=None, **headers):
    return machines.post(client or machines.machine(*RIGHTS), "bonds:batch", {"bonds": list(rows)}, **headers)


def row(member_no="V3", staff_no="G2", **more):
    return {"member_no": member_no, "staff_no": staff_no, "added_at": ADDED, **more}


def test_who_was_added_is_bound_from_then_on_and_sent_again_nothing_changes():
    client = machines.machine(*RIGHTS)
    for _again in range(2):
        assert push(row(), client=client).status_code == 200
    bond = Bond.objects.get(member__member_no="V3")
    assert (bond.source, bond.began_at.isoformat(), bond.post) == (
        "api", "2026-06-14T02:00:00+00:00", serving.post("G2")
    )  # fmt: skip


def test_she_is_named_by_what_wecom_calls_her():
    push({"external_userid": "wmA1", "staff_no": "G2"})
    assert serving.served("V3") == "G2"


def test_a_number_and_what_wecom_calls_another_member_are_refused_together():
    answer = push(
        row("V2", external_userid="wmA1"), row("V3", external_userid="wmA1"), row("V1", external_userid="new")
    )
    refused, bound, kept = answer.json()["results"]
    assert [(each["field"], each["code"]) for each in refused["errors"]] == [("external_userid", "two_members")]
    assert (bound["state"], kept["state"]) == ("created", "unchanged")
    assert [serving.served(member_no) for member_no in ("V1", "V2", "V3")] == ["G1", "", "G2"]


def test_who_was_merged_is_one_person_by_whatever_she_is_named():
    merges.merge(member=world.member("V3"), into=world.member("V2"), reason="一人", at=world.NOW)
    answer = push(row("V2", external_userid="wmA1"))
    assert answer.json()["results"] == [{"row": 1, "state": "created"}]
    unknown = push(row("none", external_userid="wmA1")).json()["results"][0]["errors"]
    assert [(each["field"], each["code"]) for each in unknown] == [("member_no", "unknown_member")]


def test_the_brands_mode_decides_on_who_has_a_guide():
    push(row("V1"))
    assert serving.served("V1") == "G1"
    settings.put(key="bond_mode", value="free", at=world.NOW)
    push(row("V1"))
    assert serving.served("V1") == "G2"
    former, fresh = Bond.objects.filter(member__member_no="V1").order_by("pk")
    assert fresh.began_at == former.ended_at


def test_each_wrong_row_is_named_and_the_good_ones_go_in():
    late = (world.NOW + timedelta(days=1)).isoformat()
    answer = push(row(), row("none"), row("V2", "none"), row("V2", added_at=late), {"staff_no": "G2"}, row("V2", "S1"))
    assert answer.status_code == 200
    assert sorted(Bond.objects.open().values_list("member__member_no", flat=True)) == ["V1", "V3"]
    assert answer.content.count(b'"unknown_member"') == 2
    assert answer.content.count(b'"unknown_staff"') == 2
    assert b'"in_future"' in answer.content


def test_a_till_of_one_store_reaches_its_own_guides_alone():
    client = machines.machine(*RIGHTS, of=machines.account("till", "GZ01"))
    assert b"unknown_staff" in push(row(), client=client).content
    assert client.get("/api/v1/members/V1/bond").status_code == 404
    assert serving.served("V3") == ""


def test_whose_customer_she_is_is_told_of_all_her_numbers():
    client = machines.machine(*RIGHTS)
    assert client.get("/api/v1/members/V1/bond").json()["staff_no"] == "G1"
    assert set(client.get("/api/v1/members/V3/bond").json().values()) == {None}
    assert client.get("/api/v1/members/none/bond").status_code == 404
    merges.merge(member=world.member("V3"), into=world.member("V1"), reason="一人", at=world.NOW)
    assert client.get("/api/v1/members/V3/bond").json()["store_code"] == "SH01"


def test_who_deleted_her_guide_is_nobodys_customer_and_the_guide_is_told():
    client = machines.machine(*RIGHTS)
    for _again in range(2):
        assert client.delete("/api/v1/members/V1/bond").status_code == 204
    assert serving.served("V1") == ""
    assert Task.objects.get().post == serving.post("G1")


def test_without_the_right_nothing_is_told_or_taken():
    client = machines.machine("bonds:view")
    assert push(row(), client=client).status_code == 403
    assert machines.machine("orders:view").get("/api/v1/members/V1/bond").status_code == 403
    assert serving.served("V3") == ""


@pytest.mark.parametrize("body", [[], {"bonds": {}}, {"bonds": [3]}, {"bonds": [row(staff_no="\0")]}])
def test_nonsense_is_refused_and_nobody_is_bound(body):
    answer = machines.post(machines.machine(*RIGHTS), "bonds:batch", body)
    assert answer.status_code in (200, 400, 422)
    assert Bond.objects.count() == 1
