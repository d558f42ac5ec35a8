"""What the demo calls its files and the two parts of its orders."""

from typing import Final

# The source of what really happened, and of what was derived from it (shown as 演示推演).
REAL: Final = "demo"
DERIVED: Final = "demo-derived"

# The order in which the files lean on each other.
KINDS: Final = ("stores", "products", "staff", "members", "orders", "order_lines", "refunds")
STAMP: Final = "shape.json"
REPLAYED_ORDERS: Final = "replayed_orders.csv"
REPLAYED_LINES: Final = "replayed_lines.csv"
