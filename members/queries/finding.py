"""Questions about members: where to find one, and all that her page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Right, TruncMonth, Upper

from members.models import Claim, Identity, Member, MemberTag, Order, Portrait, Refund, StageChange
from members.models.member import MemberQuerySet
from members.queries import families
from newretail.kernel import clock, masking
from newretail.kernel.files import phones, pinyin
from newretail.kernel.models import JournalEntry

ORDERS_SHOWN = 20
MONTHS_SHOWN = 24
LAST_DIGITS, MOST_LAST_DIGITS = 4, 10
LONGEST_SYLLABLE = 6
MOST_SYLLABLES = 4
MOST_ROOTS = 50


def found_by(term: str, members: MemberQuerySet, *, people: bool = True) -> MemberQuerySet:
    """Find members by number, whole phone or its last digits, four and more, the beginning of the name, or its pinyin.

    Each way has an index; a name is found through its pinyin key. For whom members are no persons (`people` false),
    the number alone finds: a search that answers to a name or a phone would tell whose it is.
    Who lives on in another member finds that member too.
    """
    term = term.strip()
    if not term or "\0" in term:
        return members.none() if "\0" in term else members
    found = Q(member_no__in={term, term.upper()})
    if not people:
        return _with_roots(found, members)
    if term.isascii() and term.isdigit() and LAST_DIGITS <= len(term) <= MOST_LAST_DIGITS:
        members = members.annotate(last_four=Right("phone", LAST_DIGITS))
        found |= Q(last_four=term[-LAST_DIGITS:], phone__endswith=term)
    phone = phones.normalise(term)
    if phone:
        found |= Q(phone=phone)
    return _with_roots(found | _by_name(term), members)


def _with_roots(found: Q, members: MemberQuerySet) -> MemberQuerySet:
    """Find members, and those in whom the found ones live on; looked up first, an OR across rows would read all."""
    merged = Member.objects.filter(merged_into__isnull=False).annotate(last_four=Right("phone", LAST_DIGITS))
    roots = list(merged.filter(found).values_list("merged_into_id", flat=True)[:MOST_ROOTS])
    return members.filter(found | Q(pk__in=roots)) if roots else members.filter(found)


def _by_name(term: str) -> Q:
    if term.isascii():
        letters = term.lower()
        if not letters.replace(" ", "").isalpha():
            return Q()
        cuts = [letters] if " " in letters else _syllables(letters, MOST_SYLLABLES)
        return Q(*[("name_pinyin__startswith", cut) for cut in cuts], _connector=Q.OR)
    keys = {pinyin.key(term), pinyin.SURNAMES.get(term, pinyin.key(term))}
    read = Q(*[("name_pinyin__startswith", key) for key in sorted(keys)], _connector=Q.OR)
    return read & Q(name__startswith=term)


def _syllables(letters: str, most: int) -> list[str]:
    """Cut letters typed without blanks wherever a syllable may end: one cut of "zengxiao" is "zeng xiao"."""
    cuts = [letters] if len(letters) <= LONGEST_SYLLABLE else []
    if most == 1:
        return cuts
    for end in range(1, min(LONGEST_SYLLABLE, len(letters) - 1) + 1):
        cuts += [f"{letters[:end]} {rest}" for rest in _syllables(letters[end:], most - 1)]
    return cuts


def orders_numbered(term: str, orders: QuerySet[Order]) -> QuerySet[Order]:
    """Find orders by their number, in whatever case, or by the number of their member."""
    term = term.strip()
    if "\0" in term:
        return orders.none()
    # Looked up first: an OR across two tables would read every order.
    numbered = list(Member.objects.filter(member_no__in={term, term.upper()}))
    members = [one for member in numbered for one in families.ids_of(member)]
    return orders.annotate(number=Upper("order_no")).filter(Q(number=term.upper()) | Q(member_id__in=members))


@dataclass(frozen=True)
class Month:
    """What she bought in one calendar month: orders, and cents net of refunds."""

    first: date
    orders: int
    cents: int


@dataclass(frozen=True)
class BoughtOrder:
    """One of her orders with what went back of it."""

    order: Order
    refunds: Sequence[Refund]


@dataclass(frozen=True)
class MemberPage:
    """All that a member's page shows; orders are those within the reader's sight."""

    member: Member
    portrait: Portrait | None
    identities: list[tuple[str, str]]
    tags: list[str]
    changes: list[StageChange]
    orders: list[BoughtOrder]
    months: list[Month]

    @property
    def aov_cents(self) -> int | None:
        """Give the average order value of the year, None without an order."""
        if self.portrait is None or not self.portrait.frequency:
            return None
        return round(self.portrait.monetary_cents / self.portrait.frequency)


def may_ask_phone(member: Member, user: Any) -> bool:
    """Tell whether a person may ask for this member's whole phone."""
    return Member.objects.whose_phone_is_for(user).filter(pk=member.pk).exists()


def page_of(member: Member, *, user: Any, at: datetime) -> MemberPage:
    """Gather a person's page for a reader, as of an instant, from all the rows that are hers."""
    family = families.rows_of(member)
    orders = Order.objects.visible_to(user).filter(member__in=family)
    return MemberPage(
        member=member,
        portrait=getattr(member, "portrait", None),
        identities=[(row.get_kind_display(), hidden(row, masking.reader(user))) for row in _identities(member, family)],
        tags=sorted(set(MemberTag.objects.filter(member__in=family).values_list("tag__name", flat=True))),
        changes=list(StageChange.objects.filter(member=member).order_by("-changed_on", "-id")[:ORDERS_SHOWN]),
        orders=_last_orders(orders),
        months=_months(orders, clock.business_day(at)),
    )


def _identities(member: Member, family: QuerySet[Member]) -> QuerySet[Identity]:
    """Give what leads to her besides the phone she is shown with."""
    shown = Q(kind=Identity.Kind.PHONE, value=member.phone)
    return Identity.objects.filter(member__in=family).exclude(shown).order_by("kind", "id")


def hidden(identity: Identity | Claim, eyes: masking.Reader) -> str:
    """Show an identity with its middle hidden, or nothing of it."""
    return (eyes.phone if identity.kind == Identity.Kind.PHONE else eyes.value)(identity.value)


def _last_orders(orders: QuerySet[Order]) -> list[BoughtOrder]:
    back = Prefetch("refunds", Refund.objects.order_by("refunded_at", "id"))
    rows = orders.select_related("store", "channel", "scene").order_by("-paid_at", "-id").prefetch_related(back)
    return [BoughtOrder(order=row, refunds=list(row.refunds.all())) for row in rows[:ORDERS_SHOWN]]


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


def moves_known_until() -> date | None:
    """Tell the last day as of which stages were moved, None before the first time."""
    last = JournalEntry.objects.filter(name="members.stage.moved").order_by("-id").first()
    return date.fromisoformat(last.facts["as_of"]) if last else None


def is_trading() -> bool:
    """Tell whether any member or order is recorded."""
    return Member.objects.exists() or Order.objects.exists()
