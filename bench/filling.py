"""Fill a brand: real households replicated over two years, by INSERT … SELECT in the server."""

import csv
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import Model
from psycopg2.extensions import adapt

from bench import households
from bench.ground import BIG, SMALL, Ground, brand
from bench.scale import DAYS, YEARS
from members.models import Member, Order, OrderLine
from newretail.kernel import clock
from newretail.kernel.files import importing
from stores.actions import posts

HQ = "bench-hq"
# Each replica of a household keeps its own tenth of the household's baskets in each year: ten bits of one hash a year.
KEPT_OF_1024 = 100
SHARING = 100  # members whose phones end in the same four digits, in a brand of any size
VISITS = """
SELECT b.household * %(replicas)s + r.n AS member, %(first)s::date + b.day + 365 * (y.n - %(year)s) AS on_day,
  b.second, b.store, b.cents, h.hash
FROM reference.basket b
CROSS JOIN generate_series(0, %(replicas)s - 1) AS r(n)
CROSS JOIN LATERAL (SELECT hashint8extended(b.id::bigint * 4096 + r.n, 7) AS hash OFFSET 0) h
CROSS JOIN generate_series(%(year)s, %(last_year)s) AS y(n)
WHERE (h.hash >> (10 * y.n)) & 1023 < %(kept)s AND b.household < %(households)s
"""
VISIT = """
CREATE UNLOGGED TABLE {schema}.visit AS
SELECT member, (on_day + make_interval(secs => second)) AT TIME ZONE 'Asia/Shanghai' AS paid_at, store, cents, hash
FROM ({visits}) v
"""
# Each household stands many times; a member joined just before her first order, or some day without one.
MEMBERS = """
INSERT INTO members_member (id, member_no, seat, name, name_pinyin, phone, gender, birthday_calendar, joined_at,
  home_store_id, source, entry_id {more})
SELECT g.n + 1, 'V' || lpad(g.n::text, 9, '0'), g.n, '会员' || g.n, 'hui yuan',
  '+86' || (13000000000 + g.n / %(endings)s * 10000 + g.n %% %(endings)s),
  'f', 'solar',
  coalesce(f.paid_at - interval '7 minutes', %(first)s::date + g.n %% %(days)s), s.id, 'pos', 0 {values}
FROM generate_series(0, %(members)s - 1) AS g(n)
JOIN reference.household h ON h.n = g.n / %(replicas)s
JOIN stores_store s ON s.code = 'S' || h.store
LEFT JOIN (SELECT member, min(paid_at) AS paid_at FROM {schema}.visit GROUP BY 1) f ON f.member = g.n
ORDER BY g.n
"""
IDENTITIES = """
INSERT INTO members_identity (kind, value, member_id, entry_id)
SELECT 'phone', phone, id, 0 FROM members_member ORDER BY phone
"""
# One order in a hundred goes back, half of them whole.
ORDERS = """
INSERT INTO members_order (source, order_no, member_id, store_id, channel_id, sold_by_id, paid_at, amount_cents,
  refunded_cents, entry_id {more})
SELECT 'pos', 'P' || lpad((row_number() OVER (ORDER BY v.paid_at, v.member))::text, 12, '0'), v.member + 1, s.id, c.id,
  CASE WHEN v.hash & (1::bigint << 40) <> 0 THEN p.id END, v.paid_at, v.cents,
  CASE (v.hash >> 41) & 255 WHEN 0 THEN v.cents WHEN 1 THEN v.cents WHEN 2 THEN v.cents / 2 ELSE 0 END, 0 {values}
FROM {schema}.visit v
JOIN stores_store s ON s.code = 'S' || v.store
JOIN stores_channel c ON c.code = 'store'
LEFT JOIN stores_post p ON p.store_id = s.id AND p.role = 'guide'
ORDER BY v.paid_at, v.member
"""
REFUNDS = """
INSERT INTO members_refund (order_id, refund_no, line_no, quantity, amount_cents, refunded_at, entry_id)
SELECT id, 'R' || order_no, 0, 0, refunded_cents, paid_at + interval '40 hours', 0
FROM members_order WHERE refunded_cents > 0 ORDER BY id
"""
# The orders of the last weeks have lines, one to four each, of products of which a few sell most.
LINED_DAYS = 60
PRODUCTS = """
INSERT INTO stores_product (sku, name, price_cents, entry_id)
SELECT 'K' || lpad(n::text, 4, '0'), '商品' || n, 1000 + n, 0 FROM generate_series(1, 500) AS n
"""
# One to four lines an order; of the products some sell far more than others (the product of two even draws).
LINES = """
INSERT INTO members_orderline (order_id, line_no, product_id, quantity, amount_cents, discount_cents, entry_id {more})
SELECT o.id, g.n, p.id, 1 + (h.hash >> 9) %% 3, o.amount_cents / (1 + o.hash %% 4), 0, 0 {values}
FROM (SELECT id, amount_cents, hashint8extended(id, 11) & 65535 AS hash FROM members_order
  WHERE paid_at >= %(first)s::date + %(days)s - %(lined_days)s) o
CROSS JOIN LATERAL generate_series(1, 1 + (o.hash %% 4)::int) AS g(n)
CROSS JOIN LATERAL (SELECT hashint8extended(o.id * 4 + g.n, 13) & 16777215 AS hash) h
JOIN (SELECT id, row_number() OVER (ORDER BY sku) AS n FROM stores_product) p
  ON p.n = 1 + (h.hash %% 500) * (h.hash / 500 %% 500) / 500
ORDER BY o.id, g.n
"""
FLOOR = """
CREATE TABLE {schema}.floor AS
SELECT member_id::int AS member, (paid_at AT TIME ZONE 'Asia/Shanghai')::date - %(first)s::date AS day,
  amount_cents AS cents FROM members_order
"""
AFTERWARDS = """
SELECT setval(pg_get_serial_sequence('members_member', 'id'), (SELECT max(id) FROM members_member));
UPDATE members_seatcounter SET next_seat = (SELECT count(*) FROM members_member)
"""
LOADED = ("members_member", "members_identity", "members_order", "members_refund", "members_orderline")


