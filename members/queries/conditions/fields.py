"""What conditions are made of: kinds of questions and their comparisons, where answers stand, the fields offered.

A field is a column beside the member `m`, or a measure over rows of a source; money is cents inside and yuan in a
condition. What is not known of her answers no question: only `none_of` holds then. Higher floors add fields of theirs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.consents import CHANNELS, TOUCHING

Kind = Literal["number", "money", "date", "choice", "named", "flag", "set"]
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "number": ("at_least", "at_most", "is", "between"),
    "money": ("at_least", "at_most", "is", "between"),
    "date": ("on_or_after", "on_or_before", "between"),
    "choice": ("one_of", "none_of"),
    "named": ("one_of", "none_of"),
    "flag": ("is",),
    "set": ("any_of", "all_of", "none_of"),
}
OPERATOR_WORDS: dict[str, Any] = {
    "at_least": _("at least"), "at_most": _("at most"), "is": _("is"), "between": _("between"),
    "on_or_after": _("on or after"), "on_or_before": _("on or before"),
    "one_of": _("is one of"), "none_of": _("is none of"), "any_of": _("any of"), "all_of": _("all of"),
}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """Things that conditions call by their names: where these stand, and what they are called together.

    `says`: the column by which people know one, where its name is a code.
    """

    table: str
    column: str
    word: Any
    says: str = ""


NAMED: dict[str, Named] = {
    "stores": Named("stores_store", "code", _("stores"), "name"),
    "near": Named("stores_store", "code", _("from the stores"), "name"),
    "regions": Named("stores_region", "name", _("regions")),
    "channels": Named("stores_channel", "code", _("channels"), "name"),
    "scenes": Named("stores_scene", "code", _("scenes"), "name"),
    "skus": Named("stores_product", "sku", _("products"), "name"),
    "categories": Named("stores_category", "name", _("categories")),
    "levels": Named("members_level", "code", _("levels"), "name"),
    "tags": Named("members_tag", "name", _("tags")),
    "plans": Named("members_couponplan", "code", _("coupon plans"), "name"),
}
WINDOW = ("days", "from", "to")
NUMBERED = ("days", "ahead")
DATED = ("from", "to")
# Narrowings that take one of a few words.
CHOSEN: dict[str, Sequence[tuple[str, Any]]] = {
    "touch_channels": [(channel.value, channel.label) for channel in CHANNELS],
    "purposes": [(purpose.value, purpose.label) for purpose in TOUCHING],
}
NARROW_WORDS: dict[str, Any] = {
    "days": _("within days"), "ahead": _("within the next days"),
    "from": pgettext_lazy("conditions", "from"), "to": pgettext_lazy("conditions", "to (not included)"),
    "kinds": _("kinds of events"), "subjects": _("what events are about"),
    "touch_channels": _("touch channels"), "purposes": _("purposes"), "sources": _("plans"),
    **{name: named.word for name, named in NAMED.items()},
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Rows of members: from where, by which column they are hers, when they came to be, which of them count.

    `at`: the instant that windows go by; what comes later than the question does not count. `narrows` says how words
    narrow the rows, `{a}` standing for what is given. `{among}` stands where a sub-SELECT is narrowed to those asked
    about by `inner`. `past`: where answers of a past day stand, if not in the same rows.
    """

    rows: str
    member: str
    at: str = ""
    counts: str = "true"
    narrows: Mapping[str, str] = field(default_factory=dict)
    inner: str = ""
    past: "Source | None" = None


@dataclass(frozen=True)
class Field:
    """One question: `value` is a column beside the member, or an aggregate over rows of the source `over`.

    Of a set (`any_of` …) it is the column whose values the set is made of. `zero`: who has no rows has nothing, which
    answers too. `dated`: past days can be asked about, by `past` where the answer of then stands elsewhere. `needs`: a
    narrowing without which nothing can be asked.
    """

    name: str
    word: Promise
    kind: Kind
    value: str
    over: str = "member"
    group: Promise | str = ""
    choices: Sequence[tuple[str, Any]] = ()
    named: str = ""
    narrows: tuple[str, ...] = ()
    zero: bool = True
    dated: bool = False
    past: str = ""
    needs: str = ""

    @property
    def operators(self) -> tuple[str, ...]:
        """List the operators it takes."""
        return OPERATORS[self.kind]


SOURCES: dict[str, Source] = {}
FIELDS: dict[str, Field] = {}


def add(
    *fields: Field, sources: Mapping[str, Source] | None = None, named: Mapping[str, Named] | None = None
) -> None:  # fmt: skip
    """Offer fields, with the sources and names they speak of; the same again changes nothing."""
    FIELDS.update({each.name: each for each in fields})
    SOURCES.update(sources or {})
    NAMED.update(named or {})
    NARROW_WORDS.update({name: one.word for name, one in (named or {}).items()})
