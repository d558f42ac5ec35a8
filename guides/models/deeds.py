"""Deeds: what a phone sent, each accepted once, however often it is sent again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Deed(models.Model):
    """One action of a guide's page by the number the page gave it; sent again, the answer is what was done.

    `done_at` is the server's clock; what the phone's clock says stands for nothing.
    """

    append_only = True

    ref = models.UUIDField(_("number of the action"), unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    kind = models.CharField(_("kind"), max_length=20)
    subject = models.CharField(_("subject"), max_length=80)
    done_at = models.DateTimeField(_("done at"))

    class Meta:
        """One row an action, for ever."""

        verbose_name = _("action of a phone")
        verbose_name_plural = _("actions of phones")

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
