"""Touch plans of the demo brand: channels, caps, one plan that is over, some that run, some that wait.

SMS and mail go into the sandbox, WeCom by guides.

The plan that is over is simulated and says so (演示推演): those who are treated buy a little more than those held out,
by orders of a source of their own, so that its report has something to show. Nothing else of the demo is made up so.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from campaigns.actions import channels, dispatching, forecasts, plans
from campaigns.actions.plans import Draft
from campaigns.models import ChannelSetup, PlanMember, Segment, TouchPlan
from campaigns.models.plans import HELD_OUT
from members.actions import caps, leveling, orders, receipts
from members.actions.caps import Limit
from members.actions.receipts import Heard
from members.actions.touch_contents import Words
from members.models import Touch
from newretail.kernel import clock, drawing
from newretail.kernel.actions import relay
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of

SIMULATED, SOURCE, AGO = "simulated-lift", "simulation", timedelta(days=28)
LIVE = ("birthday", "member-day", "wake-up", "new-arrivals")
SUBMITTED = ("running-low",)
MOST_SENT = 5_000
WORDS = "{name}，{brand}会员专享满减已到账，到{store}或线上商城均可使用。"
CAPS: tuple[tuple[str, str, Limit], ...] = (
    ("sms-week", "短信营销：每周不超过两次", Limit("days", 2, days=7, channel="sms", purpose="marketing")),
    ("any-week", "每周合计不超过三次", Limit("days", 3, days=7)),
    ("wecom-month", "企业微信：每月不超过 31 条（平台）", Limit("month", 31, channel="wecom", is_platform=True)),
    ("active-year", "活跃期：每年 12 至 36 次", Limit("year", 36, stage="active", target=12)),
    ("wake-year", "唤醒期：每年 6 至 18 次", Limit("year", 18, stage="wake", target=6)),
    ("win-back-year", "召回期：每年 4 至 12 次", Limit("year", 12, stage="win_back", target=4)),
)  # fmt: skip


def plan(*, today: date, at: datetime) -> int:
    """Connect the channels, keep caps and plans, run those that are live, once; how many touches plans have."""
    if ChannelSetup.objects.exists():
        return 0
    for channel, carrier, cost in (("sms", "sandbox", 5), ("wecom", "guide", 0), ("email", "sandbox", 1)):
        channels.connect(channel=channel, carrier=carrier, terms={}, cost_cents=cost, at=at)
    _simulate(clock.day_start(today) - AGO)
    caps.keep_quiet(channel="sms", starts=time(21), ends=time(9), at=at)
    for code, name, limit in CAPS:
        caps.keep(code=code, name=name, limit=limit, at=at)
    plans.add_examples(at=at, day=today)
    for code in (*LIVE, *SUBMITTED):
        row = TouchPlan.objects.get(code=code)
        for do in ("submit", "approve", "start")[: 3 if code in LIVE else 1]:
            row = plans.move(plan=row, do=do, at=at)
        plans.plan_day(plan=row, day=today, at=at)
    relay.drain(at=at)
    leveling.assess_all(as_of=today, at=at)  # what was bought four weeks ago makes them grow
    for row in TouchPlan.objects.exclude(state=TouchPlan.State.DRAFT).order_by("code"):
        forecasts.foresee(plan=row, day=today + timedelta(days=1), at=at)
    return Touch.objects.filter(source__startswith="campaigns.plan:").count()


def _simulate(then: datetime) -> None:
    """Run a plan four weeks ago to its end: planned, sent by the sandbox, opened by some, and bought after."""
    first = clock.business_day(then)
    draft = Draft(
        name="演示推演：复购客满减", kind=TouchPlan.Kind.PROMOTION, starts_on=first, ends_on=first, channels=["sms"],
        words=[Words("sms", WORDS, "", "A"), Words("sms", f"限时三天：{WORDS}", "", "B")], variants=2,
        holdout_bp=3_000, segment=Segment.objects.filter(code="repeat-90").first(), window_days=14,
    )  # fmt: skip
    row = plans.keep(code=SIMULATED, draft=draft, at=then)
    for do in ("submit", "approve", "start"):
        row = plans.move(plan=row, do=do, at=then)
    plans.plan_day(plan=row, day=first, at=then)
    sent_at = then + timedelta(hours=10, minutes=5)
    for setup in ChannelSetup.objects.filter(channel="sms"):
        dispatching.send_due(setup=setup, clock=lambda: sent_at, most=MOST_SENT)
    _hear(row, sent_at)
    _buy(row, then)
    plans.move(plan=row, do="end", at=then + timedelta(days=1))


def _hear(row: TouchPlan, sent_at: datetime) -> None:
    """Let some of what was sent be delivered, opened and clicked."""
    heard = []
    for ref, number in Touch.objects.filter(source=row.source, state="sent").values_list("ref", "member__member_no"):
        luck = drawing.point_of(number, "demo-opening")
        kinds = ("delivered", "opened", "clicked")[: 1 + (luck < 3_500) + (luck < 900)]
        heard += [Heard(ref, kind, sent_at + timedelta(hours=nth)) for nth, kind in enumerate(kinds)]
    receipts.record(heard=heard, at=sent_at + timedelta(hours=3))


def _buy(row: TouchPlan, then: datetime) -> None:
    """Let one in eight of the treated and one in sixteen of those held out buy once more, by orders of that source."""
    rows: list[dict[str, Any]] = []
    planned = PlanMember.objects.filter(plan=row).order_by("pk").select_related("member__home_store")
    for each in planned:
        luck = drawing.point_of(each.member.member_no, "demo-buying")
        if luck >= (625 if each.arm == HELD_OUT else 1_250) or each.member.home_store is None:
            continue
        paid_at = then + timedelta(days=1 + luck % 10, hours=11)
        rows.append({
            "source": SOURCE, "order_no": f"SIM-{each.pk}", "member_no": each.member.member_no,
            "store_code": each.member.home_store.code, "paid_at": paid_at.isoformat(), "amount": f"{60 + luck % 90}.00",
        })  # fmt: skip
    if rows:
        orders.record(batch=batch_of(IMPORTERS["orders"].sheet, rows), at=then + timedelta(days=12))
