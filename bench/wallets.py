"""Points spent and coupons redeemed: beside bare endpoints and the ORM's way, and with a short and a long ledger."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.test import override_settings

from bench.figures import Figure, at_least, at_most
from bench.ground import BIG, Ground, brand
from bench.meter import Took
from bench.tills import COUNTED, NUMBERS, ROUNDS, Till, basket, beside, in_turns
from members.actions import code_batches, coupon_plans, points, redemptions
from members.models import Coupon, CouponEvent, CouponPlan, Member
from members.queries.coupons import Purchase, Use
from newretail.kernel import clock
from newretail.kernel.models import JournalEntry, Pending
from newretail.kernel.registry import TABLES
from stores.models import Store

SHORT, LONG, LONG_UNJUDGED = 10, 100_000, 1_000
RIGHTS = ("points:view", "points:change", "redemptions:change")
# Every other entry earns ten points, the next spends them: what is left over is what a verb has given.
LEDGER = """
WITH entry AS (
  INSERT INTO members_pointsentry (account_id, member_id, kind, points, pending, owed, source, source_no, line_no, rule,
    nth, reason, made_at, entry_id)
  SELECT a.id, a.member_id, CASE n %% 2 WHEN 1 THEN 'earn' ELSE 'spend' END, CASE n %% 2 WHEN 1 THEN 10 ELSE -10 END,
    0, 0, 'past', a.id || '-' || (n + 1) / 2, 0, '', 0, '', %(at)s - make_interval(secs => %(rows)s - n), 0
  FROM members_pointsaccount a, generate_series(1, %(rows)s) AS n WHERE a.member_id = %(member)s ORDER BY n
  RETURNING id, account_id, source_no, points, made_at),
lot AS (
  INSERT INTO members_pointslot (origin_id, account_id, state, earned_at, points, remaining)
  SELECT id, account_id, 'open', made_at, 10, 0 FROM entry WHERE points > 0)
INSERT INTO members_pointsuse (points_entry_id, lot_id, points)
SELECT spent.id, earned.id, 10 FROM entry spent JOIN entry earned USING (source_no)
WHERE spent.points < 0 AND earned.points > 0 ORDER BY spent.id
"""
# What was redeemed long ago, each in a purchase of its own.
REDEEMED = """
WITH used AS (
  UPDATE members_coupon SET state = 'redeemed', source = 'past', source_no = id::text, redeemed_at = %(at)s, moves = 1,
    amount_cents = 100 WHERE id IN (SELECT id FROM members_coupon WHERE plan_id = %(plan)s ORDER BY id LIMIT %(rows)s)
  RETURNING id),
