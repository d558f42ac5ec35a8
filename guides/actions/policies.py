"""Keep versions of policies, and let one count from a day on."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from guides.models import Policy, PolicyStart
from guides.queries import policies
from guides.queries.policy_terms import READ
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

LOCK = "SELECT pg_advisory_xact_lock(hashtext('guides.policy'), hashtext(current_schema()))"
LONGEST_NOTE = 200


class PolicyChanged(Refused):
    """Somebody else kept another version meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has kept another version meanwhile; look at it first.")


class PolicyPublished(Refused):
    """A version is published once."""

    code = "already_published"
    sentence = gettext_noop("This version is published already; keep a new one to change something.")


class PolicyStartsTooEarly(Refused):
    """What counted on a day counts for it for ever."""

    code = "starts_in_past"
    sentence = gettext_noop("A new version counts from tomorrow on at the earliest: what was earned stays as it was.")


@verb
def keep(
    *, kind: str, terms: object, at: datetime, by: User | None = None, note: str = "", seen: int | None = None
) -> Policy:
    """Keep terms as the next version of a kind, a draft until it is published; the same again is no new one.

    `terms` are JSON, read by `guides.queries.policy_terms`; `seen`: the version that was shown, 0 where there was none.
    Refuses: BadPolicy, PolicyChanged.
    Writes: guides.policy.kept.
    """
    sql.rows(LOCK)
    last = policies.newest(kind)
    if seen is not None and seen != (last.version if last else 0):
        raise PolicyChanged
    READ[kind](terms)
    if last and last.terms == terms:
        return last
    version = last.version + 1 if last else 1
    line = journal.write("guides.policy.kept", at=at, by=by, subject=f"{kind}:{version}")
    return Policy.objects.create(
        kind=kind, version=version, terms=terms, note=note[:LONGEST_NOTE], kept_at=at, by=by, entry_id=line.pk
    )


@verb
def publish(*, policy: Policy, starts_on: date, at: datetime, by: User | None = None) -> PolicyStart:
    """Let a version count from a day on: from tomorrow at the earliest, the first of its kind from any day.

    Refuses: PolicyPublished, PolicyStartsTooEarly, BadPolicy.
    Writes: guides.policy.published.
    """
    sql.rows(LOCK)
    READ[policy.kind](policy.terms)
    if PolicyStart.objects.filter(policy=policy).exists():
        raise PolicyPublished
    is_first = not PolicyStart.objects.filter(policy__kind=policy.kind).exists()
    if starts_on <= clock.business_day(at) and not is_first:
        raise PolicyStartsTooEarly
    line = journal.write(
        "guides.policy.published", at=at, by=by, subject=f"{policy.kind}:{policy.version}",
        starts_on=starts_on.isoformat(),
    )  # fmt: skip
    return PolicyStart.objects.create(policy=policy, starts_on=starts_on, published_at=at, by=by, entry_id=line.pk)
