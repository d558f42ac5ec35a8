"""Files that came in: how far each got, what was wrong with its rows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportFile(models.Model):
    """One file being imported; its cursor moves in the same transaction as its rows."""

    class State(models.TextChoices):
        """Where an import stands."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=20)
    file_name = models.CharField(_("file name"), max_length=200)
    digest = models.CharField(_("digest"), max_length=64)
    enrol = models.BooleanField(_("enrol"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    chunk_rows = models.PositiveIntegerField(_("rows per chunk"))
    chunks_done = models.PositiveIntegerField(_("chunks done"), default=0)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    enrolled = models.PositiveIntegerField(_("enrolled"), default=0)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))

    class Meta:
        """Every row of the file is accounted for; one import of a file is under way at a time."""

        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    rows=models.F("created") + models.F("updated") + models.F("skipped") + models.F("rejected")
                ),
                name="importfile_every_row_counted",
            ),
            models.UniqueConstraint(
                fields=["kind", "digest", "enrol"],
                condition=models.Q(state="running"),
                name="importfile_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class RowError(models.Model):
    """A row that was refused: line, column, reason as a code with its facts, said in both languages."""

    append_only = True

    import_file = models.ForeignKey(ImportFile, models.PROTECT, related_name="row_errors")
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=40, blank=True)
    code = models.CharField(_("reason"), max_length=60)
    facts = models.JSONField(_("facts"), default=dict)

    class Meta:
        """Errors are read in the order of the file."""

        verbose_name = _("row error")
        verbose_name_plural = _("row errors")
        indexes = [models.Index(fields=["import_file", "line"], name="rowerror_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"
