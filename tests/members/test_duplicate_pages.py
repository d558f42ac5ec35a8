"""HQ looks at two members side by side, merges them or tells them apart, takes a merge back, decides claims."""

import pytest

from members.actions import claims
from members.models import Claim, Duplicate, Member, Merge, MergeUndone
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")
PAIR, MERGE, CLAIM = "/admin/members/duplicate/", "/admin/members/merge/", "/admin/members/claim/"


@pytest.fixture
def hq(traded):
    claims.state(member=world.member("V2"), kind="phone", value="13800000001", source="crm", at=world.NOW)
    return sights.browser("hq")


def decide(client, **given):
    return client.post(f"{PAIR}{Duplicate.objects.get().pk}/decide/", given)


def test_both_are_shown_side_by_side_without_their_whole_phones(hq):
    listed = sights.text(hq.get(PAIR))
    page = sights.text(hq.get(f"{PAIR}{Duplicate.objects.get().pk}/change/"))
    for word in ("张三", "李四", "V1", "V2", "手机号相同"):
        assert word in listed
        assert word in page
    assert "138****0001" in page
    assert "13800000001" not in page


def test_a_merge_keeps_who_was_chosen_and_needs_a_reason(hq):
    refused = decide(hq, decision="merge", keep="V2", reason="")
    assert (refused.status_code, Merge.objects.count()) == (422, 0)
    assert decide(hq, decision="merge", keep="V2", reason="同一手机号").status_code == 302
    assert Member.objects.get(member_no="V1").merged_into.member_no == "V2"
    row = Merge.objects.get()
    assert "同一手机号" in sights.text(hq.get(f"{MERGE}{row.pk}/change/"))
    assert "V1" in sights.text(hq.get(MERGE))


def test_who_was_merged_is_found_in_her_who_stays_and_listed_once(hq):
    decide(hq, decision="merge", keep="V1", reason="同一手机号")
    listed = hq.get("/admin/members/member/?q=V2").context["cl"].result_list
    assert [row.member_no for row in listed] == ["V1"]
    merged = hq.get("/admin/members/member/?merged=1").context["cl"].result_list
    assert [row.member_no for row in merged] == ["V2"]
    gone, stays = world.member("V2"), world.member("V1")
    assert hq.get(f"/admin/members/member/{gone.pk}/change/")["Location"].endswith(f"/{stays.pk}/change/")
    assert "138****0002" in sights.text(hq.get(f"/admin/members/member/{stays.pk}/change/"))


def test_a_merge_is_undone_from_its_page_with_a_reason(hq):
    decide(hq, decision="merge", keep="V1", reason="同一手机号")
    undo = f"{MERGE}{Merge.objects.get().pk}/undo/"
    assert (hq.post(undo, {"reason": ""}).status_code, MergeUndone.objects.count()) == (422, 0)
    assert hq.post(undo, {"reason": "两个人"}).status_code == 302
    assert Member.objects.living().count() == Member.objects.count()
    assert hq.post(undo, {"reason": "两个人"}).status_code == 422


def test_two_who_are_not_one_person_leave_the_list(hq):
    assert decide(hq, decision="dismiss").status_code == 302
    assert "V1" not in sights.text(hq.get(PAIR))
    assert "V1" in sights.text(hq.get(f"{PAIR}?state=dismissed"))


@pytest.mark.parametrize(("decision", "holder"), [("accept", "V2"), ("reject", "V1")])
def test_a_claim_is_decided_on_its_page(hq, decision, holder):
    row = Claim.objects.get()
    assert "V2" in sights.text(hq.get(CLAIM))
    assert "138****0001" in sights.text(hq.get(f"{CLAIM}{row.pk}/change/"))
    assert hq.post(f"{CLAIM}{row.pk}/settle/", {"decision": decision}).status_code == 302
    assert Member.objects.get(phone="+8613800000001").member_no == holder


def test_only_hq_decides(hq):
    auditor = sights.browser("auditor")
    assert auditor.get(f"{PAIR}{Duplicate.objects.get().pk}/change/").status_code == 200
    assert decide(auditor, decision="dismiss").status_code == 403
    assert auditor.post(f"{CLAIM}{Claim.objects.get().pk}/settle/", {"decision": "accept"}).status_code == 403
    assert Duplicate.objects.get().state == "open"
    assert Claim.objects.get().state == "pending"
    assert decide(hq, decision="dismiss").status_code == 302
