"""Samples: one for a person, never more than a store has; who came back within the days is counted, net of refunds."""

from datetime import date, timedelta

import pytest

from guides.actions.samples import BadCampaign, CampaignChanged, HadOne, NoSampleLeft, NotToGive
from guides.models import Sample, SampleCampaign, SampleStock
from guides.queries import sampling as counted
from members.actions import merges
from tests import sampling, serving, world

EARLY = world.NOW - timedelta(days=13)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def stock(store="SH01"):
    return SampleStock.objects.get(store__code=store)


def bought(order_no, day, member_no="V1", sku="TEA", amount="100.00"):
    world.buy(world.order(order_no, amount, f"{day}T10:00:00", member_no=member_no, store_code="SH01"))
    world.lines({"order_no": order_no, "line_no": 1, "sku": sku, "amount": amount})


def came():
    span = {"first": EARLY, "until": world.NOW + timedelta(days=1)}
    return counted.of_guide([serving.post("G1").pk], **span)


def test_a_sample_is_given_once_and_taken_out_of_the_stock():
    sampling.campaign(stock={"SH01": 2})
    sampling.give()
    with pytest.raises(HadOne):
        sampling.give()
    assert (Sample.objects.count(), stock().given) == (1, 1)


def test_of_merged_rows_she_is_given_one():
    sampling.campaign()
    serving.bind("V2", "G1")
    sampling.give("V2")
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    with pytest.raises(HadOne):
        sampling.give("V1")
    assert Sample.objects.count() == 1


def test_what_is_gone_is_gone_and_a_store_that_is_not_named_gives_none():
    sampling.campaign(stock={"SH01": 1})
    serving.bind("V2", "G1")
    sampling.give()
    with pytest.raises(NoSampleLeft):
        sampling.give("V2")
    sampling.campaign("south", stock={"GZ01": 5})
    with pytest.raises(NotToGive):
        sampling.give("V2", code="south")
    assert (Sample.objects.count(), stock().given) == (1, 1)


@pytest.mark.parametrize("more", [
    {"first_on": date(2026, 6, 16)}, {"last_on": date(2026, 6, 14)}, {"code": "another"},
])  # fmt: skip
def test_nothing_is_given_before_after_or_of_nothing(more):
    sampling.campaign(**{"code": "tea", **more})
    with pytest.raises(NotToGive):
        sampling.give()
    assert not Sample.objects.exists()


@pytest.mark.parametrize("more", [
    {"first_on": date(2026, 7, 1)}, {"days": 0}, {"days": 366}, {"stock": {"SH01": -1}}, {"stock": {"SH01": 1_000_001}},
])  # fmt: skip
def test_a_campaign_that_makes_no_sense_is_refused(more):
    with pytest.raises(BadCampaign):
        sampling.campaign(**more)
    assert not SampleCampaign.objects.exists()


def test_a_stock_below_what_was_given_and_a_form_that_is_old_are_refused():
    first = sampling.campaign(stock={"SH01": 2})
    sampling.give()
    with pytest.raises(BadCampaign):
        sampling.campaign(stock={"SH01": 0})
    sampling.campaign(stock={"SH01": 1}, seen=first.entry_id)
    with pytest.raises(CampaignChanged):
        sampling.campaign(name="旧", seen=first.entry_id)
    assert (stock().supplied, SampleCampaign.objects.get().name) == (1, "新茶试饮")


def test_who_bought_it_within_the_days_came_back():
    sampling.campaign(days=10)
    serving.bind("V2", "G1")
    for number in ("V1", "V2"):
        sampling.give(number, at=EARLY)
    bought("BEFORE", "2026-06-01")
    bought("OTHER", "2026-06-04", sku="NUT")
    bought("LATE", "2026-06-13")
    assert (came().given, came().again, came().cents) == (2, 0, 0)
    bought("IN", "2026-06-08")
    assert (came().again, came().cents, came().rate) == (1, 10000, 0.5)
    world.refund({"order_no": "IN", "refund_no": "R1", "line_no": 1, "amount": "100.00", "refunded_at": "2026-06-09"})
    assert (came().again, came().cents) == (0, 0)


def test_any_of_the_category_counts_where_the_campaign_says_so():
    world.products({"sku": "TEA2", "name": "茉莉花茶", "category": "茶", "price": "60.00"})
    sampling.campaign(counts="category")
    sampling.give(at=EARLY)
    bought("A1", "2026-06-08", sku="TEA2", amount="60.00")
    assert (came().again, came().cents) == (1, 6000)