def schema_of(code: str) -> str:
    """Name the schema that holds a brand's reference tables."""
    return f"reference_{code}"


def build(ground: Ground) -> None:
    """Fill both brands; the small one always has about ten thousand members or fewer."""
    session = ground.admin()
    ground.say("staging the real households")
    households.stage(session)
    with session.cursor() as cursor:
        cursor.execute("SELECT max(household) + 1 FROM reference.basket")
        every = int(cursor.fetchone()[0])
    session.close()
    scale = ground.scale
    Brandful(ground, BIG, min(scale.households or every, every), scale.replicas).fill()
    few = min(scale.small_households, every)
    Brandful(ground, SMALL, few, min(4, scale.replicas)).fill()


class Brandful:
    """The filling of one brand."""

    def __init__(self, ground: Ground, code: str, count: int, replicas: int) -> None:
        self.ground, self.code, self.members = ground, code, count * replicas
        self.schema = schema_of(code)
        with brand(code):
            today = clock.business_day(clock.now())
        # Each round of the scoring measurement moves on by two days and ends today.
        self.first_as_of = today - timedelta(days=2 * ground.scale.rounds)
        self.params = {
            "replicas": replicas, "households": count, "members": self.members, "kept": KEPT_OF_1024, "days": DAYS,
            "first": self.first_as_of - timedelta(days=DAYS), "year": 0, "last_year": YEARS - 1,
            "endings": max(1, self.members // SHARING), "lined_days": LINED_DAYS,
        }  # fmt: skip

    def fill(self) -> None:
        """Fill the brand, build its indexes, leave it vacuumed."""
        self.ground.say(f"{self.code}: stores, staff, one HQ user")
        with brand(self.code):
            self._places()
        session = self.ground.admin(self.code)
        with session.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica; SET work_mem = '256MB'; SET timezone = 'UTC'")
            cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
            cursor.execute(f"CREATE SCHEMA {self.schema}")
            self._rows(cursor)
            for table in LOADED:
                cursor.execute(f"VACUUM (ANALYZE) {table}")
            self._reference(cursor)
        session.close()

    def _places(self) -> None:
        """Bring in the stores and a guide for each through the product's own import."""
        session = self.ground.admin()
        with session.cursor() as cursor:
            cursor.execute("SELECT DISTINCT store FROM reference.basket ORDER BY 1")
            numbers = [row[0] for row in cursor.fetchall()]
        session.close()
        places = [{"code": f"S{n}", "name": f"{n}店", "region": f"区{n % 8}", "city": "上海"} for n in numbers]
        staff = [{"staff_no": f"G{n}", "name": f"导购{n}", "store_code": f"S{n}", "role": "guide"} for n in numbers]
        for kind, rows in (("stores", places), ("staff", staff)):
            path = self.ground.files / f"{self.code}-{kind}.csv"
            write_csv(path, rows)
            importing.take_file(kind, path, at=clock.now())
        posts.admit(username=HQ, password="bench", name="总部", role="hq", at=clock.now())

    def _rows(self, cursor: Any) -> None:
        say = self.ground.say
        say(f"{self.code}: {self.members:,} members")
        cursor.execute(VISIT.format(schema=self.schema, visits=VISITS), self.params)
        cursor.execute(f"ANALYZE {self.schema}.visit")
        indexes = drop_indexes(cursor, *LOADED)
        cursor.execute(complete(MEMBERS, Member, self.schema), self.params)
        cursor.execute(IDENTITIES)
        cursor.execute("INSERT INTO members_seatcounter (id, next_seat) VALUES (1, 0) ON CONFLICT (id) DO NOTHING")
        cursor.execute("INSERT INTO stores_channel (code, name) VALUES ('store', '门店') ON CONFLICT (code) DO NOTHING")
        say(f"{self.code}: orders")
        cursor.execute(complete(ORDERS, Order, self.schema))
        say(f"{self.code}: {cursor.rowcount:,} orders; refunds, lines, indexes")
        cursor.execute(REFUNDS)
        cursor.execute(PRODUCTS)
        cursor.execute(complete(LINES, OrderLine, self.schema), self.params)
        cursor.execute(AFTERWARDS)
        for definition in indexes:
            cursor.execute(definition)

    def _reference(self, cursor: Any) -> None:
        """Keep the narrow copy that the floor scans, and the day history ends before."""
        cursor.execute(FLOOR.format(schema=self.schema), self.params)
        cursor.execute(
            f"CREATE TABLE {self.schema}.facts AS SELECT %(day)s::date AS first_as_of, %(members)s AS members,"
            " %(replicas)s AS replicas, %(households)s AS households",
            {**self.params, "day": self.first_as_of},
        )
        cursor.execute(f"DROP TABLE {self.schema}.visit")
        cursor.execute(f"VACUUM (ANALYZE) {self.schema}.floor")
        cursor.execute(f"GRANT USAGE ON SCHEMA {self.schema} TO newretail_app")
        cursor.execute(f"GRANT SELECT ON {self.schema}.floor TO newretail_app")


def complete(insert: str, model: type[Model], schema: str) -> str:
    """Give the columns an INSERT does not name, and that may not be empty, their model's default."""
    named = insert.partition("(")[2].partition(")")[0]
    rest = [f for f in model._meta.concrete_fields if not f.null and f.has_default() and f.column not in named]
    values = "".join(f", {adapt(f.get_default()).getquoted().decode()}" for f in rest)
    return insert.format(schema=schema, more="".join(f", {f.column}" for f in rest), values=values)


def drop_indexes(cursor: Any, *tables: str) -> list[str]:
    """Drop the indexes that no constraint rests on; give the statements that build them again."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY (%s::regclass[]) AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(tables)],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def write_csv(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """Write rows under their column names."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, fieldnames=list(rows[0]))
        out.writeheader()
        out.writerows(rows)
