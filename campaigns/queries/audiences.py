"""Whom each kind of plan is about on a day: a SELECT of (member_id, occasion), and the terms it needs.

A window of two days behind its day lets a night that was missed be made up; the occasion is planned for once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from campaigns.models import TouchPlan
from members.models.portraits import Stage
from members.queries import birthdays
from newretail.kernel import clock, holidays, sql
from newretail.kernel.verbs import Refused

Kind = TouchPlan.Kind
Asked = tuple[str, sql.Params]
MADE_UP = 2  # days
PERSON = "m.merged_into_id IS NULL AND m.erased_at IS NULL"
# Of two birthdays a year apart the lunar one moves by a month at most.
BIRTHDAY = f"""
SELECT m.id AS member_id, 'birthday' AS occasion_of, 300 AS again FROM members_member m WHERE {PERSON}
  AND (m.birthday_calendar = 'solar' AND m.birth_month * 100 + m.birth_day = ANY(%(solar_days)s)
    OR m.birthday_calendar = 'lunar' AND m.birth_month * 100 + m.birth_day = ANY(%(lunar_days)s))
"""
EVERYBODY = (
    f"SELECT m.id AS member_id, %(occasion)s::text AS occasion_of, 0 AS again FROM members_member m WHERE {PERSON}"
)
NOBODY = "SELECT 0::bigint AS member_id, '' AS occasion_of, 0 AS again WHERE false"
SCENE = f"""
SELECT DISTINCT m.id AS member_id, 'scene' AS occasion_of, %(again)s::int AS again FROM members_member m
JOIN members_membertag k ON k.member_id = m.id JOIN members_tag t ON t.id = k.tag_id
WHERE {PERSON} AND t.name = ANY(%(tags)s)
"""
LIFECYCLE = f"""
SELECT DISTINCT c.member_id, 'stage:' || c.changed_on AS occasion_of, 0 AS again FROM members_stagechange c
JOIN members_member m ON m.id = c.member_id
WHERE {PERSON} AND c.to_stage = ANY(%(stages)s) AND c.changed_on > %(since)s AND c.changed_on <= %(day)s
  AND EXISTS (SELECT FROM members_portrait p WHERE p.member_id = m.id AND p.stage = c.to_stage)
"""
# The last day on which she bought of the categories, a line that was given back whole left out.
LAST_BOUGHT = """
SELECT o.member_id, max((o.paid_at AT TIME ZONE %(zone)s)::date) AS last_on FROM members_order o
JOIN members_orderline l ON l.order_id = o.id JOIN stores_product p ON p.id = l.product_id
JOIN stores_category g ON g.id = p.category_id
WHERE g.name = ANY(%(categories)s) AND o.paid_at >= %(since)s AND o.refunded_cents < o.amount_cents
GROUP BY o.member_id
"""
BOUGHT_AGO = f"""
SELECT m.id AS member_id, %(word)s || max(b.last_on) AS occasion_of, 0 AS again FROM ({LAST_BOUGHT}) b
JOIN members_member o ON o.id = b.member_id JOIN members_member m ON m.id = coalesce(o.merged_into_id, o.id)
WHERE {PERSON} GROUP BY m.id
HAVING max(b.last_on) > %(after)s::date AND max(b.last_on) <= %(until)s::date
"""
# The median of days between two days on which one person bought of the categories, over two years.
INTERVAL = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY gap)::int, count(*) FROM (
  SELECT d.day - lag(d.day) OVER (PARTITION BY d.member_id ORDER BY d.day) AS gap FROM (
    SELECT DISTINCT o.member_id, (o.paid_at AT TIME ZONE %(zone)s)::date AS day FROM members_order o
    JOIN members_orderline l ON l.order_id = o.id JOIN stores_product p ON p.id = l.product_id
    JOIN stores_category g ON g.id = p.category_id
    WHERE g.name = ANY(%(categories)s) AND o.paid_at >= %(since)s AND o.paid_at < %(until)s
      AND o.member_id IS NOT NULL AND o.refunded_cents < o.amount_cents) d) s
WHERE gap IS NOT NULL
"""
TWO_YEARS = timedelta(days=730)
FEWEST_GAPS = 20


class BadTerms(Refused):
    """A plan lacks what its kind needs."""

    code = "bad_plan_terms"
    sentence = gettext_noop("This kind of plan needs: %(needs)s.")


@dataclass(frozen=True)
class Shape:
    """A kind of plan: what its terms are, and whom it is about on a day."""

    whole: dict[str, tuple[int, int]]
    words: tuple[str, ...]
    whom: Callable[[TouchPlan, date], Asked]


