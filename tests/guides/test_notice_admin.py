"""HQ, a region and a store send notices within their reach, see who has read them, remind the others."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guides.actions.notices import Attached
from guides.models import Notice, NoticeFile, NoticeReceipt, NoticeWithdrawal
from stores.models import Region, Store
from tests import noticing, serving, sights

LIST = "/admin/guides/notice/"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def wish(**more):
    usual = {"ref": uuid.uuid4(), "title": "五一价格", "body": "请更换价签", "must_read": "on", "audience_kind": "brand",
             "readers": "everybody", "until": "2026-07-01"}  # fmt: skip
    return {**usual, **more}


def store(code):
    return Store.objects.get(code=code).pk


def send(client, **more):
    return client.post(f"{LIST}send/", wish(**more))


def test_hq_sends_to_everybody_with_a_file_once_for_the_number_of_the_form():
    hq, ref = sights.browser("hq"), uuid.uuid4()
    for _again in range(2):
        file = SimpleUploadedFile("价目表.pdf", b"%PDF-1.7")
        assert send(hq, ref=ref, attached=file, due_days="3").status_code == 302
    notice = Notice.objects.get()
    assert (noticing.reached(notice), notice.due_days) == (["G1", "G2", "G9", "M1"], 3)
    assert NoticeFile.objects.get().name == "价目表.pdf"
    assert hq.get(f"{LIST}{notice.pk}/file/?nth=1").content == b"%PDF-1.7"
    assert [hq.get(f"{LIST}{notice.pk}/file/?nth={nth}").status_code for nth in ("2", "x", "²")] == [404] * 3


def test_a_manager_sends_to_her_store_alone_and_a_guide_to_nobody():
    manager = sights.browser("manager")
    assert send(manager, audience_kind="stores", stores=store("SH01")).status_code == 302
    for given in ({}, {"audience_kind": "regions", "regions": Region.objects.first().pk},
                  {"audience_kind": "stores", "stores": store("GZ01")}):  # fmt: skip
        assert send(manager, **given).status_code == 422
    assert sights.browser("guide").get(f"{LIST}send/").status_code == 403
    assert sights.browser("auditor").get(f"{LIST}send/").status_code == 403
    assert Notice.objects.count() == 1


def test_a_supervisor_sends_to_her_region():
    supervisor = sights.browser("supervisor")
    assert send(supervisor, audience_kind="regions", regions=Region.objects.get(name="华东").pk).status_code == 302
    assert send(supervisor, audience_kind="regions", regions=Region.objects.get(name="华南").pk).status_code == 422
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("given", [
    {"title": ""}, {"title": "x" * 61}, {"body": ""}, {"ref": "one"}, {"audience_kind": "moon"}, {"readers": "cats"},
    {"audience_kind": "stores"}, {"audience_kind": "stores", "stores": "x"}, {"until": "2026-06-14"}, {"until": "soon"},
    {"due_days": "-1"}, {"due_days": "1e9"}, {"title": "a\0b"},
])  # fmt: skip
def test_nonsense_is_told_and_nothing_is_sent_nor_lost(given):
    answer = send(sights.browser("hq"), **given)
    assert answer.status_code == 422
    assert "hq-bad" in sights.text(answer)
    assert not Notice.objects.exists()


def test_before_it_is_sent_its_reach_is_told():
    hq = sights.browser("hq")
    said = sights.text(hq.post(f"{LIST}send/preview/", {"audience_kind": "brand", "readers": "everybody"}))
    assert "将送达 <b>4</b> 人：导购 3 人，店长 1 人" in said
    assert "请选择发送范围" in sights.text(hq.post(f"{LIST}send/preview/", {"audience_kind": "stores"}))
    assert hq.get(f"{LIST}send/preview/").status_code == 405


def test_each_sees_the_counts_of_her_own_reach_and_reminds_there():
    notice = noticing.send(noticing.stores("SH01", "GZ01"))
    noticing.read(notice, "G1")
    manager, hq = sights.browser("manager"), sights.browser("hq")
    assert "1 / 3 (33%)" in sights.text(manager.get(LIST))
    assert "1 / 4 (25%)" in sights.text(hq.get(LIST))
    page = sights.text(manager.get(f"{LIST}{notice.pk}/change/"))
    assert "上海南京西路店" in page
    assert "广州天河店" not in page.partition("阅读情况")[2]
    manager.post(f"{LIST}{notice.pk}/remind/")
    assert NoticeReceipt.objects.filter(reminders=1).count() == 2
    said = sights.text(manager.post(f"{LIST}{notice.pk}/remind/", follow=True))
    assert "暂无可催读的人" in said


def test_a_notice_of_another_store_is_not_there_nor_its_file():
    notice = noticing.send(noticing.stores("GZ01"), files=[Attached("a.pdf", "pdf", b"%PDF-")])
    manager = sights.browser("manager")
    for path in ("change/", "remind/", "file/"):
        assert manager.get(f"{LIST}{notice.pk}/{path}").status_code == 404
    assert "五一" not in sights.text(manager.get(LIST))


def test_receipts_are_narrowed_by_notice_and_state_and_taken_out():
    notice = noticing.send()
    noticing.read(notice, "G1")
    hq, path = sights.browser("hq"), "/admin/guides/noticereceipt/"
    said = sights.text(hq.get(f"{path}?notice={notice.ref}&state=unread"))
    assert "小丽" in said
    assert "小美" not in said
    rows = sights.text(hq.post(f"{path}export/?notice={notice.ref}", {"format": "csv"})).splitlines()
    assert len(rows) == 5
    assert hq.get(f"{path}?notice=nonsense").status_code in (302, 400)


def test_lists_and_pages_ask_as_much_whatever_the_number():
    hq = sights.browser("hq")
    notice = noticing.send()
    paths = (LIST, f"{LIST}?unread=yes", f"{LIST}{notice.pk}/change/", "/admin/guides/noticereceipt/")
    counts = []
    for more in (0, 20):
        for turn in range(more):
            noticing.send(title=f"标题{turn}")
        for path in paths:
            with sights.asked() as asked:
                assert hq.get(path).status_code == 200
            counts.append(len(asked))
    assert counts[:4] == counts[4:]
    assert max(counts) <= sights.MOST_QUERIES


def test_who_sent_a_notice_withdraws_it_by_its_page_and_nobody_else():
    hq, manager = sights.browser("hq"), sights.browser("manager")
    send(hq)
    notice = Notice.objects.get()
    page = f"{LIST}{notice.pk}/"
    assert "撤回通知" not in sights.text(manager.get(f"{page}change/"))
    assert "只有发送人" in sights.text(manager.post(f"{page}withdraw/", {"reason": "x"}, follow=True))
    assert "请" in sights.text(hq.post(f"{page}withdraw/", {"reason": " "}, follow=True))
    assert not NoticeWithdrawal.objects.exists()
    said = sights.text(hq.post(f"{page}withdraw/", {"reason": "价格有误"}, follow=True))
    assert "价格有误" in said
    assert "撤回通知" not in said
    assert "已撤回" in sights.text(hq.get(LIST))
