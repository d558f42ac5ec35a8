"""Keep touch plans, let them be approved, run them: each night what falls due on the day is planned."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from campaigns.models import Segment, TouchPlan
from campaigns.models.plans import MOST_HELD_OUT
from campaigns.queries import audiences, planning, wordings
from campaigns.queries.examples import EXAMPLES, SMS
from members.actions import coupons, touch_contents, touches
from members.actions.touch_contents import Words
from members.models import CouponPlan, Purpose, Touch
from members.models.consents import CHANNELS, TOUCHING
from members.models.touches import LONGEST_BODY, LONGEST_TITLE
from members.queries.coupon_givings import Wishes
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

State = TouchPlan.State
CODE = re.compile(r"[A-Za-z0-9_\-]{1,40}", re.ASCII)
MOST_VARIANTS, MOST_CHANNELS, LONGEST_NAME = 4, 5, 60
MOST_MONEY = 100_000_000_00  # cents
ENTER = """
INSERT INTO campaigns_planmember (plan_id, member_id, occasion, arm, day, entry_id)
SELECT %(plan)s, member_id, occasion, arm, %(day)s, %(entry)s FROM tmp_plan ORDER BY member_id
ON CONFLICT (plan_id, member_id, occasion) DO NOTHING
"""
GIVEN = """
SELECT member_id, occasion AS key FROM tmp_plan WHERE not_wanted = ''
"""
# From which states a verb leads to which.
LEADS: dict[str, tuple[tuple[str, ...], str]] = {
    "submit": ((State.DRAFT,), State.SUBMITTED),
    "hand_back": ((State.SUBMITTED, State.APPROVED), State.DRAFT),
    "approve": ((State.SUBMITTED,), State.APPROVED),
    "start": ((State.APPROVED, State.PAUSED), State.LIVE),
    "pause": ((State.LIVE,), State.PAUSED),
    "end": ((State.DRAFT, State.SUBMITTED, State.APPROVED, State.LIVE, State.PAUSED), State.ENDED),
}
LINES = {
    "submit": "campaigns.plan.submitted", "hand_back": "campaigns.plan.handed_back",
    "approve": "campaigns.plan.approved", "start": "campaigns.plan.started", "pause": "campaigns.plan.paused",
    "end": "campaigns.plan.ended",
}  # fmt: skip


class BadPlan(Refused):
    """A plan is not whole."""

    code = "bad_plan"
    sentence = gettext_noop("This plan is not whole; missing or wrong: %(wrong)s.")


class PlanTaken(Refused):
    """A plan is no draft any more."""

    code = "plan_not_draft"
    sentence = gettext_noop("This plan is %(state)s: hand it back to draft before it is changed.")


class NotFromHere(Refused):
    """A plan cannot go this way from where it stands."""

    code = "plan_not_from_here"
    sentence = gettext_noop("This plan is %(state)s; that cannot be done with it now.")


class OwnPlan(Refused):
    """Two pairs of eyes."""

    code = "own_plan"
    sentence = gettext_noop("Who made a plan does not approve it: ask a colleague.")


@dataclass(frozen=True)
class Draft:
    """What a plan is made of; see `TouchPlan`. `words`: of each variant by each channel."""

    name: str
    kind: str
    starts_on: date
    words: Sequence[Words]
    channels: Sequence[str]
    send_at: time = time(10)
    terms: dict[str, Any] = field(default_factory=dict)
    segment: Segment | None = None
    purpose: str = Purpose.MARKETING
    coupon_plan: CouponPlan | None = None
    priority: int = Touch.USUAL_PRIORITY
    promised: bool = False
    holdout_bp: int = 1_000
    variants: int = 1
    most_touches: int | None = None
    most_cents: int | None = None
    ends_on: date | None = None
    patience_days: int = 3
    window_days: int = 14


@verb
def keep(*, code: str, draft: Draft, at: datetime, by: User | None = None) -> TouchPlan:
    """Keep a draft: a new plan, or the next version of that with this code; its words are kept with each version.

    Refuses: BadPlan, BadTerms, BadWords, PlanTaken.
    Writes: campaigns.plan.kept, members.touch_content.kept.
    """
    terms = audiences.read(draft.kind, draft.terms)
    _check(code, draft)
    plan = TouchPlan.objects.select_for_update(of=("self",)).filter(code=code).first()
    if plan and plan.state != State.DRAFT:
        raise PlanTaken(state=plan.get_state_display())
    version = plan.version + 1 if plan else 1
    line = journal.write("campaigns.plan.kept", at=at, by=by, subject=f"plan:{code}", version=version)
    plan = plan or TouchPlan(code=code, entry_id=line.pk, made_by=by)
    for name, value in vars(draft).items():
        if name not in ("words", "channels", "terms"):
            setattr(plan, name, value)
    plan.terms, plan.channels, plan.version = terms, list(draft.channels), version
    plan.save()
    touch_contents.keep(source=plan.source, version=version, words=draft.words, at=at, by=by)
    return plan


def _check(code: str, draft: Draft) -> None:
    names = "ABCD"[: draft.variants]
    said = {(each.variant, each.channel) for each in draft.words}
    exempt = draft.promised or draft.purpose != Purpose.MARKETING
    right = {
        "code": CODE.fullmatch(code),
        "name": 0 < len(draft.name.strip()) <= LONGEST_NAME and draft.name.isprintable(),
        "channels": 0 < len(draft.channels) <= MOST_CHANNELS and len(set(draft.channels)) == len(draft.channels)
        and set(draft.channels) <= set(CHANNELS),
        "purpose": draft.purpose in TOUCHING,
        "variants": 1 <= draft.variants <= MOST_VARIANTS,
        "words": said == {(name, channel) for name in names for channel in draft.channels}
        and all(each.body.strip() and len(each.body) <= LONGEST_BODY and len(each.title) <= LONGEST_TITLE
                for each in draft.words),
        "priority": 0 <= draft.priority <= Touch.HIGHEST_PRIORITY,
        "holdout": draft.holdout_bp == 0 if exempt else 0 <= draft.holdout_bp <= MOST_HELD_OUT,
        "days": draft.ends_on is None or draft.ends_on >= draft.starts_on,
        "patience": 0 <= draft.patience_days <= 30,
        "window": 1 <= draft.window_days <= 365,
        "budget": draft.most_touches is None or draft.most_touches > 0,
        "money": draft.most_cents is None or 0 < draft.most_cents <= MOST_MONEY,
    }  # fmt: skip
    if wrong := [name for name, holds in right.items() if not holds]:
        raise BadPlan(wrong=", ".join(wrong))
    wordings.check(*(text for each in draft.words for text in (each.title, each.body)))


@verb
def move(*, plan: TouchPlan, do: str, at: datetime, by: User | None = None) -> TouchPlan:
    """Lead a plan on: submit, hand_back, approve, start, pause, end; an ended one suppresses what it still had ahead.

    It waits for whoever claims at this moment, so that nothing of a paused or ended plan is claimed afterwards.
    Refuses: NotFromHere, OwnPlan.
    Writes: campaigns.plan.submitted, campaigns.plan.handed_back, campaigns.plan.approved, campaigns.plan.started,
    campaigns.plan.paused, campaigns.plan.ended, members.touch.stopped.
    """
    held = TouchPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    before, after = LEADS[do]
    if held.state not in before:
        raise NotFromHere(state=held.get_state_display())
    if do == "approve":
        if by is not None and by.pk == held.made_by_id:
            raise OwnPlan
        held.approved_by = by
    held.state = after
    held.save(update_fields=["state", "approved_by"])
    journal.write(LINES[do], at=at, by=by, subject=f"plan:{held.code}")
    if after == State.ENDED:
        touches.stop(source=held.source, at=at, by=by)
    return held


@dataclass(frozen=True)
class Planned:
    """What a plan did on a day: how many it planned for, how many of them touches to go out."""

    members: int = 0
    touches: int = 0


@verb
def plan_day(*, plan: TouchPlan, day: date, at: datetime) -> Planned:
    """Plan what falls due by a live plan on a day: whoever it is about, once on each occasion; again, nothing is new.

    Who is held out is written down too, as suppressed. A coupon goes to those who are to be touched.
    Writes: campaigns.plan.planned, members.touch.planned, members.coupon.issued.
    """
    held = TouchPlan.objects.select_for_update(of=("self",)).select_related("coupon_plan").get(pk=plan.pk)
    over = held.ends_on is not None and day > held.ends_on
    if held.state != State.LIVE or day < held.starts_on or over:
        return Planned()
    select, given = planning.chosen(held, day)
    sql.temporary("tmp_plan", select, given)
    entry = journal.reserve()
    entered = sql.execute(ENTER, {"plan": held.pk, "day": day, "entry": entry})
    failpoint("plan.entered")
    if not entered:
        return Planned()
    planned = touches.plan(table="tmp_plan", source=held.source, at=at, terms=_terms(held))
    journal.write(
        "campaigns.plan.planned", at=at, subject=f"plan:{held.code}", entry_id=entry, members=entered, touches=planned
    )  # fmt: skip
    if held.coupon_plan and held.coupon_plan.state == CouponPlan.State.ACTIVE:
        coupons.give(plan=held.coupon_plan, wishes=Wishes(held.source, GIVEN, {}), at=at)
    return Planned(entered, planned)


@verb
def fall_back(*, plan: TouchPlan, at: datetime) -> int:
    """Plan the next channel of a live plan for whom one surely did not reach in the last days; again, nothing is new.

    What nobody knows of may have reached her, and what she wants none of stays unsaid. Returns how many.
    Writes: members.touch.planned.
    """
    held = TouchPlan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if held.state != State.LIVE or len(held.channels) == 1:
        return 0
    select, given = planning.fallen(held, at)
    sql.temporary("tmp_fallen", select, given)
    return touches.plan(table="tmp_fallen", source=held.source, at=at, terms=_terms(held))


def _terms(plan: TouchPlan) -> touches.Terms:
    return touches.Terms(plan.priority, plan.promised, timedelta(days=plan.patience_days) or None)


@verb
def add_examples(*, at: datetime, day: date, by: User | None = None) -> int:
    """Keep the plans that ship with the product as drafts, where their codes are free; returns how many.

    Writes: campaigns.plan.kept, members.touch_content.kept.
    """
    known = set(TouchPlan.objects.values_list("code", flat=True))
    new = [each for each in EXAMPLES if each[0] not in known]
    for code, name, kind, more, said in new:
        channels, variants = more.get("channels", SMS), more.get("variants", 1)
        bodies = [said, f"{said}回复TD退订"][:variants]
        words = [
            Words(channel, body, name, variant)
            for variant, body in zip("AB", bodies, strict=False)
            for channel in channels
        ]
        usual = {"name": name, "kind": kind, "starts_on": day, "words": words, "channels": channels}
        keep(code=code, at=at, by=by, draft=Draft(**{**usual, **more}))
    return len(new)
