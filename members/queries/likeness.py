"""What speaks for and against two members being one person, side by side."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Sum
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from members.models import Claim, Duplicate, Identity, Member, Order
from members.queries import families
from newretail.kernel import clock, masking, money


@dataclass(frozen=True)
class Likeness:
    """One thing told of both; `same` where both are known and equal."""

    what: str
    one: str
    other: str
    same: bool


def _row(what: str, one: object, other: object) -> Likeness:
    left, right = str(one or ""), str(other or "")
    return Likeness(what, left or "—", right or "—", bool(left) and left == right)


def _identities(member: Member, eyes: masking.Reader) -> str:
    rows = Identity.objects.filter(member__in=families.ids_of(member)).order_by("kind", "value")
    return " · ".join(_shown(row.kind, row.value, eyes) for row in rows)


def _shown(kind: str, value: str, eyes: masking.Reader) -> str:
    said = (eyes.phone if kind == Identity.Kind.PHONE else eyes.value)(value)
    return f"{dict(Identity.Kind.choices)[kind]} {said}"


def _bought(member: Member) -> dict[str, Any]:
    return Order.objects.filter(member__in=families.ids_of(member)).aggregate(
        orders=Count("pk"), cents=Sum(F("amount_cents") - F("refunded_cents")), last=Max("paid_at")
    )


def _told(member: Member, eyes: masking.Reader) -> dict[str, str]:
    bought = _bought(member)
    zone = clock.brand_zone()
    return {
        _("member no."): member.member_no,
        pgettext("of a person", "name"): eyes.called(member),
        _("gender"): str(member.get_gender_display()) if member.gender else "",
        _("birthday"): eyes.birthday(member) if member.birth_month else "",
        _("identities"): _identities(member, eyes),
        _("home store"): str(member.home_store or ""),
        _("level"): str(member.level or ""),
        _("joined at"): f"{member.joined_at.astimezone(zone):%Y-%m-%d}",
        _("orders"): str(bought["orders"] or ""),
        _("amount"): f"¥{money.to_yuan(bought['cents'])}" if bought["cents"] else "",
        _("last purchase"): f"{bought['last'].astimezone(zone):%Y-%m-%d}" if bought["last"] else "",
    }


def compared(one: Member, other: Member, user: Any) -> list[Likeness]:
    """Tell of two persons what is known of each, line by line, as far as this reader may see."""
    eyes = masking.reader(user)
    left, right = _told(one, eyes), _told(other, eyes)
    return [_row(what, left[what], right[what]) for what in left]


def contended(duplicate: Duplicate, user: Any) -> list[str]:
    """Say which identities of the one the other claims."""
    eyes = masking.reader(user)
    both = [*families.ids_of(duplicate.low), *families.ids_of(duplicate.high)]
    rows = Claim.objects.filter(member__in=both, state=Claim.State.PENDING).select_related("member")
    held = set(Identity.objects.filter(member__in=both).values_list("kind", "value"))
    return [
        _("%(member_no)s claims %(identity)s")
        % {"member_no": row.member.member_no, "identity": _shown(row.kind, row.value, eyes)}
        for row in rows.order_by("pk")
        if (row.kind, row.value) in held
    ]
