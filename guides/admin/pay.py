"""What lists of pay share: whose a row is, why an entry is what it is, how they are narrowed, what is done by hand."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from guides.models import CommissionEntry
from guides.models.credits import WHOLE_BP
from guides.models.levels import SERVES
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Opening, Pick, Written
from stores.models import Post, Store

FACTORS = {"goods_bp": _("goods"), "channel_bp": _("channel"), "fresh_bp": _("first purchase")}
OPENINGS = (
    Opening(_("Adjust commission"), "admin:guides_commissionentry_adjust"),
    Opening(_("Write off a debt"), "admin:guides_commissionentry_write_off"),
)


class ServesPick(Pick):
    """By a store in which the person serves or served, within sight."""

    title, parameter_name, person = _("store"), "store", "account__user"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the stores this person may see."""
        rows = Store.objects.visible_to(request.user).order_by("name").values_list("pk", "name")
        return [(str(pk), name) for pk, name in rows]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep the rows of who serves there."""
        there = Post.objects.filter(store_id=value, role__in=SERVES).order_by().values("user_id")
        return queryset.filter(**{f"{self.person}__in": there})


class PersonWritten(Written):
    """Of one person, by her number."""

    title, parameter = _("staff no."), "staff"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep hers."""
        if not self.says:
            return queryset
        return queryset.filter(
            Q(account__user__staff_no=self.says)
            | Q(account__user__staff_no__isnull=True, account__user__username=self.says)
        )


def who(row: Any) -> str:
    """Name the person of a statement, an entry, an account."""
    return str(getattr(row, "account", row).user)


def number_of(row: Any) -> str:
    """Give the number of the person of a statement, an entry, an account."""
    user = getattr(row, "account", row).user
    return str(user.staff_no or user.username)


def percent(basis_points: int) -> str:
    """Write basis points as percent, no more decimals than there are: 350 → 3.5 %."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".") + " %"


def why(entry: CommissionEntry) -> str:
    """Say what an entry was reckoned from: base × rate × share, and what the rate is made of; else its reason."""
    if not entry.rate_bp:
        base = f"{_now('base')} {people.money(entry.base_cents)}" if entry.base_cents else ""
        return entry.reason or base
    parts = [f"{people.money(entry.base_cents)} × {percent(entry.rate_bp)} × {percent(entry.share_bp)}"]
    if entry.level:
        parts.append(_now("level %(level)s") % {"level": entry.level})
    if entry.policy:
        parts.append(_now("scheme, version %(version)s") % {"version": entry.policy.version})
    if entry.kind == CommissionEntry.Kind.ACCRUE:
        held = {label: getattr(entry, name) for name, label in FACTORS.items()}
        parts += [f"{label} {percent(bp)}" for label, bp in held.items() if bp != WHOLE_BP]
    return " · ".join(parts)
