"""Score members and move them through the lifecycle, in full or only where something changed."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from analytics.actions import figures
from analytics.models import StaleMember
from analytics.queries import cuts as cutting
from analytics.queries import scores
from members.actions import portraits
from members.models import ScoreCut
from members.queries import finding
from newretail.kernel import brand, sql
from newretail.kernel.verbs import Refused, verb

# Who may look different today: told by the journal, bought, joined or was refunded since the last scoring,
# or has an order that left the window.
AFFECTED = """
SELECT member_id FROM tmp_stale
UNION SELECT member_id FROM members_order
  WHERE member_id IS NOT NULL AND paid_at >= %(was_until)s AND paid_at < %(until)s
UNION SELECT member_id FROM members_order
  WHERE member_id IS NOT NULL AND paid_at >= %(was_since)s AND paid_at < %(since)s
UNION SELECT o.member_id FROM members_refund f JOIN members_order o ON o.id = f.order_id
  WHERE o.member_id IS NOT NULL AND f.refunded_at >= %(was_until)s AND f.refunded_at < %(until)s
UNION SELECT id FROM members_member WHERE joined_at >= %(was_until)s AND joined_at < %(until)s
ORDER BY 1
"""


class EarlierThanLive(Refused):
    """The live portrait stands at a later day already."""

    code = "earlier_than_live"
    sentence = gettext_noop("The live portrait stands at %(live)s already; an earlier day is computed aside.")


def live_day() -> date | None:
    """Tell as of which day the live portrait stands, None before the first scoring."""
    newest = ScoreCut.objects.order_by("-id").first()
    return newest.as_of if newest else None


def _not_back(as_of: date) -> None:
    live = live_day()
    if live and live > as_of:
        raise EarlierThanLive(live=live)


def _begin(as_of: date) -> None:
    """Let one scoring of this brand run at a time, never backwards; take over the stale members.

    They are taken before anything is read: who becomes stale from here on stays for the next run.
    """
    sql.execute("SELECT pg_advisory_xact_lock(hashtext('analytics.scores'), hashtext(current_schema()))")
    _not_back(as_of)
    sql.execute("SET LOCAL work_mem = '128MB'")  # a million members are joined and sorted in memory
    sql.execute("SET LOCAL random_page_cost = '0.1'")  # where they stand already: some are looked up, not all read
    sql.execute("DROP TABLE IF EXISTS pg_temp.tmp_stale")
    sql.execute("CREATE TEMPORARY TABLE tmp_stale (member_id bigint) ON COMMIT DROP")
    sql.execute(
        "WITH gone AS (DELETE FROM analytics_stalemember RETURNING member_id)"
        " INSERT INTO tmp_stale SELECT member_id FROM gone"
    )


@verb
def score(*, as_of: date, at: datetime) -> dict[str, int]:
    """Look at all members joined before a day and bring the live portrait to it, whatever it said before.

    Returns counts: looked_at, scored, changed.
    Refuses: EarlierThanLive.
    Writes: members.portrait.scored.
    """
    _begin(as_of)
    counts = _bring(as_of, at)
    figures.refresh_cells(at=at)
    return counts


@verb
def rescore(*, as_of: date, at: datetime) -> dict[str, int]:
    """Bring the live portrait to a day by looking only at members something happened to; equal to `score`.

    The same day again, with nobody to look at, changes nothing and writes no line.
    Returns counts: looked_at, scored, changed.
    Refuses: EarlierThanLive.
    Writes: members.portrait.scored.
    """
    counts = _rescore(as_of, at)
    if counts["changed"]:
        figures.refresh_cells(at=at, written="tmp_written")
    return counts


def _rescore(as_of: date, at: datetime) -> dict[str, int]:
    _begin(as_of)  # before the last cuts are read: a scoring under way may be writing newer ones
    was = ScoreCut.objects.order_by("-id").first()
    if was is None or was.cuts["rules"] != cutting.rules():
        return _bring(as_of, at)
    params, before = scores.params_of(as_of), scores.params_of(was.as_of)
    given = {**params, "was_until": before["until"], "was_since": before["since"]}
    sql.temporary("tmp_affected", AFFECTED, given, analyze=False)
    if was.as_of == as_of and not sql.count("tmp_affected"):
        return {"looked_at": 0, "scored": was.scored, "changed": 0}
    return _bring(as_of, at, was)


def _bring(as_of: date, at: datetime, was: ScoreCut | None = None) -> dict[str, int]:
    """Bring the live portrait to a day; with the last cuts, looking only at `tmp_affected` and what they moved across.

    Only rows that differ are written, each once.
    """
    params = scores.params_of(as_of)
    dropped = portraits.drop_unlisted(until=params["until"])
    scores.find_changed(as_of, only="tmp_affected" if was else "")
    kept = was.counts if was and not dropped else None
    counts = cutting.count_on(kept) if kept else cutting.count(cutting.PORTRAIT, cutting.CHANGES)
    cuts = cutting.find(counts)
    scores.find_moved(cuts, _crossed(was, cuts, params) if was else "true", params)
    scores.score_changed(cuts, params)
    changed = dropped + portraits.write_scores(table="tmp_scored")
    portraits.keep_cuts(
        as_of=as_of, cuts=cuts.to_json(), counts=counts.to_json(), super_cents=cuts.super_cents, scored=cuts.scored,
        changed=changed, at=at,
    )  # fmt: skip
    looked_at = sql.count("tmp_affected" if was else "members_portrait")
    return {"looked_at": looked_at, "scored": cuts.scored, "changed": changed}


def _crossed(was: ScoreCut, cuts: cutting.Cuts, params: sql.Params) -> str:
    return cutting.crossed(was, cuts, params["new_since"], scores.params_of(was.as_of)["new_since"])


# When the passing of months moved her, the day is exact; a purchase is noticed on the as-of day. A move is never dated
# before the day up to which moves are known.
MOVES = """
SELECT x.member_id, x.stage, x.since,
  CASE WHEN x.since > coalesce(%(known)s::date, '-infinity') THEN x.since ELSE %(as_of)s::date END AS changed_on
