"""A brand's settings: each change is a new row, the newest counts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Setting(models.Model):
    """One value given to one setting at one time."""

    append_only = True

    key = models.CharField(_("setting"), max_length=60)
    value = models.JSONField(_("value"))
    set_at = models.DateTimeField(_("set at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))

    class Meta:
        """The newest row of a key counts."""

        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        indexes = [models.Index(fields=["key", "-id"], name="setting_key")]

    def __str__(self) -> str:
        return self.key
