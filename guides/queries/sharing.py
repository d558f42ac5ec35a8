"""What came of shares: opens, how long they lasted, the orders after them; by share, by material, by guide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from guides.models import Share
from newretail.kernel import brand, sql

Each = Literal["share", "material", "guide", "whole"]
BY: dict[Each, str] = {
    "share": "s.id::text", "material": "m.code", "guide": "s.post_id::text", "whole": "''::text",
}  # fmt: skip
# An opening is hers whom another system names, else of the member the link was made for. Of the openings before an
# order the last one has it, whoever shared it; refunds are taken off.
USAGE = """
WITH scope AS (
  SELECT s.* FROM guides_share s JOIN stores_post p ON p.id = s.post_id
  WHERE s.at >= %(since)s AND (%(until)s::timestamptz IS NULL OR s.at < %(until)s)
    AND (%(posts)s::bigint[] IS NULL OR s.post_id = ANY(%(posts)s))
    AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
), opened AS (
  SELECT o.share_id, count(*) AS opens, max(o.at) AS last_at, sum(t.seconds) AS seconds, count(t.id) AS stays
  FROM scope s JOIN guides_linkopen o ON o.share_id = s.id LEFT JOIN guides_linkstay t ON t.opening_id = o.id
  GROUP BY 1
), reads AS (
  SELECT o.share_id, o.id, o.at, coalesce(m.merged_into_id, m.id) AS reader
  FROM guides_linkopen o JOIN guides_share s ON s.id = o.share_id
  JOIN members_member m ON m.id = coalesce(o.member_id, s.member_id)
  WHERE o.at >= %(since)s
), readers AS (
  SELECT DISTINCT r.reader FROM reads r JOIN scope s ON s.id = r.share_id
), bought AS (
  SELECT DISTINCT ON (x.id) x.id, r.share_id, x.amount_cents - x.refunded_cents AS cents
  FROM readers a JOIN members_member f ON f.id = a.reader OR f.merged_into_id = a.reader
  JOIN members_order x ON x.member_id = f.id AND x.paid_at >= %(since)s
  JOIN reads r ON r.reader = a.reader AND x.paid_at >= r.at AND x.paid_at < r.at + %(window)s
  ORDER BY x.id, r.at DESC, r.id DESC
), ordered AS (
  SELECT share_id, count(*) AS orders, sum(cents) AS cents FROM bought GROUP BY 1
)
SELECT {by}, count(*), count(o.opens), coalesce(sum(o.opens), 0)::int, coalesce(sum(o.seconds), 0)::int,
  coalesce(sum(o.stays), 0)::int, count(b.orders), coalesce(sum(b.orders), 0)::int, coalesce(sum(b.cents), 0)::bigint,
  max(o.last_at)
FROM scope s JOIN guides_material m ON m.id = s.material_id
LEFT JOIN opened o ON o.share_id = s.id LEFT JOIN ordered b ON b.share_id = s.id
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Usage:
    """What came of some shares: how many were opened, how often, for how long, how many led to how many orders."""

    shares: int = 0
    opened: int = 0
    opens: int = 0
    seconds: int = 0
    stays: int = 0
    ordering: int = 0
    orders: int = 0
    cents: int = 0
    last_at: datetime | None = None

    @property
    def open_rate(self) -> float | None:
        """Give the part of the shares that were opened (素材打开率)."""
        return self.opened / self.shares if self.shares else None

    @property
    def order_rate(self) -> float | None:
        """Give the part of the opened shares that led to an order (开单率)."""
        return self.ordering / self.opened if self.opened else None

    @property
    def stay(self) -> int | None:
        """Give the seconds an opening lasted on average, where it was told."""
        return round(self.seconds / self.stays) if self.stays else None


NOTHING = Usage()


def usage(
    *, by: Each, since: datetime, posts: Sequence[int] | None = None, stores: Sequence[int] | None = None
) -> dict[str, Usage]:
    """Tell what came of the shares since an instant, of these posts or stores (ids; None: all), by what is asked."""
    given = {
        "since": since, "until": None, "window": timedelta(days=int(brand.setting("share_order_days"))),
        "posts": None if posts is None else list(posts), "stores": None if stores is None else list(stores),
    }  # fmt: skip
    return {key: Usage(*found) for key, *found in sql.rows(USAGE.format(by=BY[by]), given)}


@dataclass(frozen=True)
class Shared:
    """A share with what came of it."""

    share: Share
    usage: Usage


@dataclass(frozen=True)
class Record:
    """A guide's record: all of it together, the newest shares one by one."""

    whole: Usage
    shares: list[Shared]


def record(posts: Sequence[int], *, since: datetime, most: int = 30) -> Record:
    """Give the record of a guide's posts since an instant."""
    each = usage(by="share", since=since, posts=posts)
    rows = Share.objects.filter(post__in=posts, at__gte=since).select_related("material", "member").order_by("-id")
    whole = Usage(*(sum(getattr(one, name) for one in each.values()) for name in SUMMED))
    return Record(whole, [Shared(row, each.get(str(row.pk), NOTHING)) for row in rows[:most]])


SUMMED = ("shares", "opened", "opens", "seconds", "stays", "ordering", "orders", "cents")
