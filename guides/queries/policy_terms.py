"""The terms of policies, read strictly from JSON: the table of levels, the rules of credits, the commission scheme."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from guides.models import Credit, Policy
from guides.models.credits import WHOLE_BP
from guides.models.levels import FIRST_LEVEL, LAST_LEVEL
from newretail.kernel.money import MAX_CENTS
from newretail.kernel.verbs import Refused

ABILITY_WORDS: dict[str, Any] = {
    "content": pgettext_lazy("ability", "content"), "operation": pgettext_lazy("ability", "customer operation"),
    "portrait": pgettext_lazy("ability", "portrait reading"), "tools": pgettext_lazy("ability", "tools"),
}  # fmt: skip
ABILITIES = tuple(ABILITY_WORDS)
MOST_ABILITY, LONGEST_THEME, MOST_NAMES, LONGEST_NAME = 5, 60, 200, 120
MOST_STEPS = 10
MOST_FACTOR = 100_000  # basis points: ten times
BASES = ("private", "credited")
SHARED = (Credit.Role.SELLER, Credit.Role.BONDED, Credit.Role.SHARER, Credit.Role.POOL)
EVERYWHERE = "*"
WHY: dict[str, Any] = {
    "not_an_item": _("something is missing or has another form"),
    "unknown_word": _("there is a word here that means nothing"),
    "bad_number": _("this is no whole number within its bounds"),
    "bad_text": _("this is no short text"),
    "levels_count": _("there are 1 to 12 levels, numbered upwards from 1"),
    "from_nothing": _("the first band begins at 0"),
    "gap": _("between this band and the one before it there is a gap"),
    "overlap": _("this band overlaps the one before it"),
    "empty_band": _("a band ends above where it begins"),
    "open_above": _("the last band has no end, and only the last"),
    "not_whole": _("the shares of a channel add up to 100 %"),
    "not_rising": _("each step begins above the one before it"),
    "twice": _("this stands here twice"),
    "unknown_name": _("nothing is known by this name"),
}


class BadPolicy(Refused):
    """The terms make no policy."""

    code = "bad_policy"
    sentence = gettext_noop("These terms make no policy: %(why)s (%(where)s).")


def bad(why: str, where: str) -> BadPolicy:
    """Say what is wrong, and where."""
    return BadPolicy(why=WHY[why], where=where[:120])


@dataclass(frozen=True)
class Band:
    """A level: its monthly sales [low, high) in cents, what is learned there, what she should master (0–5 each)."""

    level: int
    low_cents: int
    high_cents: int | None
    theme: str = ""
    abilities: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LevelTable:
    """The bands upwards, by sales to own customers or by all credited sales; months below before she goes down."""

    bands: tuple[Band, ...]
    basis: str = "private"
    grace_months: int = 1

    def reached(self, cents: int) -> int:
        """Give the level that a month's sales (cents) reach; less than nothing reaches the first."""
        return max((band.level for band in self.bands if band.low_cents <= cents), default=FIRST_LEVEL)


@dataclass(frozen=True)
class CreditRules:
    """For each channel code (`*`: every other) the shares of roles in basis points; how long a shared link counts."""

    channels: dict[str, dict[str, int]]
    share_days: int = 7


@dataclass(frozen=True)
class Step:
    """From so much credited sales in a month a fixed amount (cents)."""

    from_cents: int
    pay_cents: int


@dataclass(frozen=True)
class Scheme:
    """What is paid: rates by level and factors in basis points, amounts in cents, spans in days."""

    levels: dict[int, int]
    categories: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    fresh_bp: int = WHOLE_BP
    most_bp: int = WHOLE_BP
    return_days: int = 7
    bounty_cents: int = 0
    bounty_days: int = 30
    task_cents: int = 0
    tasks_most: int = 0
    steps: tuple[Step, ...] = ()
    month_most_cents: int | None = None
    recovery_bp: int = 3_000


