"""Identities stated for a member: hers where they are free, her pending claim where another holds them."""

from datetime import datetime

from django.utils.translation import gettext_noop

from members.actions import tombstones
from members.actions.merges import hold
from members.models import Claim, Identity, Member
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.files import identities, reasons
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

# Of what is stated (member_id, kind, value), that which another person holds; what her own family holds is hers.
CONTESTED = """
SELECT DISTINCT c.member_id, c.kind, c.value, coalesce(a.merged_into_id, a.id) AS claims,
  coalesce(b.merged_into_id, b.id) AS holds
FROM {table} c JOIN members_identity d ON d.kind = c.kind AND d.value = c.value
JOIN members_member a ON a.id = c.member_id JOIN members_member b ON b.id = d.member_id
WHERE coalesce(a.merged_into_id, a.id) <> coalesce(b.merged_into_id, b.id)
"""
CLAIM = """
INSERT INTO members_claim AS c (member_id, kind, value, source, claimed_at, state, entry_id)
SELECT member_id, kind, value, %(source)s, %(at)s, 'pending', %(entry)s FROM tmp_contested ORDER BY 1, 2, 3
ON CONFLICT (member_id, kind, value) DO UPDATE SET state = 'pending', source = excluded.source,
  claimed_at = excluded.claimed_at, settled_at = NULL, settled_by_id = NULL, entry_id = excluded.entry_id
WHERE c.state = 'accepted'
"""
PAIRS = """
INSERT INTO members_duplicate (low_id, high_id, rule, state, found_at, entry_id)
SELECT DISTINCT ON (1, 2) least(claims, holds), greatest(claims, holds),
  CASE kind WHEN 'phone' THEN 'phone' ELSE 'identity' END, 'open', %(at)s, %(entry)s
FROM tmp_contested ORDER BY 1, 2, 3 DESC ON CONFLICT (low_id, high_id) DO NOTHING
"""


class NoIdentity(Refused):
    """It is no identity of this kind."""

    code = "no_identity"
    sentence = gettext_noop("This is no %(kind)s.")


class NotHers(Refused):
    """It does not lead to her."""

    code = "not_hers"
    sentence = gettext_noop("This identity does not lead to this member.")


class PersonErased(Refused):
    """It was an erased person's."""

    code = "person_erased"
    sentence = reasons.SENTENCES["person_erased"]


class SettledAlready(Refused):
    """Somebody decided before."""

    code = "settled_already"
    sentence = gettext_noop("This claim was settled already.")


def contend(*, table: str, params: sql.Params) -> int:
    """Make pending claims, and likely duplicates, of what members state (member_id, kind, value) and others hold.

    Part of the verbs that state identities; `params` hold their entry, at and source. Returns how many claims are new;
    a claim that was rejected stays so.
    """
    sql.temporary("tmp_contested", CONTESTED.format(table=table), analyze=False)
    new = sql.execute(CLAIM, params)
    if new:
        sql.execute(PAIRS, params)
    return new


def spelled(kind: str, value: str) -> str:
    """Give an identity in its one spelling.

    Refuses: NoIdentity.
    """
    plain = identities.normalise(kind, value) if kind in Identity.Kind.values else None
    if plain is None:
        raise NoIdentity(kind=dict(Identity.Kind.choices).get(kind, kind))
    return plain


def _give(member: Member, kind: str, value: str, entry_id: int) -> None:
    """Let an identity lead to a member; whoever gets a phone gives up her former one."""
    if kind == Identity.Kind.PHONE:
        Identity.objects.filter(member=member, kind=kind).exclude(value=value).delete()
        Member.objects.filter(pk=member.pk).update(phone=value)
    Identity.objects.update_or_create(
        kind=kind, value=value, defaults={"member": member, "entry_id": entry_id}
    )  # fmt: skip


def _lose(member: Member, kind: str, value: str) -> None:
    if kind == Identity.Kind.PHONE:
        Member.objects.filter(pk=member.pk, phone=value).update(phone="")
    Identity.objects.filter(member=member, kind=kind, value=value).delete()


