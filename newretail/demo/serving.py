"""Guides of the demo at work: whom each serves, the rules that give tasks, what was done in the last days."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from guides.actions import bonds, task_rules, tasks
from guides.actions.tasks import Result
from guides.models import Bond, Task, TaskRule
from members.actions.contacts import MayNotBeTouched
from newretail.demo import logins
from newretail.kernel import clock, sql

UNBOUND = 12  # one in so many members is nobody's customer yet
# Each member by the guide of her store who sold to her most, else by one of them in turn.
SERVED = """
SELECT m.id AS member_id, coalesce(s.post_id, g.ids[1 + m.seat %% cardinality(g.ids)]) AS post_id,
  m.joined_at AS began_at
FROM members_member m
JOIN (SELECT store_id, array_agg(id ORDER BY id) AS ids FROM stores_post
      WHERE role = 'guide' AND until IS NULL GROUP BY 1) g ON g.store_id = m.home_store_id
LEFT JOIN LATERAL (
  SELECT o.sold_by_id AS post_id FROM members_order o JOIN stores_post p ON p.id = o.sold_by_id
  WHERE o.member_id = m.id AND p.until IS NULL AND p.role = 'guide' AND p.store_id = m.home_store_id
  GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) s ON true
WHERE m.merged_into_id IS NULL AND m.erased_at IS NULL AND m.seat %% %(unbound)s <> 0
"""
# By which of the rules that ship with the product each reason was given.
RULES = {"birthday": "birthday", "wake": "wake", "win_back": "win-back", "after_purchase": "after-purchase"}
# Who gives a reason, in the words of the facts; a guide gets a few of each kind.
REASONS = {
    "birthday": """
SELECT p.member_id, to_char(%(at)s::date + 2, 'MM-DD') AS day, NULL::int AS days, NULL::text AS amount
FROM members_member m JOIN members_portrait p ON p.member_id = m.id WHERE m.birth_month IS NOT NULL AND m.seat %% 9 = 4
""",
    "wake": """
SELECT p.member_id, NULL AS day, %(at)s::date - p.last_day AS days, NULL AS amount
FROM members_portrait p WHERE p.stage = 'wake' AND p.last_day IS NOT NULL
""",
    "win_back": """
SELECT p.member_id, NULL AS day, %(at)s::date - p.last_day AS days, (p.monetary_cents / 100)::text AS amount
FROM members_portrait p WHERE p.stage = 'win_back' AND p.last_day IS NOT NULL
""",
    "after_purchase": """
SELECT o.member_id, to_char(max(o.paid_at) AT TIME ZONE %(zone)s, 'MM-DD') AS day, NULL AS days,
  (max(o.amount_cents) / 100)::text AS amount
FROM members_order o
WHERE o.paid_at > %(at)s - interval '3 days' AND o.paid_at <= %(at)s AND o.amount_cents >= 1000 GROUP BY 1
""",
}
EACH = {"birthday": 2, "wake": 3, "win_back": 2, "after_purchase": 4}
ASSIGNED = """
SELECT member_id, post_id, %(source)s || member_id AS source, facts, %(at)s + %(due)s AS due_at,
  %(at)s + interval '7 days' AS expires_at
FROM (SELECT r.member_id, b.post_id,
        row_number() OVER (PARTITION BY b.post_id ORDER BY (r.member_id + %(shift)s) %% 97, r.member_id),
        jsonb_strip_nulls(jsonb_build_object('day', r.day, 'days', r.days, 'amount', r.amount)) AS facts
      FROM ({reason}) r JOIN guides_bond b ON b.member_id = r.member_id AND b.ended_at IS NULL) w
WHERE row_number <= %(each)s
"""
ROUNDS = ((3, "wake", "win_back"), (2, "after_purchase"), (1, "birthday", "wake"), (0, "after_purchase", "birthday"))
OUTCOMES = ("sent", "sent", "replied", "bought", "unreachable", "refused")


def serve(*, at: datetime) -> int:
    """Bind members to guides and give tasks of the last days, of which most are done; how many tasks there are."""
    if Bond.objects.exists():
        return 0
    _bind(at=at)
    task_rules.add_examples(at=at - timedelta(days=9))
    rules = {rule.code: rule for rule in TaskRule.objects.select_related("brief")}
    for days, *reasons in ROUNDS:
        for reason in reasons:
            _assign(rule=rules[RULES[reason]], days=days, at=_morning(at, days))
    _work(at)
    tasks.settle(at=at)
    return Task.objects.count()


def _morning(at: datetime, days: int) -> datetime:
    return min(at, clock.day_start(clock.business_day(at) - timedelta(days=days)) + timedelta(hours=9))


@transaction.atomic
def _bind(*, at: datetime) -> None:
    sql.temporary("tmp_serving", SERVED, {"unbound": UNBOUND})
    bonds.bind(table="tmp_serving", source="purchase", at=at)


@transaction.atomic
def _assign(*, rule: TaskRule, days: int, at: datetime) -> None:
    given = {"at": at, "zone": clock.brand_zone().key, "each": EACH[rule.brief.reason], "shift": 31 * days,
             "due": timedelta(days=1, hours=11), "source": f"rule:{rule.code}:{days}:"}  # fmt: skip
    sql.temporary("tmp_giving", ASSIGNED.format(reason=REASONS[rule.brief.reason]), given)
    tasks.assign(table="tmp_giving", brief=rule.brief, rule=rule, at=at)


def _work(at: datetime) -> None:
    """Let those of the busiest store's region, and elsewhere one in three, do most of what they were given."""
    near = Q(post__store__region=logins.busiest().region)
    some = Task.objects.open().annotate(third=F("post_id") % 3).filter(near | Q(third=0))
    rows = some.select_related("brief", "post__user")
    for turn, task in enumerate(rows.order_by("assigned_at", "id")):
        done_at = min(at - timedelta(minutes=5), task.assigned_at + timedelta(hours=1 + turn % 30))
        if turn % 5 < 3 and done_at > task.assigned_at:
            _do(task, OUTCOMES[turn % len(OUTCOMES)], done_at)


def _do(task: Task, outcome: str, at: datetime) -> None:
    within, by = [task.post_id], task.post.user
    try:
        tasks.complete(task=task.ref, within=within, result=Result(outcome), at=at, by=by)
    except MayNotBeTouched:
        tasks.complete(task=task.ref, within=within, result=Result("refused", note="未授权联系"), at=at, by=by)
