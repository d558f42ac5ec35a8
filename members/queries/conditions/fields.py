"""What conditions may ask of a member: each field with its kind, its SQL, and what it may be narrowed by.

A field is a column beside the member `m`, or a measure over her orders or their lines; money is cents inside and yuan
in a condition. What is not known of her answers no question: only `none_of` holds then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.models.portraits import Group, Relationship, Stage

Kind = Literal["number", "money", "choice", "named", "flag", "tags"]
Over = Literal["member", "orders", "lines", "tags"]
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "number": ("at_least", "at_most", "is", "between"),
    "money": ("at_least", "at_most", "is", "between"),
    "choice": ("one_of", "none_of"),
    "named": ("one_of", "none_of"),
    "flag": ("is",),
    "tags": ("any_of", "all_of", "none_of"),
}
OPERATOR_WORDS: dict[str, Any] = {
    "at_least": _("at least"), "at_most": _("at most"), "is": _("is"), "between": _("between"),
    "one_of": _("is one of"), "none_of": _("is none of"), "any_of": _("any of"), "all_of": _("all of"),
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """Things that conditions call by their names: where these stand, and what they are called together."""

    table: str
    column: str
    word: Any


NAMED: dict[str, Named] = {
    "stores": Named("stores_store", "code", _("stores")),
    "regions": Named("stores_region", "name", _("regions")),
    "channels": Named("stores_channel", "code", _("channels")),
    "skus": Named("stores_product", "sku", _("products")),
    "categories": Named("stores_category", "name", _("categories")),
    "levels": Named("members_level", "code", _("levels")),
    "tags": Named("members_tag", "name", _("tags")),
}
OF_ORDERS = ("days", "channels", "stores")
OF_LINES = (*OF_ORDERS, "skus", "categories")


@dataclass(frozen=True)
class Field:
    """One question: `value` is a column beside the member, or an aggregate over what `over` names."""

    name: str
    word: Promise
    kind: Kind
    value: str
    over: Over = "member"
    choices: Sequence[tuple[str, Any]] = ()
    named: str = ""
    narrows: tuple[str, ...] = ()
    zero: bool = True

    @property
    def operators(self) -> tuple[str, ...]:
        """List the operators it takes."""
        return OPERATORS[self.kind]


AGE = (
    "CASE WHEN m.birth_month IS NOT NULL THEN extract(year FROM %(today)s::date)::int - m.birth_year"
    " - ((m.birth_month, m.birth_day)"
    " > (extract(month FROM %(today)s::date), extract(day FROM %(today)s::date)))::int END"
)
JOINED = "(m.joined_at AT TIME ZONE %(zone)s)::date"
_LIST: tuple[Field, ...] = (
    Field("portrait.r", _("R score"), "number", "p.r"),
    Field("portrait.f", _("F score"), "number", "p.f"),
    Field("portrait.m", _("M score"), "number", "p.m"),
    Field("portrait.group", _("RFM group"), "choice", 'nullif(p."group", \'\')', choices=Group.choices),
    Field("portrait.stage", _("lifecycle stage"), "choice", "nullif(p.stage, '')", choices=Stage.choices),
    Field("portrait.relationship", _("relationship"), "choice", "p.relationship", choices=Relationship.choices),
    Field("portrait.super", _("super customer"), "flag", "coalesce(p.is_super, false)"),
    Field("portrait.frequency", _("purchases in a year"), "number", "coalesce(p.frequency, 0)"),
    Field("portrait.monetary", _("amount in a year"), "money", "coalesce(p.monetary_cents, 0)"),
    Field("portrait.last_days", _("days since the last purchase"), "number", "(%(today)s::date - p.last_day)"),
    Field("orders.count", _("number of orders"), "number", "count(*)", "orders", narrows=OF_ORDERS),
    Field(
        "orders.amount", _("amount of orders"), "money", "sum(o.amount_cents - o.refunded_cents)", "orders",
        narrows=OF_ORDERS,
    ),
    Field(
        "orders.aov", _("average order value"), "money", "sum(o.amount_cents - o.refunded_cents)::bigint / count(*)",
        "orders", narrows=OF_ORDERS, zero=False,
    ),
    Field("bought.times", _("orders with the product"), "number", "count(DISTINCT o.id)", "lines", narrows=OF_LINES),
    Field("bought.pieces", _("pieces bought"), "number", "sum(l.quantity)", "lines", narrows=OF_LINES),
    Field("member.age", _("age"), "number", AGE),
    Field("member.gender", _("gender"), "choice", "nullif(m.gender, '')", choices=Member.Gender.choices[1:]),
    Field("member.birth_month", _("month of birth"), "number", "m.birth_month"),
    Field("member.level", _("level"), "named", "v.code", named="levels"),
    Field("member.store", _("home store"), "named", "h.code", named="stores"),
    Field("member.region", _("home region"), "named", "g.name", named="regions"),
    Field("member.joined_days", _("days since joining"), "number", f"(%(today)s::date - {JOINED})"),
    Field("member.source", _("joined by"), "named", "nullif(m.source, '')"),
    Field("tags", _("tags"), "tags", "", "tags", named="tags"),
)  # fmt: skip
FIELDS: dict[str, Field] = {field.name: field for field in _LIST}
