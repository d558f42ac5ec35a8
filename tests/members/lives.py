"""Whole lives of members, a row of each noun a timeline shows, at instants that collide as real ones do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.db.models import Max

from members import models as m
from members.models.portraits import Stage
from members.queries.timeline.strands import STRANDS, Strand
from newretail.kernel import clock
from newretail.kernel.guard import writing
from newretail.kernel.models import User
from stores.models import Channel, Store
from tests import coupons as cast
from tests import world

BORN = datetime(2026, 1, 1, tzinfo=UTC)
NUMBER = count(1)


def _words() -> dict[str, Any]:
    """The rows that what happens points to."""
    level, _ = m.Level.objects.get_or_create(code="X", defaults={"name": "银卡", "rank": 90})
    scheme, _ = m.LevelScheme.objects.get_or_create(version=1, defaults={"terms": {}, "kept_at": BORN, "entry_id": 0})
    text, _ = m.ConsentText.objects.get_or_create(
        purpose="marketing", version=1, defaults={"published_at": BORN, "entry_id": 0, "title_zh": "授权"}
    )
    tag, _ = m.Tag.objects.get_or_create(name="爱喝茶")
    by = User.objects.get_or_create(username="boss", defaults={"name": "老板", "staff_no": "B1"})[0]
    gift, _ = m.Gift.objects.get_or_create(code="CUP", defaults={"name": "杯子", "points": 5})
    return {"gift": gift, "level": level, "scheme": scheme, "text": text, "tag": tag, "by": by}


def _rows(member: m.Member, at: datetime, of: dict[str, Any]) -> Iterator[Any]:
    """One row of each noun, at an instant."""
    n, day = next(NUMBER), clock.business_day(at)
    mine = {"member": member, "entry_id": 0}
    by = of["by"]
    order = m.Order(
        **mine, source="pos", order_no=f"L{n}", store=Store.objects.get(code="SH01"), channel=Channel.objects.first(),
        paid_at=at, amount_cents=1000, refunded_cents=100 if n % 2 else 0,
    )  # fmt: skip
    yield order
    if n % 2:
        yield m.Refund(order=order, refund_no=f"R{n}", amount_cents=100, refunded_at=at, entry_id=0)
    account = m.PointsAccount.objects.get_or_create(member=member)[0]
    yield m.PointsEntry(
        account=account, kind="grant", points=5, source="test", source_no=f"{n}", made_at=at, by=by, **mine
    )
    used = {"state": "redeemed", "redeemed_at": at, "source": "pos", "source_no": f"{n}"} if n % 3 == 0 else {}
    yield m.Coupon(
        **mine, code=f"LIFE{n:08}", plan=of["plan"], given_for="hand", given_key=f"{n}", issued_at=at, valid_from=at,
        valid_until=at + timedelta(days=30), **used,
    )  # fmt: skip
    gift = of["gift"]
    yield m.GiftOrder(
        **mine, source="mall", order_no=f"L{n}", code=f"GIFT{n:08}", gift=gift, store=Store.objects.get(code="SH01"),
        points=5, ordered_at=at, until=at + timedelta(days=7),
    )  # fmt: skip
    yield m.LevelMove(**mine, to_level=of["level"], reason="first", growth=n, scheme=of["scheme"], moved_on=day)
    yield m.GrowthAdjustment(**mine, growth=1, reason="补", key=f"life-{n}", adjusted_at=at, by=by)
    yield m.BenefitGift(**mine, kind="birthday", occasion=f"{n}", level=of["level"], given_at=at)
    yield m.BenefitUse(**mine, name="factory_tour", year=2026, key=f"life-{n}", used_at=at)
    yield m.TagMove(**mine, tag=of["tag"], kind="added", source="hand", moved_at=at, by=by)
    yield m.Consent(**mine, channel="sms", purpose="marketing", given=True, stated_at=at + timedelta(seconds=n),
                    text=of["text"], source="till", proof="T")  # fmt: skip
    yield m.GuardianConsent(**mine, given=True, stated_at=at + timedelta(seconds=n), relation="parent", source="till",
                            proof="T")  # fmt: skip
    yield m.Touch(**mine, channel="sms", purpose="marketing", source=f"life:{n}", planned_for=at, day=day)
    yield m.Event(**mine, source="app", event_no=f"L{n}", kind="page_view", happened_at=at)
    turned = day - timedelta(days=5 * (n // 6 % 100))
    yield m.StageChange(member=member, to_stage=Stage.values[n % 6], changed_on=turned, entry_id=0)
    yield m.Claim(**mine, kind="card", value=f"{n}", claimed_at=at)
    yield m.PersonRequest(**mine, kind="export", asked_at=at, due_on=day, state="done", ended_at=at)
    yield m.PhoneReveal(**mine, by=by, reason="order", revealed_at=at, day=day, nth=n)


def live(member: m.Member, moments: list[datetime]) -> None:
    """Let each noun happen to a member at each of these instants."""
    plan = m.CouponPlan.objects.filter(code="LIFE").first() or cast.plan("LIFE")
    with writing("tests"):
        of = {**_words(), "plan": plan}
        for at in moments:
            for row in _rows(member, at, of):
                row.save()


def merged(number: str = "V2", into: str = "V1", at: datetime = world.NOW) -> None:
    """Write a merge down, and one that was undone."""
    with writing("tests"):
        one, other = world.member(number), world.member(into)
        for undone in (True, False):
            row = m.Merge.objects.create(member=one, into=other, rule="hand", merged_at=at, entry_id=0)
            if undone:
                m.MergeUndone.objects.create(merge=row, undone_at=at, entry_id=0)
        m.Member.objects.filter(pk=one.pk).update(merged_into=other)


def instants(strand: Strand, ids: list[int]) -> list[tuple[datetime, int]]:
    """When the rows of a strand happened to these members, with their ids; asked of the models, row by row."""
    model = next(
        each for each in vars(m).values() if getattr(getattr(each, "_meta", None), "db_table", "") == strand.table
    )
    rows = model.objects.get_queryset()
    if strand.name == "joined":
        rows = rows.filter(pk__in=ids)
    elif strand.name in ("merge", "undone"):
        rows = rows.filter(**{"into__in" if strand.name == "merge" else "merge__into__in": ids})
    else:
        path = {"points": "account__member", "refund": "order__member"}.get(strand.name, "member")
        rows = rows.filter(**{f"{path}__in": ids})
    if strand.name == "points":
        return [
            (row["made_at"], row["last"])
            for row in rows.values("account", "made_at", "kind").annotate(last=Max("pk")).order_by()
        ]
    if strand.name == "refund":
        lasts: dict[tuple[int, date], tuple[datetime, int]] = {}
        for order, at, pk in rows.order_by("refunded_at", "pk").values_list("order_id", "refunded_at", "pk"):
            lasts[order, clock.business_day(at)] = (at, pk)
        return list(lasts.values())
    if strand.name == "coupon_used":
        rows = rows.filter(state="redeemed")
    found = rows.values_list(strand.at, "pk")
    return [(clock.day_start(at) if strand.day else at, pk) for at, pk in found]


def merged_naively(ids: list[int], kinds: set[str], until: datetime) -> list[tuple[datetime, str, int]]:
    """All that happened to these members, put into order the plain way."""
    every = [
        (at, place, pk, strand.name)
        for place, strand in enumerate(STRANDS) if not kinds or strand.kind in kinds
        for at, pk in instants(strand, ids) if at <= until
    ]  # fmt: skip
    every.sort(key=lambda row: (-row[0].timestamp(), row[1], -row[2]))
    return [(at, name, pk) for at, _, pk, name in every]
