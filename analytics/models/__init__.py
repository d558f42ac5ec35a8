"""Nouns of the analytics floor: facts, and what is waiting to be counted."""

from analytics.models.facts import StaleDay, StaleMember, StoreDay
from analytics.models.figures import CoreRetention, PortraitCell

__all__ = ["CoreRetention", "PortraitCell", "StaleDay", "StaleMember", "StoreDay"]
