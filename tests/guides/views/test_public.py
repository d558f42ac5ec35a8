"""A shared link: it leads to the material, counts who reads, tells nobody's name, and cannot be guessed or worn out."""

import uuid

import pytest
from django.core.cache import caches
from django.test import Client

from guides.actions import materials
from guides.models import LinkOpen, LinkStay
from guides.views import public
from tests import serving, sharing, sights


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    sharing.material(kind="poster", picture=sharing.picture())


@pytest.fixture
def shared(_shops):
    return sharing.share(task=serving.give("V1", "G1"))


def stranger(agent="WeChat"):
    return Client(headers={"host": "localhost", "user-agent": agent})


def test_a_stranger_reads_the_material_and_is_counted_once(shared):
    reader = stranger()
    for _again in range(2):
        said = sights.text(reader.get(f"/t/{shared.token}/"))
    assert "今年的新茶到了" in said
    assert reader.get(f"/t/{shared.token}/picture").content[:2] == b"\xff\xd8"
    assert LinkOpen.objects.count() == 1


def test_nothing_of_the_member_the_guide_or_the_house_is_in_the_answer(shared):
    answer = stranger().get(f"/t/{shared.token}/")
    told = f"{dict(answer.headers)} {sights.text(answer)}"
    for secret in ("张三", "V1", "138", "小美", "G1", str(shared.ref), str(shared.task.ref)):
        assert secret not in told.replace(str(LinkOpen.objects.get().ref), "")
    assert "set-cookie" not in {name.lower() for name in answer.headers}
    assert (answer["referrer-policy"], "no-store" in answer["cache-control"]) == ("no-referrer", True)


def test_probes_what_is_fetched_ahead_and_the_house_itself_do_not_count(shared):
    path = f"/t/{shared.token}/"
    assert stranger().head(path).status_code == 200
    stranger().get(path, headers={"sec-purpose": "prefetch;prerender"})
    serving.phone("G1").get(path)
    assert not LinkOpen.objects.exists()


def test_a_link_leads_to_its_address():
    sharing.material("MALL", kind="link", url="https://mall.example.com/tea")
    answer = stranger().get(f"/t/{sharing.share('MALL').token}/")
    assert (answer.status_code, answer["location"]) == (302, "https://mall.example.com/tea")
    assert LinkOpen.objects.count() == 1


def test_what_is_unknown_or_withdrawn_is_not_there(shared):
    reader = stranger()
    materials.withdraw(material=shared.material, at=sharing.LATER)
    for token in (shared.token, "A" * 16, "素材", "%00", "x" * 300):
        assert reader.get(f"/t/{token}/").status_code == 404
        assert reader.post(f"/t/{token}/stay", {"opening": uuid.uuid4(), "seconds": 1}).status_code == 404
    assert not LinkOpen.objects.exists()


def test_what_was_shared_stays_what_it_was_after_its_next_version(shared):
    sharing.material(words="雨前茶也到了。")
    assert "今年的新茶到了" in sights.text(stranger().get(f"/t/{shared.token}/"))


def test_a_page_tells_how_long_it_stood_open(shared):
    reader = stranger()
    reader.get(f"/t/{shared.token}/")
    opening = LinkOpen.objects.get().ref
    assert reader.post(f"/t/{shared.token}/stay", {"opening": opening, "seconds": "0"}).status_code == 204
    assert LinkStay.objects.get().seconds == 0


@pytest.mark.parametrize("given", [
    {}, {"opening": "x", "seconds": "5"}, {"opening": str(uuid.uuid4()), "seconds": "5"}, {"seconds": "５"},
    {"seconds": "-5"}, {"seconds": "1e3"}, {"seconds": "99999"}, {"seconds": ""},
])  # fmt: skip
def test_nonsense_about_a_stay_is_answered_alike_and_keeps_nothing(shared, given):
    reader = stranger()
    reader.get(f"/t/{shared.token}/")
    opening = {"opening": LinkOpen.objects.get().ref, **given} if given else {}
    assert reader.post(f"/t/{shared.token}/stay", opening).status_code == 204
    assert not LinkStay.objects.exists()


def test_who_guesses_is_told_to_wait_and_so_is_who_asks_without_end(shared, monkeypatch):
    reader = stranger()
    assert [reader.get(f"/t/{n:016}/").status_code for n in range(22)][-2:] == [404, 429]
    caches["counters"].clear()
    monkeypatch.setattr(public, "VISITS_A_MINUTE", 3)
    assert [reader.get(f"/t/{shared.token}/").status_code for _ in range(4)] == [200, 200, 200, 429]
