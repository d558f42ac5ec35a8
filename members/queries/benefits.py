"""What a member's level gives her: read by tills, by points' earning, by the mall; uses left of the year."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from members.models import BenefitKind, BenefitUse, Level, LevelStanding, Member
from members.queries import families, schemes
from members.queries.schemes import LevelTerms, Live
from newretail.kernel import clock


@dataclass(frozen=True)
class Offer:
    """Something to be booked: so many times a year, so many used; `places` are those of everybody, if limited."""

    name: str
    kind: str
    per_year: int
    used: int
    places: int | None = None

    @property
    def word(self) -> str:
        """Call it what the house calls it, or the brand."""
        return str(BenefitKind(self.name).label) if self.name in BenefitKind.values else self.name

    @property
    def left(self) -> int:
        """Tell how many uses are left to her."""
        return max(0, self.per_year - self.used)


@dataclass(frozen=True)
class Held:
    """Where a member stands: her level and its terms, her growth, what the next level needs."""

    level: Level | None
    terms: LevelTerms | None
    growth: int
    grace_until: date | None
    following: LevelTerms | None

    @property
    def missing(self) -> int | None:
        """Tell how much growth the next level still needs, None on the highest."""
        return max(0, self.following.growth - self.growth) if self.following else None


def held(member: Member, at: datetime) -> Held:
    """Tell where the person stands at an instant."""
    root = Member.objects.select_related("level").get(pk=families.root_of(member).pk)
    live = schemes.live(clock.business_day(at))
    standing = LevelStanding.objects.filter(member=root).first()
    growth, until = (standing.growth, standing.grace_until) if standing else (0, None)
    return stands(root.level, live, growth=growth, grace_until=until)


def stands(level: Level | None, live: Live | None, *, growth: int, grace_until: date | None) -> Held:
    """Tell where a level and a growth stand in the version that counts."""
    terms = live.terms.of(level.code) if live and level else None
    return Held(level, terms, growth, grace_until, _following(live, terms))


def _following(live: Live | None, terms: LevelTerms | None) -> LevelTerms | None:
    if live is None:
        return None
    if terms is None:
        return live.terms.levels[0]
    return next((one for one in live.terms.levels if one.growth > terms.growth), None)


def _uses(name: str, year: int) -> Any:
    return BenefitUse.objects.filter(name=name, year=year, back_of=None, back=None)


def booked(name: str, year: int) -> int:
    """Count the uses of a year by everybody, those given back left out."""
    return int(_uses(name, year).count())


def offers(member: Member, at: datetime) -> list[Offer]:
    """List what the person's level gives her to book, with the uses of the year."""
    terms = held(member, at).terms
    if terms is None:
        return []
    year, family = clock.business_day(at).year, families.ids_of(member)
    uses = BenefitUse.objects.filter(year=year, back_of=None, back=None, member__in=family)
    return offered(terms, Counter(uses.values_list("name", flat=True)))


def offered(terms: LevelTerms, used: Mapping[str, int]) -> list[Offer]:
    """List what the terms of a level give to book, of which so many are used, by name."""
    given = [(one.name, one.kind, one.per_year, None) for one in terms.privileges]
    if terms.factory_tour.per_year:
        tour = terms.factory_tour
        given.append((BenefitKind.FACTORY_TOUR.value, "tour", tour.per_year, tour.places or None))  # type: ignore[arg-type]
    return [Offer(name, kind, per_year, used.get(name, 0), places) for name, kind, per_year, places in given]
