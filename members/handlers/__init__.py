"""What the members' floor hears, a file for each noun; importing this room enters them all."""

from members.handlers import coupons, levels, points

__all__ = [
    "coupons",
    "levels",
    "points",
]
