"""Touch plans: each kind finds whom it is about, once on each occasion; arms are drawn for ever; states lead on."""

from datetime import date, timedelta

import pytest

from campaigns import jobs as campaign_jobs
from campaigns.actions import plans
from campaigns.models import PlanMember, TouchPlan
from campaigns.queries import audiences, planning
from campaigns.queries.wordings import BadWords
from members.actions import member_tags, merges, tags
from members.actions.touch_contents import Words
from members.importers import MEMBER_TAGS, TAGS
from members.models import Coupon, Portrait, StageChange, Touch, TouchContent
from newretail.kernel import drawing
from newretail.kernel.actions import jobs
from newretail.kernel.files.rows import batch_of
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry, User
from tests import coupons, world
from tests.campaigns import casting, sending
from tests.campaigns.planning import DAY, TODAY, draft, kept, live, planned, whom
from tests.members.consenting import row, say


@pytest.fixture(autouse=True)
def town(noon):
    world.chain()
    sending.people("M1", "M2", "M3")


def touched(plan=None):
    rows = Touch.objects.all() if plan is None else Touch.objects.filter(source=plan.source)
    return sorted(rows.values_list("member__member_no", "channel", "state"))


def test_a_promotion_touches_its_segment_once():
    plan = live()
    assert (planned(plan), planned(plan), planned(plan, TODAY + DAY)) == (5, 0, 0)
    assert [occasion for _no, occasion in whom(plan)] == ["once"] * 5
    touch = Touch.objects.filter(member__member_no="M1").get()
    assert (touch.content.body, str(touch.planned_for), touch.drop_after - touch.planned_for) == (
        "{name}，A", "2026-06-15 02:00:00+00:00", timedelta(days=3),
    )  # fmt: skip


def test_who_is_in_its_segment_alone_is_planned_for():
    segment = casting.kept(casting.SHANGHAI, "sh")
    plan = live(segment=segment)
    planned(plan)
    assert {number for number, _ in whom(plan)} == {"V1", "M1", "M2", "M3"}


def born(number, birthday, calendar="solar"):
    world.people({"member_no": number, "birthday": birthday, "birthday_calendar": calendar, "store_code": "SH01"})


def test_a_birthday_is_wished_once_a_year_some_days_before_late_joiners_too():
    born("M1", "1990-06-18")
    born("M2", "1990-06-25")
    plan = live("birthday", terms={"days_before": 3}, purpose="care", promised=True)
    assert planned(plan) == 1
    born("M3", "1991-06-16")
    assert (planned(plan), planned(plan, TODAY + DAY)) == (1, 0)
    assert planned(plan, TODAY + 7 * DAY) == 1
    assert planned(plan, TODAY + 365 * DAY) == 2
    assert [number for number, _ in whom(plan)] == ["M1", "M1", "M2", "M3", "M3"]


@pytest.mark.parametrize(("birthday", "calendar", "day"), [
    ("1992-02-29", "solar", date(2027, 2, 28)), ("1992-02-29", "solar", date(2028, 2, 29)),
    ("1990-05-05", "lunar", date(2026, 6, 19)),
])  # fmt: skip
def test_leap_days_and_lunar_birthdays_have_their_day(birthday, calendar, day):
    born("M1", birthday, calendar)
    plan = live("birthday", terms={"days_before": 0}, purpose="care")
    assert [planned(plan, day - DAY), planned(plan, day), planned(plan, day + DAY)] == [0, 1, 0]


def test_a_person_of_two_numbers_is_wished_once():
    born("M1", "1990-06-15")
    born("M2", "1990-06-15")
    plan = live("birthday", terms={"days_before": 0}, purpose="care")
    assert planned(plan) == 2
    merges.merge(member=world.member("M2"), into=world.member("M1"), reason="一人", at=world.NOW)
    assert planned(plan, TODAY + 365 * DAY) == 1


