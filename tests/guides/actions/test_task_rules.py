"""Rules give tasks by themselves: upon an event, each day, once for each occasion, and to whoever serves her now."""

from datetime import date, timedelta

import pytest

from guides.actions import task_rules, tasks
from guides.actions.task_rules import EXAMPLES, BadSpan, Ruling, TaskRuleChanged, UnknownTaskRule
from guides.actions.tasks import Wording
from guides.models import Brief, Task, TaskRule
from guides.queries import giving
from guides.queries.terms import BadTerms
from members.models import Portrait
from newretail.kernel import clock
from newretail.kernel.actions import jobs, relay
from newretail.kernel.guard import writing
from tests import serving, sights, world

DAY = timedelta(days=1)
PAID = "2026-06-15T11:00:00"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def rule(code, **more):
    """One of the example rules, changed a little."""
    (found,) = (each for each in EXAMPLES if each.code == code)
    return task_rules.keep(ruling=Ruling(**{**vars(found), **more}), at=world.NOW)


def heard():
    """Let the handlers hear what was written."""
    relay.drain(at=world.NOW)


def given(code):
    """Whom a rule gave tasks: member, guide."""
    rows = Task.objects.filter(rule__code=code).order_by("id")
    return list(rows.values_list("member__member_no", "post__user__staff_no"))


def night():
    """The night's job as of today."""
    run = jobs.enter(name="give_tasks", as_of=sights.TODAY, at=world.NOW)
    jobs.perform(run=run)
    run.refresh_from_db()
    return run.counts


def buys(order_no="A1", member_no="V1", paid_at=PAID, **more):
    world.buy(world.order(order_no, "88.00", paid_at, member_no=member_no, store_code="SH01", **more))


def test_who_adds_a_guide_is_greeted_within_a_day():
    rule("greet")
    serving.bind("V2", "G2")
    heard()
    assert given("greet") == [("V1", "G1"), ("V2", "G2")]
    task = Task.objects.get(member__member_no="V2")
    assert task.due_at == world.NOW + DAY
    assert task.facts == {"day": "06-15"}


def test_a_line_heard_again_gives_none_twice():
    rule("greet")
    serving.bind("V2", "G2")
    heard()
    line = Task.objects.get(member__member_no="V2").member.bonds.get().entry_id
    assert not task_rules.give_upon(trigger="bond_made", line=line, at=world.NOW)
    assert Task.objects.count() == 2


def test_what_is_older_than_two_days_starts_no_contact():
    rule("greet")
    rule("after-purchase")
    serving.bind("V2", "G2", at=world.NOW - 2 * DAY)
    buys(paid_at="2026-06-13T11:00:00")
    heard()
    assert given("greet") == [("V1", "G1")]
    assert not given("after-purchase")


def test_a_purchase_is_followed_by_whoever_serves_her_not_by_who_sold():
    rule("after-purchase")
    buys(staff_no="G2")
    buys("A2", "V2")
    heard()
    assert given("after-purchase") == [("V1", "G1")]
    assert Task.objects.get().facts == {"day": "06-15", "amount": "88.00"}


def test_a_rule_of_categories_waits_for_the_lines():
    rule("after-purchase", terms={"categories": ["茶"]})
    buys()
    buys("A2")
    heard()
    assert not Task.objects.exists()
    world.lines({"order_no": "A1", "line_no": 1, "sku": "NUT", "amount": "88.00"})
    heard()
    assert not Task.objects.exists()
    world.lines({"order_no": "A2", "line_no": 1, "sku": "TEA", "amount": "88.00"})
    heard()
    assert Task.objects.get().facts["product"] == "明前龙井"


def test_a_refunded_purchase_is_not_followed():
    rule("after-purchase")
    buys()
    world.refund(
        {"refund_no": "R1", "order_no": "A1", "line_no": 0, "amount": "88.00", "refunded_at": "2026-06-15T11:30:00"}
    )
    heard()
    assert not Task.objects.exists()


def test_a_stage_that_changed_wakes_her_and_the_first_night_wakes_nobody(traded, noon):
    sights.night()
    for code in ("wake", "win-back"):
        rule(code)
    heard()
    assert not Task.objects.exists()
    later = clock.day_start(date(2026, 9, 10)) + timedelta(hours=12)  # three months after her last purchase
    noon.move_to(later)
    for name in ("score_rfm", "move_lifecycle"):
        jobs.perform(run=jobs.enter(name=name, as_of=later.date(), at=later))
    relay.drain(at=later)
    assert given("wake") == [("V1", "G1")]
    assert Task.objects.get().facts["days"] == 92
    assert not given("win-back")


