"""The HQ admin's base classes: lists and pages that read; whoever wants to write names a verb."""

from newretail.kernel.verbadmin.base import Opening, VerbAdmin, VerbInline
from newretail.kernel.verbadmin.export import Column, Selected
from newretail.kernel.verbadmin.picks import ChoicePick, DaySpan, NumberSpan, Pick, Written, offer

__all__ = [
    "ChoicePick",
    "Column",
    "DaySpan",
    "NumberSpan",
    "Opening",
    "Pick",
    "Selected",
    "VerbAdmin",
    "VerbInline",
    "Written",
    "offer",
]
