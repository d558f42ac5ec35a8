"""Answers over the API: by survey, product, member, store and day; her own words only to who sees people."""

from datetime import timedelta

import pytest
import time_machine

from guides.actions import tasks
from tests import serving, surveying, world
from tests.api import machines

PATH = "/api/v1/survey-answers"


@pytest.fixture(autouse=True)
def _answered(noon):
    serving.shops()
    world.buy(world.order("A1", "100.00", "2026-06-14T10:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    surveying.reply(surveying.task(), purchase="pos:A1")
    with time_machine.travel(world.NOW + timedelta(days=1), tick=False):
        surveying.reply(surveying.task("V2", "G9"), {1: "1", 3: "0", 5: "南方不喜欢"}, at=world.NOW + timedelta(days=1))


def listed(client=None, **query):
    answer = (client or machines.machine("surveys:view")).get(PATH, query)
    assert answer.status_code == 200, answer.content
    return [(each["member_no"], each["question_no"]) for each in answer.json()["items"]]


FIRST, SECOND = [("V1", nth) for nth in range(1, 6)], [("V2", nth) for nth in (1, 3, 5)]


def test_an_answer_says_what_was_asked_of_whom_by_whom_and_about_what():
    items = machines.machine("surveys:view").get(PATH).json()["items"]
    assert items[0] == {
        "survey": "after", "version": 1, "question_no": 1, "question": "满意吗？", "kind": "score_5", "number": 4,
        "answer": "4", "skus": ["TEA"], "member_no": "V1", "staff_no": "G1", "store_code": "SH01",
        "answered_at": "2026-06-15T12:00:00+08:00",
    }  # fmt: skip
    assert [(each["number"], each["answer"]) for each in items[1:3]] == [(2, "价格"), (1, "yes")]
    assert (items[5]["skus"], items[5]["store_code"]) == ([], "GZ01")


def test_her_own_words_are_told_to_who_sees_people_alone():
    hidden = machines.machine("surveys:view", "members:view").get(PATH).json()["items"]
    assert [each["answer"] for each in hidden if each["kind"] == "text"] == ["****", "****"]
    crm = machines.machine("surveys:view", "members:view", "personal_data:view", of=machines.account("crm"))
    told = crm.get(PATH).json()["items"]
    assert [each["answer"] for each in told if each["kind"] == "text"] == ["茶香很好", "南方不喜欢"]


def test_they_are_those_of_a_survey_a_product_a_member_a_store_and_of_days_that_are_both_included():
    client = machines.machine("surveys:view")
    assert listed(client) == listed(client, survey="after") == FIRST + SECOND
    assert listed(client, survey="none") == listed(client, sku="NUT") == []
    assert listed(client, sku="TEA") == listed(client, member_no="V1") == listed(client, store_code="SH01") == FIRST
    assert listed(client, to="2026-06-15") == FIRST
    assert listed(client, **{"from": "2026-06-16", "to": "2026-06-16"}) == SECOND
    assert client.get(PATH, {"from": "yesterday"}).json()["code"] == "bad_day"
    assert client.get(PATH, {"question": "1"}).json()["code"] == "unknown_parameter"


def test_pages_follow_each_other_and_tell_each_answer_once():
    client, after, found = machines.machine("surveys:view"), None, []
    for _page in range(3):
        page = client.get(PATH, {"limit": 3, **({"after": after} if after else {})}).json()
        found += [(each["member_no"], each["question_no"]) for each in page["items"]]
        after = page["next"]
    assert (after, found) == (None, FIRST + SECOND)


def test_what_came_later_is_told_by_when_it_was_written():
    assert listed(updated_since="2026-06-16T11:00:00+08:00") == SECOND


def test_what_was_taken_back_is_not_there():
    task = surveying.task("V1", "G1", "tests:undone")
    surveying.reply(task)
    assert len(listed()) == 13
    tasks.undo(task=task.ref, within=[task.post_id], at=world.NOW, by=task.post.user)
    assert len(listed()) == 8


def test_a_key_of_one_store_reads_what_its_own_guides_asked():
    till = machines.machine("surveys:view", of=machines.account("till", "GZ01"))
    assert listed(till) == SECOND


def test_without_the_right_nothing_is_told():
    assert machines.machine("members:view").get(PATH).status_code == 403
