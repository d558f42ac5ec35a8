"""Laws of the members' books, a file for each noun; importing this room enters them all."""

from members.laws import consents, merges, orders, tagging, touches

__all__ = ["consents", "merges", "orders", "tagging", "touches"]
