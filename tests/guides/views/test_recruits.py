"""The code on a guide's phone and the page it leads to: joined once, told in both languages, nobody's data shown."""

import re

import pytest
from django.test import Client

from guides.models import Bond, RecruitCode
from members.models import Member
from tests import serving, sights, world
from tests.members import consenting

PAGE = "/g/code/"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    consenting.texts()


def stranger(language="zh-hans"):
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = language
    return client


def made(scene="till"):
    serving.phone("G1").post(PAGE, {"scene": scene})
    return RecruitCode.objects.get(scene=scene)


def test_a_guide_makes_her_code_and_shows_it():
    phone = serving.phone("G1")
    assert "生成我的码" in sights.text(phone.get(PAGE))
    assert "<svg" in sights.text(phone.post(PAGE, {"scene": "till"}, follow=True))
    said = sights.text(phone.get(PAGE, {"scene": "till"}))
    assert f"/j/{RecruitCode.objects.get().token}/" in said
    assert "/j/" not in sights.text(serving.phone("G2").get(PAGE, {"scene": "till"}))


def test_hq_has_no_code():
    assert sights.browser("hq").get(PAGE).status_code == 403


def test_who_scans_it_joins_and_is_welcomed():
    path = f"/j/{made().token}/"
    said = sights.text(stranger().get(path))
    assert "上海南京西路店" in said
    assert "同意marketing" in said
    given = {"phone": "13911112222", "name": "王五", "allow-marketing": "1"}
    answer = stranger().post(path, given)
    assert answer["location"] == f"{path}?joined=1"
    assert "欢迎加入" in sights.text(stranger().get(f"{path}?joined=1"))
    assert Member.objects.filter(name="王五").count() == Bond.objects.filter(source="scan").count() - 1 == 1
    assert "Welcome!" in sights.text(stranger("en").get(f"{path}?joined=1"))


def test_who_is_known_meets_the_same_answer_as_who_is_not():
    path = f"/j/{made().token}/"
    known, unknown = (stranger().post(path, {"phone": each}) for each in ("13800000002", "13911112222"))
    assert (known.status_code, known["location"]) == (unknown.status_code, unknown["location"])
    assert not re.search("李四", sights.text(stranger().get(known["location"])))


@pytest.mark.parametrize("given", [
    {}, {"phone": "\0"}, {"phone": "12"}, {"phone": "13911112222", "allow-marketing": "x"},
    {"phone": "13911112222", "allow-marketing": "9" * 400}, {"phone": "13911112222", "allow-\0": "1"},
])  # fmt: skip
def test_nonsense_is_refused_by_a_sentence_and_nobody_joins(given):
    answer = stranger().post(f"/j/{made().token}/", given)
    assert answer.status_code == 422
    assert 'role="alert"' in sights.text(answer)
    assert Member.objects.count() == 2


@pytest.mark.parametrize("token", ["none", "x" * 400, "码"])
def test_a_code_of_nobody_here_says_so(token):
    answer = stranger().get(f"/j/{token}/")
    assert answer.status_code == 404
    assert "此码无效" in sights.text(answer)


def test_the_code_of_who_left_says_so():
    path = f"/j/{made().token}/"
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"})
    answer = stranger().post(path, {"phone": "13911112222"})
    assert answer.status_code == 410
    assert "已不在本店" in sights.text(answer)
    assert Member.objects.count() == 2


def test_who_tries_many_codes_is_told_to_wait():
    client = stranger()
    met = [client.get(f"/j/none{turn}/").status_code for turn in range(32)]
    assert (met[0], met[-1]) == (404, 429)
