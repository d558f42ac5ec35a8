"""What other systems tell us: signed messages of a source, kept before they are answered, worked off later."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from newretail.kernel import sql

# Of the latest thousand messages of a source.
LATEST = """(SELECT count(*) FILTER (WHERE {}) FROM (
  SELECT m.state FROM kernel_inboxmessage m WHERE m.source_id = kernel_inboxsource.id
  ORDER BY m.id DESC LIMIT 1000) latest)"""


class InboxSourceQuerySet(models.QuerySet["InboxSource"]):
    """Questions to sources."""

    def with_health(self) -> "InboxSourceQuerySet":
        """Count beside each, of its latest thousand messages, what waits and what was given up."""
        return self.annotate(
            waiting=RawSQL(LATEST.format("state = 'waiting'"), ()),  # noqa: S611 - our own words
            failed=RawSQL(LATEST.format("state = 'failed'"), ()),  # noqa: S611
        )


class InboxSource(models.Model):
    """A till, a mall, a platform that sends signed messages; `kinds` says which of its types are taken as what."""

    class State(models.TextChoices):
        """Whether it is listened to."""

        ACTIVE = "active", pgettext_lazy("of an endpoint", "active")
        DISABLED = "disabled", _("disabled")

    code = models.CharField(_("code"), max_length=40, unique=True)
    description = models.CharField(_("description"), max_length=120, blank=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("account")
    )  # fmt: skip
    kinds = models.JSONField(_("types taken"), default=dict)
    secret = models.TextField(editable=False)
    former_secret = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    opened_at = models.DateTimeField(_("opened at"))
    entry_id = models.BigIntegerField(editable=False)

    objects = InboxSourceQuerySet.as_manager()

    class Meta:
        """By code."""

        verbose_name = _("source of messages")
        verbose_name_plural = _("inbox")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def listened(cls, code: str) -> Self | None:
        """Find a source that is listened to: each message asks for it."""
        return next(iter(sql.instances(cls, "WHERE code = %(code)s AND state = 'active'", {"code": code})), None)


class InboxMessage(models.Model):
    """A message as it came; its body goes once it is worked off, its digest stays to know it again."""

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        IGNORED = "ignored", _("not taken")
        FAILED = "failed", _("given up")

    source = models.ForeignKey(InboxSource, models.PROTECT, related_name="messages", verbose_name=_("source"))
    message_id = models.CharField(_("message id"), max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    kind = models.CharField(_("type"), max_length=80)
    body = models.TextField(blank=True, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    received_at = models.DateTimeField(_("received at"), db_index=True)
    begun_at = models.DateTimeField(editable=False)
    due_at = models.DateTimeField(_("due at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    faults = models.JSONField(_("what is wrong"), default=list)

    class Meta:
        """A source's message comes in once, for ever."""

        verbose_name = _("message received")
        verbose_name_plural = _("messages received")
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="inbox_message_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="inbox_due"),
            models.Index(fields=["source", "-id"], name="inbox_newest"),
        ]

    def __str__(self) -> str:
        return self.message_id
