"""The rule of a week in Moments (朋友圈 4+2+2): on which days, at which times, about what a guide posts.

Source: the brand's training deck, 朋友圈有效措施: six days a week, 4 about products and 2 about life; 每周2次 at the
best times (noon 11:30-14:00, evening 20:00-23:30); brand advertising at most once a week.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from guides.models import Material, MomentSlot
from newretail.kernel import brand, clock
from newretail.kernel.holding import span_of

PRODUCT, LIFE, BRAND = Material.Category.PRODUCT, Material.Category.LIFE, Material.Category.BRAND
NOON, EVENING = MomentSlot.Part.NOON, MomentSlot.Part.EVENING
OTHER = {NOON: EVENING, EVENING: NOON}
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Rule:
    """What the brand asks of a week: days about products and life, seconds on two days or daily, brand advertising."""

    product: int = 4
    life: int = 2
    daily: bool = False
    adverts: int = 1
    hours: tuple[str, str] = ("noon 11:30-14:00", "evening 20:00-23:30")


@dataclass(frozen=True)
class Planned:
    """A slot to be: its number, its day counted from Monday, its time, about what; the `kth` of its category."""

    nth: int
    weekday: int
    part: str
    category: str
    kth: int = 0


def rule() -> Rule:
    """Read the rule from the brand's settings."""
    said = {name: brand.setting(f"moments_{name}") for name in ("product_posts", "life_posts", "brand_posts", "hours")}
    daily = brand.setting("moments_last_two") == "daily"
    return Rule(said["product_posts"], said["life_posts"], daily, said["brand_posts"], tuple(said["hours"]))


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def shape(rule: Rule) -> list[Planned]:
    """Lay a week out: life spread among the days of products, noon and evening in turn, then the second posts.

    The first of the second posts is brand advertising where the rule has it, the others are about what their day is,
    of two in a week about products. Every post is about one thing: each gets a material of its own.
    """
    days = rule.product + rule.life
    of_life = {(j + 1) * days // rule.life - 1 for j in range(rule.life)}
    firsts = [(day, (NOON, EVENING)[day % 2], LIFE if day in of_life else PRODUCT) for day in range(days)]
    again = range(days) if rule.daily else sorted({ceil(days / 4) - 1, ceil(3 * days / 4) - 1})
    seconds = [
        (day, OTHER[firsts[day][1]], BRAND if place < rule.adverts else firsts[day][2] if rule.daily else PRODUCT)
        for place, day in enumerate(again)
    ]
    found: list[Planned] = []
    for nth, (day, part, category) in enumerate([*firsts, *seconds], 1):
        found.append(Planned(nth, day, part, category, sum(each.category == category for each in found)))
    return found


def span(rule: Rule, week_on: date, planned: Planned) -> tuple[datetime, datetime]:
    """Give the instants between which a slot of a week is best posted."""
    hours = rule.hours[planned.part == EVENING]
    first, until = (time.fromisoformat(each) for each in span_of(hours)[1:])
    day, zone = week_on + timedelta(days=planned.weekday), clock.brand_zone()
    return datetime.combine(day, first, zone), datetime.combine(day, until, zone)
