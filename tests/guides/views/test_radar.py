"""The radar: signals of own customers alone, ranked with their reasons, one tap to a task, taken once."""

import uuid

import pytest

from guides.models import Task
from guides.queries import radar
from tests import serving, sights, world
from tests.members import consenting


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def signals(*member_nos):
    own = [world.member(each).pk for each in member_nos]
    return {world.Member.objects.get(pk=root).member_no: found for root, _, found in radar.signals(own, at=world.NOW)}


def kinds(member_no="V1"):
    return [each.kind for each in signals(member_no).get(member_no, [])]


def carted(member_no="V1", happened_at="2026-06-15T10:00:00+08:00", number="E1"):
    world.saw({"event_no": number, "kind": "add_to_cart", "member_no": member_no, "subject": "明前龙井",
               "happened_at": happened_at})  # fmt: skip


def follow(client, member_no="V1", kind="add_to_cart", ref=None):
    given = {"member": member_no, "kind": kind, "ref": ref or uuid.uuid4()}
    return client.post("/g/radar/follow/", given, headers={"hx-request": "true"})


def test_what_lies_nearer_to_a_purchase_weighs_more_and_cools_by_half_in_two_days():
    carted("V1", "2026-06-13T12:00:00+08:00")
    world.saw({"event_no": "E2", "member_no": "V2", "subject": "首页"})
    (one,), (other,) = signals("V1", "V2").values()
    assert (one.kind, one.score) == ("add_to_cart", 20)
    assert (other.kind, other.score) == ("page_view", 10)
    assert one.why == "06-13 把明前龙井加入了购物车"


def test_more_of_one_kind_counts_twice_at_most_and_what_is_a_week_old_not_at_all():
    for number in range(5):
        carted(happened_at="2026-06-15T12:00:00+08:00", number=f"E{number}")
    carted("V2", "2026-06-08T11:00:00+08:00", "OLD")
    assert [each.score for each in signals("V1")["V1"]] == [80]
    assert not kinds("V2")


def test_a_birthday_comes_up_in_her_calendar():
    world.people({"member_no": "V1", "birthday": "1990-05-04", "birthday_calendar": "lunar"})
    (signal,) = signals("V1")["V1"]
    assert (signal.kind, signal.facts["day"]) == ("birthday", "06-18")


def test_a_purchase_is_due_once_the_middle_gap_has_passed():
    days = ("2026-04-14", "2026-05-04", "2026-05-24")
    rows = [world.order(f"A{n}", "9.00", f"{day}T10:00:00", member_no="V1") for n, day in enumerate(days)]
    world.buy(*rows[1:])
    sights.night()
    assert "due" not in kinds()
    world.buy(rows[0])
    sights.night()
    (signal,) = signals("V1")["V1"]
    assert (signal.kind, signal.facts) == ("due", {"day": "05-24", "gap": 20})


def test_of_too_many_the_orders_of_those_are_read_whose_rhythm_comes_closest(monkeypatch):
    for no, days in (("V1", ("2026-04-14", "2026-05-04")), ("V2", ("2026-04-10", "2026-05-02"))):
        for n, day in enumerate((*days, "2026-05-24")):
            world.buy(world.order(f"{no}{n}", "9.00", f"{day}T10:00:00", member_no=no))
    sights.night()
    assert {"V1", "V2"} == {no for no, found in signals("V1", "V2").items() if found[0].kind == "due"}
    monkeypatch.setattr(radar, "RECKONED", 1)
    assert list(signals("V1", "V2")) == ["V2"]


def test_who_is_about_to_change_her_stage_is_told_before():
    world.buy(world.order("A1", "9.00", "2026-03-20T10:00:00", member_no="V1"))
    sights.night()
    (signal,) = signals("V1")["V1"]
    assert (signal.kind, signal.facts["day"], signal.facts["stage"]) == ("lapsing", "06-20", "唤醒期")


def test_an_answer_is_followed():
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="care"))
    serving.complete(serving.give("V1", "G1"), "replied")
    assert kinds() == ["replied"]


def test_own_customers_alone_stand_on_it_and_one_tap_makes_a_task_once():
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="marketing"))
    carted()
    carted("V2", number="E2")
    own, other = serving.phone("G1"), serving.phone("G2")
    said = sights.text(own.get("/g/radar/"))
    assert "张三" in said
    assert "李四" not in said
    assert "张三" not in sights.text(other.get("/g/radar/"))
    assert "这条信号已经过去" in sights.text(follow(other))
    assert not Task.objects.exists()
    ref = uuid.uuid4()
    for _ in range(2):
        assert "已加入您的任务" in sights.text(follow(own, ref=ref))
    assert "这条信号已经过去" in sights.text(follow(own))
    task = Task.objects.get()
    assert (task.source, task.brief.reason, task.post) == ("radar:add_to_cart:20260615", "signal", serving.post("G1"))
    assert "张三，看到您在选明前龙井" in sights.text(own.get("/g/"))
    assert "张三" not in sights.text(own.get("/g/radar/"))


def test_the_page_stands_in_english_and_asks_as_much_however_many_show_signals():
    phone = serving.phone("G1", "en")
    with sights.asked() as few:
        assert "No signals these days." in sights.text(phone.get("/g/radar/"))
    world.people(*({"member_no": f"W{n}", "name": f"客{n}", "store_code": "SH01"} for n in range(20)))
    for n in range(20):
        serving.bind(f"W{n}", "G1")
        carted(f"W{n}", number=f"W{n}")
    with sights.asked() as many:
        assert "Goods in the cart" in sights.text(phone.get("/g/radar/"))
    assert len(many) <= len(few) + 1 <= sights.MOST_QUERIES
