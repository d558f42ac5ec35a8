"""Nouns of the analytics floor: facts, figures, and what is waiting to be counted."""

from analytics.models.facts import GuideDay, StaleBuyer, StaleDay, StaleMember, StoreDay, StoreMember
from analytics.models.figures import CoreRetention, PortraitCell, StoreMove, StoreRepeat, StoreStanding

__all__ = [
    "CoreRetention",
    "GuideDay",
    "PortraitCell",
    "StaleBuyer",
    "StaleDay",
    "StaleMember",
    "StoreDay",
    "StoreMember",
    "StoreMove",
    "StoreRepeat",
    "StoreStanding",
]
