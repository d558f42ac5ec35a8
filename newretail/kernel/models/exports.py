"""Exports that are written by a worker: a list as a file, for the person who asked and for a while."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from newretail.kernel.models.jobs import JobRun


class ExportFileQuerySet(models.QuerySet["ExportFile"]):
    """Files, narrowed by state."""

    def visible_to(self, user: Any) -> Self:
        """Keep a person's own; a file is nobody else's."""
        return self.filter(by=user) if getattr(user, "is_active", False) and user.pk else self.none()

    def ended(self, at: datetime) -> Self:
        """Keep those whose time has run out and that no worker is writing."""
        return self.filter(closed=False, ends_at__lte=at).exclude(run__state__in=JobRun.UNENDED)


class ExportFile(models.Model):
    """A list that somebody asked for as a file: what was asked, where it lies, until when it can be fetched."""

    class Format(models.TextChoices):
        """How the list is written."""

        CSV = "csv", _("CSV")
        XLSX = "xlsx", _("Excel")

    noun = models.CharField(_("list"), max_length=80)
    words = models.TextField(_("filters"), blank=True)
    language = models.CharField(_("language"), max_length=10)
    format = models.CharField(_("format"), max_length=4, choices=Format)
    stored = models.CharField(_("stored as"), max_length=32, unique=True)
    run = models.OneToOneField(JobRun, models.PROTECT, null=True, verbose_name=_("job run"))
    rows = models.PositiveIntegerField(_("rows"), default=0)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    # What its owner could see when it was written, in short: whoever sees something else by now exports again.
    sight = models.CharField(_("sight"), max_length=64, blank=True, default="", db_default="", editable=False)
    asked_at = models.DateTimeField(_("asked at"))
    written_at = models.DateTimeField(_("written at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("to be fetched until"))
    closed = models.BooleanField(_("closed"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"))

    objects = ExportFileQuerySet.as_manager()

    class Meta:
        """A person's files are found newest first."""

        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [models.Index(fields=["by", "-id"], name="exportfile_by")]

    def __str__(self) -> str:
        return f"{self.noun} {self.asked_at:%Y-%m-%d}"

    def ready(self, at: datetime) -> bool:
        """Tell whether it can be fetched now."""
        return self.written_at is not None and not self.closed and self.ends_at > at
