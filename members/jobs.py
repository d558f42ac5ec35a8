"""Jobs of the members floor: each for any day, by hand or by night."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from members import dossiers
from members.actions import (
    benefit_gifts,
    coupons,
    duplicates,
    earnings,
    events,
    gift_endings,
    leveling,
    links,
    parked,
    persons,
    points,
    tag_rules,
    tags,
    touches,
)
from members.admin import listed
from members.admin.issuing import Issuing
from members.admin.tagging import Tagging
from members.models import PersonFile
from members.queries import coupon_givings, schemes, simulations
from members.queries import tag_rules as rules
from newretail.kernel import clock
from newretail.kernel.actions import jobs, relay
from newretail.kernel.models import JobRun
from newretail.kernel.registry import Counts, after_relay, after_restore, job
from newretail.kernel.verbadmin import files


@job("find_duplicates", does=gettext_noop("looks for members who may be one person"), by_hand=True)
def find_duplicates(_run: JobRun, _as_of: date) -> Counts:
    """Look for likely duplicates, and merge those by the rules that the brand trusts."""
    return {"found": duplicates.find(at=clock.now()), "merged": duplicates.merge_by_itself(at=clock.now())}


@job("expire_tags", does=gettext_noop("takes off tags whose time has run out"), by_hand=True)
def expire_tags(_run: JobRun, as_of: date) -> Counts:
    """Take off the tags that hold no longer at the start of the day."""
    return {"expired": tags.expire(as_of=as_of, at=clock.now())}


@job("apply_tag_rules", does=gettext_noop("puts tags on members by rules, and takes them off"), by_hand=True)
def apply_tag_rules(run: JobRun, as_of: date) -> Counts:
    """Apply each rule as of today; of a past day only how many it would hold of is told."""
    counts = {"rules": 0, "put_on": 0, "taken_off": 0}
    standing = rules.in_order()
    if as_of < clock.business_day(clock.now()):
        return {"aside": True, **{rule.tag.name: rules.reached(rule, as_of) for rule in standing if rule.conditions}}
    for rule in standing:
        jobs.report(run=run, done=counts["rules"], of=len(standing), at=clock.now())
        applied = tag_rules.apply(rule=rule, as_of=as_of, at=clock.now())
        counts["rules"] += 1
        counts["put_on"] += applied.put_on
        counts["taken_off"] += applied.taken_off
    return {**counts}


@job(Tagging.job, does=gettext_noop("puts a tag on the members of a long list, or takes it off"))
def tag_members(run: JobRun, _as_of: date) -> Counts:
    """Tag the members of a list as it was asked for, part by part; done again it changes nothing more."""
    return listed.work(Tagging(), run)


@job(Issuing.job, does=gettext_noop("issues coupons to the members of a long list"))
def issue_coupons(run: JobRun, _as_of: date) -> Counts:
    """Issue to the members of a list as it was asked for, part by part; who was given hers gets no other one."""
    return listed.work(Issuing(), run)


@job("give_coupons", does=gettext_noop("gives coupons for birthdays and on days of the month"), by_hand=True)
def give_coupons(_run: JobRun, as_of: date) -> Counts:
    """Give what active plans give on a day; a day that is not today is counted aside."""
    at = clock.now()
    due = coupon_givings.of_day(as_of)
    if as_of != clock.business_day(at):
        return {"aside": True, "rules": len(due)}
    return {"rules": len(due), "issued": sum(coupons.give(plan=plan, wishes=hers, at=at).issued for plan, hers in due)}


@job("expire_coupons", does=gettext_noop("lets coupons expire whose time is over"), by_hand=True)
def expire_coupons(_run: JobRun, as_of: date) -> Counts:
    """Let coupons expire that counted before a business day began; none that counts now."""
    return {"expired": coupons.expire(at=min(clock.day_start(as_of), clock.now()))}


@job("lapse_gift_orders", does=gettext_noop("lets gift orders lapse that nobody picked up"), by_hand=True)
def lapse_gift_orders(_run: JobRun, as_of: date) -> Counts:
    """Let the orders lapse whose last day was before a business day; none that may be picked up now."""
    return {"lapsed": gift_endings.lapse(at=min(clock.day_start(as_of), clock.now()))}


@job("release_points", does=gettext_noop("opens points whose return window has ended"), by_hand=True)
def release_points(_run: JobRun, as_of: date) -> Counts:
    """Open the points whose return window has ended by the start of the day, of days that have come alone."""
    at = clock.now()
    return {"released": earnings.release(as_of=min(as_of, clock.business_day(at)), at=at)}


@job("expire_points", does=gettext_noop("ends points whose time has run out, oldest first"), by_hand=True)
def expire_points(_run: JobRun, as_of: date) -> Counts:
    """End the points that are worth nothing from the start of the day on, of days that have come alone."""
    at = clock.now()
    return {"expired": points.expire(as_of=min(as_of, clock.business_day(at)), at=at)}


@job(persons.EXPORT_JOB, does=gettext_noop("writes all that is held of a member as a file"))
def export_person(run: JobRun, _as_of: date) -> Counts:
    """Write all that is held of a member as a file for the person who asked; taken up again it is written anew."""
    file = PersonFile.objects.select_related("member", "by").get(pk=run.params["file"])
    size = dossiers.write(file, clock.now())
    persons.finish_file(file=file, size=size, at=clock.now())
    return {"files": 1}


@job(persons.FORGET_JOB, does=gettext_noop("removes the files that may hold an erased person"), by_hand=True)
def forget_erased(_run: JobRun, _as_of: date) -> Counts:
    """Remove files that may hold an erased person, and write erasures down beside the database."""
    persons.write_down_erasures()
    return {"files": files.remove_closed() + dossiers.remove_closed()}


@job("forget_persons", does=gettext_noop("closes what is kept of persons for a time only"), by_hand=True)
def forget_persons(_run: JobRun, _as_of: date) -> Counts:
    """Close files of persons whose time has run out, and forget links that lead nowhere any more."""
    at = clock.now()
    persons.close_files(at=at)
    return {"files": dossiers.remove_closed(), "forgotten": links.forget(at=at)}


@job("doubt_touches", does=gettext_noop("calls unknown the touches that nobody settled"), by_hand=True)
def doubt_touches(_run: JobRun, _as_of: date) -> Counts:
    """Call unknown what was claimed too long ago and never settled."""
    return {"touches": touches.doubt(at=clock.now())}


@after_restore
def erase_again(at: datetime) -> None:
    """Erase those whom a restored backup knows again."""
    persons.reapply(at=at)


@job("assess_levels", does=gettext_noop("derives everybody's growth and moves members between levels"), by_hand=True)
def assess_levels(_run: JobRun, as_of: date) -> Counts:
    """Assess everybody as of today; of a past day only what would move is told."""
    relay.drain(at=clock.now())
    live = schemes.live(as_of)
    if live is None:
        return {"scheme": 0}
    if as_of < clock.business_day(clock.now()):
        with transaction.atomic():
            told = simulations.simulate(live.terms, as_of)
        return {"aside": True, "up": told.up, "down": told.down}
    done = leveling.assess_all(as_of=as_of, at=clock.now())
    return {"scheme": live.scheme.version, "changed": done.changed, "up": done.up, "down": done.down}


@after_relay
def apply_parked(at: datetime) -> None:
    """Take in the refunds whose order has come by any way."""
    parked.apply(at=at)


@job("expire_parked", does=gettext_noop("ends the waiting of refunds whose order never came"), by_hand=True)
def expire_parked(_run: JobRun, as_of: date) -> Counts:
    """End the waiting of refunds that were parked too long ago."""
    return {"expired": parked.expire(at=clock.now())}


@job("forget_events", does=gettext_noop("forgets events of members older than the brand keeps them"), by_hand=True)
def forget_events(_run: JobRun, as_of: date) -> Counts:
    """Forget events as old as the brand's setting says."""
    return {"forgotten": events.forget(at=clock.now())}


@job("give_birthday_gifts", does=gettext_noop("gives the birthday gifts of levels"), by_hand=True)
def give_birthday_gifts(_run: JobRun, as_of: date) -> Counts:
    """Give the birthday gifts of today; a past day's are not given late."""
    if as_of < clock.business_day(clock.now()):
        return {"aside": True}
    return {"given": benefit_gifts.give_for_birthdays(as_of=as_of, at=clock.now())}
