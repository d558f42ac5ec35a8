"""Keep versions of the scheme of levels, let one count from a day on, adjust a member's growth by hand."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from members.models import GrowthAdjustment, LevelScheme, Member, SchemeStart
from members.queries import families, schemes
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

MOST_GROWTH = 10_000_000
LONGEST_REASON = 200
LOCK = "SELECT pg_advisory_xact_lock(hashtext('members.level_scheme:' || current_schema()))"


class SchemeChanged(Refused):
    """Somebody else kept another version meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has kept another version meanwhile; look at it first.")


class StartsInPast(Refused):
    """A version counts from a day to come."""

    code = "starts_in_past"
    sentence = gettext_noop("A scheme counts from today on at the earliest; the past stays as it was.")


class AlreadyPublished(Refused):
    """A version is published once."""

    code = "already_published"
    sentence = gettext_noop("This version is published already; keep a new one to change something.")


class BadAdjustment(Refused):
    """The adjustment says nothing."""

    code = "bad_adjustment"
    sentence = gettext_noop("An adjustment changes the growth by up to 10 000 000, and says why.")


class AnotherAdjustment(Refused):
    """The key stands for another adjustment."""

    code = "another_adjustment"
    sentence = gettext_noop("This key stands for another adjustment already.")


@verb
def keep(
    *, terms: object, at: datetime, by: User | None = None, note: str = "", seen: int | None = None
) -> LevelScheme:
    """Keep the terms of a scheme as the next version, a draft until it is published; the same again is no new one.

    `seen`: the version that was shown, 0 where there was none.
    Refuses: BadScheme, SchemeChanged.
    Writes: members.level_scheme.kept.
    """
    sql.rows(LOCK)
    last = schemes.newest()
    if seen is not None and seen != (last.version if last else 0):
        raise SchemeChanged
    schemes.check_levels(schemes.read(terms))
    if last and last.terms == terms:
        return last
    version = last.version + 1 if last else 1
    line = journal.write("members.level_scheme.kept", at=at, by=by, subject=str(version))
    return LevelScheme.objects.create(
        version=version, terms=terms, note=note[:200], kept_at=at, by=by, entry_id=line.pk
    )  # fmt: skip


@verb
def publish(*, scheme: LevelScheme, starts_on: date, at: datetime, by: User | None = None) -> SchemeStart:
    """Let a version count from a day on, today at the earliest.

    Refuses: StartsInPast, AlreadyPublished, BadScheme.
    Writes: members.level_scheme.published.
    """
    sql.rows(LOCK)
    if starts_on < clock.business_day(at):
        raise StartsInPast
    if SchemeStart.objects.filter(scheme=scheme).exists():
        raise AlreadyPublished
    schemes.check_levels(schemes.read(scheme.terms))
    line = journal.write(
        "members.level_scheme.published", at=at, by=by, subject=str(scheme.version), starts_on=starts_on.isoformat()
    )  # fmt: skip
    return SchemeStart.objects.create(scheme=scheme, starts_on=starts_on, published_at=at, by=by, entry_id=line.pk)


@verb
def adjust(
    *, member: Member, growth: int, reason: str, key: str, at: datetime, by: User | None = None
) -> GrowthAdjustment:
    """Give a member growth, or take some, with a reason; the same key gives it once.

    Refuses: BadAdjustment, AnotherAdjustment.
    Writes: members.growth.adjusted.
    """
    reason = reason.strip()
    if not growth or abs(growth) > MOST_GROWTH or not 0 < len(reason) <= LONGEST_REASON:
        raise BadAdjustment
    root = families.root_of(member)
    sql.rows("SELECT 1 FROM members_member WHERE id = %(id)s FOR NO KEY UPDATE", {"id": root.pk})
    done = GrowthAdjustment.objects.filter(key=key).first()
    if done:
        if (done.member_id, done.growth, done.reason) != (root.pk, growth, reason):
            raise AnotherAdjustment
        return done
    line = journal.write("members.growth.adjusted", at=at, by=by, subject=root.member_no, growth=growth)
    return GrowthAdjustment.objects.create(
        member=root, growth=growth, reason=reason, key=key, adjusted_at=at, by=by, entry_id=line.pk
    )  # fmt: skip
