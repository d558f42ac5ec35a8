"""What is done at a person's own wish: what she asks for, her data as a file, and what keeps an erased one away."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.member import Member
from newretail.kernel.models import JobRun


class PersonRequest(models.Model):
    """That a member asks for her data, or to be erased; worked off by HQ within 15 working days."""

    class Kind(models.TextChoices):
        """What she asks for."""

        EXPORT = "export", _("a copy of her data")
        ERASE = "erase", _("to be erased")

    class State(models.TextChoices):
        """Where a request stands."""

        OPEN = "open", pgettext_lazy("request", "open")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    member = models.ForeignKey(Member, models.PROTECT, related_name="requests", verbose_name=_("member"))
    kind = models.CharField(_("asks for"), max_length=6, choices=Kind)
    asked_at = models.DateTimeField(_("asked at"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """She asks for one thing once until it is answered; a refusal says why."""

        verbose_name = _("request of a member")
        verbose_name_plural = _("requests of members")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind"], condition=Q(state="open"), name="personrequest_once_while_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True)
                | Q(state__in=["done", "refused"], ended_at__isnull=False),
                name="personrequest_ended_or_open",
            ),
            models.CheckConstraint(condition=~Q(state="refused", answer=""), name="personrequest_refusal_says_why"),
        ]
        indexes = [models.Index(fields=["state", "due_on", "id"], name="personrequest_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asked_at:%Y-%m-%d}"


class PersonFile(models.Model):
    """All that is held of a member as a file, made for one person of HQ; fetched once, and gone after a while."""

    class Reason(models.TextChoices):
        """What for."""

        REQUEST = "request", _("she asked for it")
        AUTHORITY = "authority", _("an authority asked for it")
        COMPLAINT = "complaint", _("to answer a complaint")

    member = models.ForeignKey(Member, models.PROTECT, related_name="files", verbose_name=_("member"))
    reason = models.CharField(_("reason"), max_length=9, choices=Reason)
    stored = models.CharField(max_length=32, unique=True, editable=False)
    run = models.OneToOneField(JobRun, models.PROTECT, null=True, related_name="+", verbose_name=_("job run"))
    size = models.PositiveBigIntegerField(_("size"), default=0)
    asked_at = models.DateTimeField(_("asked at"))
    written_at = models.DateTimeField(_("written at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("to be fetched until"))
    fetched_at = models.DateTimeField(_("fetched at"), null=True, blank=True)
    closed = models.BooleanField(_("closed"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """The newest first."""

        verbose_name = _("file of a person")
        verbose_name_plural = _("files of persons")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.member_id} {self.asked_at:%Y-%m-%d}"

    def ready(self, at: datetime) -> bool:
        """Tell whether it can be fetched now."""
        return bool(self.written_at and not self.closed and not self.fetched_at and self.ends_at > at)


class Tombstone(models.Model):
    """A keyed digest of something by which an erased person was known: it leads to nobody, and keeps her away."""

    append_only = True

    digest = models.CharField(max_length=64, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="tombstones", verbose_name=_("member"))
    erased_at = models.DateTimeField(_("erased at"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A digest stands once."""

        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")

    def __str__(self) -> str:
        return f"{self.member_id}"
