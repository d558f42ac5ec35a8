"""The page of hand-overs: who left, how customers would be spread, done by who may; nobody else's store is there."""

import pytest

from guides.models import Bond
from tests import serving, sights, world

PAGE = "/handover/"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    serving.bind("V2", "G9")


def manager(language="zh-hans"):
    return serving.phone("M1", language)


def leave():
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"})


def test_a_manager_sees_who_left_previews_and_hands_over():
    leave()
    client = manager()
    with sights.asked() as queries:
        said = sights.text(client.get(PAGE))
    assert "小美" in said
    assert "离开" in said
    assert len(queries) <= sights.MOST_QUERIES
    given = {"store": "SH01", "guide": "G1", "rule": "evenly", "to": ["G2"]}
    shown = sights.text(client.get(PAGE, given))
    assert "移交 1 位顾客" in shown
    done = sights.text(client.post(PAGE, given, follow=True))
    assert "已移交" in done
    assert serving.served("V1") == "G2"


def test_it_is_read_in_english_too():
    assert "Hand over customers" in sights.text(manager("en").get(PAGE))


def test_another_stores_guides_are_not_there():
    client = manager()
    assert "阿强" not in sights.text(client.get(PAGE, {"store": "GZ01"}))
    given = {"store": "GZ01", "guide": "G9", "rule": "evenly", "to": ["G9"]}
    assert client.post(PAGE, given).status_code == 404
    assert serving.served("V2") == "G9"
    assert "阿强" in sights.text(sights.browser("hq").get(PAGE, {"store": "GZ01"}))


def test_a_guide_hands_nobody_over():
    assert serving.phone("G2").get(PAGE).status_code == 403


@pytest.mark.parametrize("more", [
    {}, {"to": ["G9"], "rule": "evenly"}, {"to": ["G2"], "rule": "nonsense"}, {"to": ["\0"], "rule": "load"},
])  # fmt: skip
def test_nonsense_is_refused_by_a_sentence_and_changes_nothing(more):
    answer = manager().post(PAGE, {"store": "SH01", "guide": "G1", **more})
    assert answer.status_code == 422
    assert "同一门店" in sights.text(answer)
    assert Bond.objects.filter(ended_at__isnull=False).count() == 0


def test_who_is_not_known_leads_back_to_the_list():
    assert manager().get(PAGE, {"store": "SH01", "guide": "\0none"})["location"] == PAGE
