"""A guide's own customers on her phone: found in many ways, seen whole, served by taps that are taken once."""

import uuid

import pytest

from guides.models import Deed, Task
from members.actions import merges, tags
from members.importers import TAGS
from members.models import Coupon, MemberTag, TagMove
from newretail.kernel.files.rows import batch_of
from tests import coupons, serving, sights, world

PAGE = "/g/customers/"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def tap(client, member_no="V1", ref=None, **given):
    return client.post(f"{PAGE}{member_no}/do/", {"ref": ref or uuid.uuid4(), **given}, headers={"hx-request": "true"})


def known(name, **more):
    tags.record(batch=batch_of(TAGS, [{"name": name, "family": "life", **more}]), at=world.NOW)


def carried(member_no="V1"):
    return sorted(MemberTag.objects.filter(member__member_no=member_no).values_list("tag__name", flat=True))


def test_the_list_shows_her_own_customers_and_what_is_best_done_next():
    said = sights.text(serving.phone("G1").get(PAGE))
    assert "张三" in said
    assert "尚无消费：促成首单" in said
    assert "张三" not in sights.text(serving.phone("G2").get(PAGE))
    english = sights.text(serving.phone("G1", "en").get(PAGE))
    assert "Nothing bought yet: win her first purchase" in english


@pytest.mark.parametrize("term", ["张三", "zhang", "0001", "V1", "v1", "13800000001"])
def test_a_customer_is_found_by_name_pinyin_phone_and_number(term):
    assert "张三" in sights.text(serving.phone("G1").get(PAGE, {"q": term}))
    assert "/V1/" not in sights.text(serving.phone("G2").get(PAGE, {"q": term}))


@pytest.mark.parametrize("asked", [
    {"q": "没有这个人"}, {"q": "\0"}, {"q": "x" * 500}, {"stage": "nonsense"}, {"tag": "\0"}, {"tag": "none"},
    {"after": "\0"}, {"after": "V2"},
])  # fmt: skip
def test_nonsense_is_answered_by_a_page(asked):
    assert serving.phone("G1").get(PAGE, asked).status_code == 200


def test_the_list_is_read_page_by_page_who_bought_last_first():
    people = [{"member_no": f"P{n:03}", "name": f"顾客{n}", "store_code": "SH01"} for n in range(40)]
    world.people(*people)
    for row in people:
        serving.bind(row["member_no"], "G1")
    world.buy(world.order("A1", "10.00", "2026-06-10T10:00:00", member_no="V1", store_code="SH01"))
    sights.night()
    phone = serving.phone("G1")
    with sights.asked() as queries:
        first = sights.text(phone.get(PAGE))
    second = sights.text(phone.get(PAGE, {"after": "P028"}))
    assert first.index("张三") < first.index("P000")
    assert "after=P028" in first
    assert "P029" in second
    assert "P028" not in second
    assert len(queries) <= sights.MOST_QUERIES


def test_the_customer_page_tells_how_she_stands_and_what_she_bought():
    world.buy(world.order("A1", "100.00", "2026-06-02T10:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    sights.night()
    serving.give("V1", "G1")
    phone = serving.phone("G1")
    with sights.asked() as queries:
        said = sights.text(phone.get(f"{PAGE}V1/"))
    for words in ("张三", "明前龙井", "上海南京西路店", "生日关怀", "138****0001"):
        assert words in said
    assert "13800000001" not in said
    assert len(queries) <= sights.MOST_QUERIES


def test_a_tag_is_put_on_and_taken_off_by_a_tap_once():
    known("爱喝茶")
    phone, ref = serving.phone("G1"), uuid.uuid4()
    for _again in range(2):
        assert "爱喝茶 ×" in sights.text(tap(phone, ref=ref, do="tag", tag="爱喝茶"))
    assert (carried(), TagMove.objects.count(), Deed.objects.count()) == (["爱喝茶"], 1, 1)
    assert "+ 爱喝茶" in sights.text(tap(phone, do="untag", tag="爱喝茶"))
    assert carried() == []


def test_the_tag_of_another_store_is_neither_offered_nor_set():
    known("广州老客", store_code="GZ01")
    phone = serving.phone("G1")
    assert "广州老客" not in sights.text(phone.get(f"{PAGE}V1/"))
    assert "g-refused" in sights.text(tap(phone, do="tag", tag="广州老客"))
    assert not TagMove.objects.exists()


def test_a_guide_reminds_herself_of_a_customer():
    phone, ref = serving.phone("G1"), uuid.uuid4()
    for _again in range(2):
        assert "给她打电话" in sights.text(tap(phone, ref=ref, do="remind", what="call", **{"in": "3"}))
    tap(phone, do="remind", what="call", **{"in": "7"})
    assert [task.brief.title for task in Task.objects.select_related("brief")] == ["给她打电话"] * 2
    assert Task.objects.values("brief").distinct().count() == 1
    assert "给她打电话" in sights.text(phone.get("/g/"))


def test_a_coupon_is_handed_to_her_by_a_tap_once_and_what_is_left_is_told():
    coupons.plan()
    phone, ref = serving.phone("G1"), uuid.uuid4()
    assert "本月还可发券 20 张" in sights.text(phone.get(f"{PAGE}V1/"))
    for _again in range(2):
        said = sights.text(tap(phone, ref=ref, do="coupon", plan="FIVE"))
    assert "本月还可发券 19 张" in said
    assert Coupon.objects.get().member.member_no == "V1"


@pytest.mark.parametrize("given", [
    {"do": "coupon"}, {"do": "coupon", "plan": "none"}, {"do": "coupon", "plan": "\0"}, {"do": "tag"}, {"do": "tag", "tag": "\0"}, {"do": "untag", "tag": "none"}, {"do": "remind"},
    {"do": "remind", "what": "call", "in": "400"}, {"do": "remind", "what": "burn", "in": "1"},
])  # fmt: skip
def test_nonsense_is_refused_by_a_sentence_and_changes_nothing(given):
    answer = serving.phone("G1").post(f"{PAGE}V1/do/", {"ref": uuid.uuid4(), **given})
    assert answer.status_code == 422
    assert "g-refused" in sights.text(answer)
    assert (TagMove.objects.count(), Task.objects.count(), Deed.objects.count()) == (0, 0, 0)


def test_an_action_that_is_none_is_not_there():
    assert tap(serving.phone("G1"), do="burn").status_code == 404


def test_who_is_no_longer_served_is_not_there():
    other = serving.phone("G2")
    assert tap(other, do="remind", what="call", **{"in": "1"}).status_code == 404
    assert not Task.objects.exists()


def test_a_merged_customer_is_one_with_the_purchases_and_tags_of_both():
    world.people({"member_no": "V3", "name": "张三三", "store_code": "SH01", "tags": "旧标签"})
    world.buy(world.order("A1", "88.00", "2026-06-02T10:00:00", member_no="V3", store_code="SH01"))
    merges.merge(member=world.member("V3"), into=world.member("V1"), reason="一人", at=world.NOW)
    phone = serving.phone("G1")
    said = sights.text(phone.get(f"{PAGE}V1/"))
    assert "¥88.00" in said
    assert "旧标签 ×" in said
    assert phone.get(f"{PAGE}V3/").status_code == 404
    assert "旧标签 ×" not in sights.text(tap(phone, do="untag", tag="旧标签"))
