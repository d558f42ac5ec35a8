"""The terms of a scheme of levels: read strictly from JSON; which version counts on a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from members.models import CouponPlan, Level, LevelScheme, SchemeStart
from newretail.kernel import money
from newretail.kernel.verbs import Refused

MOST_LEVELS = 20
MOST_PRIVILEGES = 20
MOST_EVENTS = 20
MOST_NUMBER = 10**9
MOST_OF_ONE, MOST_TIMES = 1_000_000, 10_000  # growth of one yuan, order, event; times a day or a month
LONGEST = 60
WHOLE = 10_000  # basis points of all of it
WHY: dict[str, Any] = {
    "not_an_item": _("something is missing or has another form"),
    "unknown_word": _("there is a word here that means nothing"),
    "bad_number": _("this is no whole number within its bounds"),
    "bad_text": _("this is no short text"),
    "no_levels": _("a scheme has between 1 and 20 levels, each once"),
    "unknown_level": _("there is no level with this code"),
    "unknown_plan": _("there is no coupon plan with this code"),
    "twice": _("this stands here twice"),
    "not_rising": _("the growth of levels begins at 0 and rises with their rank"),
}
PRIVILEGE_KINDS = {
    "partner": _("partner privilege"), "vip": _("VIP service"), "exchange": _("free exchange"),
}  # fmt: skip


class BadScheme(Refused):
    """The terms are no scheme."""

    code = "bad_scheme"
    sentence = gettext_noop("These terms make no scheme: %(why)s (%(where)s).")


def bad(why: str, where: str) -> BadScheme:
    """Say what is wrong, and where."""
    return BadScheme(why=WHY[why], where=where[:120])


@dataclass(frozen=True)
class Gift:
    """What is given on an occasion: points, coupons of a plan, or both; `days_before` is a birthday's."""

    points: int = 0
    coupon: str = ""
    days_before: int = 0

    def __bool__(self) -> bool:
        return bool(self.points or self.coupon)


@dataclass(frozen=True)
class Privilege:
    """A privilege with so many uses a year."""

    name: str
    kind: str
    per_year: int


@dataclass(frozen=True)
class Tour:
    """A visit to the factory: so many times a year for one member, so many places a year for all."""

    per_year: int = 0
    places: int = 0


@dataclass(frozen=True)
class LevelTerms:
    """A level of a scheme: from which growth, and what it gives."""

    level: str
    growth: int
    discount_bp: int = 0
    points_exchange_bp: int = 0
    joining_gift: Gift = Gift()
    level_up_gift: Gift = Gift()
    birthday: Gift = Gift()
    free_shipping_cents: int | None = None
    privileges: tuple[Privilege, ...] = ()
    factory_tour: Tour = Tour()


@dataclass(frozen=True)
class EventTerms:
    """What an event of a kind is worth, and how often a day and a calendar month it counts (None: each time)."""

    kind: str
    growth: int
    per_day: int | None = None
    per_month: int | None = None


@dataclass(frozen=True)
class Sources:
    """What growth comes from: per yuan spent, per order, for joining, by what she does (events)."""

    per_yuan: int = 1
    per_order: int = 0
    joining: int = 0
    events: tuple[EventTerms, ...] = ()


@dataclass(frozen=True)
class Terms:
    """A scheme: the window of growth in months (0: for ever), the days of grace, the sources, the levels upwards."""

    window_months: int
    grace_days: int
    growth: Sources
    levels: tuple[LevelTerms, ...]

    def of(self, code: str) -> LevelTerms | None:
        """Give the terms of a level."""
        return next((level for level in self.levels if level.level == code), None)


def _whole(value: Any, where: str, low: int = 0, high: int = MOST_NUMBER) -> int:
    if type(value) is not int or not low <= value <= high:
        raise bad("bad_number", where)
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
        raise bad("bad_text", where)
    return value


