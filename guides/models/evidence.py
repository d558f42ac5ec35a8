"""Evidence: the photos a guide hands in with a task that asks for one."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guides.models.tasks import Task

MOST_PHOTOS = 6


class TaskPhoto(models.Model):
    """A photo of a task, as a small JPEG; it may show anybody, so it goes with the member the task is for."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="photos", db_index=False, verbose_name=_("task"))
    nth = models.PositiveSmallIntegerField(_("nth"))
    body = models.BinaryField(_("photo"))
    taken_at = models.DateTimeField(_("handed in at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A task has a few photos, counted."""

        verbose_name = _("photo of a task")
        verbose_name_plural = _("photos of tasks")
        constraints = [
            models.UniqueConstraint(fields=["task", "nth"], name="taskphoto_in_order"),
            models.CheckConstraint(condition=Q(nth__gte=1, nth__lte=MOST_PHOTOS), name="taskphoto_a_few"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id}.{self.nth}"
