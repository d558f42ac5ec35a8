"""What the members' floor offers to ask: who she is, what she bought, holds, carries, allowed, did and was told."""

from django.utils.translation import gettext_lazy as _

from members.models import Identity, Member
from members.models.consents import CHANNELS, TOUCHING
from members.models.portraits import Group, Relationship, Stage
from members.queries.conditions.fields import WINDOW, Field, Source, add

PROFILE, STANDING, BUYING = _("who she is"), _("portrait"), _("orders")
GOODS, HOLDING, DOING = _("products bought"), _("points and coupons"), _("events and touches")
ALLOWING, CARRYING, PLACES = _("identities and consents"), _("tags and level"), _("stores and distance")

AGE = (
    "CASE WHEN m.birth_month IS NOT NULL THEN extract(year FROM %(today)s::date)::int - m.birth_year"
    " - ((m.birth_month, m.birth_day)"
    " > (extract(month FROM %(today)s::date), extract(day FROM %(today)s::date)))::int END"
)
JOINED = "(m.joined_at AT TIME ZONE %(zone)s)::date"
PAID = "(o.paid_at AT TIME ZONE %(zone)s)::date"
MONTHS = (
    "(extract(year FROM age(%(today)s::date, p.last_day)) * 12"
    " + extract(month FROM age(%(today)s::date, p.last_day)))::int"
)
# Great circle on a sphere of 6 371 km (haversine); a member stands where her home store does.
KM = """
(SELECT min(2 * 6371 * asin(least(1, sqrt(power(sin(radians(h.latitude - s.latitude) / 2), 2)
   + cos(radians(s.latitude)) * cos(radians(h.latitude)) * power(sin(radians(h.longitude - s.longitude) / 2), 2)))))
 FROM stores_store s WHERE s.code = ANY({near}))
"""
STAGE_THEN = """
(SELECT c.to_stage FROM members_stagechange c WHERE c.member_id = m.id AND c.changed_on <= %(today)s
 ORDER BY c.changed_on DESC, c.id DESC LIMIT 1)
"""
LEVEL_THEN = """
(SELECT l.code FROM members_levelmove c JOIN members_level l ON l.id = c.to_level_id
 WHERE c.member_id = m.id AND c.moved_on <= %(today)s ORDER BY c.moved_on DESC, c.id DESC LIMIT 1)
"""

