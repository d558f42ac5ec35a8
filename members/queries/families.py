"""Families: the rows that are one person; she lives on in the one that is not merged, the root.

A merged row points straight to its root (`Member.merged_into`), never to a merged row: one step always resolves it.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from members.models import Identity, Member
from newretail.kernel import sql

IDS = "SELECT {root} UNION ALL SELECT fam.id FROM members_member fam WHERE fam.merged_into_id = {root}"


def root_sql(alias: str) -> str:
    """Write the id of the root of a row of `members_member` that a statement calls by this name."""
    return f"coalesce({alias}.merged_into_id, {alias}.id)"


def ids_sql(root: str) -> str:
    """Write the SELECT of all ids of the family whose root's id is this expression."""
    return IDS.format(root=root)


def root_of(member: Member) -> Member:
    """Give the member in which she lives on, herself where she is not merged."""
    return member.merged_into or member


def ids_of(member: Member) -> list[int]:
    """List the ids of all rows that are this person, her root first; she may be asked by any of them."""
    root = member.merged_into_id or member.pk
    return [root, *Member.objects.filter(merged_into=root).order_by("pk").values_list("pk", flat=True)]


def rows_of(member: Member) -> QuerySet[Member]:
    """Give all rows that are this person."""
    root = member.merged_into_id or member.pk
    return Member.objects.filter(Q(pk=root) | Q(merged_into=root))


def roots_of(ids: Iterable[int]) -> dict[int, int]:
    """Tell of each id in whose row that person lives on."""
    given = Member.objects.filter(pk__in=list(ids)).annotate(root=Coalesce("merged_into_id", "pk"))
    return dict(given.values_list("pk", "root"))


def numbered(member_no: str) -> Member | None:
    """Find the person a number leads to, a former number too: the row in which she lives on."""
    found = Member.objects.select_related("merged_into").filter(member_no=member_no).first()
    return root_of(found) if found else None


def identified(kind: str, value: str) -> Member | None:
    """Find the person an identity leads to, by its normalised value: the row in which she lives on."""
    found = Identity.objects.select_related("member__merged_into").filter(kind=kind, value=value).first()
    return root_of(found.member) if found else None


def live_merges(ids: Iterable[int]) -> dict[int, int]:
    """Tell of each merged row among these into which row it was merged, by the merges that are not undone."""
    found = sql.rows(
        "SELECT g.member_id, g.into_id FROM members_merge g WHERE g.member_id = ANY(%(ids)s)"
        " AND NOT EXISTS (SELECT FROM members_mergeundone u WHERE u.merge_id = g.id)",
        {"ids": list(ids)},
    )
    return dict(found)
