"""What guides' work makes of news from below, a file for each noun; importing this room enters them all."""

from guides.handlers import bonds, commissions, notices, shares, tasks

__all__ = ["bonds", "commissions", "notices", "shares", "tasks"]
