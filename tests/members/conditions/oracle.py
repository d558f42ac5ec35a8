"""Conditions judged naively: everything read into Python, one member at a time, nothing shared with the product."""

from datetime import date, timedelta
from decimal import Decimal

from members.models import Member, MemberTag, Order, Portrait
from newretail.kernel import clock


def orders(member, as_of, asked):
    """Her orders before the day that were not given back whole, narrowed."""
    found = []
    for order in Order.objects.select_related("channel", "store").filter(member=member):
        day = clock.business_day(order.paid_at)
        whole = order.refunded_cents > 0 and order.refunded_cents >= order.amount_cents
        if day >= as_of or whole or ("days" in asked and day < as_of - timedelta(days=asked["days"])):
            continue
        if "channels" in asked and order.channel.code not in asked["channels"]:
            continue
        if "stores" in asked and (order.store is None or order.store.code not in asked["stores"]):
            continue
        found.append(order)
    return found


def lines(member, as_of, asked):
    """Lines of those orders that were not given back."""
    found = []
    for order in orders(member, as_of, asked):
        for line in order.lines.select_related("product__category"):
            back = sum(refund.amount_cents for refund in order.refunds.all() if refund.line_no == line.line_no)
            if order.refunded_cents and line.amount_cents and back >= line.amount_cents:
                continue
            if "skus" in asked and line.product.sku not in asked["skus"]:
                continue
            if "categories" in asked and (
                line.product.category is None or line.product.category.name not in asked["categories"]
            ):
                continue
            found.append(line)
    return found


def age(member, today):
    if not (member.birth_year and member.birth_month):
        return None
    years = today.year - member.birth_year
    return years - 1 if (member.birth_month, member.birth_day) > (today.month, today.day) else years


def value(member, name, as_of, asked):
    """Her value of a field; None where it is not known."""
    portrait = Portrait.objects.filter(member=member).first()
    store = member.home_store
    bought = orders(member, as_of, asked)
    net = sum(order.amount_cents - order.refunded_cents for order in bought)
    return {
        "portrait.r": lambda: portrait.r if portrait else None,
        "portrait.stage": lambda: (portrait.stage or None) if portrait else None,
        "portrait.frequency": lambda: portrait.frequency if portrait else 0,
        "portrait.super": lambda: bool(portrait and portrait.is_super),
        "orders.count": lambda: len(bought),
        "orders.amount": lambda: net,
        "orders.aov": lambda: net // len(bought) if bought else None,
        "bought.times": lambda: len({line.order_id for line in lines(member, as_of, asked)}),
        "bought.pieces": lambda: sum(line.quantity for line in lines(member, as_of, asked)),
        "member.age": lambda: age(member, as_of),
        "member.gender": lambda: member.gender or None,
        "member.birth_month": lambda: member.birth_month,
        "member.store": lambda: store.code if store else None,
        "member.region": lambda: store.region.name if store and store.region else None,
        "member.joined_days": lambda: (as_of - clock.business_day(member.joined_at)).days,
        "tags": lambda: {
            link.tag.name for link in MemberTag.objects.select_related("tag").filter(member=member)
            if link.expires_on is None or link.expires_on > as_of
        },
    }[name]()  # fmt: skip


def holds(raw, member, as_of: date) -> bool:
    """Tell whether a tree, as JSON, holds of her."""
    for kind, judge in (("all", all), ("any", any), ("none", lambda held: not any(held))):
        if kind in raw:
            return judge([holds(part, member, as_of) for part in raw[kind]])
    found, given, op = value(member, raw["field"], as_of, raw), raw["value"], raw["op"]
    if raw["field"] in ("orders.amount", "orders.aov"):
        given = [int(Decimal(g) * 100) for g in given] if isinstance(given, list) else int(Decimal(given) * 100)
    if raw["field"] == "tags":
        return {"any_of": bool(found & set(given)), "all_of": set(given) <= found, "none_of": not found & set(given)}[
            op
        ]
    if op == "none_of":
        return found not in given
    if found is None:
        return False
    if op == "between":
        return given[0] <= found <= given[1]
    return {"at_least": lambda: found >= given, "at_most": lambda: found <= given, "is": lambda: found == given,
            "one_of": lambda: found in given}[op]()  # fmt: skip


def whom(raw, as_of):
    """Number the members a tree holds of."""
    return sorted(m.member_no for m in Member.objects.select_related("home_store__region") if holds(raw, m, as_of))
