"""Signals of a guide's own customers, ranked: what they did of late, and what comes up in the next days.

A signal weighs what its kind is worth, and half of it for each half-life that it lies back or ahead; several of one
kind add up to twice the weight of one. A signal that was made a task is no longer shown. Whose purchase is due is
reckoned from the orders of those alone whose average rhythm, of last night's portrait, comes closest to it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guides.models import Task
from guides.queries.cards import filled
from guides.queries.giving import dates
from members.models import Coupon, Member, Purpose
from members.models.portraits import Stage
from newretail.kernel import brand, clock, sql

SHOWN = 40  # customers
LOOKED_BACK, LOOKED_AHEAD = timedelta(days=7), 7  # older interest is over; what is further away can wait
LAPSING_AHEAD = 14  # days: as the overview counts who is about to lapse
HALF_LIFE = 2.0  # days: interest in goods cools within days, not weeks
LEAST_PURCHASES = 3  # days with a purchase: two gaps are the fewest that have a middle one
RECKONED = 200  # customers whose orders are read: five times those who are shown
STAGES = (Stage.WAKE, Stage.WIN_BACK, Stage.DORMANT, Stage.LOST)


@dataclass(frozen=True)
class Kind:
    """What a kind of signal weighs, why it is shown, the next step, the words suggested for it, what these are for."""

    weight: int
    title: str | Promise
    why: str | Promise
    step: str | Promise
    words: str | Promise
    purpose: Purpose = Purpose.MARKETING


# The closer to buying, the heavier: goods in the cart, an answer, a purchase that is due; then what an occasion offers;
# then what was only looked at.
KINDS: dict[str, Kind] = {
    "add_to_cart": Kind(
        40, _("Goods in the cart"), _("Put {subject} into her cart on {day}"), _("Help her to decide, offer delivery"),
        _("{name}, you were looking at {subject}: shall I keep one for you?"),
    ),
    "replied": Kind(
        35, _("She answered"), _("Answered you on {day}"), _("Go on with the conversation"),
        _("{name}, thank you for your answer! What may I prepare for you?"),
        Purpose.SERVICE,
    ),
    "due": Kind(
        30, _("Her next purchase is due"), _("Buys every {gap} days, last on {day}"),
        _("Ask what is running out"), _("{name}, is anything running out at home? I can set it aside for you."),
    ),
    "birthday": Kind(
        30, _("Birthday"), _("Her birthday is on {day}"), _("Send wishes and her birthday gift"),
        _("{name}, happy birthday! A little something waits for you in the store."),
        Purpose.CARE,
    ),
    "lapsing": Kind(
        25, _("About to fall silent"), _("Last purchase on {last}; on {day} she becomes: {stage}"),
        _("Invite her before she is gone"), _("{name}, long time no see! New things came in; shall I show you?"),
    ),
    "material_open": Kind(
        25, _("Opened a material"), _("Opened {subject} on {day}"), _("Tell her more about it"),
        _("{name}, how did you like {subject}? I can tell you more."),
    ),
    "coupon": Kind(
        20, _("A coupon ends"), _("{subject} ends on {day}"), _("Remind her of the coupon"),
        _("{name}, your coupon {subject} is good until {day}; shall I help you to use it?"),
    ),
    "page_view": Kind(
        10, _("Looked around"), _("Looked at {subject} on {day}"), _("Ask what she is looking for"),
        _("{name}, are you looking for something? I am glad to help."),
    ),
}  # fmt: skip
OPENED = "material_open"  # of a link that a guide shared the subject is its token
EVENTS = ("add_to_cart", OPENED, "page_view")
DECAYED = "power(0.5, abs(extract(epoch FROM {instant} - %(at)s)) / 86400.0 / %(half_life)s)"
DAY_STARTS = "({day})::timestamp AT TIME ZONE %(zone)s"
SIGNALS = f"""
WITH own AS MATERIALIZED (SELECT unnest(%(own)s::bigint[]) AS id),
family AS MATERIALIZED (
  SELECT id, id AS root FROM own
  UNION ALL SELECT m.id, own.id FROM members_member m JOIN own ON m.merged_into_id = own.id),
portraits AS MATERIALIZED (
  SELECT q.member_id, q.first_day, q.last_day, q.purchases FROM members_portrait q JOIN own ON own.id = q.member_id
  WHERE q.last_day IS NOT NULL),
