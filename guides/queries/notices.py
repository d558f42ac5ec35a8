"""Whom a notice is for, who has read it, what somebody has still to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, ExpressionWrapper, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from guides.models import Notice, NoticeReceipt
from newretail.kernel import sql

# Everybody who holds a post that the notices `n` are for.
READERS = """
SELECT n.id AS notice_id, p.id AS post_id, p.role
FROM ({notices}) n
JOIN stores_post p ON p.until IS NULL AND p.role IN ('guide', 'manager') AND n.readers IN ('everybody', p.role)
JOIN stores_store s ON s.id = p.store_id
JOIN kernel_user u ON u.id = p.user_id AND u.is_active
WHERE n.audience = 'brand' OR n.audience = 'regions' AND s.region_id = ANY(n.regions)
  OR n.audience = 'stores' AND s.id = ANY(n.stores)
"""
# One notice that was sent, or all that are in force; none that was withdrawn.
KEPT = """
SELECT t.id, t.audience, t.readers,
  ARRAY(SELECT x.region_id FROM guides_notice_regions x WHERE x.notice_id = t.id) AS regions,
  ARRAY(SELECT x.store_id FROM guides_notice_stores x WHERE x.notice_id = t.id) AS stores
FROM guides_notice t WHERE t.until > %(at)s AND NOT EXISTS (
  SELECT FROM guides_noticewithdrawal x WHERE x.notice_id = t.id) AND (%(notice)s::bigint IS NULL OR t.id = %(notice)s)
"""
WISHED = """
SELECT 0 AS id, %(audience)s AS audience, %(readers)s AS readers, %(regions)s::bigint[] AS regions,
  %(stores)s::bigint[] AS stores
"""
PREVIEW = f"""
SELECT w.role, count(*) FROM ({READERS.format(notices=WISHED)}) w JOIN stores_post p ON p.id = w.post_id
WHERE %(within)s::bigint[] IS NULL OR p.store_id = ANY(%(within)s) GROUP BY 1
"""
BY_STORE = """
SELECT g.name, s.code, s.name, count(*), count(r.read_at)
FROM guides_noticereceipt r JOIN stores_post p ON p.id = r.post_id AND p.until IS NULL
JOIN stores_store s ON s.id = p.store_id LEFT JOIN stores_region g ON g.id = s.region_id
WHERE r.notice_id = %(notice)s AND (%(within)s::bigint[] IS NULL OR s.id = ANY(%(within)s))
GROUP BY 1, 2, 3 ORDER BY count(*) - count(r.read_at) DESC, s.code
"""
STORES_SHOWN = 200
IN_FORCE = Q(notice__withdrawal__isnull=True)


@dataclass(frozen=True)
class Audience:
    """Whom a notice is for: the kind of place, the places (ids), and whom of a store."""

    kind: str
    readers: str = Notice.Readers.EVERYBODY
    regions: tuple[int, ...] = ()
    stores: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reached:
    """How many were told in one place, and how many of them have read it."""

    region: str
    code: str
    name: str
    told: int
    read: int

    @property
    def unread(self) -> int:
        """Count those who have not."""
        return self.told - self.read

    @property
    def percent(self) -> int:
        """Give the share of those who have, in whole per cent."""
        return 100 * self.read // self.told if self.told else 0


def readers_of(audience: Audience, within: Sequence[int] | None) -> dict[str, int]:
    """Count by role whom a notice to be sent would reach within these stores (None: all)."""
    given = {
        "audience": audience.kind, "readers": audience.readers, "regions": list(audience.regions),
        "stores": list(audience.stores), "within": None if within is None else list(within),
    }  # fmt: skip
    return {str(role): int(count) for role, count in sql.rows(PREVIEW, given)}


def by_store(notice: Notice, within: Sequence[int] | None) -> list[Reached]:
    """Tell store by store who was told of a notice and who has read it; where most is unread first."""
    found = sql.rows(BY_STORE, {"notice": notice.pk, "within": None if within is None else list(within)})
    return [Reached(region or "", code, name, told, read) for region, code, name, told, read in found]


def by_region(stores: Sequence[Reached]) -> list[Reached]:
    """Sum stores up by region, where most is unread first."""
    sums: dict[str, tuple[int, int]] = {}
    for each in stores:
        told, read = sums.get(each.region, (0, 0))
        sums[each.region] = (told + each.told, read + each.read)
    found = [Reached(region, "", region, told, read) for region, (told, read) in sums.items()]
    return sorted(found, key=lambda each: (-each.unread, each.name))


def counted(rows: QuerySet[Notice], user: object) -> QuerySet[Notice]:
    """Tell beside notices whom they `told` and who has `seen` them within this person's sight, and their `places`."""
    here = NoticeReceipt.objects.visible_to(user).filter(notice=OuterRef("pk"), post__until__isnull=True)
    each = here.order_by().values("notice")

    def number(of: Any) -> Any:
        return Coalesce(Subquery(each.annotate(n=of).values("n"), output_field=IntegerField()), 0)

    regions = Notice.regions.through.objects.filter(notice=OuterRef("pk")).values("region__name")
    stores = Notice.stores.through.objects.filter(notice=OuterRef("pk")).values("store__name")
    places = ArraySubquery(regions.union(stores, all=True))
    return rows.annotate(told=number(Count("pk")), seen=number(Count("read_at")), places=places)


def unread(at: datetime) -> QuerySet[NoticeReceipt]:
    """Give the receipts of notices in force that nobody has read."""
    return NoticeReceipt.objects.filter(IN_FORCE, read_at__isnull=True, notice__until__gt=at)


def received(posts: Sequence[int], at: datetime) -> QuerySet[Any]:
    """Give what reached a person by these posts, each notice once; what is unread and in force `waits` for her."""
    rows = NoticeReceipt.objects.filter(post_id__in=posts)
    once = rows.order_by("notice_id", F("read_at").asc(nulls_first=True), "id").distinct("notice_id").values("pk")
    waits = ExpressionWrapper(IN_FORCE & Q(read_at__isnull=True, notice__until__gt=at), BooleanField())
    return (
        NoticeReceipt.objects.filter(pk__in=once)
        .annotate(waits=waits)
        .select_related("notice__by", "notice__withdrawal")
    )


def waiting(posts: Sequence[int], at: datetime) -> dict[str, int]:
    """Count what a person has still to read (`unread`), and of that what must be read (`must`)."""
    rows = unread(at).filter(post_id__in=posts)
    return rows.aggregate(
        unread=Count("notice", distinct=True),
        must=Count("notice", distinct=True, filter=Q(notice__must_read=True)),
    )
