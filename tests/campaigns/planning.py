"""Touch plans as the tests make them: a draft kept, approved by another, started, planned for a day."""

from datetime import date, timedelta
from typing import Any

from campaigns.actions import plans
from campaigns.actions.plans import Draft
from campaigns.models import PlanMember, TouchPlan
from members.actions.touch_contents import Words
from tests import world

TODAY = date(2026, 6, 15)
DAY = timedelta(days=1)


def draft(kind: str = "promotion", **more: Any) -> Draft:
    """A draft: an offer by SMS, nobody held out."""
    channels, variants = more.get("channels", ["sms"]), more.get("variants", 1)
    words = [Words(channel, f"{{name}}，{name}", "好事", name) for name in "ABCD"[:variants] for channel in channels]
    usual = {"name": "六月上新", "starts_on": TODAY, "words": words, "channels": channels, "holdout_bp": 0}
    return Draft(**{**usual, "kind": kind, **more})


def kept(kind: str = "promotion", code: str = "june", **more: Any) -> TouchPlan:
    """A draft that is kept."""
    return plans.keep(code=code, draft=draft(kind, **more), at=world.NOW)


def live(kind: str = "promotion", code: str = "june", **more: Any) -> TouchPlan:
    """A plan that runs."""
    plan = kept(kind, code, **more)
    for do in ("submit", "approve", "start"):
        plan = plans.move(plan=plan, do=do, at=world.NOW)
    return plan


def planned(plan: TouchPlan, day: date = TODAY) -> int:
    """Plan a day; give for how many."""
    return plans.plan_day(plan=plan, day=day, at=world.NOW).members


def whom(plan: TouchPlan) -> list[tuple[str, str]]:
    """For whom a plan planned, on which occasion."""
    return sorted(PlanMember.objects.filter(plan=plan).values_list("member__member_no", "occasion"))
