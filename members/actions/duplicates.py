"""Likely duplicates: find pairs who may be one person, say that two are not, merge what the brand trusts."""

from datetime import datetime

from django.utils.translation import gettext_noop

from members.actions import merges
from members.actions.merges import hold
from members.models import Duplicate, Member
from newretail.kernel import brand, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

MOST_NEW = 5_000  # pairs by name and birthday a night; the others come the next
MOST_MERGED = 500  # merged by itself a night
# Who claims what another holds; whoever told them apart before is not asked again.
CLAIMED = """
SELECT DISTINCT ON (1, 2) least(a.root, b.root) AS low, greatest(a.root, b.root) AS high,
  CASE c.kind WHEN 'phone' THEN 'phone' ELSE 'identity' END AS rule
FROM members_claim c JOIN members_identity d ON d.kind = c.kind AND d.value = c.value
JOIN (SELECT id, coalesce(merged_into_id, id) AS root FROM members_member) a ON a.id = c.member_id
JOIN (SELECT id, coalesce(merged_into_id, id) AS root FROM members_member) b ON b.id = d.member_id
WHERE c.state = 'pending' AND a.root <> b.root ORDER BY 1, 2, 3 DESC
"""
# Born on one day with a name that is the same or sounds the same: each with the first of them.
ALIKE = """
SELECT first AS low, id AS high, 'name_birthday' AS rule FROM (
  SELECT id, min(id) OVER who AS first, count(*) OVER who AS of_them FROM members_member
  WHERE merged_into_id IS NULL AND name_pinyin <> '' AND birth_year IS NOT NULL AND birth_month IS NOT NULL
  WINDOW who AS (PARTITION BY name_pinyin, birthday_calendar, birth_year, birth_month, birth_day)) t
WHERE of_them > 1 AND first < id
  AND NOT EXISTS (SELECT FROM members_duplicate d WHERE d.low_id = first AND d.high_id = t.id)
ORDER BY 1, 2 LIMIT %(most)s
"""
KEEP = """
INSERT INTO members_duplicate (low_id, high_id, rule, state, found_at, entry_id)
SELECT DISTINCT ON (low, high) low, high, rule, 'open', %(at)s, %(entry)s FROM tmp_pairs
ORDER BY low, high, array_position(ARRAY['phone', 'identity', 'name_birthday'], rule)
ON CONFLICT (low_id, high_id) DO NOTHING
"""
RULES = {"never": [], "phone": ["phone"], "identity": ["phone", "identity"]}


class DecidedAlready(Refused):
    """Somebody decided before."""

    code = "decided_already"
    sentence = gettext_noop("Somebody has decided about this pair already.")


@verb
def find(*, at: datetime) -> int:
    """Look through all members for pairs who may be one person; return how many are new.

    Writes: members.duplicate.found.
    """
    sql.temporary("tmp_pairs", f"({CLAIMED}) UNION ALL ({ALIKE})", {"most": MOST_NEW})
    entry_id = journal.reserve()
    new = sql.execute(KEEP, {"at": at, "entry": entry_id})
    if new:
        journal.write("members.duplicate.found", at=at, entry_id=entry_id, pairs=new)
    return new


@verb
def dismiss(*, duplicate: Duplicate, at: datetime, by: User | None = None) -> None:
    """Say that two are not the same person: the pair is never proposed again.

    Refuses: DecidedAlready.
    Writes: members.duplicate.dismissed.
    """
    hold([duplicate.low_id, duplicate.high_id])
    entry_id = journal.reserve()
    decided = Duplicate.objects.filter(pk=duplicate.pk, state=Duplicate.State.OPEN).update(
        state=Duplicate.State.DISMISSED, settled_at=at, settled_by=by, entry_id=entry_id
    )
    if not decided:
        raise DecidedAlready
    journal.write(
        "members.duplicate.dismissed", at=at, by=by, entry_id=entry_id,
        member_no=duplicate.low.member_no, other_no=duplicate.high.member_no,
    )  # fmt: skip


def older_first(duplicate: Duplicate) -> tuple[Member, Member]:
    """Give the persons of a pair as they live now: who joined earlier, then the other."""
    one, other = (member.merged_into or member for member in (duplicate.low, duplicate.high))
    first, second = sorted((one, other), key=lambda member: (member.joined_at, member.pk))
    return first, second


@verb
def merge_by_itself(*, at: datetime) -> int:
    """Merge open pairs by the rules that the brand trusts, each into who joined earlier; return how many.

    Writes no line: `merges.merge` writes one for each.
    """
    rules = RULES[str(brand.setting("merge_by_itself"))]
    pairs = Duplicate.objects.filter(state=Duplicate.State.OPEN, rule__in=rules)
    merged = 0
    for pair in pairs.select_related("low__merged_into", "high__merged_into").order_by("pk")[:MOST_MERGED]:
        into, member = older_first(pair)
        fresh = Member.objects.filter(pk__in=(into.pk, member.pk), merged_into__isnull=True)
        if fresh.count() == len({into.pk, member.pk}) > 1:
            reason = Duplicate.Rule(pair.rule).name
            merges.merge(member=member, into=into, reason=reason, rule=pair.rule, at=at)
            merged += 1
    return merged
