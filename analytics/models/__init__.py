"""Nouns of the analytics floor: facts, figures, and what is waiting to be counted."""

from analytics.models.contests import Contest, ContestStanding
from analytics.models.facts import DayBuyers, GuideDay, StaleDay, StaleMember, StoreDay
from analytics.models.figures import CoreRetention, PortraitCell, StoreMove, StoreRepeat, StoreStanding

__all__ = [
    "Contest",
    "ContestStanding",
    "CoreRetention",
    "DayBuyers",
    "GuideDay",
    "PortraitCell",
    "StaleDay",
    "StaleMember",
    "StoreDay",
    "StoreMove",
    "StoreRepeat",
    "StoreStanding",
]
