"""Escalations: what a guide cannot settle herself, taken up the line until it is; the thread is never rewritten."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.tasks import Task
from members.models import Member
from stores.models import Post, sight_of, store_ids_in

LONGEST_TITLE, LONGEST_WORDS = 60, 1000


class EscalationQuerySet(models.QuerySet["Escalation"]):
    """Questions to escalations."""

    def visible_to(self, user: object) -> "EscalationQuerySet":
        """Narrow to those raised in the stores within this person's sight, whoever is to answer them."""
        sight = sight_of(user, "escalations", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Escalation(models.Model):
    """A problem somebody in a store takes up: who is to answer until when, how it stands; `ref` names it outside.

    Whom it waits for follows from `level` and the raiser's store: its manager, its region's supervisor, HQ.
    """

    class Level(models.TextChoices):
        """Who is to answer."""

        MANAGER = "manager", _("store manager")
        SUPERVISOR = "supervisor", _("supervisor")
        HQ = "hq", _("HQ operator")

    class State(models.TextChoices):
        """How it stands."""

        OPEN = "open", pgettext_lazy("escalation", "waits for an answer")
        ANSWERED = "answered", pgettext_lazy("escalation", "answered")
        CLOSED = "closed", pgettext_lazy("escalation", "closed")

    ref = models.UUIDField(_("our number"), unique=True, editable=False)
    title = models.CharField(_("title"), max_length=LONGEST_TITLE)
    post = models.ForeignKey(Post, models.PROTECT, related_name="escalations", verbose_name=_("raised by"))
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="escalations", verbose_name=_("member")
    )
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="escalations", verbose_name=_("task")
    )
    level = models.CharField(_("to be answered by"), max_length=10, choices=Level)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    raised_at = models.DateTimeField(_("raised at"))
    due_at = models.DateTimeField(_("to be answered before"))
    handed_up = models.PositiveSmallIntegerField(_("handed up"), default=0)
    messages = models.PositiveSmallIntegerField(_("messages"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        """Its time is over after it was raised; it is handed up twice at most."""

        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("raised_at"), handed_up__lte=2), name="escalation_times_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="open"), name="escalation_due"),
            models.Index(fields=["entry_id"], name="escalation_entry"),
        ]

    def __str__(self) -> str:
        return self.title


class EscalationMessage(models.Model):
    """One thing said or done about an escalation; its thread is never rewritten."""

    append_only = True
    erasable = ("words",)

    class Kind(models.TextChoices):
        """What was said or done."""

        RAISED = "raised", pgettext_lazy("escalation", "raised")
        ADDED = "added", pgettext_lazy("escalation", "asked again")
        ANSWERED = "answered", pgettext_lazy("escalation", "answered")
        HANDED_UP = "handed_up", pgettext_lazy("escalation", "handed up")
        CLOSED = "closed", pgettext_lazy("escalation", "closed")

    escalation = models.ForeignKey(
        Escalation, models.PROTECT, related_name="thread", db_index=False, verbose_name=_("escalation")
    )
    nth = models.PositiveSmallIntegerField(_("nth"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    words = models.CharField(_("words"), max_length=LONGEST_WORDS, blank=True, default="")
    level = models.CharField(_("to be answered by"), max_length=10, choices=Escalation.Level)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Messages of an escalation are counted without a gap."""

        verbose_name = _("message of an escalation")
        verbose_name_plural = _("messages of escalations")
        constraints = [models.UniqueConstraint(fields=["escalation", "nth"], name="escalationmessage_in_order")]

    def __str__(self) -> str:
        return f"{self.escalation_id}.{self.nth} {self.kind}"