def test_a_holiday_is_kept_on_its_days_of_each_year():
    plan = live("holiday", terms={"families": ["mothers_day", "dragon_boat"], "days_before": 2})
    assert [planned(plan, TODAY + nth * DAY) for nth in (0, 1, 2, 3, 4, 5)] == [0, 0, 5, 0, 0, 0]
    assert {occasion for _no, occasion in whom(plan)} == {"dragon_boat:2026"}


def test_member_day_comes_each_month():
    plan = live("member_day", terms={"day_of_month": 18})
    assert [planned(plan, date(2026, month, day)) for month, day in ((6, 17), (6, 18), (6, 18), (7, 18))] == [
        0,
        5,
        0,
        5,
    ]


def bought(*rows):
    world.buy(*(world.order(f"O{nth}", "59.90", day, member_no=who) for nth, (who, day) in enumerate(rows)))
    world.lines(*({"order_no": f"O{nth}", "line_no": 1, "sku": "NUT", "quantity": 1, "amount": "59.90"}
                  for nth, _ in enumerate(rows)))  # fmt: skip


def test_service_comes_so_many_days_after_goods_of_a_category():
    bought(("M1", "2026-06-12"), ("M2", "2026-06-14"), ("M3", "2026-05-01"))
    plan = live("service", terms={"days_after": 3, "categories": ["零食"]}, purpose="service")
    assert [planned(plan, TODAY + nth * DAY) for nth in (0, 1, 2, 3)] == [1, 0, 1, 0]
    assert [number for number, _ in whom(plan)] == ["M1", "M2"]
    assert planned(live("service", "tea", terms={"days_after": 3, "categories": ["茶"]}, purpose="service")) == 0


def test_replenishment_comes_by_the_median_interval_and_only_where_enough_bought_again():
    rows = [(f"M{nth}", f"2026-0{month}-01") for nth in (1, 2, 3) for month in (1, 2, 3, 4, 5)]
    bought(*rows)
    assert audiences.interval(["零食"], TODAY) is None
    plan = live("replenishment", terms={"days_before": 1, "categories": ["零食"]})
    assert planned(plan) == 0
    world.people(*({"member_no": f"N{nth}", "store_code": "SH01"} for nth in range(10)))
    more = [(f"N{nth}", day) for nth in range(10) for day in ("2026-03-01", "2026-03-11")]
    world.buy(*(world.order(f"P{nth}", "59.90", day, member_no=who) for nth, (who, day) in enumerate(more)))
    world.lines(*({"order_no": f"P{nth}", "line_no": 1, "sku": "NUT", "quantity": 1, "amount": "59.90"}
                  for nth, _ in enumerate(more)))  # fmt: skip
    assert audiences.interval(["零食"], TODAY) == 28
    assert planned(plan, date(2026, 5, 28)) == 0
    plan = live("replenishment", "again", terms={"days_before": 1, "categories": ["零食"]}, starts_on=date(2026, 5, 1))
    assert planned(plan, date(2026, 5, 28)) == 3


def test_lifecycle_touches_who_entered_a_stage_and_is_still_in_it():
    entry = JournalEntry.objects.latest("pk").pk
    with writing("test"):
        for number, *stages in (("M1", "wake"), ("M2", "wake", "active"), ("M3", "dormant")):
            member = world.member(number)
            for before, stage in zip(["active", *stages], stages, strict=False):
                StageChange.objects.create(
                    member=member, from_stage=before, to_stage=stage, changed_on=TODAY, entry_id=entry
                )
            Portrait.objects.create(member=member, stage=stages[-1])
    plan = live("lifecycle", terms={"stages": ["wake", "win_back"]})
    assert (planned(plan), planned(plan, TODAY + DAY)) == (1, 0)
    assert whom(plan) == [("M1", "stage:2026-06-15")]


