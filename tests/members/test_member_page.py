"""The page of a member: what stands in her books, for whom, asked in as many questions whatever she has lived through."""

from datetime import timedelta

import pytest

from members.actions import benefits, merges, touches
from members.models import Member, MemberTag
from newretail.kernel import scopes
from newretail.kernel.guard import writing
from tests import coupons as cast
from tests import sights, world
from tests.members import consenting, lives, purse
from tests.members.levels import ladder

pytestmark = pytest.mark.usefixtures("traded")

GIVES = {"C": {"privileges": [{"name": "下午茶", "kind": "vip", "per_year": 3}]}}


def page(role="hq", number="V1", language="zh-hans", **words):
    path = f"/admin/members/member/{world.member(number).pk}/change/"
    return sights.browser(role, language).get(path, words)


def books(role="hq", number="V1"):
    return page(role, number).context["page"].books


def test_points_stand_with_what_waits_and_what_ends_next_of_all_her_rows():
    purse.rule(valid_days=30)
    purse.give(100)
    purse.give(40, number="G2", to="V2")
    purse.spend(30)
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="同一人", at=world.NOW)
    held = books().points
    assert (held.balance, held.pending, held.debt) == (110, 0, 0)
    assert held.account == world.member("V1").points_account.pk


def test_coupons_she_may_use_now_stand_the_first_to_end_first():
    early = cast.coupon(cast.plan("SOON", name="快到期", days_valid=2))
    cast.coupon(cast.plan("TEN", name="十元券", amount_cents=1000, stock=5))
    cast.redeem(cast.coupon(cast.plan("DONE", name="用掉的")).code)
    held = books().coupons
    assert [row.name for row in held.rows] == ["快到期", "十元券"]
    assert ["¥5.00" in held.rows[0].gives, "¥10.00" in held.rows[1].gives] == [True, True]
    assert (held.count, held.rows[0].until) == (2, early.valid_until)


def test_a_level_says_what_is_missing_to_the_next_and_what_is_left_to_book():
    ladder.steps()
    ladder.publish(levels=GIVES, growth={"per_yuan": 0, "per_order": 10, "joining": 0})
    ladder.heard()
    benefits.book(member=world.member("V2"), name="下午茶", key="1", at=world.NOW)
    held = books(number="V2")
    assert (held.level.growth, held.level.missing, held.next_level, held.grown_bp) == (10, 90, "银卡", 1000)
    assert [(offer.word, offer.left, offer.per_year) for offer in held.offers] == [("下午茶", 2, 3)]


def test_consents_and_open_touches_stand_as_they_are():
    consenting.texts()
    consenting.say(consenting.row())
    consenting.plan(numbers=["V1"])
    held = books()
    marketing = next(row for row in held.touching if row.purpose == "marketing")
    assert [cell.channel for cell in marketing.cells if cell.row] == ["sms"]
    assert all(cell.allowed for cell in marketing.cells if cell.row)
    assert [(row.channel, row.state) for row in held.touches.rows] == [("sms", "planned")]
    assert held.touches.count == 1
    claimed = consenting.claim(at=world.NOW + timedelta(minutes=1))
    touches.settle(results=[touches.Settlement(one.ref, "sent") for one in claimed], at=world.NOW + timedelta(hours=1))
    assert books().touches.rows == []


def test_what_she_bought_is_summed_within_the_readers_sight():
    world.buy(world.order("C1", "500.00", "2026-06-12T10:00:00", member_no="V1", store_code="GZ01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    hq, manager = page().context["page"].bought, page("manager").context["page"].bought
    assert (hq.orders, hq.cents, hq.refunds, hq.refunded_cents) == (5, 750_00, 1, 20_00)
    assert (manager.orders, manager.cents, manager.average_cents) == (4, 250_00, 62_50)
    assert [(share.name, share.cents) for share in manager.categories] == [("茶", 100_00)]
    assert sum(month.cents for month in manager.months) == 250_00


def test_a_block_is_there_for_those_alone_who_may_see_its_resource(monkeypatch):
    assert books("manager").points is not None
    may = scopes.may
    monkeypatch.setattr(scopes, "may", lambda user, what, action="view": what != "points" and may(user, what, action))
    answer = page("manager")
    assert answer.context["page"].books.points is None
    assert "points" not in [chip.address for chip in answer.context["timeline"].chips]
    assert answer.status_code == 200


@pytest.mark.books_may_break
def test_an_auditor_reads_a_page_without_a_person_on_it():
    with writing("tests"):
        Member.objects.filter(member_no="V1").update(birth_year=1990, birth_month=3, birth_day=4)
    lives.live(world.member("V1"), [world.NOW - timedelta(hours=1)])
    hq, auditor = sights.text(page()), sights.text(page("auditor"))
    for personal in ("张三", "138****0001", "1990-03-04", "老板", "补"):
        assert personal in hq
        assert personal not in auditor
    assert "订单 A1" in auditor


@pytest.mark.books_may_break
@pytest.mark.parametrize("role", ["hq", "supervisor", "manager", "auditor"])
def test_a_page_asks_as_many_questions_whatever_she_has_lived_through(role):
    client = sights.browser(role)
    path = f"/admin/members/member/{world.member('V1').pk}/change/"

    def questions():
        with sights.asked() as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    few = questions()
    lives.live(world.member("V1"), [world.NOW - timedelta(hours=n) for n in range(25)])
    lives.merged()
    assert questions() == few <= sights.MOST_QUERIES


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_member_of_whom_nothing_is_known_has_a_page_that_says_so(language):
    world.people({"member_no": "V9"})
    text = sights.text(page(number="V9", language=language))
    assert {"zh-hans": "暂无可用优惠券", "en": "None in her hand."}[language] in text
    assert MemberTag.objects.count() == 0
