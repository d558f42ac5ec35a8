"""Laws of the members' books, a file for each noun; importing this room enters them all."""

from members.laws import consents, coupons, gifts, levels, merges, orders, points, tagging, touches

__all__ = [
    "consents",
    "coupons",
    "gifts",
    "levels",
    "merges",
    "orders",
    "points",
    "tagging",
    "touches",
]
