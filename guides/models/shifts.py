"""Shifts: who works when, day by day; a day of a week that was planned, without a shift, is a day off."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from stores.models import Post, sight_of, store_ids_in

LONGEST_NAME = 12


class ShiftQuerySet(models.QuerySet["Shift"]):
    """Questions to shifts."""

    def visible_to(self, user: object) -> "ShiftQuerySet":
        """Narrow to the shifts of guides in the stores within this person's sight."""
        sight = sight_of(user, "shifts", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Shift(models.Model):
    """What a day of a guide is planned to be: a shift by its name as it then was, or off, where it has none."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="shifts", db_index=False, verbose_name=_("guide"))
    day = models.DateField(_("day"))
    name = models.CharField(_("shift"), max_length=LONGEST_NAME, blank=True, default="")
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    entry_id = models.BigIntegerField(editable=False)

    objects = ShiftQuerySet.as_manager()

    class Meta:
        """A guide has one plan for a day; a shift has a name, a beginning and an end, a day off has none of them."""

        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [
            models.UniqueConstraint(fields=["post", "day"], name="shift_one_a_day"),
            models.CheckConstraint(
                condition=Q(name="", starts_at__isnull=True, ends_at__isnull=True)
                | Q(starts_at__isnull=False, ends_at__isnull=False, starts_at__lt=F("ends_at")) & ~Q(name=""),
                name="shift_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["day"], name="shift_day"),
            models.Index(fields=["entry_id"], name="shift_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.day}"
