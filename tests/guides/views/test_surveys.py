"""The questions on a guide's phone: shown upon the task, answered with it, nothing typed is lost."""

import uuid

import pytest

from guides.models import Feedback, SurveyReply
from tests import serving, sights, surveying, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def send(phone, task, **given):
    path = f"/g/tasks/{task.ref}/do/"
    form = {"do": "complete", "outcome": "replied", "ref": uuid.uuid4(), **given}
    return phone.post(path, form, headers={"hx-request": "true"})


FULL = {"q1": "4", "q2": "2", "q3": "1", "q4": "10", "q5": "茶香很好"}


def test_the_card_asks_about_her_purchase():
    world.buy(world.order("A1", "100.00", "2026-06-14T10:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    task, phone = surveying.task(), serving.phone("G1")
    for page in ("/g/", f"/g/tasks/{task.ref}/"):
        with sights.asked() as queries:
            said = sights.text(phone.get(page))
        for words in ("满意吗？", "口感", "想说什么？", "2026-06-14 明前龙井", 'value="pos:A1"'):
            assert words in said
        assert len(queries) <= sights.MOST_QUERIES
    assert "满意吗？" not in sights.text(serving.phone("G2").get("/g/"))


def test_answers_go_with_the_task_once_and_can_be_undone():
    task, phone, ref = surveying.task(), serving.phone("G1"), uuid.uuid4()
    for _again in range(2):
        assert "she replied" in sights.text(send(serving.phone("G1", "en"), task, ref=ref, **FULL))
    assert SurveyReply.objects.standing().count() == 1
    send(phone, task, do="undo")
    assert not SurveyReply.objects.standing().exists()


def test_what_is_missing_is_said_and_what_was_typed_stays():
    task = surveying.task()
    answer = send(serving.phone("G1"), task, q1="4", q5="别弄丢")
    said = sights.text(answer)
    assert "请回答这一题" in said
    assert "别弄丢" in said
    assert "checked" in said
    assert not SurveyReply.objects.exists()


def test_a_queue_is_told_why_answers_were_refused():
    task = surveying.task()
    form = {"do": "complete", "outcome": "replied", "ref": uuid.uuid4(), "q1": "9"}
    answer = serving.phone("G1").post(f"/g/tasks/{task.ref}/do/", form, headers={"x-queue": "1"})
    assert "满意吗？" in answer.json()["refused"]


def note(phone, **given):
    form = {"do": "feedback", "kind": "complaint", "words": "包装破了", "ref": uuid.uuid4(), **given}
    return phone.post("/g/customers/V1/do/", form, headers={"hx-request": "true"})


def test_what_she_says_is_noted_once():
    world.buy(world.order("A1", "100.00", "2026-06-14T10:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    ref = uuid.uuid4()
    for _again in range(2):
        said = sights.text(note(serving.phone("G1"), ref=ref, sku="TEA"))
    assert "包装破了" in said
    assert "抱怨" in said
    assert [(each.kind, each.product.sku, each.post.user.staff_no) for each in Feedback.objects.all()] == [
        ("complaint", "TEA", "G1")
    ]
    assert note(serving.phone("G2")).status_code == 404


@pytest.mark.parametrize("given", [
    {"words": ""}, {"words": " \0"}, {"words": "长" * 401}, {"kind": "moon"}, {"sku": "NUT"}, {"kind": "\0"},
])  # fmt: skip
def test_feedback_that_says_nothing_is_refused_and_stays_in_the_form(given):
    said = sights.text(note(serving.phone("G1"), **given))
    assert "g-refused" in said
    assert given.get("words", "包装破了").strip("\0 ") in said
    assert not Feedback.objects.exists()
