"""The gate of a claim: caps, quotas, quiet hours, priority, holdout; what is held back is judged again, then dropped."""

from datetime import datetime, time, timedelta

import pytest

from members.actions import caps, contacts, merges, receipts, touches
from members.actions.caps import Limit
from members.actions.touches import Settlement, Terms
from members.models import Level, Member, Portrait, Touch, TouchCap
from members.queries import gating
from newretail.kernel import books, drawing
from newretail.kernel.actions import settings
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry, User
from tests import world
from tests.members.consenting import claim, plan, row, say, texts

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PATIENT = Terms(patience=3 * DAY)


@pytest.fixture(autouse=True)
def allowed(noon):
    world.chain()
    texts()
    say(*(row(who, channel=channel) for who in ("V1", "V2") for channel in ("sms", "email", "wecom")))


def cap(most=1, span="days", days=7, code="week", **more):
    return caps.keep(code=code, name="一周", limit=Limit(span=span, most=most, days=days, **more), at=world.NOW)


def sent(source="campaigns.wave:1", *, channel="sms", at=world.NOW, who="V1", purpose="marketing", terms=touches.USUAL):
    """Plan a touch and claim what is due; tell how hers then stands."""
    plan(numbers=[who], source=source, channel=channel, purpose=purpose, at=at, terms=terms)
    claim(channel, at=at)
    return stands(source, channel)


def stands(source="campaigns.wave:1", channel="sms"):
    found = Touch.objects.filter(source=source, channel=channel).latest("pk")
    return (found.state, found.reason) if found.reason else found.state


def test_over_the_cap_she_is_held_back_judged_again_each_day_and_dropped_in_the_end():
    cap()
    assert sent() == "claimed"
    assert sent("campaigns.wave:2", terms=PATIENT) == ("held", "over_cap")
    assert (claim(), stands("campaigns.wave:2")) == ([], ("held", "over_cap"))
    claim(at=world.NOW + DAY)
    assert Touch.objects.get(source="campaigns.wave:2").held_until == world.NOW + 2 * DAY
    claim(at=world.NOW + 3 * DAY)
    assert stands("campaigns.wave:2") == ("suppressed", "over_cap")
    line = JournalEntry.objects.filter(name="members.touch.claimed").latest("pk")
    assert line.facts == {"claimed": 0, "suppressed": 1, "held": 0}


def test_what_was_held_goes_out_when_the_cap_lets_it():
    cap(days=2)
    assert sent() == "claimed"
    sent("campaigns.wave:2", at=world.NOW + DAY + HOUR, terms=PATIENT)
    assert len(claim(at=world.NOW + 2 * DAY + 2 * HOUR)) == 1


def test_a_cap_counts_all_channels_and_all_rows_that_are_she():
    cap(channel="")
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    assert sent(who="V2") == "claimed"
    assert sent("campaigns.wave:2", channel="email") == ("held", "over_cap")


def test_of_one_batch_a_person_gets_one_and_the_rest_is_judged_after_it_counts():
    cap()
    plan(numbers=["V1"], source="campaigns.wave:1")
    plan(numbers=["V1"], source="campaigns.wave:2", terms=Terms(promised=True))
    assert [each.source for each in claim()] == ["campaigns.wave:2"]
    assert stands() == "planned"
    assert (claim(), stands()) == ([], ("held", "over_cap"))


@pytest.mark.parametrize(("limit", "second"), [
    ({"channel": "email"}, "claimed"), ({"channel": "sms"}, ("held", "over_cap")),
    ({"purpose": "care"}, "claimed"), ({"purpose": "marketing"}, ("held", "over_cap")),
    ({"stage": "dormant"}, "claimed"), ({"stage": "wake"}, ("held", "over_cap")),
    ({"most": 2}, "claimed"), ({"span": "month", "days": None}, ("held", "over_cap")),
    ({"span": "year", "days": None}, ("held", "over_cap")),
])  # fmt: skip
def test_a_cap_holds_of_its_channel_purpose_stage_and_time(limit, second):
    with writing("test"):
        Portrait.objects.create(member=world.member("V1"), stage="wake")
    cap(**limit)
    assert sent() == "claimed"
    assert sent("campaigns.wave:2") == second


def test_a_cap_of_a_level_holds_of_no_other():
    with writing("test"):
        gold, silver = (Level.objects.create(code=code, name=code, rank=rank) for code, rank in (("G", 90), ("S", 91)))
        Member.objects.filter(member_no="V1").update(level=gold)
    cap(level=silver)
    assert (sent(), sent("campaigns.wave:2")) == ("claimed", "claimed")
    cap(level=gold)
    assert sent("campaigns.wave:3") == ("held", "over_cap")


