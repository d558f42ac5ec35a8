"""What tills need of a brand: members with points and coupons, codes to redeem, a key; and the look at its books."""

import json
from datetime import timedelta
from pathlib import Path

from bench.ground import BIG, HOSTS, brand
from members.actions import code_batches, coupon_plans, coupons, earn_rules, points
from members.models import Coupon, Member
from newretail.kernel import books, clock
from newretail.kernel.actions import keys, relay
from stores.actions import posts
from stores.models import Product, Store

MEMBERS, CODES, POINTS = 500, 20_000, 1_000_000
RIGHTS = ("orders:view", "orders:change", "points:view", "points:change", "coupons:view", "redemptions:change",
          "members:view")  # fmt: skip


def furnish(folder: Path) -> Path:
    """Give the brand's members points and coupons and the tills a key; write down what they need to know."""
    at = clock.now()
    with brand(BIG):
        rows = list(Member.objects.filter(home_store__isnull=False).order_by("seat")[:MEMBERS])
        terms = earn_rules.Terms(name="基础", from_on=clock.business_day(at) - timedelta(days=30), points_per_yuan=1)
        earn_rules.put(code="base", terms=terms, at=at)
        points.grant(
            given=f"SELECT id AS member_id, {POINTS}::bigint AS points, member_no AS source_no FROM members_member"
            " WHERE id = ANY(%(ids)s)",
            params={"ids": [row.pk for row in rows]}, source="load", at=at,
        )  # fmt: skip
        fields = {"code": "LOAD", "name": "一分券", "kind": "amount", "amount_cents": 1, "days_valid": 30,
                  "stock": 100_000}  # fmt: skip
        plan = coupon_plans.open_up(plan=coupon_plans.keep(terms=coupon_plans.Terms(fields), at=at), at=at)
        coupons.issue(plan=plan, members=[row.pk for row in rows], source="load", key="load", at=at)
        code_batches.make(plan=plan, key="load", size=CODES, at=at)
        account = posts.admit_system(name="load", at=at)
        key = keys.issue(account=account, rights=RIGHTS, at=at, per_minute=keys.MOST_PER_MINUTE)
        told = {
            "host": HOSTS[BIG], "key": key.text, "members": [row.member_no for row in rows],
            "codes": list(Coupon.objects.filter(batch__key="load").values_list("code", flat=True)),
            "store": Store.objects.order_by("code")[0].code, "paid_at": (at - timedelta(hours=1)).isoformat(),
            "skus": list(Product.objects.order_by("sku").values_list("sku", flat=True)),
        }  # fmt: skip
    path = folder / "set-up.json"
    path.write_text(json.dumps(told))
    path.chmod(0o600)
    return path


def found() -> dict[str, int]:
    """Carry what waits to be heard, then verify the books: how many differences each law finds.

    What a bench loads past the verbs has no journal lines and no facts of its days: that much is found before any call.
    """
    with brand(BIG):
        while relay.drain(at=clock.now()):
            pass
        return {finding.law: finding.count for finding in books.verify()}
