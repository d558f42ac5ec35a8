"""Laws of gifts: stocks equal supplies and orders, each order has its points, and what ended gave them back."""

from members.actions.postings import NUMBER
from newretail.kernel.books import law

STOCK = "SELECT g.code || '/' || s.code, k.{0}::text, coalesce(c.n, 0)::text FROM members_giftstock k"
STOCK += " JOIN members_gift g ON g.id = k.gift_id JOIN stores_store s ON s.id = k.store_id LEFT JOIN ({1}) c"
STOCK += " ON (c.gift_id, c.store_id) = (k.gift_id, k.store_id) WHERE k.{0} <> coalesce(c.n, 0)"
ORDERS = "SELECT gift_id, store_id, count(*) AS n FROM members_giftorder WHERE state = '{}' GROUP BY 1, 2"
LEFT = "SELECT gift_id, store_id, sum(n) AS n FROM (SELECT k.gift_id, k.store_id, p.pieces AS n"
LEFT += " FROM members_giftsupply p JOIN members_giftstock k ON k.id = p.of_stock_id UNION ALL"
LEFT += " SELECT gift_id, store_id, -1 FROM members_giftorder WHERE state = 'handed') t GROUP BY 1, 2"
KEY = NUMBER.format("o.source || ':' || o.order_no")
# What the books of points say of each gift order: spent, and put back.
BOOKED = f"""
SELECT o.source || '/' || o.order_no AS name, o.state, o.points, coalesce(b.spent, 0) AS spent,
  coalesce(b.back, 0) AS back
FROM members_giftorder o LEFT JOIN (
  SELECT s.source_no, -sum(s.points) AS spent, sum(r.back) AS back FROM members_pointsentry s LEFT JOIN (
    SELECT reverses_id, sum(points) AS back FROM members_pointsentry GROUP BY 1) r ON r.reverses_id = s.id
  WHERE s.source = 'gifts' AND s.kind = 'spend' GROUP BY 1) b ON b.source_no = {KEY}
"""

law("gifts reserved in a store are its orders that wait", STOCK.format("reserved", ORDERS.format("open")))
law("gifts handed over in a store are its orders handed over", STOCK.format("handed", ORDERS.format("handed")))
law("gifts that lie in a store are what it was supplied with less what was handed over", STOCK.format("stock", LEFT))
law(
    "a gift order has spent its points, once",
    f"SELECT name, points::text, spent::text FROM ({BOOKED}) b WHERE spent <> points",
)
law(
    "points of a gift order came back when it was cancelled or lapsed, and only then",
    f"SELECT name, state, back::text FROM ({BOOKED}) b"
    " WHERE back <> CASE WHEN state IN ('cancelled', 'lapsed') THEN spent ELSE 0 END",
)
law(
    "points spent on gifts have their order",
    "SELECT s.id::text, s.source_no, 'no order' FROM members_pointsentry s WHERE s.source = 'gifts'"
    f" AND s.kind = 'spend' AND s.source_no NOT IN (SELECT {KEY} FROM members_giftorder o)",
)
law(
    "a gift that was taken back is not handed over under the same number",
    "SELECT o.source || '/' || o.order_no, o.pickup_no, 'taken back' FROM members_giftorder o JOIN members_giftreturn r"
    " ON r.order_id = o.id AND (r.pickup_source, r.pickup_no) = (o.pickup_source, o.pickup_no)",
)
LINES = {"giftorder": "t.entry_id, t.end_entry_id", "giftsupply": "t.entry_id",
         "giftreturn": "t.handed_entry_id, t.entry_id"}  # fmt: skip
for table, lines in LINES.items():
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, x.line::text, 'no line' FROM members_{table} t, unnest(ARRAY[{lines}]) x(line)"
        " WHERE x.line IS NOT NULL AND NOT EXISTS (SELECT 1 FROM kernel_journalentry j WHERE j.id = x.line)",
    )
