"""The members of a list are tagged as it is filtered: within sight, within reach of the tag, until a day."""

from datetime import date

import pytest
from django.urls import reverse

from members.actions import merges, tags
from members.admin import listed
from members.importers import TAGS
from members.models import Member, MemberTag, Tag, TagMove
from newretail.kernel.actions import jobs
from newretail.kernel.files.rows import batch_of
from newretail.kernel.guard import writing
from newretail.kernel.models import JobRun, JournalEntry
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


def performed():
    """The last run, after a worker has taken it up."""
    while jobs.perform_next(jobs.QUEUED):
        pass
    return JobRun.objects.latest("pk")


def test_a_long_list_is_tagged_by_a_worker_part_by_part(monkeypatch):
    monkeypatch.setattr(listed, "AT_ONCE", 2)
    hq = sights.browser("hq")
    assert "由后台任务" in sights.text(hq.get(PATH))
    answer = send(hq, until="2026-07-01", reason="试饮会")
    assert (carried(), "打会员标签" in sights.text(answer)) == ([], True)
    run = performed()
    assert (run.state, run.counts) == ("done", {"changed": 4, "unchanged": 0, "out_of_reach": 0})
    assert (carried(), TagMove.objects.filter(reason="试饮会").count()) == (["V1", "V2", "V3", "V4"], 4)
    assert JournalEntry.objects.filter(name="members.tag.put_on").count() == 2
    jobs.run_again(run=run, by=run.by, at=world.NOW)
    assert performed().counts == {"changed": 0, "unchanged": 4, "out_of_reach": 0}


def test_a_worker_keeps_to_the_filters_and_the_sight_of_whoever_asked(monkeypatch):
    monkeypatch.setattr(listed, "AT_ONCE", 1)
    world.people({"member_no": "V1", "tags": "茶友"})
    send(sights.browser("manager"))
    assert performed().counts == {"changed": 1, "unchanged": 1, "out_of_reach": 0}
    assert carried() == ["V1", "V3"]
    send(sights.browser("hq"), name="沪", deed="put_on")
    assert performed().counts == {"changed": 2, "unchanged": 0, "out_of_reach": 2}


def test_who_has_lost_the_right_meanwhile_tags_nobody(monkeypatch):
    monkeypatch.setattr(listed, "AT_ONCE", 2)
    send(sights.browser("hq"))
    with writing("tests"):
        JobRun.objects.latest("pk").by.posts.update(role="auditor")
    run = performed()
    assert (run.state, run.failure["code"], carried()) == ("failed", "no_longer_allowed", [])


def tick(client, *numbers, across="0"):
    """Tick rows of the list and choose the deed; where that leads."""
    ids = list(Member.objects.filter(member_no__in=numbers).values_list("pk", flat=True))
    given = {"action": "tag_ticked", "_selected_action": ids, "select_across": across, "index": 0}
    return client.post(f"{reverse('admin:members_member_changelist')}?merged=no", given)


def test_ticked_members_are_tagged_alone():
    hq = sights.browser("hq")
    address = tick(hq, "V1", "V4").headers["Location"]
    assert "已勾选 2 位会员" in sights.text(hq.get(PATH + address.removeprefix("tag/")))
    send(hq, address.removeprefix("tag/"))
    assert carried() == ["V1", "V4"]
    assert tick(hq, "V1", across="1").headers["Location"] == "tag/?merged=no"


@pytest.mark.parametrize("ticked", ["x", "1..2", "１", "1." * 1_000 + "1", "9" * 19])
def test_ticks_that_are_none_are_refused(ticked):
    assert send(sights.browser("hq"), f"?ticked={ticked}").status_code == 400
    assert carried() == []


def test_ticking_reaches_no_member_out_of_sight_and_is_offered_to_those_who_may_tag():
    world.people({"member_no": "V1", "tags": "茶友"})
    manager, far = sights.browser("manager"), Member.objects.get(member_no="V2").pk
    send(manager, f"?ticked={far}")
    assert carried() == ["V1"]
    page = reverse("admin:members_member_changelist")
    assert "tag_ticked" in sights.text(manager.get(page))
    assert "tag_ticked" not in sights.text(sights.browser("auditor").get(page))
