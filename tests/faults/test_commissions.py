"""A process that dies while it moves commission leaves nothing behind; what comes next does it once."""

import pytest

from newretail.kernel import books
from tests import earning, world
from tests.earning import held

pytestmark = pytest.mark.django_db(transaction=True)
HEAR = """
from newretail.kernel.actions import relay
from newretail.platform.models import Brand
from tests import world
with Brand.objects.get(code="acme"):
    print(relay.drain(at=world.NOW))
"""
STEP = """
from datetime import date
from guides.actions import commission_months, commissions
from newretail.platform.models import Brand
from tests import world
MAY = date(2026, 5, 1)
with Brand.objects.get(code="acme"):
    {}
"""
GIVEN = "month=MAY, at=world.NOW"
# Each step of a month in its turn, where it may die, and what 小美 holds when it is done.
STEPS = (
    ("commissions.settle_days(first=MAY, last=date(2026, 6, 1), at=world.NOW)", ("commission.days_settled",),
     (300, 0, 0, 0, 0)),
    ("commissions.vest(as_of=date(2026, 5, 20), at=world.NOW)", ("commission.vested",), (0, 300, 0, 0, 0)),
    (f"commission_months.compute({GIVEN})", ("commission_month.capped", "commission_month.computed"),
     (0, 300, 0, 0, 0)),
    (f"commission_months.close({GIVEN}, unreviewed=True)", ("commission_month.settled", "commission_month.closed"),
     (0, 0, 300, 0, 0)),
    (f"commission_months.export({GIVEN})", (), (0, 0, 300, 0, 0)),
    (f"commission_months.pay({GIVEN})", ("commission_month.paid",), (0, 0, 0, 300, 0)),
)  # fmt: skip


def run(site, code, **environment):
    return site.run("shell", "--no-imports", "-c", code, **environment)[0]


def test_an_order_killed_before_it_is_settled_is_heard_again_and_pays_once(brand, site):
    earning.shops()
    world.buy(world.order("A1", "100.00", "2026-06-10", member_no="V1", store_code="SH01", staff_no="G1"))
    assert run(site, HEAR, NEWRETAIL_FAILPOINT="commission.settled=kill9") == -9
    assert held() == (0, 0, 0, 0, 0)
    assert run(site, HEAR) == 0
    assert run(site, HEAR) == 0
    assert earning.moves() == [("accrue", 300)]


def test_each_step_of_a_month_that_is_killed_leaves_nothing_and_is_done_once(brand, site):
    earning.shops()
    before = held()
    world.buy(world.order("A1", "100.00", "2026-05-10", member_no="V1", store_code="SH01", staff_no="G1"))
    for step, places, after in STEPS:
        code = STEP.format(step)
        for place in places:
            assert (run(site, code, NEWRETAIL_FAILPOINT=f"{place}=kill9"), held()) == (-9, before)
        assert (run(site, code), held()) == (0, after)
        before = after
    assert books.verify() == []