rhythmic AS (
  SELECT member_id FROM portraits WHERE purchases >= {LEAST_PURCHASES}
  ORDER BY abs(%(today)s - last_day - (last_day - first_day) / (purchases - 1)), member_id LIMIT %(reckoned)s),
seen AS (
  SELECT f.root, e.kind, e.happened_at, e.id, coalesce(l.title, e.subject) AS subject
  FROM family f JOIN members_event e ON e.member_id = f.id AND e.happened_at > %(since)s AND e.happened_at <= %(at)s
    AND e.kind = ANY(%(events)s)
  LEFT JOIN guides_share s ON s.token = e.subject AND e.kind = '{OPENED}'
  LEFT JOIN guides_material l ON l.id = s.material_id
  UNION ALL
  SELECT f.root, '{OPENED}', o.at, o.id, l.title
  FROM family f JOIN guides_share s ON s.member_id = f.id JOIN guides_material l ON l.id = s.material_id
  JOIN guides_linkopen o ON o.share_id = s.id AND o.member_id IS NULL AND o.at > %(since)s AND o.at <= %(at)s),
signals AS (
  SELECT e.root, e.kind, to_char(max(e.happened_at) AT TIME ZONE %(zone)s, 'YYYYMMDD') AS occurrence,
    least(sum({DECAYED.format(instant="e.happened_at")}), 2) AS strength,
    jsonb_build_object('day', to_char(max(e.happened_at) AT TIME ZONE %(zone)s, 'MM-DD'),
      'subject', (array_agg(e.subject ORDER BY e.happened_at DESC, e.id DESC))[1]) AS facts
  FROM seen e GROUP BY e.root, e.kind
  UNION ALL
  SELECT f.root, 'replied', max(v.id)::text, max({DECAYED.format(instant="v.at")}),
    jsonb_build_object('day', to_char(max(v.at) AT TIME ZONE %(zone)s, 'MM-DD'))
  FROM family f JOIN guides_task k ON k.member_id = f.id AND k.outcome = '{Task.Outcome.REPLIED}'
  JOIN guides_taskmove v ON v.task_id = k.id AND v.nth = k.moves AND v.at > %(since)s GROUP BY f.root
  UNION ALL
  SELECT r.id, 'birthday', to_char(x.fete, 'YYYYMMDD'), {DECAYED.format(instant=DAY_STARTS.format(day="x.fete"))},
    jsonb_build_object('day', to_char(x.fete, 'MM-DD'))
  FROM jsonb_to_recordset(%(dates)s::jsonb) x(calendar text, month int, day int, fete date)
  JOIN own ON true
  JOIN members_member r ON r.id = own.id AND r.birthday_calendar = x.calendar AND r.birth_month = x.month
    AND r.birth_day = x.day
  UNION ALL
  SELECT q.member_id, 'lapsing', to_char(x.day, 'YYYYMMDD'), {DECAYED.format(instant=DAY_STARTS.format(day="x.day"))},
    jsonb_build_object('day', to_char(x.day, 'MM-DD'), 'last', to_char(q.last_day, 'YYYY-MM-DD'), 'stage', x.stage)
  FROM portraits q CROSS JOIN LATERAL (
    SELECT (q.last_day + make_interval(months => b.months))::date AS day, b.stage
    FROM unnest(%(months)s::int[], %(stages)s::text[]) b(months, stage)) x
  WHERE x.day > %(today)s AND x.day <= %(today)s + %(lapsing)s
  UNION ALL
  SELECT root, 'due', to_char(last, 'YYYYMMDD'), {DECAYED.format(instant=DAY_STARTS.format(day="last + gap"))},
    jsonb_build_object('day', to_char(last, 'MM-DD'), 'gap', gap)
  FROM (
    SELECT root, max(day) AS last, (percentile_disc(0.5) WITHIN GROUP (ORDER BY day - before)) AS gap
    FROM (SELECT root, day, lag(day) OVER (PARTITION BY root ORDER BY day) AS before FROM (
      SELECT DISTINCT f.root, (o.paid_at AT TIME ZONE %(zone)s)::date AS day
      FROM rhythmic c JOIN family f ON f.root = c.member_id
      JOIN members_order o ON o.member_id = f.id AND o.refunded_cents < o.amount_cents
        AND o.paid_at > %(at)s - interval '2 years' AND o.paid_at <= %(at)s) days) gaps
    GROUP BY root HAVING count(*) >= {LEAST_PURCHASES}) g
  WHERE last + gap <= %(today)s AND last + gap > %(today)s - %(ahead)s
  UNION ALL
  SELECT f.root, 'coupon', min(c.id)::text, max({DECAYED.format(instant="c.valid_until")}),
    jsonb_build_object('day', to_char(min(c.valid_until) AT TIME ZONE %(zone)s, 'MM-DD'),
      'subject', (array_agg(p.name ORDER BY c.valid_until, c.id))[1])
  FROM family f JOIN members_coupon c ON c.member_id = f.id AND c.state = '{Coupon.State.ISSUED}'
    AND c.valid_from <= %(at)s AND c.valid_until > %(at)s
    AND c.valid_until <= %(at)s + make_interval(days => %(ahead)s)
  JOIN members_couponplan p ON p.id = c.plan_id GROUP BY f.root),
