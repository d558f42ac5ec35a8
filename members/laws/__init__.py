"""Laws of the members' books, a file for each noun; importing this room enters them all."""

from members.laws import merges, orders, tagging

__all__ = ["merges", "orders", "tagging"]