counted AS (UPDATE members_couponplan SET redeemed = (SELECT count(*) FROM used) WHERE id = %(plan)s)
INSERT INTO members_couponevent (coupon_id, nth, move, at, source, source_no, amount_cents, discount_cents, entry_id)
SELECT u.id, 1, 'redeemed', %(at)s, 'past', u.id::text, 100, 0, 0 FROM used u ORDER BY u.id
"""


class Wallet:
    """A member whose ledger of points has so many rows, and a plan that has redeemed so many coupons."""

    def __init__(self, ground: Ground, number: str, rows: int, fresh: int) -> None:
        now = clock.now()
        self.number, self.store = number, Store.objects.order_by("code")[0]
        self.member = Member.objects.get(member_no=number)
        points.earn(member=self.member, points=1_000_000, name=points.Name("bench", f"{number}"), at=now)
        terms = {"code": f"B{number}", "name": number, "kind": "amount", "amount_cents": 1, "days_valid": 30,
                 "stock": coupon_plans.MOST_STOCK // 10}  # fmt: skip
        self.plan = coupon_plans.open_up(plan=coupon_plans.keep(terms=coupon_plans.Terms(terms), at=now), at=now)
        for key, size in (("past", rows), ("fresh", fresh)):
            code_batches.make(plan=self.plan, key=key, size=size, at=now)
        self._age(ground, rows, now)
        fresh_ones = Coupon.objects.filter(batch__key="fresh", plan=self.plan).order_by("code")
        self.codes: Iterator[str] = iter(list(fresh_ones.values_list("code", flat=True)))

    def _age(self, ground: Ground, rows: int, now: datetime) -> None:
        """Give both ledgers their past."""
        session = ground.admin(BIG)
        with session.cursor() as cursor:
            given = {"member": self.member.pk, "plan": self.plan.pk, "rows": rows, "at": now - timedelta(hours=1)}
            for statement in (LEDGER, REDEEMED):
                cursor.execute(statement, given)
            cursor.execute(
                "VACUUM (ANALYZE) members_pointsentry, members_pointslot, members_pointsuse, members_coupon,"
                " members_couponevent"
            )
        session.close()

    def spending(self) -> dict[str, Any]:
        """Name a spending nobody has sent before."""
        return {"source": "bench", "source_no": f"S{next(NUMBERS)}", "points": 1}

    def shown(self) -> dict[str, Any]:
        """Show a coupon nobody has used, for a purchase nobody has sent."""
        return {"code": next(self.codes), "source": "bench", "source_no": f"C{next(NUMBERS)}", "amount": "30.00",
                "store_code": self.store.code}  # fmt: skip

    def use(self) -> Use:
        """Show one as a verb takes it."""
        shown = self.shown()
        purchase = Purchase(3_000, self.store.pk, self.store.region_id)
        return Use(shown["code"], purchase, shown["source"], shown["source_no"])


def by_orm(use: Use, at: datetime) -> None:
    """Redeem a coupon as is usual: lock its row and its plan's, look, save each; told in the journal as ours is."""
    with transaction.atomic():
        coupon = Coupon.objects.select_related("plan").select_for_update(of=("self", "plan")).get(code=use.code)
        others = Coupon.objects.filter(source=use.source, source_no=use.source_no, state="redeemed")
        assert coupon.state == "issued"
        assert coupon.plan.state == "active"
        assert coupon.valid_from <= at < coupon.valid_until
        assert not others.exists()
        facts = {"plan": coupon.plan.code, "source": use.source, "source_no": use.source_no}
        line = JournalEntry.objects.create(
            name="members.coupon.redeemed", subject=f"coupon:{coupon.pk}", facts=facts, effective_at=at
        )
        hears = TABLES.hears.get(line.name, ())
        Pending.objects.bulk_create(
            [Pending(entry=line, handler=name, subject=line.subject, due_at=at) for name in hears]
        )
        coupon.state, coupon.source, coupon.source_no, coupon.redeemed_at = "redeemed", use.source, use.source_no, at
        coupon.store_id, coupon.amount_cents = use.purchase.store_id, use.purchase.amount_cents
        coupon.discount_cents, coupon.moves = coupon.plan.amount_cents, coupon.moves + 1
        coupon.save()
        CouponPlan.objects.filter(pk=coupon.plan_id).update(redeemed=F("redeemed") + 1)
        CouponEvent.objects.create(
            coupon=coupon, nth=coupon.moves, move="redeemed", at=at, source=use.source, source_no=use.source_no,
            store_id=coupon.store_id, amount_cents=coupon.amount_cents, discount_cents=coupon.discount_cents,
            entry_id=line.pk,
        )  # fmt: skip


def _flat(item: str, here: Took, there: Took, rows: int) -> Figure:
    """Judge that a long ledger costs what a short one does: the rate stays at nine tenths at least."""
    return at_most(beside(f"{item}, {rows:,} ledger rows", there, here, f"{SHORT} rows"), 1.11)


def measure(ground: Ground) -> list[Figure]:
    """Spend, redeem and ask: over the API and beside it, with a short and a long ledger."""
    judged = ground.scale.judged
    times, rows = (200, LONG) if judged else (20, LONG_UNJUDGED)
    ground.say(f"points and coupons, ledgers of {SHORT} and {rows:,} rows")
    with brand(BIG), override_settings(CACHES=COUNTED):
        numbers, fresh = basket().members[:2], 5 * times * (ROUNDS + 1)
        short, long = (Wallet(ground, *each, fresh) for each in zip(numbers, (SHORT, rows), strict=True))
        till, bare = Till(*RIGHTS), Till()

        def spend(of: Wallet) -> None:
            till.send(f"/api/v1/members/{of.number}/points:spend", of.spending())

        def redeem(of: Wallet) -> None:
            till.send("/api/v1/coupons:redeem", of.shown())

        flat = {
            "points spent": in_turns(lambda: spend(short), lambda: spend(long), times=times),
            "coupon redeemed": in_turns(lambda: redeem(short), lambda: redeem(long), times=times),
            "points told": in_turns(
                lambda: till.ask(f"/api/v1/members/{short.number}/points"),
                lambda: till.ask(f"/api/v1/members/{long.number}/points"), times=times,
            ),
        }  # fmt: skip
        one = "one statement"
        spends = in_turns(
            lambda: spend(short), lambda: bare.send(f"/spend/{short.number}", short.spending()), times=times
        )
        redeems = in_turns(lambda: redeem(short), lambda: bare.send("/redeem", short.shown()), times=times)
        verb, orm = in_turns(
            lambda: redemptions.redeem(use=short.use(), at=clock.now()), lambda: by_orm(short.use(), clock.now()),
            times=times,
        )  # fmt: skip
    ratio = Figure("redemption, both journalled, by cpu", verb.words, f"the ORM's way {orm.words}", orm.cpu / verb.cpu)
    return [
        at_least(ratio, 2.5),
        at_most(beside("API: points spent, with key", *spends, f"bare endpoint, {one}"), 2),
        at_most(beside("API: coupon redeemed, with key", *redeems, f"bare endpoint, {one}"), 2),
        *(_flat(f"API: {item}", *pair, rows) for item, pair in flat.items()),
    ]
