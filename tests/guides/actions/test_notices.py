"""Notices: one step to everybody they are for, read once, reminded of a few times, never sent twice."""

import uuid
from datetime import timedelta

import pytest

from guides.actions import notices
from guides.models import Notice, NoticeFile, NoticeReceipt, NoticeWithdrawal, Task
from guides.queries import notices as asked
from guides.queries.notices import Audience, by_region, by_store, readers_of
from members.actions import merges
from newretail.kernel import books
from newretail.kernel.actions import relay
from newretail.kernel.models import JournalEntry
from stores.models import Store
from tests import noticing, serving, sights, world

HOUR = timedelta(hours=1)
OF_SH01 = ["G1", "G2", "M1"]


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def of(code):
    return [Store.objects.get(code=code).pk]


def receipt(notice, staff_no):
    return NoticeReceipt.objects.get(notice=notice, post=serving.post(staff_no))


@pytest.mark.parametrize(("audience", "told"), [
    (lambda: Audience("brand"), ["G1", "G2", "G9", "M1"]),
    (lambda: noticing.regions("华东"), OF_SH01),
    (lambda: noticing.stores("GZ01"), ["G9"]),
    (lambda: Audience("brand", "guide"), ["G1", "G2", "G9"]),
    (lambda: noticing.stores("SH01", "GZ01", readers="manager"), ["M1"]),
])  # fmt: skip
def test_it_reaches_everybody_it_is_for_as_the_preview_says(audience, told):
    assert sum(readers_of(audience(), None).values()) == len(told)
    assert noticing.reached(noticing.send(audience())) == told
    assert books.verify() == []


def test_sent_again_under_its_number_it_stands_as_it_was():
    ref = uuid.uuid4()
    first = noticing.send(ref=ref)
    assert noticing.send(ref=ref, title="另一条") == first
    assert (Notice.objects.count(), NoticeReceipt.objects.count()) == (1, 4)
    assert Notice.objects.get().title == "五一价格调整"


def refused(sentence, **given):
    with pytest.raises(sentence):
        noticing.send(**given)
    assert not Notice.objects.exists()
    assert not NoticeReceipt.objects.exists()


def test_a_supervisor_and_a_manager_send_to_their_own_stores_alone():
    within = of("SH01")
    for audience in (Audience("brand"), noticing.regions("华南"), noticing.stores("SH01", "GZ01")):
        refused(notices.OutOfReach, audience=audience, within=within)
    assert noticing.reached(noticing.send(noticing.regions("华东"), within=within)) == OF_SH01


@pytest.mark.parametrize("given", [{"title": " "}, {"body": ""}, {"until": world.NOW}])
def test_what_says_nothing_or_is_over_already_is_not_sent(given):
    refused(notices.NotToBeSent, **given)


def test_where_nobody_serves_nothing_is_sent():
    refused(notices.NobodyToTell, audience=noticing.stores("GZ01", readers="manager"))


def test_who_gets_a_post_while_it_is_in_force_receives_it_once():
    notice = noticing.send()
    noticing.send(title="只到今天", until=world.NOW + HOUR)
    over = noticing.send(title="已过期", at=world.NOW - 2 * HOUR, until=world.NOW - HOUR)
    world.staff({"staff_no": "G3", "name": "小新", "store_code": "SH01", "role": "guide"})
    for _again in range(2):
        relay.drain(at=world.NOW)
    assert "G3" in noticing.reached(notice)
    assert "G3" not in noticing.reached(over)
    assert NoticeReceipt.objects.filter(post=serving.post("G3")).count() == 2
    assert books.verify() == []


def test_read_once_it_stays_read_at_that_time():
    notice = noticing.send()
    assert noticing.read(notice, "G1") == 1
    assert noticing.read(notice, "G1", at=world.NOW + HOUR) == 0
    assert receipt(notice, "G1").read_at == world.NOW
    assert receipt(notice, "G2").read_at is None
    assert JournalEntry.objects.filter(name="guides.notice.read").count() == 1


def test_nobody_reads_what_did_not_reach_her():
    notice = noticing.send(noticing.stores("SH01"))
    with pytest.raises(notices.UnknownNotice):
        noticing.read(notice, "G9")
    assert not NoticeReceipt.objects.filter(read_at__isnull=False).exists()


def remind(notice, hours, within=None):
    return notices.remind(notice=notice, within=within, at=world.NOW + hours * HOUR, by=noticing.hq())


