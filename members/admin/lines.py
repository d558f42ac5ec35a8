"""The entries of a timeline in words: one readable line each, with a picture, an amount, and a way to its row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from members.models import (
    BenefitKind,
    Claim,
    Coupon,
    Duplicate,
    GiftOrder,
    GuardianConsent,
    Identity,
    LevelMove,
    PersonRequest,
    PhoneReveal,
    PointsEntry,
    Purpose,
    Source,
    TagMove,
    TagSource,
    Touch,
    TouchChannel,
)  # fmt: skip
from members.models.member import TONES
from members.models.portraits import Stage
from members.queries.timeline.stretch import Entry
from newretail.kernel import clock, scopes, words
from newretail.kernel.masking import eyes
from newretail.kernel.scopes import Resource
from newretail.kernel.templatetags.people import money

Facts = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What is said of an entry: its sentence, what stands smaller behind it, its amount with a tone, a tag's colour."""

    text: str
    beside: tuple[str, ...] = ()
    amount: str = ""
    tone: str = ""
    colour: str = ""


@dataclass(frozen=True)
class Line:
    """An entry as it is drawn; `moment` is empty for what is known by its day alone."""

    kind: str
    icon: str
    day: date
    moment: datetime | None
    said: Said
    link: str

    @property
    def beside(self) -> str:
        """Write what stands behind the sentence."""
        return " · ".join(part for part in self.said.beside if part)


def _by(facts: Facts) -> str:
    if facts.get("by_id") is None:
        return ""
    return eyes().staff(facts["by"] or "", facts["by_no"] or "", facts["by_id"])


def _own(reason: str) -> str:
    """Give what somebody wrote in her own words: it may name a person."""
    return reason if eyes().sees_people else ""


def _signed(number: int) -> tuple[str, str]:
    return f"{number:+,}", "up" if number > 0 else "down"


def _level(facts: Facts) -> Said:
    why = str(LevelMove.Reason(facts["reason"]).label)
    text = _("Level %(before)s → %(after)s") if facts["from"] else _("First level: %(after)s")
    growth = _("growth %(growth)s") % {"growth": f"{facts['growth']:,}"}
    return Said(text % {"before": facts["from"], "after": facts["to"]}, (why if facts["from"] else "", growth))


def _growth(facts: Facts) -> Said:
    return Said(_("Growth adjusted"), (_own(facts["reason"]), _by(facts)), *_signed(facts["growth"]))


def _gift(facts: Facts) -> Said:
    amount = _signed(facts["points"]) if facts["points"] else ("", "")
    return Said(str(capfirst(BenefitKind(facts["kind"]).label)), (facts["level"],), *amount)


def _use(facts: Facts) -> Said:
    name = words.in_words(facts["name"]) if facts["name"] not in BenefitKind else BenefitKind(facts["name"]).label
    return Said((_("Benefit given back: %(name)s") if facts["back"] else _("Benefit used: %(name)s")) % {"name": name})


def _coupon_used(facts: Facts) -> Said:
    amount = f"-{money(facts['cents'])}" if facts["cents"] else ""
    return Said(_("Coupon redeemed: %(plan)s") % facts, (facts["store"] or "",), amount)


def _coupon(facts: Facts) -> Said:
    return Said(_("Coupon received: %(plan)s") % facts, (str(Coupon.State(facts["state"]).label),))


def _gift_order(facts: Facts) -> Said:
    state = GiftOrder.State(facts["state"]).label
    return Said(_("Gift ordered: %(gift)s") % facts, (facts["store"], str(state)))


def _points(facts: Facts) -> Said:
    kind = PointsEntry.Kind(facts["kind"]).label
    pending = _("pending %(points)s") % {"points": f"{facts['pending']:+,}"} if facts["pending"] else ""
    owed = _("owed %(points)s") % {"points": f"{facts['owed']:+,}"} if facts["owed"] else ""
    many = _("%(number)s bookings") % {"number": f"{facts['many']:,}"}
    number = many if facts["many"] > 1 else f"{words.in_words(facts['source'])} {facts['no']}"
    amount = _signed(facts["points"]) if facts["points"] else ("", "")
    return Said(_("Points %(kind)s") % {"kind": kind}, (pending, owed, number, _own(facts["reason"])), *amount)


def _refund(facts: Facts) -> Said:
    many = _("%(number)s refunds that day") % {"number": f"{facts['many']:,}"} if facts["many"] > 1 else ""
    return Said(_("Refund of order %(no)s") % facts, (many,), f"-{money(facts['cents'])}", "down")


def _order(facts: Facts) -> Said:
    where = (facts["store"] or "", words.named(facts["channel"], facts["channel_name"]))
    return Said(_("Order %(no)s") % facts, where, money(facts["cents"]))


def _tag(facts: Facts) -> Said:
    said = {
        "added": _("Tag put on: %(tag)s"),
        "removed": _("Tag taken off: %(tag)s"),
        "expired": _("Tag ran out: %(tag)s"),
    }
    source = "" if facts["kind"] == TagMove.Kind.EXPIRED else str(TagSource(facts["source"]).label)
    return Said(said[facts["kind"]] % facts, (source, _by(facts)), colour=facts["colour"] or TONES[facts["family"]])


