"""Members and orders in the HQ admin: how one is found, how a list is narrowed, what a page shows."""

import pytest

from members.models import Identity, Member, Order
from members.queries import finding
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")


def found(term):
    return {member.member_no for member in finding.found_by(term, Member.objects.get_queryset())}


@pytest.mark.parametrize(
    "term", ["V7", "v7", "曾小美", "曾小", "曾", "zeng xiao mei", "zengxiaomei", "zengxiao", "zeng", "0007",
             "13800000007", "+86 138 0000 0007", "138-0000-0007"],
)  # fmt: skip
def test_a_member_is_found_in_each_of_the_ways_people_ask(term):
    world.people({"member_no": "V7", "name": "曾小美", "phone": "13800000007", "joined_at": "2026-06-01"})
    assert found(term) == {"V7"}


@pytest.mark.parametrize("term", ["小美", "eng", "800000", "007", "%", "_", "' OR 1=1", "\0", "１"])
def test_what_is_no_beginning_finds_nobody(term):
    world.people({"member_no": "V7", "name": "曾小美", "phone": "13800000007", "joined_at": "2026-06-01"})
    assert found(term) == set()


def test_an_order_is_found_by_its_number_in_any_case_or_by_its_member():
    orders = Order.objects.get_queryset()
    assert [row.order_no for row in finding.orders_numbered(" a1 ", orders)] == ["A1"]
    assert {row.order_no for row in finding.orders_numbered("V2", orders)} == {"A3"}


def listed(words):
    return {
        row.member_no for row in sights.browser("hq").get(f"/admin/members/member/?{words}").context["cl"].result_list
    }


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("stage=active", {"V1"}),
        ("stage=onboarding", {"V2"}),
        ("relationship=repeat", {"V1"}),
        ("frequency_from=2", {"V1"}),
        ("frequency_to=1", {"V2"}),
        ("aov_from=50", {"V1"}),
        ("aov_from=30&aov_to=31", {"V2"}),
        ("aov_to=30", set()),
        ("joined_from=2026-06-01&joined_to=2026-06-01", {"V2"}),
        ("super=1", {"V1"}),
        ("super=0&stage=", {"V2"}),
        ("stage=nonsense", set()),
    ],
)
def test_a_list_is_narrowed_by_the_portrait(words, expected):
    sights.night()
    assert listed(words) == expected


def test_filters_in_force_are_said_and_can_be_taken_away():
    sights.night()
    page = sights.text(sights.browser("hq").get("/admin/members/member/?stage=active&frequency_from=2"))
    assert "活跃期" in page
    assert 'href="?frequency_from=2"' in page
    assert 'href="?stage=active"' in page


def orders_listed(words):
    return {
        row.order_no for row in sights.browser("hq").get(f"/admin/members/order/?{words}").context["cl"].result_list
    }


def test_orders_are_narrowed_by_what_went_back_and_by_source():
    assert orders_listed("refunded=part") == {"A2"}
    assert orders_listed("refunded=full") == set()
    assert orders_listed("source=pos&refunded=none") == {"A1", "A3", "A4", "B1", "B2"}
    assert orders_listed("source=elsewhere") == set()


@verb
def _identify(member, kind, value):
    line = journal.write("members.member.recorded", at=world.NOW)
    Identity.objects.create(member=member, kind=kind, value=value, entry_id=line.pk)


def bought(answer):
    """The orders and refunds of a page's timeline."""
    return [line.said.text for line in answer.context["timeline"].lines if line.kind in ("orders", "refunds")]


def test_a_page_shows_portrait_history_and_orders_with_refunds_and_no_bare_number():
    member = Member.objects.get(member_no="V1")
    _identify(member, Identity.Kind.UNIONID, "oAbCdEfGh1234567")
    sights.night()
    answer = sights.browser("hq").get(f"/admin/members/member/{member.pk}/change/")
    page, text = answer.context["page"], sights.text(answer)
    assert bought(answer) == ["订单 A2 退款", "订单 A2", "订单 A1", "订单 B2", "订单 B1"]
    assert (page.portrait.frequency, page.aov_cents) == (3, 56_67)
    assert page.identities == [("微信 unionid", "oAb****67")]
    assert [(month.first.isoformat(), month.cents) for month in page.bought.months if month.cents] == [
        ("2025-06-01", 120_00),
        ("2026-06-01", 130_00),
    ]
    assert "138****0001" in text
    assert "13800000001" not in text
    assert "oAbCdEfGh1234567" not in text


def test_a_manager_sees_of_a_member_the_orders_of_her_store_while_hq_sees_all():
    world.buy(world.order("C1", "5.00", "2026-06-12T10:00:00", member_no="V1", store_code="GZ01"))
    path = f"/admin/members/member/{Member.objects.get(member_no='V1').pk}/change/"

    def numbers(role):
        return [text for text in bought(sights.browser(role).get(path)) if "退款" not in text]

    assert numbers("manager") == ["订单 A2", "订单 A1", "订单 B2", "订单 B1"]
    assert numbers("hq") == ["订单 C1", "订单 A2", "订单 A1", "订单 B2", "订单 B1"]


def test_a_member_not_scored_yet_has_a_page_that_says_so():
    path = f"/admin/members/member/{Member.objects.get(member_no='V2').pk}/change/"
    assert "尚未打分" in sights.text(sights.browser("hq").get(path))


def test_an_order_page_shows_its_lines_and_refunds():
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    order = Order.objects.get(order_no="A1")
    page = sights.text(sights.browser("hq").get(f"/admin/members/order/{order.pk}/change/"))
    assert "明前龙井" in page
    assert "¥100.00" in page
