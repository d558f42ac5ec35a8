"""The days after history: a day's orders, late orders and refunds, written as files and taken in as any file is."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.filling import KEPT_OF_1024, VISITS, schema_of
from bench.ground import BIG, Ground
from bench.scale import YEARS
from newretail.kernel import clock
from newretail.kernel.actions import relay
from newretail.kernel.files import importing

LATE = 0.001  # of the members have an order that comes late, and as many a refund
COLUMNS = (
    "'pos' AS source, 'S' || v.store AS store_code, 'store' AS channel,"
    " 'V' || lpad(v.member::text, 9, '0') AS member_no"
)
DAY = f"""
SELECT 'D' || to_char(v.on_day, 'YYMMDD') || '-' || row_number() OVER (ORDER BY v.second, v.member) AS order_no,
  {COLUMNS},
  to_char(v.on_day + make_interval(secs => v.second), 'YYYY-MM-DD"T"HH24:MI:SS') AS paid_at,
  (v.cents / 100.0)::numeric(12, 2) AS amount, 'G' || v.store AS staff_no
FROM ({VISITS} AND b.day = %(day)s) v
"""
LATE_ORDERS = """
SELECT 'L' || o.order_no || '-%(day)s' AS order_no, 'pos' AS source, s.code AS store_code, 'store' AS channel,
  m.member_no,
  to_char((o.paid_at - interval '3 hours') AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS') AS paid_at,
  (o.amount_cents / 100.0)::numeric(12, 2) AS amount, NULL AS staff_no
FROM members_order o JOIN members_member m ON m.id = o.member_id JOIN stores_store s ON s.id = o.store_id
WHERE o.paid_at >= %(as_of)s::date - 300 AND o.paid_at < %(as_of)s::date - 2 AND o.source = 'pos'
ORDER BY hashint8extended(o.id, %(day)s) LIMIT %(late)s
"""
REFUNDS = """
SELECT 'Q' || o.order_no || '-%(day)s' AS refund_no, o.order_no, o.source, 1 AS quantity,
  (CASE WHEN o.id %% 2 = 0 THEN o.amount_cents ELSE (o.amount_cents + 1) / 2 END / 100.0)::numeric(12, 2) AS amount,
  to_char(%(as_of)s::date - interval '5 hours', 'YYYY-MM-DD"T"HH24:MI:SS') AS refunded_at
FROM members_order o
WHERE o.paid_at >= %(as_of)s::date - 30 AND o.paid_at < %(as_of)s::date - 1
  AND o.refunded_cents = 0 AND o.amount_cents > 0
ORDER BY hashint8extended(o.id, %(day)s) LIMIT %(late)s
"""


@dataclass
class Came:
    """What a day brought."""

    orders: int
    late: int
    refunds: int


def write(session: Any, select: str, params: dict[str, Any], path: Path) -> Path:
    """Write what a SELECT gives as a CSV file with its header."""
    with session.cursor() as cursor, path.open("wb") as file:
        text = cursor.mogrify(select, params).decode()
        cursor.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT csv, HEADER)", file)
    return path


class Days:
    """Moves the big brand on from the end of its history, a day at a time."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        session = ground.admin()
        with session.cursor() as cursor:
            cursor.execute(f"SELECT first_as_of, members, replicas, households FROM {schema_of(BIG)}.facts")
            self.first_as_of, self.members, self.replicas, self.households = cursor.fetchone()
        session.close()
        self.passed = 0

    @property
    def as_of(self) -> date:
        """Name the as-of day that everything recorded so far lies before."""
        return self.first_as_of + timedelta(days=self.passed)

    def next(self) -> Came:
        """Take in one day's orders, the late ones and the refunds that came with it; the relay has carried them."""
        day = self.passed
        self.passed += 1
        params = {
            "replicas": self.replicas, "households": self.households, "kept": KEPT_OF_1024, "first": self.first_as_of,
            "year": YEARS, "last_year": YEARS, "day": day, "as_of": self.as_of,
            "late": max(1, int(self.members * LATE)),
        }  # fmt: skip
        session = self.ground.admin(BIG)
        folder = self.ground.files
        wishes = (("orders", DAY), ("orders", LATE_ORDERS), ("refunds", REFUNDS))
        paths = [
            write(session, select, params, folder / f"day{day}-{n}.csv") for n, (_kind, select) in enumerate(wishes)
        ]
        session.close()
        taken = [importing.take_file(kind, path, at=clock.now()) for (kind, _), path in zip(wishes, paths, strict=True)]
        relay.drain(at=clock.now())
        assert not any(result.rejected for result in taken), taken
        return Came(*(result.created for result in taken))
