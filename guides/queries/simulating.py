"""What a draft would have paid everybody for past months, beside what the versions that counted paid.

Nothing is written: the statements that keep the books run over temporary tables, once a month. A month here is that of
what was sold, won and done in it; the books pay it once the return window of each order has ended.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from guides.models import PaySimulation, Policy
from guides.models.levels import FIRST_LEVEL
from guides.queries import crediting, earning_extras
from guides.queries.policy_terms import LevelTable
from guides.queries.trials import CREDITED, Draft, Trial
from newretail.kernel import clock, sql

KINDS = ("line", "bounty", "task", "step", "cap")
LEAD_MONTHS = 3  # in which levels by a drafted table settle before the first month that is told
PAID = "o.paid_at >= %(since)s AND o.paid_at < %(until)s"
DONE = earning_extras.DONE.format(
    concerned="""
  SELECT DISTINCT post_id, %(month)s::timestamp AS month FROM guides_task
  WHERE ended_at >= %(since)s AND ended_at < %(until)s"""
)
LEVELS = """
SELECT * FROM unnest(%(users)s::bigint[], %(levels)s::int[], %(from)s::timestamptz[], %(until)s::timestamptz[])
  v(user_id, level, from_at, until_at)
"""
# What guides sold in a month, also those who sold nothing: managers stand at no level but the first.
SOLD = """
SELECT p.user_id, coalesce(s.cents, 0) FROM (SELECT DISTINCT user_id FROM stores_post WHERE role = 'guide') p
LEFT JOIN ({sales}) s ON s.user_id = p.user_id
"""
EARNED = f"""
WITH earned AS (
  SELECT user_id, 'line' AS kind, sum(net)::bigint AS cents FROM tmp_pay_should GROUP BY 1
  UNION ALL SELECT user_id, 'bounty', sum(cents)::bigint FROM ({earning_extras.WON_WITHIN}) w GROUP BY 1
  UNION ALL SELECT user_id, 'task', sum(cents)::bigint FROM ({DONE}) d GROUP BY 1
  UNION ALL SELECT s.user_id, 'step', max(t.pay) FROM ({crediting.month_sales(private=False, source=CREDITED)}) s
    JOIN unnest(%(step_from)s::bigint[], %(step_pay)s::bigint[]) t(low, pay) ON t.low <= s.cents GROUP BY 1)
SELECT user_id, kind, cents FROM earned WHERE cents <> 0
UNION ALL SELECT user_id, 'cap', (%(most)s::bigint - sum(cents))::bigint FROM earned GROUP BY 1
HAVING sum(cents) > %(most)s::bigint
"""
WHO = """
SELECT u.id, u.name, coalesce(u.staff_no, ''), coalesce((
    SELECT t.name FROM stores_post p JOIN stores_store t ON t.id = p.store_id WHERE p.user_id = u.id
    ORDER BY p.until DESC NULLS FIRST, p.id DESC LIMIT 1), '')
FROM kernel_user u WHERE u.id = ANY(%(users)s) ORDER BY u.staff_no, u.id
"""
Earned = Counter[tuple[int, str]]  # cents by person and kind


@dataclass(frozen=True)
class Beside:
    """Cents by the versions that counted, and by the draft."""

    now: int = 0
    drafted: int = 0

    @property
    def change(self) -> int:
        """Give what the draft adds."""
        return self.drafted - self.now

    def __add__(self, other: "Beside") -> "Beside":
        return Beside(self.now + other.now, self.drafted + other.drafted)


@dataclass(frozen=True)
class OfGuide:
    """One person, with what she has by both."""

    user: int
    name: str
    staff_no: str
    store: str
    pay: Beside


@dataclass(frozen=True)
class Simulated:
    """What a draft would have paid for the months [first, last): by month, by kind, by person."""

    first: date
    last: date
    months: dict[date, Beside]
    kinds: dict[str, Beside]
    guides: list[OfGuide]

    @property
    def total(self) -> Beside:
        """Give the whole."""
        return sum(self.months.values(), Beside())

    @property
    def winners(self) -> list[OfGuide]:
        """List who would have more, the most first."""
        return sorted((one for one in self.guides if one.pay.change > 0), key=lambda one: -one.pay.change)

    @property
    def losers(self) -> list[OfGuide]:
        """List who would have less, the most first."""
        return sorted((one for one in self.guides if one.pay.change < 0), key=lambda one: one.pay.change)

    def noted(self) -> dict[str, Any]:
        """Write it down, for `read`."""
        return {
            "months": {month.isoformat(): [pay.now, pay.drafted] for month, pay in self.months.items()},
            "kinds": {kind: [pay.now, pay.drafted] for kind, pay in self.kinds.items()},
            "users": {str(one.user): [one.pay.now, one.pay.drafted] for one in self.guides},
        }


def read(told: dict[str, Any], *, first: date, last: date) -> Simulated:
    """Read what a simulation of the months [first, last) came to, with everybody's name as it is now."""
    months = {date.fromisoformat(day): Beside(*cents) for day, cents in told["months"].items()}
    kinds = {kind: Beside(*cents) for kind, cents in told["kinds"].items()}
    return Simulated(first, last, months, kinds, _named({int(user): Beside(*c) for user, c in told["users"].items()}))


