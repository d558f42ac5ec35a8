"""What HQ does with whole lists in the demo, and orders that a till sends with what they were paid with."""

from datetime import datetime, timedelta

from members.actions import arrivals
from members.actions.arrivals import Sent, Tender
from members.models import Order
from newretail.kernel import clock, sql
from newretail.kernel.actions import jobs
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import JobRun, User
from stores.models import Store

ORDERS, POINTS, FIRST = 8, 100, "COUPON-001"
# Jobs over the list of members, the words of its filters, the wish.
LISTS = (
    ("issue_coupons", "stage=active", {"plan": "SALE-20", "occasion": "老友回馈"}),
    ("tag_members", "super=1", {"tag": "上班族", "deed": "put_on", "reason": "午间到店", "until": None}),
)
READY = """
SELECT m.member_no, c.code FROM members_coupon c JOIN members_couponplan p ON p.id = c.plan_id
JOIN members_member m ON m.id = c.member_id JOIN members_pointsaccount a ON a.member_id = m.id
WHERE p.code = 'SALE-20' AND c.state = 'issued' AND c.valid_until > %(at)s AND a.balance >= %(points)s
ORDER BY m.seat, c.id LIMIT %(most)s
"""


def lists(*, at: datetime) -> int:
    """Issue coupons to a list and tag another, once; how many members had one or the other done to them."""
    chief = User.objects.filter(username="hq").first()
    done = 0
    for name, words, wish in LISTS:
        if chief is None or JobRun.objects.filter(name=name).exists():
            continue
        params: dict[str, object] = {"words": words, "wish": wish}
        run = jobs.enter(name=name, as_of=clock.business_day(at), at=at, by=chief, params=params)
        counts = jobs.perform(run=run).counts if run else {}
        done += counts.get("issued", 0) + counts.get("changed", 0)
    return done


def pay(*, at: datetime) -> int:
    """Let a till send a few orders with the coupon and the points each was paid with; how many went in."""
    store = Store.objects.order_by("code").values_list("code", flat=True)[0]
    if Order.objects.filter(source="pos", order_no=FIRST).exists():
        return 0
    ready = sql.rows(READY, {"at": at, "points": POINTS, "most": ORDERS})
    for number, (member_no, code) in enumerate(ready, 1):
        row = {"source": "pos", "order_no": f"COUPON-{number:03}", "member_no": member_no, "store_code": store,
               "paid_at": (at - timedelta(hours=1)).isoformat(), "amount": f"{198 + number}.00"}  # fmt: skip
        arrivals.take_paid(
            sent=Sent(batch_of(IMPORTERS["orders"].sheet, [row]), Batch((), b"", 0), []),
            name=("pos", row["order_no"]), tender=Tender([(code, 2_000)], POINTS), at=at,
        )  # fmt: skip
    return len(ready)
