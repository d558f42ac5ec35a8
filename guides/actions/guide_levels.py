"""Levels of guides: a month's sales are held against the table; who says otherwise overrides it, with a reason."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from guides.models import GuideLevelMove, Policy
from guides.models.levels import FIRST_LEVEL, LAST_LEVEL
from guides.queries import crediting, guide_levels, policies
from guides.queries.policies import Counting
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import held_on

LOCK = "SELECT pg_advisory_xact_lock(hashtext('guides.guide_level'), hashtext(current_schema()))"
LONGEST_REASON = 200
# A month after which a later one was assessed already is left as it is: assessments follow one another.
HELD = f"""
SELECT DISTINCT p.user_id FROM stores_post p
WHERE p.role = 'guide' AND {held_on("%(last)s")}
  AND NOT EXISTS (SELECT FROM guides_guideassessment a WHERE a.user_id = p.user_id AND a.month >= %(month)s)
"""
# Months of grace in a row at the level she stands at.
BELOW = """
SELECT a.user_id, count(*) AS months FROM guides_guideassessment a LEFT JOIN stood s ON s.user_id = a.user_id
LEFT JOIN (SELECT user_id, max(month) AS month FROM guides_guideassessment WHERE outcome <> 'grace' GROUP BY 1) k
  ON k.user_id = a.user_id
WHERE a.outcome = 'grace' AND a.month > coalesce(k.month, '-infinity')
  AND a.assessed_at >= coalesce(s.from_at, '-infinity')
GROUP BY 1
"""
JUDGED = f"""
WITH held AS ({HELD}), stood AS ({guide_levels.STOOD}), below AS ({BELOW}),
found AS (
  SELECT h.user_id, coalesce(t.cents, 0) AS cents, coalesce(s.level, {FIRST_LEVEL}) AS before, s.from_at AS since,
    coalesce(b.months, 0) AS months, (SELECT max(n.level) FROM unnest(%(levels)s::int[], %(lows)s::bigint[])
      n(level, low) WHERE n.low <= greatest(t.cents, 0)) AS reached
  FROM held h LEFT JOIN tmp_level_sales t ON t.user_id = h.user_id LEFT JOIN stood s ON s.user_id = h.user_id
  LEFT JOIN below b ON b.user_id = h.user_id),
judged AS (
  SELECT f.*, CASE WHEN reached > before THEN 'promoted' WHEN reached = before THEN 'kept'
    WHEN months >= %(grace)s THEN 'demoted' ELSE 'grace' END AS outcome FROM found f)
SELECT j.*, CASE WHEN outcome = 'grace' THEN before ELSE reached END AS after FROM judged j
"""
ASSESS = """
INSERT INTO guides_guideassessment (user_id, month, sales_cents, before, reached, after, outcome, kpis, policy_id,
  assessed_at, entry_id)