def _item(raw: Any, where: str, *words: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise bad("not_an_item", where)
    if not raw.keys() <= set(words):
        raise bad("unknown_word", where)
    return raw


def _gift(raw: Any, where: str) -> Gift:
    given = _item(raw, where, "points", "coupon", "days_before")
    coupon = given.get("coupon") or ""
    return Gift(
        _whole(given.get("points", 0), f"{where}.points"),
        _text(coupon, f"{where}.coupon") if coupon else "",
        _whole(given.get("days_before", 0), f"{where}.days_before", 0, 60),
    )


def _privileges(raw: Any, where: str) -> tuple[Privilege, ...]:
    if not isinstance(raw, list) or len(raw) > MOST_PRIVILEGES:
        raise bad("not_an_item", where)
    found = []
    for one in raw:
        given = _item(one, where, "name", "kind", "per_year")
        if given.get("kind") not in PRIVILEGE_KINDS:
            raise bad("unknown_word", f"{where}.kind")
        per_year = _whole(given.get("per_year"), f"{where}.per_year", 1, 1_000)
        found.append(Privilege(_text(given.get("name"), f"{where}.name"), given["kind"], per_year))
    if len({one.name for one in found}) < len(found):
        raise bad("not_an_item", where)
    return tuple(found)


def _tour(raw: Any, where: str) -> Tour:
    given = _item(raw, where, "per_year", "places")
    return Tour(*(_whole(given.get(word, 0), f"{where}.{word}", 0, 100_000) for word in ("per_year", "places")))


def _cents(raw: Any, where: str) -> int | None:
    if raw is None:
        return None
    try:
        return money.to_cents(raw if isinstance(raw, str) else str(_whole(raw, where)))
    except money.NotMoney:
        raise bad("bad_number", where) from None


READERS: dict[str, Callable[[Any, str], Any]] = {
    "level": _text,
    "growth": _whole,
    "discount_bp": lambda raw, where: _whole(raw, where, 0, WHOLE),
    "points_exchange_bp": lambda raw, where: _whole(raw, where, 0, WHOLE),
    "joining_gift": _gift,
    "level_up_gift": _gift,
    "birthday": _gift,
    "free_shipping": _cents,
    "privileges": _privileges,
    "factory_tour": _tour,
}


def _level(raw: Any, where: str) -> LevelTerms:
    given = _item(raw, where, *READERS)
    if not {"level", "growth"} <= given.keys():
        raise bad("not_an_item", where)
    read = {word: READERS[word](value, f"{where}.{word}") for word, value in given.items()}
    if "free_shipping" in read:
        read["free_shipping_cents"] = read.pop("free_shipping")
    return LevelTerms(**read)


def _event(kind: str, raw: Any) -> EventTerms:
    where = f"growth.events.{kind}"
    given = _item(raw, where, "growth", "per_day", "per_month")
    often = {
        word: None if given.get(word) is None else _whole(given[word], f"{where}.{word}", 1, MOST_TIMES)
        for word in ("per_day", "per_month")
    }
    return EventTerms(_text(kind, where), _whole(given.get("growth"), f"{where}.growth", 1, MOST_OF_ONE), **often)


def _sources(raw: Any) -> Sources:
    given = _item(raw, "growth", "per_yuan", "per_order", "joining", "events")
    events = given.get("events", {})
    if not isinstance(events, dict) or len(events) > MOST_EVENTS:
        raise bad("not_an_item", "growth.events")
    numbers = {
        word: _whole(given[word], f"growth.{word}", 0, MOST_OF_ONE) for word in given.keys() - {"events"}
    }  # fmt: skip
    return Sources(**numbers, events=tuple(_event(kind, each) for kind, each in sorted(events.items())))


def read(raw: object) -> Terms:
    """Read the terms of a scheme; levels stand by their growth.

    Raises BadScheme.
    """
    given = _item(raw, "terms", "window_months", "grace_days", "growth", "levels")
    levels = given.get("levels")
    if not isinstance(levels, list) or not 0 < len(levels) <= MOST_LEVELS:
        raise bad("no_levels", "levels")
    found = sorted((_level(one, f"levels[{i}]") for i, one in enumerate(levels, 1)), key=lambda one: one.growth)
    if len({one.level for one in found}) < len(found):
        raise bad("no_levels", "levels")
    if found[0].growth != 0 or len({one.growth for one in found}) < len(found):
        raise bad("not_rising", "levels")
    return Terms(
        _whole(given.get("window_months"), "window_months", 0, 120),
        _whole(given.get("grace_days"), "grace_days", 0, 366),
        _sources(given.get("growth", {})),
        tuple(found),
    )


def check_levels(terms: Terms) -> None:
    """Refuse terms that name what is not recorded, or whose growth does not rise with the rank of levels.

    Raises BadScheme.
    """
    ranks = dict(Level.objects.values_list("code", "rank"))
    for one in terms.levels:
        if one.level not in ranks:
            raise bad("unknown_level", one.level)
    named = {gift.coupon for one in terms.levels for gift in (one.joining_gift, one.level_up_gift) if gift.coupon}
    if missing := sorted(named - set(CouponPlan.objects.filter(code__in=named).values_list("code", flat=True))):
        raise bad("unknown_plan", missing[0])
    standing = [ranks[one.level] for one in terms.levels]
    if standing != sorted(standing):
        raise bad("not_rising", "levels")


@dataclass(frozen=True)
class Live:
    """The version that counts on a day, with its terms read."""

    scheme: LevelScheme
    starts_on: date
    terms: Terms


def live(day: date) -> Live | None:
    """Find the version that counts on a day: the newest word on the latest start until then."""
    found = (
        SchemeStart.objects.select_related("scheme").filter(starts_on__lte=day).order_by("-starts_on", "-id").first()
    )
    return Live(found.scheme, found.starts_on, read(found.scheme.terms)) if found else None


def counting_since(day: date) -> list[Live]:
    """List the version that counts on a day and every one that is to count after it."""
    now = live(day)
    later = SchemeStart.objects.select_related("scheme").filter(starts_on__gt=day).order_by("starts_on", "id")
    found = [Live(start.scheme, start.starts_on, read(start.scheme.terms)) for start in later]
    return [now, *found] if now else found


def newest() -> LevelScheme | None:
    """Give the version kept last."""
    return LevelScheme.objects.order_by("-version").first()
