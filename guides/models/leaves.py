"""Leaves: days on which somebody who serves is away; others cover for her."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from stores.models import Post


class Leave(models.Model):
    """A guide is away in [first_on, back_on), for a reason; who covers for her has her tasks of those days.

    Tasks of those days that are given later go to `covers` too.
    """

    ref = models.UUIDField(_("our number"), unique=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey(Post, models.PROTECT, related_name="leaves", db_index=False, verbose_name=_("guide"))
    first_on = models.DateField(_("from"))
    back_on = models.DateField(_("back on"))
    covers = models.ManyToManyField(Post, related_name="+", verbose_name=_("who covers"))
    reason = models.CharField(_("reason"), max_length=200)
    taken_at = models.DateTimeField(_("taken at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    entry_id = models.BigIntegerField(editable=False)
    end_entry_id = models.BigIntegerField(null=True, editable=False)

    class Meta:
        """One that was ended early may have no day left; it says by which line."""

        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        constraints = [
            models.CheckConstraint(
                condition=Q(first_on__lt=F("back_on"), ended_at__isnull=True, end_entry_id__isnull=True)
                | Q(first_on__lte=F("back_on"), ended_at__isnull=False, end_entry_id__isnull=False),
                name="leave_whole",
            ),
        ]
        indexes = [models.Index(fields=["post", "first_on"], name="leave_of_a_guide")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.first_on}"
