"""What other systems are told of members, and how what they send is taken: a file for each noun."""

from members.hooks import books, orders, people

__all__ = ["books", "orders", "people"]
