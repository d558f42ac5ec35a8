"""What guides' work makes of news from below, a file for each noun; importing this room enters them all."""

from guides.handlers import notices, tasks

__all__ = ["notices", "tasks"]
from guides.handlers import bonds

__all__ = ["bonds", "tasks"]
