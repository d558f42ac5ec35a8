"""Plan what a month is to bring: from a grid or a file, each time as a new version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop

from newretail.kernel import clock, sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.money import MAX_CENTS
from newretail.kernel.verbs import Refused, verb
from stores.actions import target_days
from stores.models import Metric, Target, TargetPlan
from stores.models.places import sight_of
from stores.queries import targets as aims
from stores.queries.chain import Chain, Place, beneath, chain

MONTHS_AHEAD = 24
WHOLE_BP = 10_000
MOST_PERSONS = 10**9
MOST_REASON = 200
FROM_FILE = "import"  # the reason of a version that came by file, a word of `newretail/kernel/words.py`


class UnknownMetric(Refused):
    """There is no such metric."""

    code = "unknown_metric"
    sentence = gettext_noop("There is no such metric to aim at.")


class ClosedMonth(Refused):
    """The month is over."""

    code = "closed_month"
    sentence = gettext_noop("%(month)s is over; its targets stay as they were.")


class MonthFarOff(Refused):
    """Nobody plans that far ahead."""

    code = "month_far_off"
    sentence = gettext_noop("Targets are set for at most %(most)s months ahead.")


class UnknownPlace(Refused):
    """There is no such place."""

    code = "unknown_place"
    sentence = gettext_noop("There is no such place: %(place)s.")


class NotYours(Refused):
    """The place is not beneath the person's own."""

    code = "not_yours"
    sentence = gettext_noop("You set targets beneath your own place only; %(place)s is not beneath it.")


class BadAmount(Refused):
    """The amount is no target."""

    code = "bad_amount"
    sentence = gettext_noop("%(place)s cannot have this target: it must be at least 0, and a rate at most 100 %%.")


class NeedsReason(Refused):
    """A re-plan says why."""

    code = "needs_reason"
    sentence = gettext_noop("This month is planned already; say in a few words why it changes.")


class ReasonTooLong(Refused):
    """The reason is too long."""

    code = "reason_too_long"
    sentence = gettext_noop("The reason may have at most %(most)s characters.")


class NothingChanged(Refused):
    """The targets in force say the same."""

    code = "nothing_changed"
    sentence = gettext_noop("These are the targets in force already; nothing was changed.")


class Stale(Refused):
    """Somebody changed the same targets in between."""

    code = "stale"
    sentence = gettext_noop(
        "Version %(version)s was saved by %(who)s while you were working, with other targets for %(places)s."
        " Yours are not lost: compare them and save again."
    )


class SumsDiffer(Refused):
    """Targets below a place do not sum to its own."""

    code = "sums_differ"
    sentence = gettext_noop(
        "The targets below do not sum to the target of %(count)s places. Even them out, or confirm the difference."
    )

    def __init__(self, found: list[aims.Difference]) -> None:
        self.found = found
        super().__init__(count=len(found))


@dataclass(frozen=True)
class Draft:
    """What a month is to bring in a metric: the new amounts of places, None to take one away.

    `base` is the version they were made from (0: none); `confirmed` lets sums differ. `gone_from`: the version whose
    targets of the days gone by hold, the one in force unless it is said.
    """

    month: date
    metric: str
    amounts: Mapping[Place, int | None]
    reason: str = ""
    base: int | None = None
    confirmed: bool = False
    gone_from: TargetPlan | None = None


@dataclass
class _Ground:
    """What a version is built on: the chain, the version in force and its targets."""

    chain: Chain
    plan: TargetPlan | None
    targets: dict[Place, Target]
    amounts: dict[Place, int] = field(init=False)

    def __post_init__(self) -> None:
        self.amounts = aims.set_amounts(self.targets)

    @property
    def version(self) -> int:
        """Give the number of the version in force."""
        return self.plan.version if self.plan else 0


def lock() -> None:
    """Let one change of targets or their weights happen at a time in a brand; part of the verb that calls it."""
    sql.execute("SELECT pg_advisory_xact_lock(hashtext('stores.targets'), hashtext(current_schema()))")