def read(kind: str, terms: dict[str, Any]) -> dict[str, Any]:
    """Read the terms of a kind: whole numbers within their bounds, words that are not empty; others are left out.

    Refuses: BadTerms.
    """
    shape = SHAPES.get(kind)
    if shape is None:
        raise BadTerms(needs="kind")
    known = {name: terms.get(name) for name in (*shape.whole, *shape.words)}
    wrong = [
        name for name, (low, high) in shape.whole.items()
        if isinstance(known[name], bool) or known[name] not in range(low, high + 1)
    ]  # fmt: skip
    wrong += [name for name in shape.words if not _are_words(known[name])]
    if kind == Kind.LIFECYCLE and not set(known["stages"] or ()) <= set(Stage.values):
        wrong.append("stages")
    if wrong:
        raise BadTerms(needs=", ".join(dict.fromkeys(wrong)))
    return known


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= 100 and all(isinstance(each, str) and each for each in value)


def whom(plan: TouchPlan, day: date) -> Asked:
    """Write whom a plan is about on a day: member_id, occasion_of, again (days within which it is not repeated)."""
    return SHAPES[plan.kind].whom(plan, day)


def _birthday(plan: TouchPlan, day: date) -> Asked:
    ahead = [day + timedelta(days=nth) for nth in range(plan.term("days_before") + 1)]
    given = {"solar_days": birthdays.solar_dates(ahead), "lunar_days": birthdays.lunar_dates(ahead)}
    return BIRTHDAY, {name: [month * 100 + on for month, on in dates] for name, dates in given.items()}


def _holiday(plan: TouchPlan, day: date) -> Asked:
    for family in plan.term("families"):
        for festival in holidays.of_years([day.year, day.year + 1], family):
            if festival.day - timedelta(days=plan.term("days_before")) <= day <= festival.day:
                return EVERYBODY, {"occasion": f"{family}:{festival.year}"[:40]}
    return NOBODY, {}


def _member_day(plan: TouchPlan, day: date) -> Asked:
    return (EVERYBODY, {"occasion": f"{day:%Y-%m}"}) if day.day == plan.term("day_of_month") else (NOBODY, {})


def _promotion(_plan: TouchPlan, _day: date) -> Asked:
    return EVERYBODY, {"occasion": "once"}


def _scene(plan: TouchPlan, _day: date) -> Asked:
    return SCENE, {"tags": plan.term("tags"), "again": plan.term("again_days")}


def _lifecycle(plan: TouchPlan, day: date) -> Asked:
    return LIFECYCLE, {"stages": plan.term("stages"), "since": day - timedelta(days=MADE_UP), "day": day}


def _service(plan: TouchPlan, day: date) -> Asked:
    return _bought_ago(plan, day, plan.term("days_after"), "bought:")


def _replenishment(plan: TouchPlan, day: date) -> Asked:
    days = interval(plan.term("categories"), day)
    return _bought_ago(plan, day, days - plan.term("days_before"), "again:") if days else (NOBODY, {})


def _bought_ago(plan: TouchPlan, day: date, days: int, word: str) -> Asked:
    until = day - timedelta(days=max(days, 0))
    after = until - timedelta(days=MADE_UP)
    return BOUGHT_AGO, {
        "categories": plan.term("categories"), "zone": clock.brand_zone().key, "word": word, "after": after,
        "until": until, "since": clock.day_start(after),
    }  # fmt: skip


def interval(categories: list[str], day: date) -> int | None:
    """Give the median of days after which people buy of these categories again, None where too few did."""
    given = {
        "categories": categories, "zone": clock.brand_zone().key, "since": clock.day_start(day - TWO_YEARS),
        "until": clock.day_start(day),
    }  # fmt: skip
    days, gaps = sql.rows(INTERVAL, given)[0]
    return int(days) if gaps >= FEWEST_GAPS else None


SHAPES: dict[str, Shape] = {
    Kind.BIRTHDAY: Shape({"days_before": (0, 60)}, (), _birthday),
    Kind.SCENE: Shape({"again_days": (7, 366)}, ("tags",), _scene),
    Kind.REPLENISHMENT: Shape({"days_before": (0, 60)}, ("categories",), _replenishment),
    Kind.HOLIDAY: Shape({"days_before": (0, 60)}, ("families",), _holiday),
    Kind.SERVICE: Shape({"days_after": (0, 365)}, ("categories",), _service),
    Kind.LIFECYCLE: Shape({}, ("stages",), _lifecycle),
    Kind.PROMOTION: Shape({}, (), _promotion),
    Kind.MEMBER_DAY: Shape({"day_of_month": (1, 28)}, (), _member_day),
}
