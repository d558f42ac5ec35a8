"""The demo's gifts lie in stores, are ordered, picked up, cancelled and forgotten, once."""

from datetime import date

from members.models import Gift, GiftOrder, GiftReturn, GiftStock
from newretail.demo import gifts
from tests import gifts as cast
from tests import world


def test_gifts_are_offered_ordered_picked_up_and_forgotten_once(noon):
    world.chain()
    numbers = [f"W{number:02}" for number in range(40)]
    world.people(*({"member_no": number, "store_code": "SH01", "joined_at": "2026-01-01"} for number in numbers))
    for number in numbers:
        cast.purse(700, number)
    ordered = gifts.offer(today=date(2026, 6, 15))
    assert ordered == GiftOrder.objects.count() > 20
    assert gifts.offer(today=date(2026, 6, 15)) == 0
    assert {"open", "handed", "cancelled", "lapsed"} == set(GiftOrder.objects.values_list("state", flat=True))
    assert GiftReturn.objects.exists()
    assert Gift.objects.count() == 12
    assert GiftStock.objects.filter(stock__gt=0).values("gift").distinct().count() == 12
