"""Passes: a code a manager shows, by which a guide of hers signs in on her phone, once and soon."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class EntryPass(models.Model):
    """One way in for one person, shown as a QR code; of its token only a digest is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="entry_passes", verbose_name=_("user")
    )
    digest = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """It is used before it ends."""

        verbose_name = _("entry pass")
        verbose_name_plural = _("entry passes")
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__gte=F("issued_at"), used_at__lt=F("expires_at")),
                name="entrypass_used_in_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.issued_at:%Y-%m-%d %H:%M}"
