"""Job runs: every scheduled or long work is a row people can see."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class JobRun(models.Model):
    """One run of one job for one as-of day."""

    class State(models.TextChoices):
        """Where a run stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNENDED = (State.WAITING, State.RUNNING)

    name = models.CharField(_("job"), max_length=60)
    as_of = models.DateField(_("as of"))
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    queued_at = models.DateTimeField(_("queued at"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    log = models.TextField(_("log"), blank=True)
    error = models.TextField(_("error"), blank=True)
    failure = models.JSONField(_("failure"), default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    reported_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    cancel_asked = models.BooleanField(_("cancel asked"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))

    class Meta:
        """A scheduled run exists once per due time; a run is scheduled, queued, or by hand on the command line."""

        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        constraints = [
            models.UniqueConstraint(
                fields=["name", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="jobrun_once_per_due_time",
            ),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="jobrun_progress_percent"),
            models.CheckConstraint(
                condition=models.Q(due_at__isnull=True) | models.Q(queued_at__isnull=True), name="jobrun_one_lane"
            ),
        ]
        indexes = [
            models.Index(fields=["name", "-id"], name="jobrun_name"),
            models.Index(
                fields=["due_at", "queued_at", "id"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="jobrun_not_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.as_of:%Y-%m-%d}"