def test_a_scene_comes_again_after_its_days():
    tags.record(batch=batch_of(TAGS, [{"name": "送礼"}]), at=world.NOW)
    member_tags.record(batch=batch_of(MEMBER_TAGS, [{"member_no": "M1", "tag": "送礼"}]), at=world.NOW)
    plan = live("scene", terms={"tags": ["送礼"], "again_days": 30})
    assert [planned(plan, TODAY + nth * DAY) for nth in (0, 1, 29, 30)] == [1, 0, 0, 1]


def test_the_first_channel_that_reaches_her_and_that_she_allows_is_taken():
    say(row("M2", channel="email", decision="withdrawn", proof=None))
    plan = live(channels=["email", "sms"])
    planned(plan)
    assert touched(plan)[:3] == [("M1", "email", "planned"), ("M2", "sms", "planned"), ("M3", "email", "planned")]
    assert ("V1", "email", "planned") in touched(plan)


def test_arms_are_drawn_for_ever_and_who_is_held_out_is_written_down():
    plan = live(holdout_bp=5_000, variants=2)
    planned(plan)
    for number, arm in PlanMember.objects.values_list("member__member_no", "arm"):
        assert arm == drawing.arm_of(number, "june", plan.arms)
    held = set(PlanMember.objects.filter(arm="held_out").values_list("member_id", flat=True))
    out = Touch.objects.filter(state="suppressed", reason="holdout")
    assert set(out.values_list("member_id", flat=True)) == held
    assert held
    said = Touch.objects.filter(state="planned").values_list("content__variant", "member_id")
    arms = dict(PlanMember.objects.values_list("member_id", "arm"))
    assert all(arms[member] == variant for variant, member in said)


def test_the_budget_is_kept_over_all_days():
    plan = live("member_day", terms={"day_of_month": 18}, most_touches=7)
    assert [planned(plan, date(2026, month, 18)) for month in (6, 7, 8)] == [5, 2, 0]


def test_a_coupon_goes_to_who_is_to_be_touched():
    plan = live(coupon_plan=coupons.plan(), holdout_bp=5_000)
    planned(plan)
    given = set(Coupon.objects.values_list("member_id", flat=True))
    assert given == set(PlanMember.objects.exclude(arm="held_out").values_list("member_id", flat=True))
    assert given


@pytest.mark.parametrize("wrong", [
    {"code": "a b"}, {"name": " "}, {"channels": []}, {"channels": ["sms", "sms"]}, {"channels": ["any"]},
    {"variants": 5}, {"words": []}, {"words": [Words("sms", " ", "", "A")]}, {"priority": 101},
    {"promised": True, "holdout_bp": 100}, {"purpose": "service", "holdout_bp": 1}, {"holdout_bp": 5_001},
    {"purpose": "profiling"}, {"ends_on": TODAY - DAY}, {"patience_days": 31}, {"window_days": 0}, {"most_touches": 0},
])  # fmt: skip
def test_a_plan_that_is_not_whole_is_refused_by_what_is_wrong(wrong):
    with pytest.raises(plans.BadPlan):
        kept(**wrong)
    assert not TouchPlan.objects.exists()


@pytest.mark.parametrize(("kind", "terms"), [
    ("birthday", {}), ("birthday", {"days_before": 61}), ("birthday", {"days_before": "3"}),
    ("birthday", {"days_before": True}), ("scene", {"tags": [], "again_days": 30}), ("lifecycle", {"stages": ["x"]}),
    ("member_day", {"day_of_month": 31}), ("holiday", {"families": "x", "days_before": 1}), ("nothing", {}),
])  # fmt: skip
def test_terms_that_a_kind_cannot_read_are_refused(kind, terms):
    with pytest.raises(audiences.BadTerms):
        kept(kind, terms=terms)


def test_words_with_a_place_nobody_fills_are_refused():
    with pytest.raises(BadWords):
        kept(words=[Words("sms", "{phone}", "", "A")])
    assert not TouchContent.objects.exists()