SELECT j.user_id, %(month)s, j.cents, j.before, j.reached, j.after, j.outcome, {kpis}, %(policy)s, %(at)s, %(entry)s
FROM tmp_level_judged j {joined} ORDER BY j.user_id
"""
KPIS = {"kpis": "coalesce(k.kpis, '[]')", "joined": "LEFT JOIN {} k ON k.user_id = j.user_id"}
NO_KPIS = {"kpis": "'[]'::jsonb", "joined": ""}
MOVE = """
INSERT INTO guides_guidelevelmove (user_id, level, from_at, assessment_id, reason, entry_id)
SELECT a.user_id, a.after, greatest(%(at)s, j.since + interval '1 microsecond'), a.id, '', %(entry)s
FROM guides_guideassessment a JOIN tmp_level_judged j ON j.user_id = a.user_id
WHERE a.entry_id = %(entry)s AND a.month = %(month)s AND a.after <> a.before ORDER BY a.user_id
"""


class MonthNotAssessable(Refused):
    """A month is assessed when it is over."""

    code = "month_not_assessable"
    sentence = gettext_noop("%(month)s is not over yet: guides are assessed from the first day after it on.")


class NoLevelTable(Refused):
    """Nothing says what a level is."""

    code = "no_level_table"
    sentence = gettext_noop("No level table counted on the last day of %(month)s; publish one first.")


class NotLevelled(Refused):
    """Levels are of guides."""

    code = "not_a_guide"
    sentence = gettext_noop("She holds no post as a guide: only guides stand at a level.")


class BadOverride(Refused):
    """It says no level, no reason, or nothing new."""

    code = "bad_level_override"
    sentence = gettext_noop("Give another level than hers, from 1 to %(most)s, and a reason.")


class LevelMovedLater(Refused):
    """Her level was moved at this instant or after it."""

    code = "level_moved_later"
    sentence = gettext_noop("Her level has been changed meanwhile; look at it first.")


@verb
def assess(*, month: date, kpis: str | None, at: datetime) -> dict[str, int]:
    """Assess whoever held a guide's post at the end of a month that is over, by the table of its last day.

    Sales are net of refunds, by credits of the basis that the table names. Who reaches a higher level goes up at once;
    who stays below hers goes down after the table's months of grace. Levels move at `at`. A month is assessed once for
    a person, and none before one that was: again, nothing happens. `kpis` names a temporary table (user_id, kpis).
    Returns counts: assessed, promoted, kept, grace, demoted.
    Refuses: MonthNotAssessable, NoLevelTable.
    Writes: guides.guide_level.assessed.
    """
    sql.rows(LOCK)
    month = clock.month_start(month)
    table = _table(month, at)
    _judge(month, table)
    entry = journal.reserve()
    given = {"month": month, "policy": table.policy.pk, "at": at, "entry": entry}
    parts = {name: part.format(kpis) for name, part in KPIS.items()} if kpis else NO_KPIS
    if not sql.execute(ASSESS.format(**parts), given):
        return {"assessed": 0}
    failpoint("guide_level.assessed")
    sql.execute(MOVE, given)
    found = dict(sql.rows("SELECT outcome, count(*)::int FROM tmp_level_judged GROUP BY 1 ORDER BY 1"))
    counts = {"assessed": sum(found.values()), **found}
    journal.write(
        "guides.guide_level.assessed", at=at, subject=f"{month:%Y-%m}", entry_id=entry, by=None, **counts
    )  # fmt: skip
    return counts


def may_assess(*, month: date, at: datetime) -> bool:
    """Tell whether a month can be assessed: so that the clock does not stumble over it."""
    try:
        _table(month, at)
    except (MonthNotAssessable, NoLevelTable):
        return False
    return True


def _table(month: date, at: datetime) -> Counting:
    """Give the level table of a month that is over.

    Refuses: MonthNotAssessable, NoLevelTable.
    """
    if clock.business_day(at) < clock.month_after(month):
        raise MonthNotAssessable(month=f"{month:%Y-%m}")
    found = policies.in_force(Policy.Kind.LEVELS, clock.month_end(month))
    if found is None:
        raise NoLevelTable(month=f"{month:%Y-%m}")
    return found


def _judge(month: date, table: Counting) -> None:
    """Keep what the month says of everybody's level in tmp_level_judged."""
    span = {"since": clock.day_start(month), "until": clock.day_start(clock.month_after(month))}
    sql.temporary("tmp_level_sales", crediting.month_sales(private=table.terms.basis == "private"), span)
    given = {
        "month": month, "last": clock.month_end(month), "grace": table.terms.grace_months,
        "levels": [band.level for band in table.terms.bands], "lows": [band.low_cents for band in table.terms.bands],
    }  # fmt: skip
    sql.temporary("tmp_level_judged", JUDGED, given)


@verb
def override(*, user: User, level: int, reason: str, at: datetime, by: User) -> GuideLevelMove:
    """Let a guide stand at another level from `at` on, whatever her sales say; the next assessment goes on from there.

    Refuses: NotLevelled, BadOverride, LevelMovedLater.
    Writes: guides.guide_level.overridden.
    """
    sql.rows(LOCK)
    reason = reason.strip()
    if not guide_levels.guides(clock.business_day(at)).filter(user=user).exists():
        raise NotLevelled
    last = GuideLevelMove.objects.filter(user=user).order_by("-from_at").first()
    stands = last.level if last else FIRST_LEVEL
    fits = FIRST_LEVEL <= level <= LAST_LEVEL and level != stands
    if not fits or not 0 < len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise BadOverride(most=LAST_LEVEL)
    if last and last.from_at >= at:
        raise LevelMovedLater
    line = journal.write("guides.guide_level.overridden", at=at, by=by, subject=f"user:{user.pk}", level=level)
    return GuideLevelMove.objects.create(
        user=user, level=level, from_at=at, reason=reason, by=by, entry_id=line.pk
    )  # fmt: skip