@pytest.mark.books_may_break
def test_nobody_is_won_back_of_whom_no_purchase_counts_any_more(traded, noon):
    sights.night()
    rule("wake")
    later = clock.day_start(date(2026, 9, 10)) + timedelta(hours=12)
    noon.move_to(later)
    for name in ("score_rfm", "move_lifecycle"):
        jobs.perform(run=jobs.enter(name=name, as_of=later.date(), at=later))
    with writing("tests"):
        Portrait.objects.update(last_day=None)
    relay.drain(at=later)
    assert not Task.objects.exists()


def test_a_birthday_is_announced_before_in_her_calendar_and_once():
    rule("birthday")
    world.people(
        {"member_no": "V1", "birthday": "1990-06-17"},
        {"member_no": "V2", "birthday": "1990-05-04", "birthday_calendar": "lunar"},  # 18 June 2026
    )
    serving.bind("V2", "G2")
    assert night() == {"given": 2}
    assert night() == {"given": 0}
    assert [(task.facts["day"], task.facts["days"]) for task in Task.objects.order_by("due_at")] == [
        ("06-17", 2), ("06-18", 3),
    ]  # fmt: skip
    assert Task.objects.earliest("due_at").due_at.isoformat() == "2026-06-17T16:00:00+00:00"


def test_a_past_night_gives_nothing_late():
    rule("birthday")
    run = jobs.enter(name="give_tasks", as_of=sights.TODAY - DAY, at=world.NOW)
    jobs.perform(run=run)
    run.refresh_from_db()
    assert run.counts == {"aside": True}


def test_nobody_in_touch_for_a_week_gives_a_task_a_touch_none():
    rule("keep-in-touch")
    serving.bind("V2", "G2", at=world.NOW - 7 * DAY)
    assert giving.expected(TaskRule.objects.get(), at=world.NOW) == 1
    assert night() == {"given": 1}
    assert given("keep-in-touch") == [("V2", "G2")]
    assert night() == {"given": 0}


def test_who_is_merged_is_served_in_the_row_she_lives_in():
    from members.actions import merges

    rule("after-purchase")
    merges.merge(member=world.member("V1"), into=world.member("V2"), reason="one person", at=world.NOW)
    buys("A2", "V2")
    heard()
    assert given("after-purchase") == [("V2", "G1")]


def test_a_rule_switched_off_gives_nothing():
    rule("greet")
    task_rules.switch(code="greet", active=False, at=world.NOW)
    serving.bind("V2", "G2")
    heard()
    assert not Task.objects.exists()
    with pytest.raises(UnknownTaskRule):
        task_rules.switch(code="nothing", active=True, at=world.NOW)


def test_new_words_are_a_new_brief_and_tasks_that_are_out_keep_theirs():
    first = rule("greet").brief
    heard()
    assert rule("greet", due_days=2).brief == first
    second = rule("greet", wording=Wording("欢迎", "greeting", words="欢迎您！")).brief
    assert second != first
    assert Task.objects.get().brief == first
    assert Brief.objects.count() == 2


def test_terms_that_do_not_fit_are_refused_and_nothing_is_kept():
    for more in ({"terms": {"days": 3}}, {"terms": {"sources": []}}, {"terms": {"sources": ["moon"]}}, {"terms": []}):
        with pytest.raises(BadTerms):
            rule("greet", **more)
    with pytest.raises(BadTerms):
        rule("wake", terms={})
    with pytest.raises(BadSpan):
        rule("greet", due_days=9, kept_days=8)
    assert not TaskRule.objects.exists()
    assert not Brief.objects.exists()


def test_of_two_who_change_a_rule_at_once_the_second_is_told():
    shown = rule("greet").entry_id
    task_rules.keep(ruling=EXAMPLES[0], at=world.NOW, seen=shown)
    with pytest.raises(TaskRuleChanged):
        task_rules.keep(ruling=Ruling(**{**vars(EXAMPLES[0]), "name": "他人"}), at=world.NOW, seen=shown)
    assert TaskRule.objects.get().name == "新客问候"


def test_examples_stand_beside_what_stands():
    rule("greet", name="我们的问候")
    assert len(task_rules.add_examples(at=world.NOW)) == len(EXAMPLES) - 1
    assert task_rules.add_examples(at=world.NOW) == []
    assert TaskRule.objects.get(code="greet").name == "我们的问候"


def test_a_rule_has_one_open_task_for_her():
    rule("after-purchase")
    buys()
    buys("A2")
    heard()
    assert len(given("after-purchase")) == 1
    serving.complete(Task.objects.get(), "refused")
    buys("A3")
    heard()
    assert len(given("after-purchase")) == 2
    assert tasks.expire(at=world.NOW + 30 * DAY) == 1