def _item(raw: Any, where: str, *words: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise bad("not_an_item", where)
    if not raw.keys() <= set(words):
        raise bad("unknown_word", where)
    return raw


def _whole(low: int = 0, high: int = MAX_CENTS) -> Callable[[Any, str], int]:
    def read(raw: Any, where: str) -> int:
        if type(raw) is not int or not low <= raw <= high:
            raise bad("bad_number", where)
        return raw

    return read


def _check_names(raw: dict[Any, Any], where: str) -> None:
    if not all(isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.isprintable() for name in raw):
        raise bad("bad_text", where)


def _factors(raw: Any, where: str) -> dict[str, int]:
    if not isinstance(raw, dict) or len(raw) > MOST_NAMES:
        raise bad("not_an_item", where)
    _check_names(raw, where)
    return {name: _whole(0, MOST_FACTOR)(value, f"{where}.{name}") for name, value in raw.items()}


def _band(raw: Any, where: str) -> Band:
    given = _item(raw, where, "level", "low_cents", "high_cents", "theme", "abilities")
    theme, high = given.get("theme", ""), given.get("high_cents")
    if not isinstance(theme, str) or len(theme) > LONGEST_THEME or not theme.isprintable():
        raise bad("bad_text", f"{where}.theme")
    abilities = _item(given.get("abilities", {}), f"{where}.abilities", *ABILITIES)
    return Band(
        _whole(FIRST_LEVEL, LAST_LEVEL)(given.get("level"), f"{where}.level"),
        _whole()(given.get("low_cents"), f"{where}.low_cents"),
        None if high is None else _whole()(high, f"{where}.high_cents"),
        theme,
        {name: _whole(0, MOST_ABILITY)(abilities.get(name, 0), f"{where}.abilities.{name}") for name in ABILITIES},
    )


def _follow(bands: list[Band]) -> None:
    """Refuse bands that do not follow one another from 0 upwards without gap or overlap, half-open."""
    if [band.level for band in bands] != list(range(FIRST_LEVEL, len(bands) + 1)):
        raise bad("levels_count", "levels")
    if bands[0].low_cents:
        raise bad("from_nothing", "levels[1].low_cents")
    for i, (band, following) in enumerate(zip(bands, [*bands[1:], None], strict=True), 1):
        if (band.high_cents is None) != (following is None):
            raise bad("open_above", f"levels[{i}].high_cents")
        if band.high_cents is not None and band.high_cents <= band.low_cents:
            raise bad("empty_band", f"levels[{i}].high_cents")
        if following and following.low_cents != band.high_cents:
            beyond = following.low_cents > (band.high_cents or 0)
            raise bad("gap" if beyond else "overlap", f"levels[{i + 1}].low_cents")


def read_levels(raw: object) -> LevelTable:
    """Read a table of levels.

    Refuses: BadPolicy.
    """
    given = _item(raw, "terms", "basis", "grace_months", "levels")
    rows = given.get("levels")
    if not isinstance(rows, list) or not 0 < len(rows) <= LAST_LEVEL:
        raise bad("levels_count", "levels")
    bands = [_band(one, f"levels[{i}]") for i, one in enumerate(rows, 1)]
    _follow(bands)
    if given.get("basis", "private") not in BASES:
        raise bad("unknown_word", "basis")
    grace = _whole(0, 12)(given.get("grace_months", 1), "grace_months")
    return LevelTable(tuple(bands), given.get("basis", "private"), grace)


def read_credits(raw: object) -> CreditRules:
    """Read rules of credits: the shares of a channel are the whole of it.

    Refuses: BadPolicy.
    """
    given = _item(raw, "terms", "channels", "share_days")
    channels = given.get("channels")
    if not isinstance(channels, dict) or EVERYWHERE not in channels or len(channels) > MOST_NAMES:
        raise bad("not_an_item", "channels")
    _check_names(channels, "channels")
    read = {}
    for code, shares in channels.items():
        where = f"channels.{code}"
        of_roles = _item(shares, where, *(role.value for role in SHARED))
        read[code] = {role: _whole(0, WHOLE_BP)(bp, f"{where}.{role}") for role, bp in of_roles.items()}
        if sum(read[code].values()) != WHOLE_BP:
            raise bad("not_whole", where)
    return CreditRules(read, _whole(0, 90)(given.get("share_days", 7), "share_days"))


def _rates(raw: Any) -> dict[int, int]:
    if not isinstance(raw, dict) or not raw:
        raise bad("not_an_item", "levels")
    names = {str(level): level for level in range(FIRST_LEVEL, LAST_LEVEL + 1)}
    if not raw.keys() <= names.keys():
        raise bad("unknown_word", "levels")
    return {names[name]: _whole(0, WHOLE_BP)(bp, f"levels.{name}") for name, bp in raw.items()}


def _steps(raw: Any, where: str) -> tuple[Step, ...]:
    if not isinstance(raw, list) or len(raw) > MOST_STEPS:
        raise bad("not_an_item", where)
    given = [_item(one, f"{where}[{i}]", "from_cents", "pay_cents") for i, one in enumerate(raw, 1)]
    steps = tuple(
        Step(*(_whole(1)(one.get(word), f"{where}[{i}].{word}") for word in ("from_cents", "pay_cents")))
        for i, one in enumerate(given, 1)
    )
    for i, (one, following) in enumerate(pairwise(steps), 2):
        if following.from_cents <= one.from_cents:
            raise bad("not_rising", f"{where}[{i}].from_cents")
    return steps


READERS: dict[str, Callable[[Any, str], Any]] = {
    "categories": _factors,
    "products": _factors,
    "channels": _factors,
    "fresh_bp": _whole(0, MOST_FACTOR),
    "most_bp": _whole(1, WHOLE_BP),
    "return_days": _whole(0, 90),
    "bounty_cents": _whole(),
    "bounty_days": _whole(0, 365),
    "task_cents": _whole(),
    "tasks_most": _whole(0, 10_000),
    "steps": _steps,
    "month_most_cents": _whole(1),
    "recovery_bp": _whole(0, WHOLE_BP),
}


def read_scheme(raw: object) -> Scheme:
    """Read a commission scheme. It has no word for what others recruited or sold: pay is of one's own orders alone.

    Refuses: BadPolicy.
    """
    given = _item(raw, "terms", "levels", *READERS)
    told = {word: READERS[word](value, word) for word, value in given.items() if word != "levels" and value is not None}
    return Scheme(levels=_rates(given.get("levels")), **told)


READ: dict[str, Callable[[object], Any]] = {
    Policy.Kind.LEVELS: read_levels,
    Policy.Kind.CREDITS: read_credits,
    Policy.Kind.COMMISSION: read_scheme,
}
