"""A coupon plan in words: what a customer reads on her coupon."""

from django.utils.translation import gettext as _

from members.models import CouponPlan
from newretail.kernel import numbers
from newretail.kernel.templatetags.people import money

MOST_NAMES = 5


def gives(plan: CouponPlan) -> str:
    """Say what a coupon gives."""
    if plan.kind == CouponPlan.Kind.AMOUNT:
        return _("%(amount)s off") % {"amount": money(plan.amount_cents)}
    if plan.kind == CouponPlan.Kind.PERCENT:
        said = _("%(rate)s off") % {"rate": numbers.percent(plan.off_bp / 10_000)}
        return said if plan.cap_cents is None else said + _(", at most %(cap)s") % {"cap": money(plan.cap_cents)}
    if plan.kind == CouponPlan.Kind.EXCHANGE:
        return _("exchange for %(product)s") % {"product": plan.product}
    return _("free shipping")


def condition(plan: CouponPlan) -> str:
    """Say from which purchase on."""
    if not plan.threshold_cents:
        return _("on any amount")
    return _("on %(least)s or more") % {"least": money(plan.threshold_cents)}


def when(plan: CouponPlan) -> str:
    """Say when it counts."""
    said = []
    if plan.first_on and plan.last_on:
        said.append(_("from %(first)s to %(last)s") % {"first": plan.first_on, "last": plan.last_on})
    elif plan.last_on:
        said.append(_("until %(last)s") % {"last": plan.last_on})
    elif plan.first_on:
        said.append(_("from %(first)s on") % {"first": plan.first_on})
    if plan.days_valid:
        said.append(_("for %(days)s days from issue") % {"days": plan.days_valid})
    return _(", ").join(said)


def where(plan: CouponPlan) -> list[str]:
    """Say what it is confined to, a line for each kind of place or goods; nothing where it counts everywhere."""
    confined = (
        (_("Stores: %(names)s"), [*plan.regions.get_queryset(), *plan.stores.get_queryset()]),
        (_("Products: %(names)s"), [*plan.categories.get_queryset(), *plan.products.get_queryset()]),
        (_("Channels: %(names)s"), [*plan.channels.get_queryset()]),
    )
    return [said % {"names": _listed([str(each) for each in rows])} for said, rows in confined if rows]


def _listed(names: list[str]) -> str:
    shown = _(", ").join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else _("%(names)s and others") % {"names": shown}


def lines(plan: CouponPlan) -> list[str]:
    """Say all a customer reads, line by line."""
    limit = _("At most %(most)s for each member.") % {"most": plan.per_member} if plan.per_member else ""
    back = _("Comes back when the purchase is refunded.") if plan.comes_back else ""
    rules = [
        f"{gives(plan)}{_(', ')}{condition(plan)}", when(plan), *where(plan), plan.get_stacks_display(), limit, back,
        plan.terms,
    ]  # fmt: skip
    return [each for each in rules if each]
