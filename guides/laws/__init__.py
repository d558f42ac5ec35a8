"""Laws of who serves whom, a file for each noun; importing this room enters them all."""

from guides.laws import bonds, escalations, notices, tasks

__all__ = ["bonds", "escalations", "notices", "tasks"]
from guides.laws import handouts

__all__ = ["bonds", "handouts", "notices", "tasks"]
