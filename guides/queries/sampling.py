"""Samples: what a guide may give her customer, and who came back to buy, by campaign, store and guide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import BigIntegerField, Func

from members.queries import families
from newretail.kernel import sql

By = Literal["campaign", "store", "guide"]
MOST_LINES = 200
# Campaigns of a day, for a guide's store: how many are left (none: not counted), whether the person had one.
OFFERED = """
SELECT c.code, c.name, d.name AS product, k.supplied - k.given AS left,
  (SELECT max(s.given_at) FROM guides_sample s WHERE s.campaign_id = c.id AND s.member_id = ANY(%(family)s)) AS had_at
FROM guides_samplecampaign c JOIN stores_product d ON d.id = c.product_id
LEFT JOIN guides_samplestock k ON k.campaign_id = c.id
  AND k.store_id IN (SELECT p.store_id FROM stores_post p WHERE p.id = ANY(%(posts)s))
WHERE c.first_on <= %(today)s AND c.last_on >= %(today)s
  AND (k.id IS NOT NULL OR NOT EXISTS (SELECT FROM guides_samplestock n WHERE n.campaign_id = c.id))
ORDER BY c.last_on, c.code LIMIT 12
"""
# What the member of a sample `{s}` of a campaign `c` bought of it in time, net of refunds, by all her rows.
BOUGHT = f"""
SELECT coalesce(sum(l.amount_cents - coalesce((SELECT sum(f.amount_cents) FROM members_refund f
    WHERE f.order_id = o.id AND f.line_no = l.line_no), 0)), 0)::bigint
FROM members_member m JOIN members_order o ON o.member_id IN ({families.ids_sql(families.root_sql("m"))})
JOIN members_orderline l ON l.order_id = o.id JOIN stores_product d ON d.id = l.product_id
WHERE m.id = {{s}}.member_id AND o.paid_at > {{s}}.given_at
  AND o.paid_at <= {{s}}.given_at + make_interval(days => c.days)
  AND (l.product_id = c.product_id OR c.counts = 'category'
    AND d.category_id = (SELECT q.category_id FROM stores_product q WHERE q.id = c.product_id))
"""
# What came of each sample: given from `first` until `until`, in these stores, by these guides (none: all).
OF_EACH = f"""
SELECT s.campaign_id, s.post_id, p.store_id, ({BOUGHT.format(s="s")}) AS cents
FROM guides_sample s JOIN guides_samplecampaign c ON c.id = s.campaign_id JOIN stores_post p ON p.id = s.post_id
WHERE s.given_at >= %(first)s AND s.given_at < %(until)s
  AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
  AND (%(posts)s::bigint[] IS NULL OR s.post_id = ANY(%(posts)s))
"""
COUNTED = "count(*) AS given, count(*) FILTER (WHERE e.cents > 0) AS again, coalesce(sum(e.cents), 0)::bigint AS cents"
SUM = f"SELECT {COUNTED} FROM ({OF_EACH}) e"
LINES: dict[By, str] = {
    "campaign": "n.name, n.code FROM ({of}) e JOIN guides_samplecampaign n ON n.id = e.campaign_id GROUP BY n.id",
    "store": "n.name, n.code FROM ({of}) e JOIN stores_store n ON n.id = e.store_id GROUP BY n.id",
    "guide": "u.name, u.staff_no AS code FROM ({of}) e JOIN stores_post n ON n.id = e.post_id"
    " JOIN kernel_user u ON u.id = n.user_id GROUP BY u.id",
}


class BoughtAfter(Func):
    """What the member of a sample bought in time, as a column beside the row."""

    template = f"""
(SELECT ({BOUGHT.format(s="guides_sample")}) FROM guides_samplecampaign c WHERE c.id = guides_sample.campaign_id)"""
    arity, output_field = 0, BigIntegerField()


@dataclass(frozen=True)
class Line:
    """A campaign, a store or a guide: samples given, who bought within the days, for how much net of refunds."""

    given: int
    again: int
    cents: int
    name: str = ""
    code: str = ""

    @property
    def rate(self) -> float | None:
        """Give the part that came back."""
        return self.again / self.given if self.given else None


def report(*, first: datetime, until: datetime, stores: Sequence[int] | None) -> dict[str, list[Line]]:
    """Count the samples given in a half-open span by campaign, store and guide, in one round trip."""
    given: sql.Params = {"first": first, "until": until, "stores": stores, "posts": None, "most": MOST_LINES}
    asked = {
        str(by): f"SELECT {COUNTED}, {rest.format(of=OF_EACH)} ORDER BY given DESC, 5 LIMIT %(most)s"
        for by, rest in LINES.items()
    }
    return {by: [Line(**row) for row in rows] for by, rows in sql.together(asked, given).items()}


def of_guide(posts: Sequence[int], *, first: datetime, until: datetime) -> Line:
    """Count the samples these posts gave in a half-open span."""
    given: sql.Params = {"first": first, "until": until, "stores": None, "posts": list(posts)}
    return Line(*sql.rows(SUM, given)[0])