fresh AS (
  SELECT s.root, s.kind, s.occurrence, s.facts, s.strength * w.weight AS score,
    sum(s.strength * w.weight) OVER (PARTITION BY s.root) AS total
  FROM signals s JOIN unnest(%(kinds)s::text[], %(weights)s::int[]) w(kind, weight) ON w.kind = s.kind
  WHERE NOT EXISTS (SELECT FROM guides_task k JOIN family f ON f.id = k.member_id
    WHERE f.root = s.root AND k.source = 'radar:' || s.kind || ':' || s.occurrence))
SELECT root, kind, occurrence, facts, round(score)::int, round(total)::int
FROM (SELECT *, dense_rank() OVER (ORDER BY total DESC, root) AS place FROM fresh) t
WHERE place <= %(shown)s ORDER BY place, score DESC, kind
"""


@dataclass(frozen=True)
class Signal:
    """One signal of a member: its kind, what happened by its name, the facts of its words, its score."""

    kind: str
    occurrence: str
    facts: dict[str, Any]
    score: int

    @property
    def source(self) -> str:
        """Name the task that is made of it."""
        return f"radar:{self.kind}:{self.occurrence}"

    @property
    def title(self) -> str:
        """Say in short what it is."""
        return str(KINDS[self.kind].title)

    @property
    def why(self) -> str:
        """Say what happened."""
        return filled(str(KINDS[self.kind].why), self.facts)

    @property
    def step(self) -> str:
        """Say what is best done."""
        return str(KINDS[self.kind].step)


@dataclass(frozen=True)
class Blip:
    """A customer on the radar with her signals, the heaviest first; their scores add up."""

    member: Member
    score: int
    signals: list[Signal]


def _facts(written: str) -> dict[str, Any]:
    """Read the facts of a signal; a stage is said in words."""
    facts: dict[str, Any] = json.loads(written)
    return {**facts, "stage": str(Stage(facts["stage"]).label)} if "stage" in facts else facts


def signals(own: Sequence[int], *, at: datetime) -> list[tuple[int, int, list[Signal]]]:
    """Give the signals of members (ids of the rows they live in), ranked: member, score, signals. One statement."""
    today = clock.business_day(at)
    given: sql.Params = {
        "own": f"{{{','.join(map(str, own))}}}",  # one literal: thousands of them take long to be read
        "at": at, "today": today, "since": at - LOOKED_BACK, "ahead": LOOKED_AHEAD,
        "lapsing": LAPSING_AHEAD, "events": list(EVENTS), "dates": dates(today, LOOKED_AHEAD),
        "half_life": HALF_LIFE, "months": list(brand.setting("lifecycle_months")), "stages": list(STAGES),
        "kinds": list(KINDS), "weights": [kind.weight for kind in KINDS.values()], "shown": SHOWN,
        "reckoned": RECKONED,
        "zone": clock.brand_zone().key,
    }  # fmt: skip
    found = sql.rows(SIGNALS, given)
    ranked = []
    for (root, total), rows in groupby(found, key=lambda row: (row[0], row[5])):
        ranked.append(
            (root, total, [Signal(kind, name, _facts(facts), score) for _, kind, name, facts, score, _ in rows])
        )
    return ranked


def radar(own: Sequence[int], *, at: datetime) -> list[Blip]:
    """Give the customers of a guide who show signals, the strongest first; two statements whatever their number."""
    ranked = signals(own, at=at)
    members = Member.objects.select_related("level").in_bulk([root for root, _score, _signals in ranked])
    return [Blip(members[root], score, found) for root, score, found in ranked]
