"""Nouns of the kernel: who, when, and what ran."""

from newretail.kernel.models.exports import ExportFile
from newretail.kernel.models.files import BeforeImage, ColumnMapping, ImportFile, RowError, Upload
from newretail.kernel.models.holidays import Holiday
from newretail.kernel.models.inbox import InboxMessage, InboxSource
from newretail.kernel.models.jobs import JobRun
from newretail.kernel.models.journal import JournalEntry, Pending, Receipt
from newretail.kernel.models.keys import ApiKey, KeptAnswer
from newretail.kernel.models.settings import Setting
from newretail.kernel.models.users import User
from newretail.kernel.models.views import SavedView
from newretail.kernel.models.webhooks import Attempt, Delivery, Endpoint, HookMessage

__all__ = [
    "ApiKey",
    "Attempt",
    "BeforeImage",
    "ColumnMapping",
    "Delivery",
    "Endpoint",
    "ExportFile",
    "Holiday",
    "HookMessage",
    "ImportFile",
    "InboxMessage",
    "InboxSource",
    "JobRun",
    "JournalEntry",
    "KeptAnswer",
    "Pending",
    "Receipt",
    "RowError",
    "SavedView",
    "Setting",
    "Upload",
    "User",
]
