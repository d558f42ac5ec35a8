"""Nouns of the guides floor, lowest first."""

from guides.models.bonds import Bond
from guides.models.deeds import Deed
from guides.models.notices import Notice, NoticeFile, NoticeReceipt
from guides.models.passes import EntryPass
from guides.models.tasks import Brief, Task, TaskMove, TaskRule

__all__ = [
    "Bond",
    "Brief",
    "Deed",
    "EntryPass",
    "Notice",
    "NoticeFile",
    "NoticeReceipt",
    "Task",
    "TaskMove",
    "TaskRule",
]