def _consent(facts: Facts) -> Said:
    text = _("Consent given: %(purpose)s") if facts["given"] else _("Consent withdrawn: %(purpose)s")
    channel, source = TouchChannel(facts["channel"]).label, Source(facts["source"]).label
    return Said(text % {"purpose": Purpose(facts["purpose"]).label}, (str(channel), str(source)))


def _guardian(facts: Facts) -> Said:
    text = _("A guardian agreed") if facts["given"] else _("A guardian does not agree any more")
    return Said(text, (str(GuardianConsent.Relation(facts["relation"]).label),))


def _touch(facts: Facts) -> Said:
    text = _("Touch: %(channel)s") % {"channel": TouchChannel(facts["channel"]).label}
    reason = Touch.Reason(facts["reason"]).label if facts["reason"] else ""
    return Said(text, (str(Purpose(facts["purpose"]).label), str(Touch.State(facts["state"]).label), str(reason)))


def _event(facts: Facts) -> Said:
    return Said(capfirst(words.in_words(facts["kind"])), (facts["subject"], words.in_words(facts["source"])))


def _stage(facts: Facts) -> Said:
    text = _("Stage %(before)s → %(after)s") if facts["from"] else _("Stage: %(after)s")
    return Said(text % {"before": facts["from"] and Stage(facts["from"]).label, "after": Stage(facts["to"]).label})


def _merge(facts: Facts) -> Said:
    return Said(_("Member no. %(no)s was merged") % facts, (str(Duplicate.Rule(facts["rule"]).label), _by(facts)))


def _undone(facts: Facts) -> Said:
    return Said(_("The merge of member no. %(no)s was undone") % facts, (_by(facts),))


def _claim(facts: Facts) -> Said:
    text = _("Claim: %(kind)s") % {"kind": Identity.Kind(facts["kind"]).label}
    return Said(text, (str(Claim.State(facts["state"]).label),))


def _request(facts: Facts) -> Said:
    text = _("Request: %(kind)s") % {"kind": PersonRequest.Kind(facts["kind"]).label}
    return Said(text, (str(PersonRequest.State(facts["state"]).label),))


def _reveal(facts: Facts) -> Said:
    return Said(_("The whole phone was shown"), (str(PhoneReveal.Reason(facts["reason"]).label), _by(facts)))


def _joined(facts: Facts) -> Said:
    return Said(_("Joined as member no. %(no)s") % facts, (words.in_words(facts["source"]),))


@dataclass(frozen=True)
class Look:
    """How the entries of a strand are drawn: picture, words, and the page of the row, seen by a right of its own."""

    icon: str
    say: Callable[[Facts], Said]
    page: str = ""
    resource: Resource | None = None
    fact: str = ""  # which of the facts names the row of the page; none: the entry itself


LOOKS: dict[str, Look] = {
    "level": Look("military_tech", _level, "members_levelmove_change", "benefits"),
    "growth": Look("trending_up", _growth, "members_growthadjustment_change", "benefits"),
    "gift": Look("redeem", _gift),
    "use": Look("workspace_premium", _use),
    "coupon_used": Look("local_activity", _coupon_used, "members_coupon_change", "coupons"),
    "coupon": Look("confirmation_number", _coupon, "members_coupon_change", "coupons"),
    "gift_order": Look("card_giftcard", _gift_order),
    "points": Look("toll", _points, "members_pointsentry_change", "points"),
    "refund": Look("assignment_return", _refund, "members_order_change", "orders", "order"),
    "order": Look("shopping_bag", _order, "members_order_change", "orders"),
    "tag": Look("sell", _tag),
    "consent": Look("verified_user", _consent, "members_consent_change", "consents"),
    "guardian": Look("family_restroom", _guardian),
    "touch": Look("outgoing_mail", _touch, "members_touch_change", "touches"),
    "event": Look("ads_click", _event, "members_event_change", "events"),
    "stage": Look("autorenew", _stage),
    "undone": Look("call_split", _undone, "members_merge_change", "duplicates", "merge"),
    "merge": Look("merge", _merge, "members_merge_change", "duplicates"),
    "claim": Look("contact_mail", _claim, "members_claim_change", "duplicates"),
    "request": Look("contact_support", _request, "members_personrequest_change", "persons"),
    "reveal": Look("visibility", _reveal, "members_phonereveal_change", "phone_reveals"),
    "joined": Look("person_add", _joined),
}


def line(entry: Entry, user: Any) -> Line:
    """Say an entry, for somebody who may see it."""
    look = LOOKS[entry.strand]
    link = ""
    if look.resource and scopes.may(user, look.resource):
        link = reverse(f"admin:{look.page}", args=[entry.facts[look.fact] if look.fact else entry.id])
    day = clock.business_day(entry.at)
    return Line(entry.kind, look.icon, day, None if entry.is_day else entry.at, look.say(entry.facts), link)
