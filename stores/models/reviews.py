"""The weekly review: what the manager says of her store's week, what HQ answers; each word stays as it was said."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stores.models.places import Store

MOST_WORDS = 2000


class WeeklyReview(models.Model):
    """One version of one side's words on a store's week; the newest of each side counts, the others are its history."""

    append_only = True
    erasable = ("words",)

    class Side(models.TextChoices):
        """Who speaks."""

        COMMENT = "comment", _("manager's comment")
        ANSWER = "answer", _("HQ's answer")

    store = models.ForeignKey(Store, models.PROTECT, db_index=False, related_name="reviews", verbose_name=_("store"))
    monday = models.DateField(_("week from"))
    side = models.CharField(_("side"), max_length=8, choices=Side)
    words = models.TextField(_("words"), max_length=MOST_WORDS)
    said_at = models.DateTimeField(_("said at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, verbose_name=_("by"))
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """A week begins on a Monday; nobody says nothing."""

        verbose_name = _("weekly review")
        verbose_name_plural = _("weekly reviews")
        constraints = [
            models.CheckConstraint(condition=Q(monday__iso_week_day=1), name="weeklyreview_from_monday"),
            models.CheckConstraint(condition=~Q(words=""), name="weeklyreview_says_something"),
        ]
        indexes = [models.Index(fields=["store", "monday", "side", "-id"], name="weeklyreview_newest")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.monday:%G-W%V} {self.side}"
