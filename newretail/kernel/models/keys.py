"""How another system signs in, and the answers kept for it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiKey(models.Model):
    """A key by which an account of another system comes in; of the secret only a digest is kept.

    `rights` narrow what the account's posts give: a list of "resource:action".
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_keys", verbose_name=_("account")
    )
    prefix = models.CharField(_("begins with"), max_length=16, unique=True)
    digest = models.CharField(max_length=64, editable=False)
    rights = models.JSONField(_("rights"), default=list)
    per_minute = models.PositiveIntegerField(_("requests a minute"), default=600)
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """The newest first."""

        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-issued_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class KeptAnswer(models.Model):
    """What a request with an idempotency key was answered: the same request meets the same answer for a day.

    It commits with the request's effect. `status` 0: the answer is still being made, in the transaction that holds it.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        """A key of an account has one answer."""

        constraints = [models.UniqueConstraint(fields=["account", "key"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.status}"