def test_a_month_and_a_year_begin_anew():
    cap(span="month", days=None)
    assert sent(at=datetime.fromisoformat("2026-06-30T23:00+08:00")) == "claimed"
    assert sent("campaigns.wave:2", at=datetime.fromisoformat("2026-07-01T09:00+08:00")) == "claimed"
    cap(span="year", days=None, most=2)
    assert sent("campaigns.wave:3", at=datetime.fromisoformat("2026-12-31T09:00+08:00")) == ("held", "over_cap")
    assert sent("campaigns.wave:4", at=datetime.fromisoformat("2027-01-01T08:00+08:00")) == "claimed"


def test_promises_and_service_notices_pass_the_brands_caps_but_not_the_platforms():
    cap(most=0)
    assert sent() == ("held", "over_cap")
    assert sent("campaigns.gift:1", terms=Terms(promised=True)) == "claimed"
    assert sent("campaigns.notice:1", purpose="service") == "claimed"
    cap(most=2, code="platform", is_platform=True)
    assert sent("campaigns.gift:2", terms=Terms(promised=True)) == ("held", "quota")
    assert sent("campaigns.notice:2", purpose="service") == ("held", "quota")


def test_what_failed_does_not_count():
    cap()
    sent()
    touches.settle(results=[Settlement(Touch.objects.get().ref, "failed", "refused")], at=world.NOW)
    assert sent("campaigns.wave:2") == "claimed"


@pytest.mark.parametrize(("clock", "until"), [
    ("20:59", None), ("21:00", "2026-06-16T09:00+08:00"), ("23:59", "2026-06-16T09:00+08:00"),
    ("00:00", "2026-06-15T09:00+08:00"), ("08:59", "2026-06-15T09:00+08:00"), ("09:00", None),
])  # fmt: skip
def test_at_night_it_waits_for_the_morning_of_the_brands_clock(clock, until):
    caps.keep_quiet(channel="sms", starts=time(21), ends=time(9), at=world.NOW)
    at = datetime.fromisoformat(f"2026-06-15T{clock}+08:00")
    stood = sent(at=at)
    assert stood == (("held", "quiet_hours") if until else "claimed")
    assert Touch.objects.get().held_until == (datetime.fromisoformat(until) if until else None)
    assert sent("campaigns.wave:2", channel="email", at=at) == "claimed"


def test_quiet_hours_within_a_day_and_lifted():
    caps.keep_quiet(channel="sms", starts=time(11), ends=time(13), at=world.NOW)
    assert sent() == ("held", "quiet_hours")
    assert caps.lift_quiet(channel="sms", at=world.NOW)
    assert sent("campaigns.wave:2") == "claimed"


def test_the_more_important_plan_goes_first_and_the_other_waits_then_goes():
    plan(numbers=["V1"], source="campaigns.wave:1", terms=PATIENT)
    plan(numbers=["V1"], source="campaigns.wave:2", channel="email", at=world.NOW + HOUR, terms=Terms(priority=80))
    assert (claim(), stands()) == ([], ("held", "outranked"))
    assert len(claim("email", at=world.NOW + HOUR)) == 1
    assert len(claim(at=world.NOW + DAY)) == 1


def test_who_is_outranked_for_too_long_is_dropped_with_the_reason():
    plan(numbers=["V1"], source="campaigns.wave:2", channel="email", at=world.NOW + HOUR, terms=Terms(priority=80))
    plan(numbers=["V1"], source="campaigns.wave:1", terms=Terms(patience=DAY))
    claim()
    claim(at=world.NOW + DAY)
    assert stands() == ("suppressed", "outranked")


def test_what_nobody_claimed_in_its_time_goes_no_more():
    plan(numbers=["V1"], terms=Terms(patience=DAY))
    assert (claim(at=world.NOW + DAY), stands()) == ([], ("suppressed", "too_late"))


def test_who_is_held_out_of_all_marketing_gets_what_was_promised():
    world.people({"member_no": "V6", "store_code": "SH01"})
    say(row("V6"))
    assert (drawing.point_of("V6", "brand-2026"), drawing.point_of("V1", "brand-2026")) == (26, 7713)
    settings.put(key=gating.BRAND_HOLDOUT, value=27, at=world.NOW)
    assert (sent(who="V6"), sent("campaigns.wave:2")) == (("suppressed", "holdout"), "claimed")
    assert sent("campaigns.gift:1", who="V6", terms=Terms(promised=True)) == "claimed"
    assert sent("campaigns.notice:1", who="V6", purpose="service") == "claimed"


