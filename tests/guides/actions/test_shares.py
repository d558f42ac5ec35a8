"""Shares: kept once, opened by visitors who are nobody, followed by orders of those whom another system knows."""

import uuid
from datetime import timedelta

import pytest

from guides.actions import materials, shares
from guides.actions.shares import Visit
from guides.models import LinkOpen, LinkStay, Share
from guides.queries import sharing as figures
from members.actions import merges
from newretail.kernel.actions import relay
from tests import serving, sharing, world

SINCE = world.NOW - timedelta(days=30)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    sharing.material()


def told(shared, member_no="V1", number="E1", **more):
    world.saw({"event_no": number, "member_no": member_no, "kind": "material_open", "subject": shared.token, **more})
    relay.drain(at=world.NOW)


def whole():
    return figures.usage(by="whole", since=SINCE)[""]


def test_a_number_is_one_share_with_one_token():
    ref = uuid.uuid4()
    first, second = sharing.share(ref=ref), sharing.share(ref=ref)
    assert (first.pk, first.token) == (second.pk, shares.token_of(ref))
    assert len(first.token) == 16
    assert Share.objects.count() == 1


def test_what_is_withdrawn_or_not_hers_is_not_shared():
    sharing.material("GZ", stores=[serving.post("G9").store_id])
    materials.withdraw(material=sharing.share().material, at=world.NOW)
    for code in ("TEA", "GZ", "NONE"):
        with pytest.raises(shares.NotToBeShared):
            sharing.share(code)
    assert sharing.share("GZ", "G9").post == serving.post("G9")
    assert Share.objects.count() == 2


def test_shared_upon_a_task_it_is_for_her():
    task = serving.give("V1", "G1")
    assert sharing.share(task=task).member == world.member("V1")


def test_one_visitor_counts_once_within_half_an_hour_and_another_at_once():
    shared = sharing.share()
    assert sharing.opened(shared)
    assert sharing.opened(shared) is None
    assert sharing.opened(shared, at=sharing.LATER + timedelta(hours=1))
    assert sharing.opened(shared, Visit("203.0.113.8", "WeChat"))
    assert LinkOpen.objects.count() == 3
    assert len(set(LinkOpen.objects.values_list("visitor", flat=True))) == 2


def test_nothing_of_a_visitor_is_kept_and_no_two_links_or_days_know_her_as_one():
    for shared in (sharing.share(), sharing.share()):
        sharing.opened(shared)
        sharing.opened(shared, at=sharing.LATER + timedelta(days=1))
    kept = list(LinkOpen.objects.values_list("visitor", "key"))
    assert len({visitor for visitor, _key in kept}) == 4
    assert not any(part in str(kept) for part in ("203.0.113", "WeChat"))


def test_a_stay_is_told_once_and_no_longer_than_it_can_have_been():
    opening = sharing.opened(sharing.share())
    assert shares.leave(opening=opening, seconds=3600, at=sharing.LATER + timedelta(seconds=40))
    assert not shares.leave(opening=opening, seconds=10, at=sharing.LATER + timedelta(seconds=50))
    assert not shares.leave(opening=uuid.uuid4(), seconds=10, at=sharing.LATER)
    assert not shares.leave(opening=opening, seconds=-1, at=sharing.LATER)
    assert LinkStay.objects.get().seconds == 40


def test_another_system_tells_who_opened_it_once():
    shared = sharing.share()
    for _again in range(2):
        told(shared, data='{"seconds": "35"}')
    found = LinkOpen.objects.get()
    assert (found.member, found.share, found.stay.seconds) == (world.member("V1"), shared, 35)


def test_an_event_of_no_link_of_ours_opens_nothing():
    told(sharing.share(), kind="page_view")
    world.saw({"event_no": "E2", "member_no": "V1", "kind": "material_open", "subject": "nonsense"})
    relay.drain(at=world.NOW)
    assert not LinkOpen.objects.exists()


def test_orders_of_the_reader_after_the_opening_and_within_the_window_count():
    shared = sharing.share(at=world.NOW - timedelta(days=20))
    told(shared, happened_at="2026-06-01T12:00:00+08:00")
    world.buy(
        world.order("A0", "10.00", "2026-06-01T11:00:00", member_no="V1", store_code="SH01"),
        world.order("A1", "100.00", "2026-06-01T13:00:00", member_no="V1", store_code="SH01"),
        world.order("A2", "50.00", "2026-06-08T11:59:00", member_no="V1", store_code="SH01"),
        world.order("A3", "70.00", "2026-06-08T12:00:00", member_no="V1", store_code="SH01"),
        world.order("A4", "30.00", "2026-06-02T12:00:00", member_no="V2", store_code="GZ01"),
    )
    world.refund(
        {"refund_no": "R1", "order_no": "A1", "line_no": 0, "amount": "20.00", "refunded_at": "2026-06-11T10:00:00"}
    )
    found = whole()
    assert (found.shares, found.opened, found.opens, found.ordering) == (1, 1, 1, 1)
    assert (found.orders, found.cents) == (2, 130_00)
    assert (found.open_rate, found.order_rate) == (1.0, 1.0)


def test_an_order_belongs_to_the_link_opened_last_whoever_shared_it():
    early, late = sharing.share(), sharing.share(staff_no="G2")
    told(early, number="E1", happened_at="2026-06-01T12:00:00+08:00")
    told(late, number="E2", happened_at="2026-06-02T12:00:00+08:00")
    world.buy(world.order("A1", "100.00", "2026-06-03T13:00:00", member_no="V1", store_code="SH01"))
    found = figures.usage(by="guide", since=SINCE)
    orders = {key: each.orders for key, each in found.items()}
    assert orders == {str(serving.post("G1").pk): 0, str(serving.post("G2").pk): 1}
    assert figures.usage(by="whole", since=SINCE, posts=[serving.post("G1").pk])[""].orders == 0


def test_a_link_made_for_a_member_is_opened_by_her_also_under_the_number_she_lives_on_in():
    shared = sharing.share(task=serving.give("V1", "G1"), at=world.NOW - timedelta(days=3))
    sharing.opened(shared, at=world.NOW - timedelta(days=2))
    merges.merge(member=world.member("V1"), into=world.member("V2"), reason="一人", at=world.NOW)
    world.buy(world.order("A1", "100.00", "2026-06-14T13:00:00", member_no="V2", store_code="SH01"))
    assert whole().orders == 1


def test_nothing_shared_has_no_rates():
    assert figures.usage(by="whole", since=SINCE) == {}
    assert (figures.NOTHING.open_rate, figures.NOTHING.order_rate, figures.NOTHING.stay) == (None, None, None)
