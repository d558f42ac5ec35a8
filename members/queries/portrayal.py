"""All that a member's page shows but her timeline: who she is, and what she bought month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from members.models import Claim, Identity, Member, MemberTag, Order, Portrait, Tag
from members.queries import families
from newretail.kernel import clock, masking
from stores.models import sight_of

MONTHS_SHOWN = 24


@dataclass(frozen=True)
class Month:
    """What she bought in one calendar month: orders, and cents net of refunds."""

    first: date
    orders: int
    cents: int


@dataclass(frozen=True)
class MemberPage:
    """A person as her page shows her; orders are those within the reader's sight, tags those she may see."""

    member: Member
    family: Sequence[Member]
    portrait: Portrait | None
    identities: list[tuple[str, str]]
    tags: list[MemberTag]
    months: list[Month]

    @property
    def former_numbers(self) -> list[str]:
        """List the numbers of the rows that were merged into her."""
        return [row.member_no for row in self.family if row.pk != self.member.pk]

    @property
    def aov_cents(self) -> int | None:
        """Give the average order value of the year, None without an order."""
        if self.portrait is None or not self.portrait.frequency:
            return None
        return round(self.portrait.monetary_cents / self.portrait.frequency)


def may_ask_phone(member: Member, user: Any) -> bool:
    """Tell whether a person may ask for this member's whole phone."""
    return Member.objects.whose_phone_is_for(user).filter(pk=member.pk).exists()


def tags_seen(user: Any) -> list[int] | None:
    """List the tags a person may see (ids), None where she sees all of them."""
    if sight_of(user, "member_tags", "view").everything:
        return None
    return list(Tag.objects.visible_to(user).values_list("pk", flat=True))


def page_of(member: Member, *, user: Any, tags: Sequence[int] | None, at: datetime) -> MemberPage:
    """Gather a person's page for a reader who sees these tags, as of an instant, from all the rows that are hers."""
    family = list(families.rows_of(member).order_by("pk"))
    ids = [row.pk for row in family]
    orders = Order.objects.visible_to(user).filter(member__in=ids)
    return MemberPage(
        member=member,
        family=family,
        portrait=getattr(member, "portrait", None),
        identities=[(row.get_kind_display(), hidden(row, masking.reader(user))) for row in _identities(member, ids)],
        tags=tags_on(ids, tags),
        months=_months(orders, clock.business_day(at)),
    )


def tags_on(ids: Sequence[int], seen: Sequence[int] | None) -> list[MemberTag]:
    """List the tags a person carries, of those that may be seen; one that two of her rows carry stands once."""
    rows = MemberTag.objects.filter(member__in=ids).select_related("tag", "set_by").order_by("tag__name", "set_at")
    if seen is not None:
        rows = rows.filter(tag__in=seen)
    return list({row.tag_id: row for row in rows}.values())


def _identities(member: Member, ids: Sequence[int]) -> QuerySet[Identity]:
    """Give what leads to her besides the phone she is shown with."""
    shown = Q(kind=Identity.Kind.PHONE, value=member.phone)
    return Identity.objects.filter(member__in=ids).exclude(shown).order_by("kind", "id")


def hidden(identity: Identity | Claim, eyes: masking.Reader) -> str:
    """Show an identity with its middle hidden, or nothing of it."""
    return (eyes.phone if identity.kind == Identity.Kind.PHONE else eyes.value)(identity.value)


def months_before(day: date, count: int) -> list[date]:
    """List the first days of the last months, the running one included, oldest first."""
    last = day.year * 12 + day.month - 1
    return [date(i // 12, i % 12 + 1, 1) for i in range(last - count + 1, last + 1)]


def _months(orders: QuerySet[Order], today: date) -> list[Month]:
    firsts = months_before(today, MONTHS_SHOWN)
    found = {
        row["month"].date(): row
        for row in orders.filter(paid_at__gte=clock.day_start(firsts[0]))
        .exclude(refunded_cents__gt=0, refunded_cents__gte=F("amount_cents"))
        .values(month=TruncMonth("paid_at", tzinfo=clock.brand_zone()))
        .annotate(orders=Count("id"), cents=Sum(F("amount_cents") - F("refunded_cents")))
    }
    none = {"orders": 0, "cents": 0}
    rows = [(first, found.get(first, none)) for first in firsts]
    return [Month(first=first, orders=row["orders"], cents=row["cents"]) for first, row in rows]
