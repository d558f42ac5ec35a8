"""Targets as people write and read them: amounts, kinds of days, months."""

import re
from datetime import date

from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.queries.target_days import Month, family_of
from newretail.kernel import money, numbers
from newretail.kernel.templatetags import people
from stores.models import Metric
from stores.queries.weights import WEEKDAYS as NAMES
from stores.queries.weights import WORKED

WHOLE = re.compile(r"[0-9]{1,10}", re.ASCII)
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


class NotAnAmount(ValueError):
    """The text is no amount of its metric."""


def read(text: str, metric: str) -> int | None:
    """Read an amount as it is written at the doors: yuan, persons or percent; empty is None."""
    plain = text.strip().replace(",", "").replace("，", "").removeprefix("¥").removesuffix("%").strip()
    if not plain:
        return None
    if metric in (Metric.SALES, Metric.REPEAT_RATE):
        try:
            return money.to_cents(plain)
        except money.NotMoney as wrong:
            raise NotAnAmount(text) from wrong
    if not WHOLE.fullmatch(plain):
        raise NotAnAmount(text)
    return int(plain)


def plain(amount: int | None, metric: str) -> str:
    """Write an amount as a file has it, and as `read` reads it."""
    if amount is None:
        return ""
    return money.to_yuan(amount) if metric in (Metric.SALES, Metric.REPEAT_RATE) else str(amount)


def shown(amount: int | None, metric: str) -> str:
    """Write an amount for people."""
    if amount is None:
        return numbers.DASH
    if metric == Metric.SALES:
        return people.money(amount)
    return numbers.percent(amount / 10_000) if metric == Metric.REPEAT_RATE else numbers.grouped(amount)


def month_in(text: str, current: date) -> date:
    """Read a month written 2026-11 as the day on which it begins; anything else is the current one."""
    found = MONTH.fullmatch(text)
    return current.replace(year=int(found[1]), month=int(found[2])) if found else current


def months_around(current: date, back: int, ahead: int) -> list[date]:
    """List months from some before the current one to some after it."""
    first = current.year * 12 + current.month - 1 - back
    return [current.replace(year=n // 12, month=n % 12 + 1) for n in range(first, first + back + ahead + 1)]


def kind_in_words(kind: str, month: Month) -> str:
    """Call a kind of day: 周六, 双11, 双11 期间."""
    if kind in NAMES:
        return str(WEEKDAYS[NAMES.index(kind)])
    if kind == WORKED:
        return _("weekend day worked")
    festival = month.festivals.get(family_of(kind))
    name = family_of(kind)
    if festival:
        name = festival.name_zh if (get_language() or "").startswith("zh") else festival.name_en
    return name if kind == family_of(kind) else _("around %(festival)s") % {"festival": name}