def test_states_lead_on_and_nowhere_else():
    plan = kept()
    for do in ("approve", "start", "pause"):
        with pytest.raises(plans.NotFromHere):
            plans.move(plan=plan, do=do, at=world.NOW)
    for do, state in (("submit", "submitted"), ("hand_back", "draft"), ("submit", "submitted"), ("approve", "approved"),
                      ("start", "live"), ("pause", "paused"), ("start", "live"), ("end", "ended")):  # fmt: skip
        assert plans.move(plan=plan, do=do, at=world.NOW).state == state
    with pytest.raises(plans.NotFromHere):
        plans.move(plan=plan, do="start", at=world.NOW)


def test_who_made_a_plan_does_not_approve_it():
    by = User.objects.order_by("pk").first()
    plan = plans.keep(code="june", draft=draft(), at=world.NOW, by=by)
    plans.move(plan=plan, do="submit", at=world.NOW, by=by)
    with pytest.raises(plans.OwnPlan):
        plans.move(plan=plan, do="approve", at=world.NOW, by=by)
    assert plans.move(plan=plan, do="approve", at=world.NOW, by=User.objects.order_by("pk").last()).state == "approved"


def test_only_a_draft_is_changed_and_each_version_keeps_its_words():
    plan = kept()
    assert kept(words=[Words("sms", "新", "", "A")]).version == 2
    assert list(TouchContent.objects.order_by("version").values_list("version", "body")) == [
        (1, "{name}，A"),
        (2, "新"),
    ]
    plans.move(plan=plan, do="submit", at=world.NOW)
    with pytest.raises(plans.PlanTaken):
        kept()


def test_of_a_paused_plan_nothing_goes_out_and_of_an_ended_one_nothing_ever():
    plan, setup = live(), sending.connected("sms", "sandbox")
    planned(plan)
    plans.move(plan=plan, do="pause", at=world.NOW)
    assert (sending.send(setup), planned(plan, TODAY + DAY)) == ({}, 0)
    plans.move(plan=plan, do="start", at=world.NOW)
    assert sending.send(setup, most=1) == {"sent": 1}
    plans.move(plan=plan, do="end", at=world.NOW)
    assert sending.send(setup) == {}
    assert set(Touch.objects.values_list("state", "reason")) - {("suppressed", "no_consent")} == {
        ("sent", ""), ("suppressed", "stopped"),
    }  # fmt: skip


def test_tomorrow_is_foreseen_with_what_stops_whom_and_nothing_is_written():
    plan = live(holdout_bp=5_000)
    seen = planning.foreseen(plan, TODAY)
    assert (seen.members, Touch.objects.count(), PlanMember.objects.count()) == (5, 0, 0)
    planned(plan)
    assert seen.held_out == PlanMember.objects.filter(arm="held_out").count()
    assert sum(number for _channel, _stopped, number in seen.by) == 5 - seen.held_out
    assert {stopped for _channel, stopped, _number in seen.by} <= {"", "no_consent"}


def test_the_night_plans_what_is_due_and_a_past_day_is_told_aside():
    live()
    jobs.queue(name="plan_touches", at=world.NOW)
    jobs.queue(name="plan_touches", as_of=TODAY - DAY, at=world.NOW)
    while jobs.perform_next(jobs.QUEUED):
        pass
    assert PlanMember.objects.count() == 5
    runs = campaign_jobs.JobRun.objects.filter(name="plan_touches").order_by("pk")
    assert [run.counts for run in runs] == [
        {"june": 5, "fallen_back": 0}, {"aside": True, "june": 0},
    ]  # fmt: skip


def test_a_plan_before_its_first_day_and_after_its_last_plans_nothing():
    plan = live(starts_on=TODAY + DAY, ends_on=TODAY + DAY)
    assert [planned(plan, TODAY + nth * DAY) for nth in (0, 2, 1)] == [0, 0, 5]


def test_who_joins_later_is_planned_for_later():
    plan = live()
    planned(plan)
    world.people({"member_no": "M9", "store_code": "SH01"})
    assert planned(plan, TODAY + DAY) == 1
