"""Drafts on trial: the versions of a draft in the place of those that count, laid for the statements that earn.

Nothing is written: everything lies in temporary tables until the transaction ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from guides.models import Policy
from guides.queries import crediting, earning, pay_proposals, policies
from guides.queries.policies import Counting
from guides.queries.policy_terms import READ, CreditRules, LevelTable, Scheme
from newretail.kernel import sql

# The credits and orders of a trial, for `crediting.month_sales`.
CREDITED = "tmp_pay_credits c JOIN tmp_pay_orders o ON o.id = c.order_id"
# Credits that stand, and those of orders that have none, in the order in which they would be written.
CREDITS = f"""
SELECT s.* FROM ({crediting.STANDING}) s WHERE NOT EXISTS (SELECT FROM tmp_pay_derived d WHERE d.order_id = s.order_id)
UNION ALL SELECT row_number() OVER (ORDER BY order_id, role, post_id), order_id, role, post_id, share_bp, policy_id,
  paid_at, own FROM tmp_pay_derived
"""
NAMES = {Policy.Kind.COMMISSION: "scheme", Policy.Kind.CREDITS: "rules", Policy.Kind.LEVELS: "levels"}


@dataclass(frozen=True)
class Draft:
    """What is tried; the rest is as it counts, before the first version as it was kept or is proposed."""

    scheme: Scheme | None = None
    rules: CreditRules | None = None
    levels: LevelTable | None = None


def draft_of(kind: str, terms: object) -> Draft:
    """Make a draft of terms of any kind.

    Refuses: BadPolicy.
    """
    return Draft(**{NAMES[Policy.Kind(kind)]: READ[kind](terms)})


@dataclass(frozen=True)
class Trial:
    """By which versions orders are reckoned.

    `anew`: credits too, but for what was decided; `frozen`: what is frozen in the books is read from there.
    """

    schemes: Sequence[Counting]
    rules: Sequence[Counting]
    anew: bool = False
    frozen: bool = False

    @classmethod
    def as_it_counts(cls) -> "Trial":
        """Take the published versions, each on its days."""
        schemes, rules = (policies.counting(kind) for kind in (Policy.Kind.COMMISSION, Policy.Kind.CREDITS))
        return cls(schemes, rules, frozen=True)

    @classmethod
    def of(cls, draft: Draft) -> "Trial":
        """Take a draft for all days."""
        schemes = _all_days(Policy.Kind.COMMISSION, draft.scheme, pay_proposals.scheme())
        rules = _all_days(Policy.Kind.CREDITS, draft.rules, pay_proposals.credit_rules())
        return cls(schemes, rules, anew=draft.rules is not None)

    def lay_credits(self) -> None:
        """Keep whose the orders of tmp_pay_orders are in tmp_pay_credits."""
        crediting.derive(self.rules, anew=self.anew)
        sql.temporary("tmp_pay_credits", CREDITS)

    def lay_earned(self, *, leveled: bool = False) -> None:
        """Keep what lines of tmp_pay_orders earn by tmp_pay_credits in tmp_pay_should; levels may be laid already."""
        if not leveled:
            sql.temporary("tmp_pay_levels", earning.LEVELS)
        earning.lay_schemes(self.schemes)
        earning.should_be("tmp_pay_should", frozen=self.frozen, analyze=False)

    def scheme_on(self, day: date) -> Scheme:
        """Give the scheme of a day, one that pays nothing where none counts."""
        on = (one.terms for one in self.schemes if one.from_on <= day and (one.until_on is None or day < one.until_on))
        return next(on, Scheme(levels={}))


def _all_days(kind: str, drafted: object, proposed: dict[str, Any]) -> list[Counting]:
    """Give versions that fill all days: the draft, or those that count and before them what was kept or is proposed."""
    stand_in = Policy(pk=0, kind=kind)
    if drafted:
        return [Counting(stand_in, date.min, None, drafted)]
    published, kept = policies.counting(kind), policies.newest(kind)
    until = published[0].from_on if published else None
    return [Counting(stand_in, date.min, until, READ[kind](kept.terms if kept else proposed)), *published]
