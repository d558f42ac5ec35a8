"""The demo's plans: one that is over and measured, some that run, some that wait; a second load adds nothing."""

from datetime import timedelta

from analytics.queries import plan_reports
from campaigns.models import ChannelSetup, TouchPlan
from members.models import Order, Touch, TouchCap
from newretail.demo import plans, wishes
from newretail.kernel import clock
from tests import world


def test_plans_stand_in_every_state_and_the_simulated_one_is_measured(noon):
    world.chain()
    world.people(
        *({"member_no": f"D{number}", "name": f"名{number}", "store_code": "SH01", "joined_at": "2025-02-01"}
          for number in range(200))
    )  # fmt: skip
    wishes.speak(at=world.NOW)
    today = clock.business_day(world.NOW)
    assert plans.plan(today=today, at=world.NOW) > 100
    assert plans.plan(today=today, at=world.NOW) == 0
    states = dict(TouchPlan.objects.values_list("code", "state"))
    assert (states[plans.SIMULATED], states["new-arrivals"], states["running-low"], states["gift-giving"]) == (
        "ended", "live", "submitted", "draft",
    )  # fmt: skip
    simulated = TouchPlan.objects.get(code=plans.SIMULATED)
    report = plan_reports.report(simulated, world.NOW)
    assert (report.measurable, report.waiting, "演示推演" in simulated.name) == (True, 0, True)
    assert report.opened
    assert {each.arm for each in report.outcomes} == {"A", "B", "held_out"}
    assert set(Order.objects.values_list("source", flat=True)) == {plans.SOURCE}
    assert Order.objects.latest("paid_at").paid_at < world.NOW - timedelta(days=14)
    assert dict(ChannelSetup.objects.values_list("channel", "carrier"))["wecom"] == "guide"
    assert TouchCap.objects.filter(target__isnull=False).exists()
    assert Touch.objects.filter(state="planned", source__startswith="campaigns.plan:").exists()