def test_who_has_not_read_it_is_reminded_three_times_at_most_and_not_within_four_hours():
    notice = noticing.send()
    noticing.read(notice, "G1")
    assert [remind(notice, hours) for hours in (0, 4, 9)] == [3, 3, 3]
    for hours in (3, 24):
        with pytest.raises(notices.NobodyToRemind):
            remind(notice, hours)
    assert receipt(notice, "G1").reminders == 0
    assert receipt(notice, "G2").reminders == 3
    assert books.verify() == []


def test_a_manager_reminds_her_own_store():
    notice = noticing.send()
    assert remind(notice, 0, within=of("GZ01")) == 1
    assert remind(notice, 1) == 3
    assert receipt(notice, "G9").last_reminded_at == world.NOW


def test_who_has_left_is_not_reminded_nor_counted():
    notice = noticing.send(noticing.stores("GZ01"))
    sights.dismiss(serving.guide("G9").username)
    with pytest.raises(notices.NobodyToRemind):
        remind(notice, 0)
    assert by_store(notice, None) == []


def test_what_is_over_is_not_reminded_of():
    with pytest.raises(notices.NobodyToRemind):
        remind(noticing.send(until=world.NOW + HOUR), 2)


def test_a_task_comes_with_it_when_asked_for_also_to_who_comes_later():
    notice = noticing.send(due_days=2)
    assert sorted(Task.objects.values_list("post__user__staff_no", flat=True)) == ["G1", "G2", "G9", "M1"]
    task = Task.objects.first()
    assert (task.brief.title, task.brief.reason, task.due_at) == (notice.title, "notice", world.NOW + 48 * HOUR)
    world.staff({"staff_no": "G3", "name": "小新", "store_code": "SH01", "role": "guide"})
    relay.drain(at=world.NOW)
    assert Task.objects.filter(post=serving.post("G3")).count() == 1
    assert not noticing.send(title="无任务").brief


def test_completion_is_told_by_store_and_region_where_most_is_unread_first():
    notice = noticing.send()
    noticing.read(notice, "G9")
    stores = by_store(notice, None)
    assert [(each.code, each.told, each.read, each.percent) for each in stores] == [
        ("SH01", 3, 0, 0),
        ("GZ01", 1, 1, 100),
    ]
    assert [(each.name, each.unread) for each in by_region(stores)] == [("华东", 3), ("华南", 0)]
    assert [each.code for each in by_store(notice, of("GZ01"))] == ["GZ01"]


def test_its_files_stand_with_it():
    kept = notices.Attached("价目表.pdf", "pdf", b"%PDF-1.7 x")
    notice = noticing.send(files=[kept, kept])
    assert [(file.nth, file.size) for file in NoticeFile.objects.filter(notice=notice).order_by("nth")] == [
        (1, 10),
        (2, 10),
    ]


def withdraw(notice, reason="价格有误", at=world.NOW, by=None):
    return notices.withdraw(notice=notice, reason=reason, at=at, by=by or noticing.hq())


def test_what_its_sender_withdraws_waits_for_nobody_and_its_tasks_end():
    notice = noticing.send(noticing.stores("SH01"), due_days=1)
    serving.complete(Task.objects.get(post=serving.post("G1")), "done")
    assert withdraw(notice) == 2
    assert sorted(Task.objects.values_list("state", flat=True)) == ["cancelled", "cancelled", "done"]
    assert asked.waiting([serving.post("G1").pk], world.NOW) == {"unread": 0, "must": 0}
    with pytest.raises(notices.NobodyToRemind):
        notices.remind(notice=notice, within=None, at=world.NOW + 5 * HOUR, by=noticing.hq())
    world.staff({"staff_no": "G7", "name": "小雨", "store_code": "SH01", "role": "guide"})
    assert notices.deliver(at=world.NOW + HOUR) == 0
    assert books.verify() == []


def test_it_is_withdrawn_once_by_its_sender_for_a_reason_while_it_is_in_force():
    notice = noticing.send()
    for refusal, given in ((notices.NotTheSender, {"by": serving.guide("M1")}), (merges.WhyMissing, {"reason": " "}),
                           (notices.AlreadyWithdrawn, {"at": notice.until})):  # fmt: skip
        with pytest.raises(refusal):
            withdraw(notice, **given)
    assert not NoticeWithdrawal.objects.exists()
    withdraw(notice)
    with pytest.raises(notices.AlreadyWithdrawn):
        withdraw(notice, "又错")
    assert NoticeWithdrawal.objects.get().reason == "价格有误"


def test_its_readers_see_it_struck_with_the_reason():
    notice = noticing.send()
    withdraw(notice)
    phone = serving.phone("G1")
    assert "<s>五一价格调整</s>" in sights.text(phone.get("/g/notices/"))
    said = sights.text(phone.get(f"/g/notices/{notice.ref}/"))
    assert "价格有误" in said
    assert "我已阅读" not in said
