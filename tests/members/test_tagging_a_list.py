"""The members of a list are tagged as it is filtered: within sight, within reach of the tag, until a day."""

from datetime import date

import pytest
from django.urls import reverse

from members.actions import merges, tags
from members.admin import tagging
from members.importers import TAGS
from members.models import MemberTag, Tag, TagMove
from newretail.kernel.files.rows import batch_of
from tests import sights, world

PATH = reverse("admin:members_member_tag")


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    world.people({"member_no": "V3", "store_code": "SH01"}, {"member_no": "V4"})
    tags.record(batch=batch_of(TAGS, [{"name": "茶友"}, {"name": "沪", "store_code": "SH01"}]), at=world.NOW)


def send(client, query="", name="茶友", **more):
    given = {"tag": Tag.objects.get(name=name).pk, "deed": "put_on", **more}
    return client.post(f"{PATH}{query}", given, follow=True)


def carried():
    found = MemberTag.objects.filter(tag__name__in=("茶友", "沪")).order_by("member__member_no")
    return list(found.values_list("member__member_no", flat=True))


def test_the_list_offers_it_with_its_filters_and_says_how_many():
    hq = sights.browser("hq")
    assert f'href="{PATH}?q=V3"' in sights.text(hq.get(reverse("admin:members_member_changelist"), {"q": "V3"}))
    assert "名单中的 4 位会员" in sights.text(hq.get(PATH))


def test_those_whom_the_filters_leave_are_tagged_until_a_day_and_untagged():
    hq = sights.browser("hq")
    answer = send(hq, "?q=V3", until="2026-07-01", reason="试饮会")
    assert "已更新 1 位会员" in sights.text(answer)
    row = MemberTag.objects.get(tag__name="茶友")
    assert (row.member.member_no, row.expires_on, row.source) == ("V3", date(2026, 7, 1), "hand")
    assert TagMove.objects.get(tag__name="茶友").reason == "试饮会"
    send(hq)
    assert carried() == ["V1", "V2", "V3", "V4"]
    send(hq, "?q=V3", deed="take_off")
    assert carried() == ["V1", "V2", "V4"]


def test_a_manager_tags_the_members_of_her_store_alone_and_an_auditor_nobody():
    assert sights.browser("auditor").get(PATH).status_code == 403
    assert send(sights.browser("auditor")).status_code == 403
    assert carried() == []
    manager = sights.browser("manager")
    world.people({"member_no": "V2", "tags": "穗友"})
    assert "穗友" not in sights.text(manager.get(PATH))
    assert send(manager).status_code == 422  # a tag none of her members carries is not hers to choose
    assert carried() == []
    world.people({"member_no": "V1", "tags": "茶友"})
    send(manager)
    assert carried() == ["V1", "V3"]


def test_a_stores_own_tag_reaches_those_at_home_there():
    assert "2 位不在可及范围" in sights.text(send(sights.browser("hq"), name="沪"))
    assert carried() == ["V1", "V3"]
    refused = send(sights.browser("hq"), "?q=V2", name="沪")
    assert refused.status_code == 422
    assert carried() == ["V1", "V3"]


def test_who_was_merged_is_tagged_where_she_lives_on():
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    send(sights.browser("hq"))
    assert carried() == ["V1", "V3", "V4"]


@pytest.mark.parametrize(
    "more", [{"tag": "999999"}, {"tag": "x"}, {"deed": "burn"}, {"until": "2026-06-15"}, {"until": "soon"}]
)
def test_a_wish_that_makes_no_sense_is_told_so_and_nobody_is_tagged(more):
    answer = send(sights.browser("hq"), **more)
    assert answer.status_code == 422
    assert 'role="alert"' in sights.text(answer)
    assert carried() == []


def test_a_list_too_long_for_a_hand_is_refused(monkeypatch):
    monkeypatch.setattr(tagging, "MOST", 3)
    assert "超过 3 位会员" in sights.text(send(sights.browser("hq")))
    assert carried() == []
