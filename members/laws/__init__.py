"""Laws of the members' books, a file for each noun; importing this room enters them all."""

from members.laws import consents, coupons, levels, merges, orders, points, tagging, touches

__all__ = [
    "consents",
    "coupons",
    "levels",
    "merges",
    "orders",
    "points",
    "tagging",
    "touches",
]
