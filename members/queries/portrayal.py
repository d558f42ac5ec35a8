"""All that a member's page shows but her timeline: who she is, what she bought, what stands in her books.

Each block has its questions in a module of its own; they are asked together, in one statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from members.models import Claim, Identity, Member, MemberTag, Portrait, Tag
from members.queries import bought, families, holdings
from members.queries.bought import Bought
from members.queries.holdings import Holdings
from newretail.kernel import clock, masking, scopes, sql
from stores.models import sight_of, store_ids_in

IDENTITIES = """
SELECT i.kind, i.value FROM members_identity i
WHERE i.member_id = ANY(%(family)s) AND (i.kind, i.value) <> ('phone', %(phone)s) ORDER BY i.kind, i.id
"""
TAGS = """
SELECT DISTINCT ON (t.name) t.name, t.family, t.colour, l.source, l.set_at, l.expires_on
FROM members_membertag l JOIN members_tag t ON t.id = l.tag_id
WHERE l.member_id = ANY(%(family)s) AND (l.expires_on IS NULL OR l.expires_on > %(today)s)
  AND (%(tags)s::bigint[] IS NULL OR l.tag_id = ANY(%(tags)s)) ORDER BY t.name, l.set_at
"""


@dataclass(frozen=True)
class MemberPage:
    """A person as her page shows her, as far as the reader may see."""

    member: Member
    family: Sequence[Member]
    portrait: Portrait | None
    identities: list[tuple[str, str]]
    tags: list[MemberTag]
    bought: Bought | None
    books: Holdings

    @property
    def former_numbers(self) -> list[str]:
        """List the numbers of the rows that were merged into her."""
        return [row.member_no for row in self.family if row.pk != self.member.pk]

    @property
    def aov_cents(self) -> int | None:
        """Give the average order value of the year, None without an order."""
        if self.portrait is None or not self.portrait.frequency:
            return None
        return round(self.portrait.monetary_cents / self.portrait.frequency)


def may_ask_phone(member: Member, user: Any) -> bool:
    """Tell whether a person may ask for this member's whole phone."""
    stores = store_ids_in(sight_of(user, "phones", "reveal"))
    return stores is None or member.home_store_id in stores


def tags_seen(user: Any) -> list[int] | None:
    """List the tags a person may see (ids), None where she sees all of them."""
    if sight_of(user, "member_tags", "view").everything:
        return None
    return list(Tag.objects.visible_to(user).values_list("pk", flat=True))


def page_of(member: Member, *, user: Any, tags: Sequence[int] | None, at: datetime) -> MemberPage:
    """Gather a person's page for a reader who sees these tags, as of an instant, from all the rows that are hers."""
    family, today = list(families.rows_of(member).order_by("pk")), clock.business_day(at)
    of_orders, more = bought.asked(user, today)
    whose = {"identities": IDENTITIES, **({"tags": TAGS} if scopes.may(user, "member_tags") else {})}
    found = sql.together({**whose, **of_orders, **holdings.asked(user)}, {
        "root": member.pk, "family": [row.pk for row in family], "phone": member.phone, "tags": tags, "at": at,
        "today": today, "year": today.year, "shown": holdings.SHOWN, **more,
    })  # fmt: skip
    return MemberPage(
        member=member,
        family=family,
        portrait=getattr(member, "portrait", None),
        identities=[_named(Identity(**row), masking.reader(user)) for row in found["identities"]],
        tags=[tag_in(row) for row in found.get("tags", [])],
        bought=bought.read(found, today),
        books=holdings.read(member, found, today),
    )


def tag_in(row: dict[str, Any]) -> MemberTag:
    """Read a tag she carries."""
    tag = Tag(name=row["name"], family=row["family"], colour=row["colour"])
    until = date.fromisoformat(row["expires_on"]) if row["expires_on"] else None
    return MemberTag(tag=tag, source=row["source"], set_at=datetime.fromisoformat(row["set_at"]), expires_on=until)


def _named(identity: Identity, eyes: masking.Reader) -> tuple[str, str]:
    return identity.get_kind_display(), hidden(identity, eyes)


def hidden(identity: Identity | Claim, eyes: masking.Reader) -> str:
    """Show an identity with its middle hidden, or nothing of it."""
    return (eyes.phone if identity.kind == Identity.Kind.PHONE else eyes.value)(identity.value)
