"""Notices on a phone: a badge until what must be read is read by a tap, files for those alone it reached."""

import uuid

import pytest

from guides.actions.notices import Attached
from guides.models import NoticeReceipt
from tests import noticing, serving, sights


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def tap(client, notice, ref=None, **headers):
    return client.post(f"/g/notices/{notice.ref}/read/", {"ref": ref or uuid.uuid4()}, headers=headers)


def test_what_must_be_read_stands_on_the_tab_until_it_is_read():
    notice, phone = noticing.send(), serving.phone("G1")
    assert "g-badge" in sights.text(phone.get("/g/"))
    mine = sights.text(phone.get("/g/me/"))
    assert all(words in mine for words in ("待阅读", "五一价格调整", "必读", "1 条未读"))
    assert tap(phone, notice)["location"] == f"/g/notices/{notice.ref}/"
    assert "g-badge" not in sights.text(phone.get("/g/"))
    assert "五一价格调整" not in sights.text(phone.get("/g/me/"))
    assert "g-badge" in sights.text(serving.phone("G2").get("/g/"))


def test_the_page_of_a_notice_says_it_whole_in_both_languages():
    notice = noticing.send(due_days=1)
    said = sights.text(serving.phone("G1").get(f"/g/notices/{notice.ref}/"))
    assert all(words in said for words in ("五月一日起新价格生效。", "请更换价签。", "已阅读", "附带一项任务"))
    english = sights.text(serving.phone("G1", "en").get(f"/g/notices/{notice.ref}/"))
    assert all(words in english for words in ("must read", "I have read it", "A task comes with this notice"))


def test_what_need_not_be_read_is_read_by_being_looked_at():
    must, plain = noticing.send(), noticing.send(title="新品到店", must_read=False)
    phone = serving.phone("G1")
    assert 'hx-trigger="load, submit"' in sights.text(phone.get(f"/g/notices/{plain.ref}/"))
    assert 'hx-trigger="load' not in sights.text(phone.get(f"/g/notices/{must.ref}/"))
    assert not NoticeReceipt.objects.filter(read_at__isnull=False).exists()  # looking writes nothing


def test_a_tap_is_taken_once_also_from_the_queue():
    notice, phone, ref = noticing.send(), serving.phone("G1"), uuid.uuid4()
    assert "阅读" in sights.text(tap(phone, notice, ref, **{"hx-request": "true"}))
    for _again in range(2):
        assert tap(phone, notice, ref, **{"x-queue": "1"}).json() == {"refused": ""}
    assert NoticeReceipt.objects.filter(read_at__isnull=False).count() == 1


def test_what_waits_stands_first_in_the_list():
    for title, must in (("一", True), ("二", False), ("三", False)):
        noticing.send(title=f"标题{title}", must_read=must)
    phone = serving.phone("G1")
    said = sights.text(phone.get("/g/notices/"))
    assert said.index("标题一") < said.index("标题三") < said.index("标题二")


def test_a_file_goes_to_whom_the_notice_reached_and_is_never_shown_within_a_page():
    file = Attached("价目表.pdf", "pdf", b"%PDF-1.7 x")
    notice = noticing.send(noticing.stores("SH01"), files=[file])
    path = f"/g/notices/{notice.ref}/files/1/"
    got = serving.phone("G1").get(path)
    assert (got.status_code, got.content, got["content-type"]) == (200, b"%PDF-1.7 x", "application/pdf")
    assert got["content-disposition"].startswith("attachment;")
    assert got["x-content-type-options"] == "nosniff"
    assert serving.phone("G9").get(path).status_code == 404
    assert serving.phone("G1").get(f"/g/notices/{notice.ref}/files/2/").status_code == 404


def test_what_reached_another_is_not_there():
    notice, other = noticing.send(noticing.stores("SH01")), serving.phone("G9")
    assert other.get(f"/g/notices/{notice.ref}/").status_code == 404
    assert tap(other, notice).status_code == 404
    assert tap(other, notice, **{"x-queue": "1"}).json()["refused"]
    assert "五一" not in sights.text(other.get("/g/notices/"))
    assert not NoticeReceipt.objects.filter(read_at__isnull=False).exists()


def test_pages_ask_as_much_whatever_the_number():
    phone = serving.phone("G1")
    noticing.send()
    counts = []
    for more in (0, 30):
        for turn in range(more):
            noticing.send(title=f"标题{turn}")
        for path in ("/g/me/", "/g/notices/", "/g/"):
            with sights.asked() as asked:
                said = sights.text(phone.get(path))
            counts.append(len(asked))
    assert "再看一些" in sights.text(phone.get("/g/notices/"))
    assert counts[:3] == counts[3:]
    assert max(counts) <= sights.MOST_QUERIES
    assert said


def test_the_handbook_is_there_in_both_languages():
    assert "您的一天" in sights.text(serving.phone("G1").get("/g/handbook/"))
    assert "Your day" in sights.text(serving.phone("G1", "en").get("/g/handbook/"))
