"""One customer as her guide sees her: how she stands, what she bought, what she may use, what is to be done for her."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guides.models import Bond, Feedback, Task
from guides.queries import asking, booking, sampling
from guides.queries.customers import step, tags_for
from guides.queries.serving import tasks_of
from members.models import Member, MemberTag, Portrait, Tag, Touch
from members.queries import bought, families, holdings, portrayal
from members.queries.bought import Bought
from members.queries.holdings import Open
from newretail.kernel import clock, numbers, sql
from stores.models import Post, Product

BOND = """
SELECT b.id, b.post_id, b.source, b.began_at FROM guides_bond b
WHERE b.member_id = ANY(%(family)s) AND b.post_id = ANY(%(posts)s) AND b.ended_at IS NULL
ORDER BY b.began_at, b.id LIMIT 1
"""
CONTACTS = """
SELECT t.channel, t.purpose, t.state, t.planned_for FROM members_touch t WHERE t.member_id = ANY(%(family)s)
ORDER BY t.id DESC LIMIT %(shown)s
"""
SAID = """
SELECT f.id, f.kind, f.words, f.at, p.name AS product FROM guides_feedback f
LEFT JOIN stores_product p ON p.id = f.product_id WHERE f.member_id = ANY(%(family)s) ORDER BY f.id DESC LIMIT %(shown)s
"""
OFFERED = 24
PURCHASES = f"""
SELECT o.paid_at, o.amount_cents - o.refunded_cents AS cents, s.name AS store,
  (SELECT string_agg(DISTINCT p.name, '、') FROM members_orderline l JOIN stores_product p ON p.id = l.product_id
   WHERE l.order_id = o.id) AS goods
FROM {bought.NEWEST.format(seen="")} LEFT JOIN stores_store s ON s.id = o.store_id
ORDER BY o.paid_at DESC, o.id DESC LIMIT %(shown)s
"""


@dataclass(frozen=True)
class Purchase:
    """A purchase: when, where, what, for how much."""

    at: datetime
    store: str
    goods: str
    cents: int


@dataclass(frozen=True)
class Said:
    """What she said: when, of which product, what it is, in her words."""

    at: datetime
    kind: str
    words: str
    product: str


@dataclass(frozen=True)
class Customer:
    """A customer as her guide sees her."""

    member: Member
    portrait: Portrait | None
    bond: Bond | None
    birthday: str
    step: str
    bought: Bought | None
    purchases: list[Purchase]
    tags: list[MemberTag]
    offered: list[Tag]
    coupons: Open | None
    tasks: list[tuple[Task, bool]]
    touches: list[Touch]
    said: list[Said]
    lately: list[Product]
    visits: list[booking.Shown]
    samples: list[dict[str, Any]]


def bond_of(family: Sequence[int], posts: Sequence[Post]) -> Bond | None:
    """Give the bond by which one of these posts serves her, by the ids of her rows."""
    served = Bond.objects.open().filter(member__in=family, post__in=[post.pk for post in posts]).select_related("post")
    return served.order_by("began_at", "id").first()


def birthday_of(member: Member) -> str:
    """Write the day and month of her birthday, with its calendar."""
    if not member.birth_month:
        return numbers.DASH
    return f"{member.birth_month:02}-{member.birth_day:02} ({member.get_birthday_calendar_display()})"


def portrait_of(member: Member, *, user: Any, posts: Sequence[Post], at: datetime) -> Customer:
    """Gather what a guide's page shows of a customer of hers, from all the rows that are hers."""
    family, today = families.ids_of(member), clock.business_day(at)
    questions, more = bought.asked_in(None, today)
    tags = list(tags_for(posts).order_by("store", "region", "family", "name"))
    found = sql.together(
        {
            **questions,
            "tags": portrayal.TAGS,
            "coupons": holdings.COUPONS,
            "purchases": PURCHASES,
            "bond": BOND,
            "contacts": CONTACTS,
            "said": SAID,
            "lately": asking.LATELY,
            "visits": booking.HERS,
            "samples": sampling.OFFERED,
        },
        {
            "family": family,
            "tags": [tag.pk for tag in tags],
            "today": today,
            "at": at,
            "shown": holdings.SHOWN,
            "posts": [post.pk for post in posts],
            **more,
        },
    )
    tasks = list(tasks_of(user).filter(member__in=family, state=Task.State.OPEN)
                 .select_related("brief").order_by("due_at", "id"))  # fmt: skip
    carried = [portrayal.tag_in(row) for row in found["tags"]]
    held = {each.tag.name for each in carried}
    return Customer(
        member=member, portrait=getattr(member, "portrait", None), bond=_bond(found["bond"]),
        birthday=birthday_of(member), step=step(member, tasks[0] if tasks else None, today),
        bought=bought.read(found, today), purchases=[_purchase(row) for row in found["purchases"]],
        tags=carried, offered=[tag for tag in tags if tag.name not in held][:OFFERED],
        coupons=holdings.coupons_in(found), tasks=[(task, task.due_at <= at) for task in tasks],
        touches=[_contact(row) for row in found["contacts"]], said=[_said(row) for row in found["said"]],
        lately=[Product(**row) for row in found["lately"]],
        visits=booking.read(found["visits"], at),
        samples=found["samples"],
    )  # fmt: skip


def _purchase(row: dict[str, Any]) -> Purchase:
    return Purchase(datetime.fromisoformat(row["paid_at"]), row["store"] or "", row["goods"] or "", row["cents"])


def _said(row: dict[str, Any]) -> Said:
    kind = str(Feedback.Kind(row["kind"]).label)
    return Said(datetime.fromisoformat(row["at"]), kind, row["words"], row["product"] or "")


def _bond(rows: list[dict[str, Any]]) -> Bond | None:
    return Bond(**{**rows[0], "began_at": datetime.fromisoformat(rows[0]["began_at"])}) if rows else None


def _contact(row: dict[str, Any]) -> Touch:
    return Touch(**{**row, "planned_for": datetime.fromisoformat(row["planned_for"])})
