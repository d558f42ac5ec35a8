"""The demo's guides are paid for a year, and what they earn in the running month waits."""

from guides.models import CommissionEntry, CommissionMonth, PaySimulation, Policy
from newretail.demo import pay
from newretail.kernel import clock
from newretail.kernel.actions import relay
from tests import serving, sights, world


def test_months_are_paid_up_to_the_last_and_the_running_one_is_earned(noon):
    serving.shops()
    sights.browser("hq")
    for number, paid_at in (("D1", "2026-03-10"), ("D2", "2026-05-10"), ("D3", "2026-06-10")):
        world.buy(world.order(number, "100.00", paid_at, member_no="V1", store_code="SH01", staff_no="G1"))
    relay.drain(at=world.NOW)
    today = clock.business_day(world.NOW)
    assert pay.settle(today=today, at=world.NOW)
    states = {f"{month:%Y-%m}": state for month, state in CommissionMonth.objects.values_list("month", "state")}
    assert states == {"2026-03": "paid", "2026-05": "computed"}
    earned = CommissionEntry.objects.filter(kind="accrue").order_by("month").values_list("month__month", flat=True)
    assert list(earned) == [3, 5, 6]
    assert PaySimulation.objects.get(policy__kind=Policy.Kind.COMMISSION).told
    assert pay.settle(today=today, at=world.NOW) == 0
