"""Write down by which rules orders earn points."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max
from django.utils.translation import gettext_noop

from members.models import EarnRule, Level, PointsLot
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Category, Channel, Product

LOCK = "SELECT pg_advisory_xact_lock(hashtext('members.earn_rule'), hashtext(current_schema()))"
MOST_PER_YUAN, MOST_MULTIPLIER_BP, MOST_DAYS = 10_000, 1_000_000, 36_500


class NoRule(Refused):
    """It does not say what is earned, or when."""

    code = "bad_rule"
    sentence = gettext_noop(
        "A rule has a code, a name, points per yuan from 0 to 10,000, a multiplier from 0.01 to 100, a validity of 1 to"
        " 36,500 days or none, and ends after it begins."
    )


class CountedAlready(Refused):
    """Orders of that span have earned already."""

    code = "counted_already"
    sentence = gettext_noop("Orders paid on %(last)s have earned points already: let this begin on a later day.")


@dataclass(frozen=True)
class Terms:
    """What a version of a rule says; empty conditions look at everything."""

    name: str
    from_on: date
    points_per_yuan: int
    multiplier_bp: int = 10_000
    until_on: date | None = None
    valid_days: int | None = 365
    min_cents: int = 0
    member_day: bool = False
    level: Level | None = None
    channel: Channel | None = None
    category: Category | None = None
    product: Product | None = None

    def make_sense(self) -> bool:
        """Tell whether they say something that can be counted."""
        return (
            bool(self.name.strip())
            and 0 <= self.points_per_yuan <= MOST_PER_YUAN
            and 100 <= self.multiplier_bp <= MOST_MULTIPLIER_BP
            and (self.valid_days is None or 1 <= self.valid_days <= MOST_DAYS)
            and (self.until_on is None or self.until_on > self.from_on)
            and self.min_cents >= 0
        )


@verb
def put(*, code: str, terms: Terms, at: datetime, by: User | None = None) -> EarnRule:
    """Write the next version of a rule; it takes the place of the former one from its first day on.

    What orders have earned stays as it is: no version begins on a day whose orders have earned already.
    Refuses: NoRule, CountedAlready.
    Writes: members.earn_rule.put.
    """
    sql.rows(LOCK)
    if not code.strip() or not code.isprintable() or len(code) > 40 or not terms.make_sense():
        raise NoRule
    last = PointsLot.objects.exclude(origin__rule="").aggregate(last=Max("earned_at"))["last"]
    if last and clock.business_day(last) >= terms.from_on:
        raise CountedAlready(last=clock.business_day(last))
    newest = EarnRule.objects.filter(code=code).aggregate(newest=Max("version"))["newest"] or 0
    entry_id = journal.reserve()
    rule = EarnRule.objects.create(code=code, version=newest + 1, entry_id=entry_id, **vars(terms))
    journal.write("members.earn_rule.put", at=at, by=by, subject=f"earn_rule:{code}", entry_id=entry_id,
                  version=rule.version)  # fmt: skip
    return rule
