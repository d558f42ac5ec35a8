"""Book what a level gives a member to use: privileges and factory tours, counted within the year, given back once."""

from datetime import datetime

from django.utils.translation import gettext_noop

from members.models import BenefitKind, BenefitUse, Member
from members.queries import benefits, families
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LOCK = "SELECT 1 FROM members_member WHERE id = %(id)s FOR NO KEY UPDATE"
# Places of the year are everybody's: who books one queues here.
LOCK_PLACES = "SELECT pg_advisory_xact_lock(hashtext('members.factory_tour:' || current_schema()))"


class NoSuchBenefit(Refused):
    """Her level does not give it."""

    code = "no_such_benefit"
    sentence = gettext_noop("Her level does not give this: %(name)s.")


class UsedUp(Refused):
    """No use is left this year."""

    code = "used_up"
    sentence = gettext_noop("All %(most)s uses of this year are taken.")


class AnotherUse(Refused):
    """The key stands for another use."""

    code = "another_use"
    sentence = gettext_noop("This key stands for another use already.")


@verb
def book(*, member: Member, name: str, key: str, at: datetime, by: User | None = None, note: str = "") -> BenefitUse:
    """Book one use of a privilege of her level, or a place of the factory tour; the same key books once.

    Refuses: NoSuchBenefit, UsedUp, AnotherUse.
    Writes: members.benefit.booked.
    """
    root = families.root_of(member)
    sql.rows(LOCK, {"id": root.pk})
    done = BenefitUse.objects.filter(key=key).first()
    if done:
        if (done.member_id, done.name) != (root.pk, name) or done.back_of_id:
            raise AnotherUse
        return done
    year = clock.business_day(at).year
    offer = next((each for each in benefits.offers(root, at) if each.name == name), None)
    if offer is None:
        raise NoSuchBenefit(name=name[:60])
    if offer.used >= offer.per_year:
        raise UsedUp(most=offer.per_year)
    if name == BenefitKind.FACTORY_TOUR:
        sql.rows(LOCK_PLACES)
        if offer.places is not None and benefits.booked(name, year) >= offer.places:
            raise UsedUp(most=offer.places)
    line = journal.write("members.benefit.booked", at=at, by=by, subject=root.member_no, benefit=name, year=year)
    return BenefitUse.objects.create(
        member=root, name=name, year=year, key=key, note=note[:200], used_at=at, by=by, entry_id=line.pk
    )  # fmt: skip


@verb
def give_back(*, use: BenefitUse, at: datetime, by: User | None = None, note: str = "") -> BenefitUse:
    """Give a use back: it counts no longer; again is the same.

    Refuses: NoSuchBenefit.
    Writes: members.benefit.given_back.
    """
    sql.rows(LOCK, {"id": use.member_id})
    if use.back_of_id:
        raise NoSuchBenefit(name=use.name)
    done = BenefitUse.objects.filter(back_of=use).first()
    if done:
        return done
    line = journal.write(
        "members.benefit.given_back", at=at, by=by, subject=use.member.member_no, benefit=use.name, year=use.year
    )  # fmt: skip
    return BenefitUse.objects.create(
        member_id=use.member_id, name=use.name, year=use.year, key=f"back:{use.pk}", back_of=use,
        note=note[:200], used_at=at, by=by, entry_id=line.pk,
    )  # fmt: skip