FROM (
  SELECT p.member_id, y.stage, least(%(as_of)s::date, CASE y.stage
    WHEN 'onboarding' THEN j.joined_on
    WHEN 'wake' THEN (j.since + interval '{0} months')::date
    WHEN 'win_back' THEN (j.since + interval '{1} months')::date
    WHEN 'dormant' THEN (j.since + interval '{2} months')::date
    WHEN 'lost' THEN (j.since + interval '{3} months')::date
    ELSE %(as_of)s::date END) AS since
  FROM members_portrait p JOIN members_member m ON m.id = p.member_id
  CROSS JOIN LATERAL (SELECT (m.joined_at AT TIME ZONE %(zone)s)::date AS joined_on,
    coalesce(p.last_day, (m.joined_at AT TIME ZONE %(zone)s)::date) AS since) j
  CROSS JOIN LATERAL (SELECT {stage} AS stage) y
  WHERE y.stage <> p.stage) x
"""


@verb
def move_lifecycle(*, as_of: date, at: datetime) -> dict[str, int]:
    """Move members whose stage changed, as of a day; the portrait is brought to that day first.

    Returns counts: moved, and how many now stand in each stage.
    Refuses: EarlierThanLive.
    Writes: members.stage.moved.
    """
    changed = 0
    if live_day() != as_of or StaleMember.objects.exists():
        changed = _rescore(as_of, at)["changed"]
    months = [int(month) for month in brand.setting("lifecycle_months")]
    stage = scores.stage_sql("p.last_day", "j.joined_on")
    params = {**scores.params_of(as_of), "known": finding.moves_known_until()}
    sql.temporary("tmp_stages", MOVES.format(*months, stage=stage), params)
    moved = portraits.move_stages(table="tmp_stages", as_of=as_of, at=at)
    if changed or moved:
        figures.refresh_cells(at=at)
    standing = sql.rows("SELECT stage, count(*) FROM members_portrait GROUP BY 1 ORDER BY 1")
    return {"moved": moved, **{stage: int(count) for stage, count in standing}}