def _ground(month: date, metric: str) -> _Ground:
    plan = aims.in_force(month, metric)
    return _Ground(chain(), plan, aims.targets_of(plan))


def _check_month(month: date, today: date) -> None:
    first = aims.month_of(today)
    if month < first:
        raise ClosedMonth(month=f"{month:%Y-%m}")
    ahead = (month.year - first.year) * 12 + month.month - first.month
    if ahead > MONTHS_AHEAD or month.day != first.day:
        raise MonthFarOff(most=MONTHS_AHEAD)


def _bound(metric: str) -> int:
    return {Metric.SALES: MAX_CENTS, Metric.REPEAT_RATE: WHOLE_BP}.get(Metric(metric), MOST_PERSONS)


def _check_amounts(draft: Draft, ground: _Ground, by: User | None) -> None:
    sight = sight_of(by, "targets", "change") if by else None
    for place, amount in draft.amounts.items():
        node = ground.chain.nodes.get(place)
        if node is None:
            raise UnknownPlace(place=f"{place.kind}")
        if sight is not None and not beneath(sight, node):
            raise NotYours(place=node.called)
        if amount is not None and not 0 <= amount <= _bound(draft.metric):
            raise BadAmount(place=node.called)


def _check_base(draft: Draft, ground: _Ground) -> None:
    """Refuse when a version made since the one this began with changed one of the same targets otherwise."""
    if draft.base is None or ground.plan is None or draft.base >= ground.version:
        return
    then = aims.versions(draft.month, draft.metric).filter(version=draft.base).first()
    before = aims.set_amounts(aims.targets_of(then))
    clash = [
        place for place, amount in draft.amounts.items() if before.get(place) != ground.amounts.get(place) != amount
    ]
    if clash:
        nodes = [ground.chain.nodes[place] for place in clash[:3]]
        raise Stale(
            version=ground.version,
            who=ground.plan.by or gettext_noop("the system"),
            places=", ".join(node.called for node in nodes) + (" …" if len(clash) > len(nodes) else ""),
        )


def _check_sums(draft: Draft, ground: _Ground, whole: Mapping[Place, int]) -> None:
    """Refuse sums that this change makes differ, or differ otherwise, unless that was confirmed."""
    were = aims.differences(ground.chain, aims.with_sums(ground.chain, ground.amounts, draft.metric), draft.metric)
    found = [each for each in aims.differences(ground.chain, whole, draft.metric) if each not in were]
    if found and not draft.confirmed:
        raise SumsDiffer(found)


def _merged(draft: Draft, ground: _Ground) -> dict[Place, int]:
    amounts: dict[Place, int | None] = {**ground.amounts, **draft.amounts}
    return {place: amount for place, amount in amounts.items() if amount is not None}


def _write(
    ground: _Ground, month: date, metric: str, amounts: Mapping[Place, int], *, was: dict[Place, Target] | None = None,
    **plan: Any,
) -> TargetPlan:  # fmt: skip
    """Write a version whole: what was set, what follows from it, and what falls on each day.

    Days gone by keep their targets: those of `was`, else of the version in force.
    """
    whole = aims.with_sums(ground.chain, amounts, metric)
    apart = {each.place for each in aims.differences(ground.chain, whole, metric)}
    gone = (clock.business_day(plan["planned_at"]) - month).days
    days = target_days.fall(
        target_days.Fall(ground.chain, metric, month, whole, apart),
        past={place: row.days[: max(gone, 0)] for place, row in (ground.targets if was is None else was).items()},
    )
    made = TargetPlan.objects.create(month=month, metric=metric, version=ground.version + 1, **plan)
    Target.objects.bulk_create(
        [
            Target(
                plan=made, kind=place.kind, amount=amount, days=days.get(place, []), implied=place not in amounts,
                differs=place in apart, **target_days.columns(ground.chain.nodes[place]),
            )
            for place, amount in sorted(whole.items())
        ],
        batch_size=2000,
    )  # fmt: skip
    return made


