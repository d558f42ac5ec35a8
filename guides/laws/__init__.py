"""Laws of who serves whom, a file for each noun; importing this room enters them all."""

from guides.laws import (
    appointments,
    bonds,
    commissions,
    escalations,
    handouts,
    leaves,
    levels,
    moments,
    notices,
    samples,
    shares,
    shifts,
    surveys,
    tasks,
)

__all__ = [
    "appointments",
    "bonds",
    "commissions",
    "escalations",
    "handouts",
    "leaves",
    "levels",
    "moments",
    "notices",
    "samples",
    "shares",
    "shifts",
    "surveys",
    "tasks",
]
