"""On her store's board a manager sees what her guides have not read, and what waits for her answer."""

import re
import uuid
from datetime import timedelta

import pytest

from guides.actions import notices
from guides.models import NoticeReceipt
from guides.queries.desk import NAMED, NOTICES_SHOWN, unread_of, waits_beside
from stores.models import Store
from tests import noticing, serving, sights, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def waits(code, hours=0):
    found = waits_beside(Store.objects.filter(code=code), world.NOW + timedelta(hours=hours)).get()
    return found.unread, found.notices, found.escalations, found.late


def test_what_waits_is_counted_in_the_store_it_waits_in():
    assert waits("SH01") == (0, 0, 0, 0)
    first, _second = noticing.send(), noticing.send(noticing.stores("SH01"), until=world.NOW + timedelta(hours=5))
    noticing.read(first, "G1")
    serving.take_up("G1")
    assert waits("SH01") == (5, 2, 1, 0)
    assert waits("SH01", hours=30) == (2, 1, 1, 1)
    assert waits("GZ01") == (1, 1, 0, 0)


def test_it_stands_on_the_board_and_leads_to_the_lists():
    noticing.send()
    said = sights.text(sights.browser("manager").get("/stores/SH01/"))
    assert "公告与上报" in said
    assert "/admin/guides/notice/?unread=yes" in said
    assert "/admin/guides/escalation/?state=open" in said


REMIND = "/stores/SH01/notices/remind/"


def lists(code="SH01"):
    found = unread_of(waits_beside(Store.objects.filter(code=code), world.NOW).get())
    return [(each.title, each.named) for each in found]


def reminders():
    rows = NoticeReceipt.objects.filter(reminders__gt=0).order_by("post__user__staff_no")
    return list(rows.values_list("post__user__staff_no", "reminders"))


def given(ref):
    return {"notice": str(ref), "ref": str(uuid.uuid4())}


def test_who_has_not_read_a_notice_stands_by_name_what_must_be_read_first():
    early = noticing.send(title="盘点", must_read=False)
    noticing.send(title="价格", audience=noticing.stores("SH01"))
    noticing.send(title="他店", audience=noticing.stores("GZ01"))
    gone = noticing.send(title="撤回", audience=noticing.stores("SH01"))
    notices.withdraw(notice=gone, reason="有误", at=world.NOW, by=noticing.hq())
    noticing.read(early, "G1")
    assert lists() == [("价格", "小丽、小美、王店长"), ("盘点", "小丽、王店长")]
    noticing.read(early, "G2")
    noticing.read(early, "M1")
    assert [title for title, _names in lists()] == ["价格"]


def test_many_notices_and_many_names_do_not_crowd_the_board():
    world.staff(*({"staff_no": f"N{n}", "name": f"新人{n}", "store_code": "SH01", "role": "guide"} for n in range(9)))
    for n in range(NOTICES_SHOWN + 2):
        noticing.send(title=f"公告{n}", audience=noticing.stores("SH01"))
    found = lists()
    assert len(found) == NOTICES_SHOWN
    assert [names.count("、") for _title, names in found] == [NAMED - 1] * NOTICES_SHOWN
    manager = sights.browser("manager")
    with sights.asked() as queries:
        said = sights.text(manager.get("/stores/SH01/"))
    assert "等 12 人" in said
    assert len(queries) <= sights.MOST_QUERIES


def test_a_manager_reminds_them_from_the_board_by_a_tap_that_counts_once():
    notice = noticing.send()
    noticing.read(notice, "G1")
    manager = sights.browser("manager")
    board = sights.text(manager.get("/stores/SH01/")).partition(REMIND)[2].partition("</form>")[0]
    form = {"notice": str(notice.ref), "ref": re.search(r'name="ref" value="([0-9a-f-]{36})"', board).group(1)}
    for _again in range(2):
        assert "已催读未读的人" in sights.text(manager.post(REMIND, form, follow=True))
    assert reminders() == [("G2", 1), ("M1", 1)]
    assert "暂无可催读的人" in sights.text(manager.post(REMIND, given(notice.ref), follow=True))
    assert reminders() == [("G2", 1), ("M1", 1)]


def test_nobody_reminds_where_she_has_no_say():
    notice, elsewhere = noticing.send(), noticing.send(noticing.stores("GZ01"))
    manager = sights.browser("manager")
    assert sights.browser("guide").post(REMIND, given(notice.ref)).status_code == 403
    auditor = sights.browser("auditor")
    assert auditor.post(REMIND, given(notice.ref)).status_code == 403
    assert manager.post("/stores/GZ01/notices/remind/", given(notice.ref)).status_code == 404
    for ref in (elsewhere.ref, "x", uuid.uuid4()):
        assert "没有发给您的这条公告" in sights.text(manager.post(REMIND, given(ref), follow=True))
    assert manager.get(REMIND).status_code == 405
    assert not reminders()
    boards = {client: sights.text(client.get("/stores/SH01/")) for client in (manager, auditor)}
    assert [REMIND in said for said in boards.values()] == [True, False]
    assert ["小丽、小美" in said for said in boards.values()] == [True, True]