def _holder(kind: str, value: str) -> Member | None:
    found = Identity.objects.select_related("member").filter(kind=kind, value=value).first()
    return found.member if found else None


def holder_of(claim: Claim) -> Member | None:
    """Give the member to whom the claimed identity leads now."""
    return _holder(claim.kind, claim.value)


@verb
def state(*, member: Member, kind: str, value: str, source: str, at: datetime, by: User | None = None) -> str:
    """State that an identity is a member's: it is hers where nobody holds it, else her pending claim.

    Returns `accepted`, `known` (it leads to this person already) or `pending`. Whoever states one queues on its value.
    Refuses: NoIdentity, PersonErased.
    Writes: members.identity.stated.
    """
    value = spelled(kind, value)
    sql.execute("SELECT pg_advisory_xact_lock(hashtextextended(%(what)s, 0))", {"what": f"identity {kind} {value}"})
    roots = hold([member.pk])
    holder = _holder(kind, value)
    if holder and (holder.merged_into_id or holder.pk) == roots[member.pk]:
        return "known"
    if holder is None and tombstones.lies_for(kind, value):
        raise PersonErased
    entry_id = journal.reserve()
    if holder is None:
        _give(member, kind, value, entry_id)
        fate = "accepted"
    else:
        stated = "SELECT %(member)s::bigint AS member_id, %(kind)s AS kind, %(value)s AS value"
        sql.temporary("tmp_stated", stated, {"member": member.pk, "kind": kind, "value": value}, analyze=False)
        contend(table="tmp_stated", params={"source": source, "at": at, "entry": entry_id})
        fate = str(Claim.objects.get(member=member, kind=kind, value=value).state)
    journal.write(
        "members.identity.stated", at=at, by=by, subject=f"member:{member.pk}", entry_id=entry_id,
        member_no=member.member_no, kind=kind, fate=fate,
    )  # fmt: skip
    return fate


@verb
def withdraw(*, member: Member, kind: str, value: str, at: datetime, by: User | None = None) -> None:
    """Let an identity lead to a member no longer; a claim to it that is pending is given up with it.

    Refuses: NoIdentity, NotHers.
    Writes: members.identity.withdrawn.
    """
    value = spelled(kind, value)
    hold([member.pk])
    hers = {"member": member, "kind": kind, "value": value}
    pending = Claim.objects.filter(**hers, state=Claim.State.PENDING)
    if not Identity.objects.filter(**hers).exists() and not pending.exists():
        raise NotHers
    entry_id = journal.reserve()
    _lose(member, kind, value)
    pending.update(state=Claim.State.REJECTED, settled_at=at, settled_by=by, entry_id=entry_id)
    journal.write(
        "members.identity.withdrawn", at=at, by=by, subject=f"member:{member.pk}", entry_id=entry_id,
        member_no=member.member_no, kind=kind,
    )  # fmt: skip


@verb
def settle(*, claim: Claim, accept: bool, at: datetime, by: User | None = None) -> None:
    """Decide a pending claim: accepted, the identity leads to who claims it and no longer to who held it.

    Refuses: SettledAlready.
    Writes: members.claim.settled.
    """
    holder = _holder(claim.kind, claim.value)
    hold(sorted({claim.member_id, *([holder.pk] if holder else [])}))
    entry_id = journal.reserve()
    decided = Claim.objects.filter(pk=claim.pk, state=Claim.State.PENDING).update(
        state=Claim.State.ACCEPTED if accept else Claim.State.REJECTED, settled_at=at, settled_by=by, entry_id=entry_id
    )
    if not decided:
        raise SettledAlready
    if accept:
        if holder:
            _lose(holder, claim.kind, claim.value)
        _give(claim.member, claim.kind, claim.value, entry_id)
    journal.write(
        "members.claim.settled", at=at, by=by, subject=f"member:{claim.member_id}", entry_id=entry_id,
        member_no=claim.member.member_no, kind=claim.kind, accepted=accept,
    )  # fmt: skip
