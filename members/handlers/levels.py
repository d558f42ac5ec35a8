"""Whose orders, events, rows or growth changed stands anew: up at once, with the gifts of joining and rising."""

from members.actions import benefit_gifts, leveling
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears(
    "members.order.recorded",
    "members.order.withdrawn",
    "members.refund.recorded",
    "members.refund.withdrawn",
    "members.member.recorded",
    "members.member.merged",
    "members.merge.undone",
    "members.growth.adjusted",
    "members.event.recorded",
    "members.person.erased",
)
def reassess(entry: JournalEntry) -> None:
    """Derive the growth of the line's members anew."""
    leveling.reassess(entry_id=entry.pk, line=entry.name, facts=entry.facts, at=entry.effective_at)


@hears("members.level.moved")
def give_for_rising(entry: JournalEntry) -> None:
    """Whom a line's moves lifted get the gift of their level."""
    benefit_gifts.give_for_rising(entry_id=entry.pk, at=entry.effective_at)


@hears("members.member.recorded", "members.order.recorded")
def give_for_joining(entry: JournalEntry) -> None:
    """Who joined by a line gets the joining gift."""
    joined = entry.name == "members.member.recorded"
    if joined or entry.facts.get("enrolled"):
        benefit_gifts.give_for_joining(entry_id=entry.pk, of_members=joined, at=entry.effective_at)
