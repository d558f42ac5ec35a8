"""Nouns of the kernel: who, when, and what ran."""

from newretail.kernel.models.exports import ExportFile
from newretail.kernel.models.files import BeforeImage, ColumnMapping, ImportFile, RowError, Upload
from newretail.kernel.models.holidays import Holiday
from newretail.kernel.models.jobs import JobRun
from newretail.kernel.models.journal import JournalEntry, Pending, Receipt
from newretail.kernel.models.keys import ApiKey, KeptAnswer
from newretail.kernel.models.settings import Setting
from newretail.kernel.models.users import User
from newretail.kernel.models.views import SavedView

__all__ = [
    "ApiKey",
    "BeforeImage",
    "ColumnMapping",
    "ExportFile",
    "Holiday",
    "ImportFile",
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
