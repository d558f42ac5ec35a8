"""The journal: audit and outbox in one append-only table."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalEntry(models.Model):
    """One line per verb: its name, keys and counts, never a person's data.

    Rows that a batch wrote carry this line's id (`entry_id`).
    """

    append_only = True

    name = models.CharField(_("line"), max_length=80)
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    effective_at = models.DateTimeField(_("effective at"))
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))

    class Meta:
        """Lines are found by name, newest first."""

        verbose_name = _("journal line")
        verbose_name_plural = _("journal")
        indexes = [models.Index(fields=["name", "-id"], name="journal_name")]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Pending(models.Model):
    """A line that a handler has still to hear."""

    entry = models.ForeignKey(JournalEntry, models.PROTECT)
    handler = models.CharField(max_length=120)
    subject = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    error = models.TextField(blank=True)

    class Meta:
        """A handler hears a line once."""

        constraints = [
            models.UniqueConstraint(fields=["entry", "handler"], name="pending_once"),
        ]
        indexes = [models.Index(fields=["due_at", "id"], name="pending_due")]

    def __str__(self) -> str:
        return f"{self.handler} ← {self.entry_id}"


class Receipt(models.Model):
    """Proof that a handler has heard a line."""

    append_only = True

    entry = models.ForeignKey(JournalEntry, models.PROTECT)
    handler = models.CharField(max_length=120)
    heard_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A handler hears a line once."""

        constraints = [
            models.UniqueConstraint(fields=["entry", "handler"], name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} ✓ {self.entry_id}"