@verb
def plan(*, draft: Draft, at: datetime, by: User | None = None) -> TargetPlan:
    """Make a new version of a month's targets; places not named keep theirs, days gone by keep their targets.

    A place without a target of its own, but with some below it, gets their sum. Places above sum to those below them
    unless the difference is confirmed. Others may have saved since: only the same targets changed otherwise clash.
    Refuses: UnknownMetric, ClosedMonth, MonthFarOff, UnknownPlace, NotYours, BadAmount, NeedsReason, ReasonTooLong,
    Stale, NothingChanged, SumsDiffer.
    Writes: stores.target.planned.
    """
    if draft.metric not in Metric.values:
        raise UnknownMetric
    lock()
    _check_month(draft.month, clock.business_day(at))
    ground = _ground(draft.month, draft.metric)
    reason = draft.reason.strip()
    _check_amounts(draft, ground, by)
    if len(reason) > MOST_REASON:
        raise ReasonTooLong(most=MOST_REASON)
    _check_base(draft, ground)
    amounts = _merged(draft, ground)
    if amounts == ground.amounts:
        raise NothingChanged
    if ground.plan and not reason:
        raise NeedsReason
    _check_sums(draft, ground, aims.with_sums(ground.chain, amounts, draft.metric))
    entry_id = journal.reserve()
    made = _write(
        ground, draft.month, draft.metric, amounts, reason=reason, planned_at=at, by=by, entry_id=entry_id,
        was=aims.targets_of(draft.gone_from) if draft.gone_from else None,
    )  # fmt: skip
    journal.write(
        "stores.target.planned", at=at, by=by, entry_id=entry_id, month=f"{draft.month:%Y-%m}", metric=draft.metric,
        version=made.version, changed=len(draft.amounts),
    )  # fmt: skip
    return made


def fall_anew(*, metric: str, today: date, reason: str, at: datetime, by: User | None, entry_id: int) -> list[str]:
    """Let this month and those to come fall on their days by the weights now in force; part of the verb that calls it.

    Each month planned gets a new version with the same amounts; returns their names.
    """
    months = TargetPlan.objects.filter(metric=metric, month__gte=aims.month_of(today))
    found = sorted(set(months.values_list("month", flat=True)))
    for month in found:
        ground = _ground(month, metric)
        _write(ground, month, metric, ground.amounts, reason=reason, planned_at=at, by=by, entry_id=entry_id)
    return [f"{month:%Y-%m}" for month in found]