def test_a_plan_that_rests_is_passed_over_and_one_that_was_ended_goes_no_more():
    plan(numbers=["V1"])
    assert touches.claim(channel="sms", most=9, at=world.NOW, but_not=["campaigns.wave:1"]) == []
    assert stands() == "planned"
    assert (touches.stop(source="campaigns.wave:1", at=world.NOW), claim()) == (1, [])
    assert stands() == ("suppressed", "stopped")


def test_a_guide_is_judged_by_the_caps_too_and_what_she_did_counts_for_plans():
    by = User.objects.order_by("pk").first()
    contact = contacts.Contact(world.member("V1"), "wecom", "marketing", "guides.task:1.1")
    cap()
    contacts.make(contact=contact, at=world.NOW, by=by)
    assert sent() == ("held", "over_cap")
    again = contacts.Contact(world.member("V1"), "wecom", "marketing", "guides.task:2.1")
    with pytest.raises(contacts.MayNotBeTouched):
        contacts.make(contact=again, at=world.NOW, by=by)
    assert not Touch.objects.filter(source="guides.task:2.1").exists()


def test_what_waits_for_an_employee_is_no_doubt_and_ends_by_her():
    sent()
    ref = Touch.objects.get().ref
    touches.settle(results=[Settlement(ref, "waiting")], at=world.NOW)
    assert (touches.doubt(at=world.NOW + DAY), stands()) == (0, "waiting")
    touches.settle(results=[Settlement(ref, "over_quota", "quota")], at=world.NOW + DAY)
    assert stands() == ("over_quota", "quota")
    with pytest.raises(touches.SettledOtherwise):
        touches.settle(results=[Settlement(ref, "sent")], at=world.NOW + DAY)


def test_receipts_move_a_touch_forward_only_and_say_what_was_in_doubt():
    sent()
    ref = Touch.objects.get().ref
    touches.doubt(at=world.NOW + DAY)
    hear = lambda *kinds: receipts.record(  # noqa: E731 - said thrice
        heard=[receipts.Heard(ref, kind, world.NOW) for kind in kinds], at=world.NOW + DAY
    )
    assert (hear("opened", "delivered", "opened"), stands()) == (2, "opened")
    assert (hear("delivered"), stands()) == (0, "opened")
    assert (hear("converted"), stands()) == (1, "converted")
    touches.settle(results=[Settlement(ref, "sent")], at=world.NOW + DAY)
    assert stands() == "converted"


def test_of_what_never_went_out_nothing_is_heard():
    plan(numbers=["V1"])
    assert receipts.record(heard=[receipts.Heard(Touch.objects.get().ref, "opened", world.NOW)], at=world.NOW) == 0
    assert stands() == "planned"


@pytest.mark.books_may_break
def test_the_law_finds_a_touch_that_stands_further_than_was_heard():
    sent()
    touches.settle(results=[Settlement(Touch.objects.get().ref, "sent")], at=world.NOW)
    with writing("test"):
        Touch.objects.update(state="opened")
    assert [found.law for found in books.verify()] == ["a touch stands as far as its furthest receipt tells"]


@pytest.mark.parametrize("wrong", [
    {"span": "days", "days": None}, {"span": "month"}, {"days": 0}, {"days": 367}, {"most": -1}, {"target": 2},
    {"channel": "any"}, {"purpose": "profiling"}, {"stage": "x"}, {"span": "week"}, {"code": "a b"}, {"code": ""},
])  # fmt: skip
def test_a_cap_that_says_nothing_clear_is_refused(wrong):
    with pytest.raises(caps.BadCap):
        cap(**wrong)
    assert not TouchCap.objects.exists()


def test_a_cap_is_changed_ended_and_holds_again():
    assert cap().pk == cap(most=3).pk
    ended = caps.end(cap=TouchCap.objects.get(), at=world.NOW)
    assert (ended.most, ended.active, caps.end(cap=ended, at=world.NOW).active) == (3, False, False)
    assert cap().active
    names = JournalEntry.objects.filter(name__startswith="members.touch_cap").values_list("name", flat=True)
    assert sorted(names) == ["members.touch_cap.ended", *["members.touch_cap.kept"] * 3]


@pytest.mark.parametrize("wrong", [{"channel": "any"}, {"channel": "pigeon"}, {"ends": time(21)}])
def test_a_night_without_a_channel_or_a_length_is_refused(wrong):
    with pytest.raises(caps.BadQuietHours):
        caps.keep_quiet(**{"channel": "sms", "starts": time(21), "ends": time(9), **wrong}, at=world.NOW)