ORDER_WORDS = {
    "channels": "o.channel_id IN (SELECT id FROM stores_channel WHERE code = ANY({a}))",
    "scenes": "o.scene_id IN (SELECT id FROM stores_scene WHERE code = ANY({a}))",
    "stores": "o.store_id IN (SELECT id FROM stores_store WHERE code = ANY({a}))",
}
LINE_WORDS = {
    "skus": "d.sku = ANY({a})",
    "categories": "d.category_id IN (SELECT id FROM stores_category WHERE name = ANY({a}))",
}
# What was given back whole counts in nothing.
KEPT = "NOT ({refunded} > 0 AND {refunded} >= o.amount_cents)"
KEPT_LINE = f"""
{KEPT} AND NOT ({{refunded}} > 0 AND l.amount_cents > 0 AND l.amount_cents <= coalesce((
  SELECT sum(f.amount_cents) FROM members_refund f WHERE f.order_id = o.id AND f.line_no = l.line_no{{known}}), 0))
"""
# Of each channel and purpose she spoke of, what she said last.
SAID = """
(SELECT DISTINCT ON (coalesce(x.merged_into_id, x.id), c.channel, c.purpose)
   coalesce(x.merged_into_id, x.id) AS member_id, c.channel || ':' || c.purpose AS what, c.given
 FROM members_consent c JOIN members_member x ON x.id = c.member_id WHERE c.stated_at < %(until)s {among}
 ORDER BY coalesce(x.merged_into_id, x.id), c.channel, c.purpose, c.stated_at DESC, c.given, c.id DESC) c
"""
CARRIED_THEN = """
(SELECT DISTINCT ON (c.member_id, c.tag_id) c.member_id, c.tag_id, c.kind FROM members_tagmove c
 WHERE c.moved_at < %(until)s {among} ORDER BY c.member_id, c.tag_id, c.id DESC) k JOIN members_tag w ON w.id = k.tag_id
"""
BIRTHDAYS = """
members_member b JOIN unnest({calendars}::text[], {months}::int[], {days}::int[], {ahead}::int[])
  d (calendar, month, day, ahead)
ON d.calendar = b.birthday_calendar AND d.month = b.birth_month AND d.day = b.birth_day AND b.merged_into_id IS NULL
"""
WENT_OUT = "('sent', 'delivered', 'opened', 'clicked', 'replied', 'converted')"
OPENED = "('opened', 'clicked', 'replied', 'converted')"
TOUCH_WORDS = {
    "touch_channels": "t.channel = ANY({a})", "purposes": "t.purpose = ANY({a})", "sources": "t.source = ANY({a})",
}  # fmt: skip
SOURCES = {
    "orders": Source("members_order o", "o.member_id", "o.paid_at", KEPT, ORDER_WORDS),
    "lines": Source(
        "members_order o JOIN members_orderline l ON l.order_id = o.id JOIN stores_product d ON d.id = l.product_id",
        "o.member_id", "o.paid_at", KEPT_LINE, {**ORDER_WORDS, **LINE_WORDS},
    ),
    "tags": Source(
        "members_membertag k JOIN members_tag w ON w.id = k.tag_id", "k.member_id",
        counts="(k.expires_on IS NULL OR k.expires_on > %(today)s)",
        past=Source(CARRIED_THEN, "k.member_id", counts="k.kind = 'added'", inner="c.member_id"),
    ),
    "identities": Source("members_identity i", "i.member_id"),
    "allowed": Source(SAID, "c.member_id", counts="c.given", inner="c.member_id"),
    "withdrawn": Source(SAID, "c.member_id", counts="NOT c.given", inner="c.member_id"),
    "points": Source(
        "members_pointsaccount a", "a.member_id",
        past=Source("members_pointsentry e JOIN members_pointsaccount a ON a.id = e.account_id", "a.member_id",
                    "e.made_at"),
    ),
    "lots": Source(
        "members_pointslot t JOIN members_pointsaccount a ON a.id = t.account_id", "a.member_id",
        counts="t.remaining > 0 AND t.state = 'open' AND t.expires_on > %(today)s",
        narrows={"ahead": "t.expires_on <= %(today)s::date + {a}::int"},
    ),
    "coupons": Source(
        "members_coupon c JOIN members_couponplan p ON p.id = c.plan_id", "c.member_id",
        counts="c.state IN ('issued', 'locked') AND c.valid_until > %(until)s",
    ),
    "redeemed": Source(
        "members_coupon c JOIN members_couponplan p ON p.id = c.plan_id", "c.member_id", "c.redeemed_at",
        "c.state = 'redeemed'",
        {"plans": "p.code = ANY({a})", "stores": "c.store_id IN (SELECT id FROM stores_store WHERE code = ANY({a}))"},
    ),
    "events": Source(
        "members_event e", "e.member_id", "e.happened_at",
        narrows={"kinds": "e.kind = ANY({a})", "subjects": "e.subject = ANY({a})"},
    ),
    "touches": Source("members_touch t", "t.member_id", "t.settled_at", f"t.state IN {WENT_OUT}", TOUCH_WORDS),
    "openings": Source("members_touch t", "t.member_id", "t.settled_at", f"t.state IN {OPENED}", TOUCH_WORDS),
    "birthdays": Source(BIRTHDAYS, "b.id"),
}  # fmt: skip
NET = "sum(o.amount_cents - {refunded})"
OF_ORDERS = (*WINDOW, *ORDER_WORDS)
OF_LINES = (*OF_ORDERS, *LINE_WORDS)
OF_TOUCHES = (*WINDOW, *TOUCH_WORDS)
SPOKEN = [
    (f"{channel.value}:{purpose.value}", f"{channel.label} · {purpose.label}")
    for channel in CHANNELS
    for purpose in TOUCHING
]
KNOWN = "({} <> '')"