# A month is written 2026-11, or as its first day. Amounts come with two decimals: cents, hundredths of persons (which
# must be whole persons) or hundredths of a percent.
RESOLVE = """
SELECT n.*, e.id AS existing, e.amount = n.amount AS same,
  CASE WHEN n.month_on IS NULL THEN 'not_month' WHEN n.month_on < %(this_month)s THEN 'closed_month'
    WHEN n.month_on > %(last_month)s THEN 'day_far_off'
    WHEN n.place NOT IN ('brand', 'online') AND n.code IS NULL THEN 'missing'
    WHEN n.place = 'region' AND n.region_id IS NULL THEN 'unknown_region'
    WHEN n.place = 'store' AND n.store_id IS NULL THEN 'unknown_store'
    WHEN n.place = 'guide' AND n.post_id IS NULL THEN 'unknown_guide'
    WHEN n.turn > 1 THEN 'target_twice'
    WHEN n.metric IN ('recruits', 'reach') AND n.amount_cents %% 100 <> 0 THEN 'not_whole'
    WHEN n.metric = 'repeat_rate' AND n.amount > 10000 THEN 'over_whole' END AS error,
  CASE WHEN n.month_on IS NULL OR n.month_on NOT BETWEEN %(this_month)s AND %(last_month)s THEN 'month'
    WHEN (n.place = 'region' AND n.region_id IS NULL) OR (n.place = 'store' AND n.store_id IS NULL)
      OR (n.place = 'guide' AND n.post_id IS NULL) OR n.turn > 1 THEN 'code' ELSE 'amount' END AS error_column
FROM (
  SELECT i.*, m.month_on, r.id AS region_id, s.id AS store_id, g.post_id,
    CASE WHEN i.metric IN ('recruits', 'reach') THEN i.amount_cents / 100 ELSE i.amount_cents END AS amount,
    row_number() OVER (PARTITION BY i.dup_of > 0, m.month_on, i.metric, i.place, r.id, s.id, g.post_id
      ORDER BY i.line) AS turn
  FROM tmp_targets_in i
  CROSS JOIN LATERAL (SELECT CASE WHEN i.month ~ '^20[0-9]{2}-(0[1-9]|1[0-2])(-01)?$'
    THEN to_date(left(i.month, 7), 'YYYY-MM') + %(shift)s::int END AS month_on) m
  LEFT JOIN stores_region r ON i.place = 'region' AND r.name = i.code
  LEFT JOIN stores_store s ON i.place = 'store' AND s.code = i.code
  LEFT JOIN LATERAL (SELECT CASE WHEN count(*) = 1 THEN min(p.id) END AS post_id
    FROM kernel_user u JOIN stores_post p ON p.user_id = u.id AND p.role = 'guide' AND p.until IS NULL
    JOIN stores_store h ON h.id = p.store_id
    WHERE i.place = 'guide' AND (u.staff_no = i.code OR h.code || '/' || u.staff_no = i.code)) g ON true) n
JOIN tmp_targets_in i ON i.line = n.line
LEFT JOIN LATERAL (SELECT p.id FROM stores_targetplan p WHERE p.month = n.month_on AND p.metric = n.metric
  ORDER BY p.version DESC LIMIT 1) c ON true
LEFT JOIN stores_target e ON e.plan_id = c.id AND e.kind = n.place AND CASE n.place
  WHEN 'region' THEN e.region_id = n.region_id WHEN 'store' THEN e.store_id = n.store_id
  WHEN 'guide' THEN e.post_id = n.post_id ELSE true END
"""
RECIPE = staging.Recipe(
    name="targets",
    line_name="stores.target.planned",
    types={"line": "int", "dup_of": "int", "amount_cents": "bigint"},
    resolve=RESOLVE,
    # The versions are written before this: it only tells which rows made a difference.
    write="SELECT existing IS NULL FROM tmp_targets WHERE error IS NULL AND same IS NOT TRUE ORDER BY line",
    back_name="stores.target.withdrawn",
    trail=Trail(creates=("stores_targetplan",)),
)
TAKEN = """
SELECT month_on, metric, place, coalesce(region_id, store_id, post_id, 0), amount
FROM tmp_targets WHERE error IS NULL AND same IS NOT TRUE ORDER BY month_on, metric, line
"""


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Plan by file: each month and metric that its rows change gets one new version, reason "import".

    Batch columns: those of `stores.importers.TARGETS`. Sums that differ are taken as confirmed, and told by the grid.
    Row refusals: not_month, closed_month, day_far_off, missing, unknown_region, unknown_store, unknown_guide,
    target_twice, not_whole, over_whole.
    Writes: stores.target.planned.
    """

    def begin(_given: sql.Params, _outcome: Outcome) -> None:
        lock()

    def write(given: sql.Params, _outcome: Outcome) -> dict[str, object] | None:
        drafts: dict[tuple[date, str], dict[Place, int | None]] = {}
        for month, metric, kind, pk, amount in sql.rows(TAKEN):
            drafts.setdefault((month, metric), {})[Place(kind, pk)] = amount
        for (month, metric), amounts in drafts.items():
            ground = _ground(month, metric)
            merged = _merged(Draft(month, metric, amounts), ground)
            _write(ground, month, metric, merged, reason=FROM_FILE, planned_at=at, by=by, entry_id=given["entry"])
        return {"months": sorted({f"{month:%Y-%m} {metric}" for month, metric in drafts})} if drafts else None

    first = aims.month_of(clock.business_day(at))
    params: sql.Params = {
        "this_month": first, "last_month": first.replace(year=first.year + MONTHS_AHEAD // 12), "shift": first.day - 1,
    }  # fmt: skip
    steps = staging.Steps(prepare=begin, between=write)
    return staging.record(RECIPE, batch, at=at, by=by, params=params, steps=steps)
