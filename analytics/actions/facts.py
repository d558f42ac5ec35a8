"""Keep the facts: what each store and guide did each day and who bought where, counted anew where something changed."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from analytics.actions import days
from analytics.queries import openings
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import JournalEntry
from newretail.kernel.verbs import Refused, verb

MOST_DAYS = 3660
STILL_WRITING = timedelta(hours=1)  # an opening just before midnight may be written just after it


def _lock(*, wait: bool = True) -> bool:
    """Let one counting of this brand run at a time; without waiting, tell whether it is ours."""
    take = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    answer = sql.rows(f"SELECT {take}(hashtext('analytics.facts'), hashtext(current_schema()))")
    return wait or bool(answer[0][0])


class BadSpan(Refused):
    """The days do not follow each other, or are more than anybody counts at once."""

    code = "bad_span"
    sentence = gettext_noop("The span must not end before it begins and hold at most %(most)s days.")


@verb
def refresh(*, first: date, last: date, at: datetime) -> dict[str, int]:
    """Count the business days of [first, last) anew, whatever they held.

    Returns counts: days, store_days.
    Refuses: BadSpan.
    Writes: analytics.fact.refreshed.
    """
    if not 0 <= (last - first).days <= MOST_DAYS:
        raise BadSpan(most=MOST_DAYS)
    _lock()
    params: sql.Params = {"first": first, "last": last}
    sql.execute("DELETE FROM analytics_staleday WHERE day >= %(first)s AND day < %(last)s", params)
    written = days.count_anew(first, last)
    journal.write("analytics.fact.refreshed", at=at, first=first.isoformat(), last=last.isoformat())
    return {"days": (last - first).days, "store_days": written}


@verb
def refresh_stale(*, at: datetime, most: int | None = None) -> dict[str, int]:
    """Count anew only the days whose orders or members changed since they were counted.

    With `most`, the newest so many days, and none at all while another counting is under way.
    Returns counts: days, store_days.
    Writes: analytics.fact.refreshed.
    """
    if not _lock(wait=most is None):
        return {"days": 0, "store_days": 0}
    # Taken before anything is read: a day that becomes stale from here on stays for the next run.
    newest = "SELECT day FROM analytics_staleday ORDER BY day DESC LIMIT %(most)s"
    taken = sql.rows(f"DELETE FROM analytics_staleday WHERE day IN ({newest}) RETURNING day", {"most": most})
    stale = sorted(day for (day,) in taken)
    written = sum(days.count_anew(first, last) for first, last in _spans(stale))
    if stale:
        ends = {"first": stale[0].isoformat(), "last": stale[-1].isoformat()}
        journal.write("analytics.fact.refreshed", at=at, **ends)
    return {"days": len(stale), "store_days": written}


def _spans(stale: list[date]) -> list[tuple[date, date]]:
    """Join neighbouring days into half-open spans."""
    spans: list[tuple[date, date]] = []
    for day in stale:
        following = date.fromordinal(day.toordinal() + 1)
        if spans and spans[-1][1] == day:
            spans[-1] = (spans[-1][0], following)
        else:
            spans.append((day, following))
    return spans


@verb
def mark_stale(*, entry_id: int, facts: dict[str, object]) -> None:
    """Mark the days and members that the rows of a journal line touch, and those the line says were left.

    Writes no line: it follows from the line it reads.
    """
    params: sql.Params = {
        "entry": entry_id,
        "zone": clock.brand_zone().key,
        "members": list(facts.get("left_members") or []),  # type: ignore[call-overload]
        "instants": list(facts.get("left_instants") or []),  # type: ignore[call-overload]
    }
    sql.execute(MARK_MEMBERS, params)
    sql.execute(MARK_DAYS, params)


@verb
def mark_served(*, entry_id: int) -> None:
    """Mark the days at which a journal line's bonds, tasks and shares stand, or stood before its move.

    Writes no line: it follows from the line it reads.
    """
    sql.execute(MARK_SERVED, {"entry": entry_id, "zone": clock.brand_zone().key})


@verb
def mark_days(*, days: list[str]) -> None:
    """Mark the days (ISO) that a journal line names.

    Writes no line: it follows from the line it reads.
    """
    sql.execute(MARK, {"days": days})


@verb
def mark_opened(*, at: datetime) -> None:
    """Mark the days that are over and had links opened, since the last time this was done: openings leave no line.

    A day is over an hour after its end, when whatever was opened in it is written.
    Writes: analytics.opening.marked.
    """
    _lock()
    last = JournalEntry.objects.filter(name=openings.MARKED).order_by("-pk").first()
    since = date.fromisoformat(last.facts["until"]) if last else None
    until = clock.business_day(at - STILL_WRITING)
    span = {"since": since and clock.day_start(since), "until": clock.day_start(until), "zone": clock.brand_zone().key}
    sql.execute(MARK_OPENED, span)
    journal.write("analytics.opening.marked", at=at, until=max(until, since or until).isoformat())


MARK = "INSERT INTO analytics_staleday (day) SELECT unnest(%(days)s::date[]) ON CONFLICT DO NOTHING"
MARK_OPENED = """
INSERT INTO analytics_staleday (day)
SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date FROM guides_linkopen
WHERE at >= coalesce(%(since)s::timestamptz, '-infinity') AND at < %(until)s ORDER BY 1 ON CONFLICT DO NOTHING
"""
# What was undone or given back had been done at a move before.
MARK_SERVED = """
INSERT INTO analytics_staleday (day)
SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date FROM (
  SELECT began_at AS at FROM guides_bond WHERE entry_id = %(entry)s
  UNION ALL SELECT due_at FROM guides_task WHERE entry_id = %(entry)s
  UNION ALL SELECT at FROM guides_share WHERE entry_id = %(entry)s
  UNION ALL SELECT unnest(ARRAY[k.due_at, k.ended_at, before.at])
  FROM guides_taskmove v JOIN guides_task k ON k.id = v.task_id
  LEFT JOIN guides_taskmove before ON before.task_id = v.task_id AND before.nth < v.nth
  WHERE v.entry_id = %(entry)s) served
WHERE at IS NOT NULL ORDER BY 1 ON CONFLICT DO NOTHING
"""
BACK = """
SELECT o.member_id, o.paid_at FROM members_refund f JOIN members_order o ON o.id = f.order_id
WHERE f.entry_id = %(entry)s"""
TOUCHED = f"""
SELECT member_id, paid_at AS at FROM members_order WHERE entry_id = %(entry)s UNION ALL {BACK}
UNION ALL SELECT id, joined_at FROM members_member WHERE entry_id = %(entry)s
"""
LINED = """
SELECT o.paid_at FROM members_orderline l JOIN members_order o ON o.id = l.order_id WHERE l.entry_id = %(entry)s"""
MARK_MEMBERS = f"""
INSERT INTO analytics_stalemember (member_id)
SELECT DISTINCT member_id FROM ({TOUCHED} UNION ALL SELECT unnest(%(members)s::bigint[]), NULL) t
WHERE member_id IS NOT NULL ORDER BY 1 ON CONFLICT DO NOTHING
"""
MARK_DAYS = f"""
INSERT INTO analytics_staleday (day)
SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date
FROM ({TOUCHED} UNION ALL SELECT NULL, unnest(%(instants)s::timestamptz[]) UNION ALL SELECT NULL, paid_at
  FROM ({LINED}) lined) t
WHERE at IS NOT NULL ORDER BY 1 ON CONFLICT DO NOTHING
"""
