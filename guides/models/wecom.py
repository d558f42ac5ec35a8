"""The brand's own WeCom app, by which its guides sign in: each change is a new row, the newest counts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class WecomApp(models.Model):
    """A corp and its self-built app; the secret is sealed. Without a corp it is switched off."""

    append_only = True

    corp_id = models.CharField(_("WeCom corp ID"), max_length=64, blank=True)
    agent_id = models.CharField(_("WeCom agent ID"), max_length=20, blank=True)
    secret = models.TextField(blank=True)
    kept_at = models.DateTimeField(_("kept at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """The newest row counts."""

        verbose_name = _("WeCom app")
        verbose_name_plural = _("WeCom apps")

    def __str__(self) -> str:
        return self.corp_id
