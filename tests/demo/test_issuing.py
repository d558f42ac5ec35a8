"""The demo's lists are tagged and issued to by jobs, its till sends orders with what they were paid with; each once."""

from members.actions import tags
from members.importers import TAGS
from members.models import Coupon, Member, Order
from newretail.demo import coupons, issuing
from newretail.kernel import books
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import JobRun
from tests import sights, world
from tests.members import purse


def test_orders_are_paid_with_coupons_and_points_once(noon):
    world.chain()
    coupons.give(today=world.NOW.date())
    for row in Member.objects.all():
        purse.give(500, f"G{row.pk}", to=row.member_no)
    assert issuing.pay(at=world.NOW) == Order.objects.filter(order_no__startswith="COUPON-").count() == 2
    assert Coupon.objects.filter(state="redeemed", source_no__startswith="COUPON-").count() == 2
    assert issuing.pay(at=world.NOW) == 0
    assert books.verify() == []


def test_lists_are_worked_on_by_jobs_once(noon):
    sights.trade()
    sights.browser("hq")
    coupons.give(today=world.NOW.date())
    tags.record(batch=batch_of(TAGS, [{"name": "上班族"}]), at=world.NOW)
    issuing.lists(at=world.NOW)
    assert sorted(JobRun.objects.filter(state="done").values_list("name", flat=True)) == [
        "issue_coupons",
        "tag_members",
    ]
    assert issuing.lists(at=world.NOW) == 0
    assert JobRun.objects.count() == 2