def asked_of(policy: Policy) -> QuerySet[PaySimulation]:
    """List the simulations of a version that were asked for, the newest first."""
    return PaySimulation.objects.filter(policy=policy).select_related("policy", "run").order_by("-pk")


def simulate(
    draft: Draft, *, first: date, last: date, report: Callable[[date], None] = lambda _month: None
) -> Simulated:
    """Reckon the months [first, last), first days of months, as they were paid and as a draft would have paid them.

    `report` is told each month before it is reckoned.
    """
    now, trial = Trial.as_it_counts(), Trial.of(draft)
    climb = _Climb(draft.levels) if draft.levels else None
    months: dict[date, tuple[Earned, Earned]] = {}
    for month in clock.months(clock.month_before(first, LEAD_MONTHS) if climb else first, last):
        report(month)
        with transaction.atomic():
            found = _month(month, now, trial, climb, told=month >= first)
        if month >= first:
            months[month] = found
    return _told(months, first, last)


def _month(
    month: date, now: Trial, trial: Trial, climb: "_Climb | None", *, told: bool
) -> tuple[Earned, Earned]:  # fmt: skip
    """Reckon a month by both; of one that leads up to those that are told only who climbs."""
    span = _span(month)
    crediting.lay_orders(PAID, span)
    now.lay_credits()
    paid = _earned(now, span) if told else Counter()
    trial.lay_credits()
    if climb:
        climb.lay(month)
        climb.follow(span)
    return paid, _earned(trial, span, leveled=climb is not None) if told else Counter()


def _span(month: date) -> sql.Params:
    return {
        "month": month, "last": clock.month_end(month), "since": clock.day_start(month),
        "until": clock.day_start(clock.month_after(month)), "zone": clock.brand_zone().key,
    }  # fmt: skip


def _earned(trial: Trial, span: sql.Params, *, leveled: bool = False) -> Earned:
    """Reckon a month whose credits are laid, and perhaps its levels."""
    trial.lay_earned(leveled=leveled)
    earning_extras.lay_terms(trial.schemes)
    scheme = trial.scheme_on(span["last"])
    given = {
        **span, "most": scheme.month_most_cents, "step_from": [step.from_cents for step in scheme.steps],
        "step_pay": [step.pay_cents for step in scheme.steps],
    }  # fmt: skip
    return Counter({(user, kind): cents for user, kind, cents in sql.rows(EARNED, given)})


@dataclass
class _Climb:
    """Where everybody would stand by a drafted table, month after month: up at once, down after the grace."""

    table: LevelTable
    standing: dict[int, tuple[int, int]] = field(default_factory=dict)  # level, months below it in a row

    def lay(self, month: date) -> None:
        """Keep everybody's level of a month in tmp_pay_levels."""
        users = list(self.standing)
        since, until = clock.day_start(month), clock.day_start(clock.month_after(month))
        sql.temporary("tmp_pay_levels", LEVELS, {
            "users": users, "levels": [self.standing[user][0] for user in users],
            "from": [since] * len(users), "until": [until] * len(users),
        })  # fmt: skip

    def follow(self, span: sql.Params) -> None:
        """Let everybody go where the sales of a month lead her."""
        sales = crediting.month_sales(private=self.table.basis == "private", source=CREDITED)
        self.standing = {user: self._next(user, cents) for user, cents in sql.rows(SOLD.format(sales=sales), span)}

    def _next(self, user: int, cents: int) -> tuple[int, int]:
        level, below = self.standing.get(user, (FIRST_LEVEL, 0))
        reached = self.table.reached(cents)
        stays = reached < level and below < self.table.grace_months
        return (level, below + 1) if stays else (reached, 0)


def _told(months: dict[date, tuple[Earned, Earned]], first: date, last: date) -> Simulated:
    sums = {month: Beside(now.total(), drafted.total()) for month, (now, drafted) in months.items()}
    kinds, users = dict.fromkeys(KINDS, Beside()), dict[int, Beside]()
    for now, drafted in months.values():
        for user, kind in now.keys() | drafted.keys():
            each = Beside(now[user, kind], drafted[user, kind])
            kinds[kind] += each
            users[user] = users.get(user, Beside()) + each
    return Simulated(first, last, sums, kinds, _named(users))


def _named(users: dict[int, Beside]) -> list[OfGuide]:
    rows = sql.rows(WHO, {"users": [*users]})
    return [OfGuide(pk, name, number, store, users[pk]) for pk, name, number, store in rows]
