"""A problem taken up on the phone, answered by the manager, closed by who took it up."""

import uuid

import pytest

from guides.models import Escalation, EscalationMessage
from tests import serving, sights

LIST, ADMIN = "/g/escalations/", "/admin/guides/escalation/"
GIVEN = {"title": "退货纠纷", "words": "顾客要求退货。"}


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def take_up(phone, ref=None, headers=None, **more):
    return phone.post(f"{LIST}new/", {**GIVEN, "ref": ref or uuid.uuid4(), **more}, headers=headers)


def test_taken_up_from_a_task_it_names_the_customer():
    task, phone = serving.give("V1", "G1"), serving.phone("G1")
    assert "关于张三" in sights.text(phone.get(f"{LIST}new/?task={task.ref}"))
    assert take_up(phone, task=task.ref)["location"] == LIST
    found = Escalation.objects.get()
    assert (found.task, found.member.member_no) == (task, "V1")
    said = sights.text(phone.get(f"{LIST}{found.ref}/"))
    assert all(words in said for words in ("退货纠纷", "关于张三", "顾客要求退货。", "待答复"))
    english = sights.text(serving.phone("G1", "en").get(LIST))
    assert all(words in english for words in ("Escalations", "waits for an answer", "Take a problem up"))


def test_about_nobody_elses_customer_or_task():
    other = serving.phone("G2")
    assert take_up(other, member="V1").status_code == 404
    assert take_up(other, task=serving.give("V1", "G1").ref).status_code == 404
    assert take_up(other, member="\0").status_code == 404
    assert take_up(other, task="none").status_code == 404
    assert not Escalation.objects.exists()
    assert take_up(serving.phone("G1"), member="V1").status_code == 302


def test_a_tap_is_taken_once_also_from_the_queue():
    phone, ref = serving.phone("G1"), uuid.uuid4()
    for _again in range(2):
        assert take_up(phone, ref, {"x-queue": "1"}).json() == {"refused": ""}
    assert take_up(phone, ref, {"hx-request": "true"})["hx-redirect"] == LIST
    assert Escalation.objects.count() == 1


def test_nothing_said_is_told_and_what_was_written_stays():
    said = sights.text(take_up(serving.phone("G1"), words=" "))
    assert "请说明是什么事" in said
    assert 'value="退货纠纷"' in said
    assert not Escalation.objects.exists()


def test_the_manager_answers_and_the_guide_sees_it_and_closes_it():
    found, phone, manager = serving.take_up("G1"), serving.phone("G1"), sights.browser("manager")
    assert "退货纠纷" in sights.text(manager.get(ADMIN))
    page = f"{ADMIN}{found.pk}/"
    assert "退货" in sights.text(manager.get(f"{page}change/"))
    manager.post(f"{page}answer/", {"words": " "})
    assert EscalationMessage.objects.count() == 1
    manager.post(f"{page}answer/", {"words": "我来处理", "do": "answer"})
    assert "1 条已答复" in sights.text(phone.get("/g/me/"))
    assert "我来处理" in sights.text(phone.get(f"{LIST}{found.ref}/"))
    path = f"{LIST}{found.ref}/do/"
    assert phone.post(path, {"ref": uuid.uuid4(), "do": "burn"}).status_code == 404
    assert phone.post(path, {"ref": uuid.uuid4(), "do": "close"})["location"] == f"{LIST}{found.ref}/"
    refused = phone.post(path, {"ref": uuid.uuid4(), "do": "add", "words": "再问"})
    assert "已关闭" in sights.text(refused)
    assert Escalation.objects.get().state == "closed"


def test_another_store_and_an_auditor_answer_nothing():
    found = serving.take_up("G9")
    assert sights.browser("manager").post(f"{ADMIN}{found.pk}/answer/", {"words": "x"}).status_code == 404
    assert sights.browser("auditor").post(f"{ADMIN}{found.pk}/answer/", {"words": "x"}).status_code == 403
    assert EscalationMessage.objects.count() == 1
    sights.browser("hq").post(f"{ADMIN}{found.pk}/answer/", {"words": "x"})
    assert EscalationMessage.objects.count() == 2


def test_pages_ask_as_much_whatever_the_number():
    phone, hq = serving.phone("G1"), sights.browser("hq")
    found = serving.take_up("G1")
    counts = []
    for more in (0, 30):
        for _turn in range(more):
            serving.take_up("G1")
        for client, path in ((phone, LIST), (phone, f"{LIST}{found.ref}/"), (phone, "/g/me/"), (hq, ADMIN),
                             (hq, f"{ADMIN}{found.pk}/change/")):  # fmt: skip
            with sights.asked() as asked:
                assert client.get(path).status_code == 200
            counts.append(len(asked))
    assert counts[:5] == counts[5:]
    assert max(counts) <= sights.MOST_QUERIES
