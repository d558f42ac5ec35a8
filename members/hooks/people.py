"""Members: who joined, was merged, moved, consented, was erased; by number alone."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop

from members.models import Consent, Member, StageChange, TagMove
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import tells
from newretail.kernel.webhooks.rows import told


@tells("members.member.recorded", event="member.recorded", says=gettext_noop("a member joined, or was changed"))
def members_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the members a line recorded."""
    return told(
        Member.objects.filter(entry_id=entry.pk), "member_no", "source", "joined_at",
        store_code="home_store__code", level_code="level__code",
    )  # fmt: skip


@tells(
    "members.stage.moved",
    event="stage.moved",
    says=gettext_noop("a member moved from one stage of the lifecycle to another"),
)
def moves_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the moves between stages a line recorded."""
    return told(
        StageChange.objects.filter(entry_id=entry.pk), "from_stage", "to_stage", "changed_on",
        member_no="member__member_no",
    )  # fmt: skip


def _pair(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    yield {name: entry.facts[name] for name in ("member_no", "into_no")}


@tells("members.member.merged", event="member.merged", says=gettext_noop("a member lives on in another"))
def merged(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give who lives on in whom."""
    return _pair(entry)


@tells("members.merge.undone", event="member.parted", says=gettext_noop("a merge of members was undone"))
def parted(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give who no longer lives on in whom."""
    return _pair(entry)


@tells(
    "members.person.erased",
    event="member.erased",
    says=gettext_noop("a member's personal data was erased; erase it too"),
)
def erased(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give who was erased."""
    return told(Member.objects.filter(pk=int(entry.subject.partition(":")[2])), "member_no")


@tells(
    "members.tag.put_on", "members.tag.taken_off", "members.tag.expired", "members.tag_rule.applied",
    "members.member_tag.recorded",
    event="tag.moved", says=gettext_noop("a tag was put on a member, or taken off"),
)  # fmt: skip
def tags_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the moves of tags a line wrote."""
    return told(
        TagMove.objects.filter(entry_id=entry.pk), "kind", "source", "moved_at",
        member_no="member__member_no", tag_name="tag__name",
    )  # fmt: skip


@tells("members.consent.recorded", event="consent.changed", says=gettext_noop("a consent was given or withdrawn"))
def consents_of(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the statements a line recorded."""
    return told(
        Consent.objects.filter(entry_id=entry.pk), "channel", "purpose", "given", "stated_at",
        member_no="member__member_no",
    )  # fmt: skip
