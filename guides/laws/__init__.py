"""Laws of who serves whom, a file for each noun; importing this room enters them all."""

from guides.laws import bonds, escalations, handouts, moments, notices, shares, shifts, surveys, tasks

__all__ = ["bonds", "escalations", "handouts", "moments", "notices", "shares", "shifts", "surveys", "tasks"]
