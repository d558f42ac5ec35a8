"""Files that came in: what was uploaded, how far each import got, what was wrong with its rows."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from newretail.kernel.models.jobs import JobRun


class ColumnMapping(models.Model):
    """Which column stands behind each header of a source's files; remembered for the next file."""

    kind = models.CharField(_("kind"), max_length=20)
    source = models.CharField(_("source of the file"), max_length=40, blank=True)
    columns = models.JSONField(_("columns"), default=dict)
    mapped_at = models.DateTimeField(_("mapped at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))

    class Meta:
        """A source has one mapping for each kind of file."""

        verbose_name = _("column mapping")
        verbose_name_plural = _("column mappings")
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="columnmapping_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class Upload(models.Model):
    """A file somebody handed in: its columns are matched, it is tried, and taken when she confirms."""

    class State(models.TextChoices):
        """Where an upload stands."""

        NEW = "new", _("columns to match")
        TRYING = "trying", _("being tried")
        TRIED = "tried", _("to confirm")
        TAKING = "taking", _("coming in")
        CLOSED = "closed", _("closed")

    OPEN = (State.NEW, State.TRYING, State.TRIED, State.TAKING)

    kind = models.CharField(_("kind"), max_length=20)
    source = models.CharField(_("source of the file"), max_length=40, blank=True)
    enrol = models.BooleanField(_("enrol"), default=False)
    file_name = models.CharField(_("file name"), max_length=200)
    stored = models.CharField(_("stored as"), max_length=80, blank=True)
    digest = models.CharField(_("digest"), max_length=64)
    size = models.BigIntegerField(_("size"))
    sheet_name = models.CharField(_("sheet"), max_length=100, blank=True)
    header = models.JSONField(_("header"), default=list)
    columns = models.JSONField(_("columns"), default=dict)
    told = models.JSONField(_("told by the trial"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.NEW)
    run = models.ForeignKey(
        JobRun, models.PROTECT, null=True, blank=True, related_name="uploads", verbose_name=_("job run")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))

    class Meta:
        """A file handed in twice is one upload, as long as it is open."""

        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source", "enrol", "digest"],
                condition=~models.Q(state="closed"),
                name="upload_once_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class ImportFile(models.Model):
    """One file being imported; its cursor moves in the same transaction as its rows."""

    class State(models.TextChoices):
        """Where an import stands."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        UNDONE = "undone", _("undone")

    kind = models.CharField(_("kind"), max_length=20)
    file_name = models.CharField(_("file name"), max_length=200)
    upload = models.ForeignKey(
        Upload, models.PROTECT, null=True, blank=True, related_name="imports", verbose_name=_("upload")
    )
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
    entry_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    undo_run = models.ForeignKey(
        JobRun, models.PROTECT, null=True, blank=True, related_name="undone_imports", verbose_name=_("undoing")
    )
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


class BeforeImage(models.Model):
    """A row as it was before an import changed it, or the trace of one it made (`before` is null).

    `after` tells by a hash how the import left the row: what was changed since is not undone. Kept while the import may
    be undone; personal data like the rows themselves.
    """

    entry_id = models.BigIntegerField()
    table = models.CharField(max_length=63)
    row_id = models.BigIntegerField()
    before = models.JSONField(null=True)
    after = models.CharField(max_length=32, null=True)  # noqa: DJ001 - null: the row is gone

    class Meta:
        """A line has one image of a row."""

        constraints = [models.UniqueConstraint(fields=["entry_id", "table", "row_id"], name="beforeimage_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id} before {self.entry_id}"