add(
    Field("member.gender", _("gender"), "choice", "nullif(m.gender, '')", group=PROFILE,
          choices=Member.Gender.choices[1:], dated=True),
    Field("member.age", _("age"), "number", AGE, group=PROFILE, dated=True),
    Field("member.birth_month", _("month of birth"), "number", "m.birth_month", group=PROFILE, dated=True),
    Field("member.birthday_in", _("days until her birthday"), "number", "min(d.ahead)", "birthdays", PROFILE,
          zero=False, dated=True),
    Field("member.joined_days", _("days since joining"), "number", f"(%(today)s::date - {JOINED})", group=PROFILE,
          dated=True),
    Field("member.joined_on", _("joined on"), "date", JOINED, group=PROFILE, dated=True),
    Field("member.source", _("joined by"), "named", "nullif(m.source, '')", group=PROFILE, dated=True),
    Field("member.has_name", _("her name is known"), "flag", KNOWN.format("m.name"), group=PROFILE),
    Field("member.has_phone", _("her phone is known"), "flag", KNOWN.format("m.phone"), group=PROFILE),
    Field("member.has_birthday", _("her birthday is known"), "flag", "(m.birth_month IS NOT NULL)", group=PROFILE),
    Field("member.store", _("home store"), "named", "h.code", group=PLACES, named="stores"),
    Field("member.region", _("home region"), "named", "g.name", group=PLACES, named="regions"),
    Field("member.km", _("km from her home store"), "number", KM, group=PLACES, narrows=("near",), needs="near"),
    Field("identities", _("identities"), "set", "i.kind", "identities", ALLOWING, choices=Identity.Kind.choices),
    Field("consents.allowed", _("she allowed"), "set", "c.what", "allowed", ALLOWING, choices=SPOKEN, dated=True),
    Field("consents.withdrawn", _("she withdrew"), "set", "c.what", "withdrawn", ALLOWING, choices=SPOKEN, dated=True),
    Field("tags", _("tags"), "set", "w.name", "tags", CARRYING, named="tags", dated=True),
    Field("member.level", _("level"), "named", "v.code", group=CARRYING, named="levels", dated=True, past=LEVEL_THEN),
    Field("portrait.stage", _("lifecycle stage"), "choice", "nullif(p.stage, '')", group=STANDING,
          choices=Stage.choices, dated=True, past=STAGE_THEN),
    Field("portrait.stage_days", _("days in this stage"), "number", "(%(today)s::date - p.stage_since)",
          group=STANDING),
    Field("portrait.last_days", _("days since the last purchase"), "number", "(%(today)s::date - p.last_day)",
          group=STANDING),
    Field("portrait.last_months", _("full months since the last purchase"), "number", MONTHS, group=STANDING),
    Field("portrait.relationship", _("relationship"), "choice", "p.relationship", group=STANDING,
          choices=Relationship.choices),
    Field("portrait.super", _("super customer"), "flag", "coalesce(p.is_super, false)", group=STANDING),
    Field("portrait.group", _("RFM group"), "choice", 'nullif(p."group", \'\')', group=STANDING,
          choices=Group.choices),
    Field("portrait.r", _("R score"), "number", "p.r", group=STANDING),
    Field("portrait.f", _("F score"), "number", "p.f", group=STANDING),
    Field("portrait.m", _("M score"), "number", "p.m", group=STANDING),
    Field("portrait.frequency", _("purchases in a year"), "number", "coalesce(p.frequency, 0)", group=STANDING),
    Field("portrait.monetary", _("amount in a year"), "money", "coalesce(p.monetary_cents, 0)", group=STANDING),
    Field("orders.count", _("number of orders"), "number", "count(*)", "orders", BUYING, narrows=OF_ORDERS, dated=True),
    Field("orders.amount", _("amount of orders"), "money", NET, "orders", BUYING, narrows=OF_ORDERS, dated=True),
    Field("orders.aov", _("average order value"), "money", f"{NET}::bigint / count(*)", "orders", BUYING,
          narrows=OF_ORDERS, zero=False, dated=True),
    Field("orders.first_on", _("first purchase"), "date", f"min({PAID})", "orders", BUYING, narrows=OF_ORDERS,
          zero=False, dated=True),
    Field("orders.last_on", _("last purchase"), "date", f"max({PAID})", "orders", BUYING, narrows=OF_ORDERS,
          zero=False, dated=True),
    Field("orders.first_days", _("days since the first purchase"), "number", f"(%(today)s::date - min({PAID}))",
          "orders", BUYING, narrows=OF_ORDERS, zero=False, dated=True),
    Field("orders.last_days", _("days since she last bought"), "number", f"(%(today)s::date - max({PAID}))",
          "orders", BUYING, narrows=OF_ORDERS, zero=False, dated=True),
    Field("bought.times", _("orders with the product"), "number", "count(DISTINCT o.id)", "lines", GOODS,
          narrows=OF_LINES, dated=True),
    Field("bought.pieces", _("pieces bought"), "number", "sum(l.quantity)", "lines", GOODS, narrows=OF_LINES,
          dated=True),
    Field("points.balance", _("points"), "number", "sum(a.balance)", "points", HOLDING, dated=True,
          past="sum(e.points)"),
    Field("points.expiring", _("points that run out"), "number", "sum(t.remaining)", "lots", HOLDING,
          narrows=("ahead",)),
    Field("coupons.held", _("coupons in hand"), "set", "p.code", "coupons", HOLDING, named="plans"),
    Field("coupons.redeemed", _("coupons redeemed"), "number", "count(*)", "redeemed", HOLDING,
          narrows=(*WINDOW, "plans", "stores")),
    Field("events.count", _("number of events"), "number", "count(*)", "events", DOING,
          narrows=(*WINDOW, "kinds", "subjects"), dated=True),
    Field("touches.sent", _("times she was reached"), "number", "count(*)", "touches", DOING, narrows=OF_TOUCHES),
    Field("touches.opened", _("touches she opened"), "number", "count(*)", "openings", DOING, narrows=OF_TOUCHES),
    sources=SOURCES,
)  # fmt: skip
