"""Tasks: what a guide has to do, for whom, until when; the brief says it, the moves tell what became of it."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.materials import Material
from guides.models.surveys import Survey
from members.models import CouponPlan, Member, Purpose
from stores.models import Post, sight_of, store_ids_in

LONGEST_WORDS, LONGEST_NOTE = 1000, 400


class Brief(models.Model):
    """What many tasks say alike: why, which words, which coupon, what for. A new wording is a new brief.

    In `why` and `words` stand places in braces: {name} is filled when the card is shown, the others from the facts of
    the task.
    """

    append_only = True

    class Reason(models.TextChoices):
        """What a task is about."""

        BIRTHDAY = "birthday", _("birthday")
        WAKE = "wake", _("wake up")
        WIN_BACK = "win_back", _("win back")
        GREETING = "greeting", _("greet a new customer")
        AFTER_PURCHASE = "after_purchase", _("after a purchase")
        INTERACTION = "interaction", _("keep in touch")
        SURVEY = "survey", _("ask how it was")
        SIGNAL = "signal", _("a signal of hers")
        CAMPAIGN = "campaign", _("campaign")
        NOTICE = "notice", _("notice")
        OTHER = "other", _("other")

    class Priority(models.IntegerChoices):
        """What comes first; the lower the sooner."""

        HIGH = 1, pgettext_lazy("priority", "high")
        USUAL = 5, pgettext_lazy("priority", "usual")
        LOW = 9, pgettext_lazy("priority", "low")

    title = models.CharField(_("title"), max_length=60)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose, default=Purpose.CARE)
    why = models.CharField(_("why"), max_length=200, blank=True, default="")
    words = models.TextField(_("suggested words"), max_length=LONGEST_WORDS, blank=True, default="")
    coupon_plan = models.ForeignKey(
        CouponPlan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("coupon to hand over")
    )
    material = models.ForeignKey(
        Material, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("material to share")
    )
    survey = models.ForeignKey(
        Survey, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("survey to ask")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.USUAL)
    wants_evidence = models.BooleanField(_("wants a photo"), default=False)
    wants_approval = models.BooleanField(_("wants approval"), default=False)
    written_at = models.DateTimeField(_("written at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Briefs stand as they were written."""

        verbose_name = _("brief")
        verbose_name_plural = _("briefs")

    def __str__(self) -> str:
        return self.title


class TaskRule(models.Model):
    """A rule that gives tasks: upon an event, or each day to whoever meets its condition; its brief is its wording."""

    class Trigger(models.TextChoices):
        """When it gives a task."""

        BOND_MADE = "bond_made", _("a customer was added")
        PURCHASE = "purchase", _("a purchase was paid")
        QUIET = "quiet", _("no contact for some days")
        BIRTHDAY = "birthday", _("her birthday comes")
        STAGE = "stage", _("her stage of life as a customer changed")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    trigger = models.CharField(_("when"), max_length=12, choices=Trigger)
    terms = models.JSONField(_("terms"), default=dict)
    due_days = models.PositiveSmallIntegerField(_("due after (days)"), default=1, validators=[MaxValueValidator(365)])
    kept_days = models.PositiveSmallIntegerField(
        _("expires after (days)"), default=7, validators=[MaxValueValidator(365)]
    )
    active = models.BooleanField(_("active"), default=True)
    brief = models.ForeignKey(Brief, models.PROTECT, related_name="rules", verbose_name=_("brief"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A task is due before it expires."""

        verbose_name = _("task rule")
        verbose_name_plural = _("task rules")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_days__lte=F("kept_days"), kept_days__lte=365), name="taskrule_due_before_it_expires"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_before_due(self) -> timedelta | None:
        """Tell how long before it is due its task comes to the list; None where it stands there at once."""
        after = int(self.terms.get("after", 0))
        return timedelta(days=self.due_days - after) if after else None


class TaskQuerySet(models.QuerySet["Task"]):
    """Questions to tasks."""

    def open(self) -> "TaskQuerySet":
        """Narrow to the tasks that are still to be done."""
        return self.filter(state=Task.State.OPEN)

    def visible_to(self, user: object) -> "TaskQuerySet":
        """Narrow to the tasks of guides in the stores within this person's sight."""
        sight = sight_of(user, "tasks", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Task(models.Model):
    """One thing one guide has to do; (source, member) is its name for ever, of a task without a member (source, guide).

    `ref` names it outside, `facts` fill the places of its brief, `covers` is the guide it is done for while she is
    away. It is on time by `due_at`, can be done until `expires_at`.
    """

    class State(models.TextChoices):
        """How it stands."""

        OPEN = "open", pgettext_lazy("task", "to do")
        CHECKING = "checking", _("waits for approval")
        DONE = "done", pgettext_lazy("task", "done")
        EXPIRED = "expired", pgettext_lazy("task", "expired")
        CANCELLED = "cancelled", pgettext_lazy("task", "cancelled")

    class Outcome(models.TextChoices):
        """What came of it."""

        SENT = "sent", _("sent")
        REPLIED = "replied", _("she replied")
        BOUGHT = "bought", _("she bought")
        UNREACHABLE = "unreachable", pgettext_lazy("outcome", "not reached")
        REFUSED = "refused", _("she wants none of it")
        DONE = "done", _("done")

    # Outcomes that say she was touched: the gate of consent is asked before they are kept.
    TOUCHED = (Outcome.SENT, Outcome.REPLIED, Outcome.BOUGHT)
    # Why a survey has no answers.
    UNANSWERED = (Outcome.UNREACHABLE, Outcome.REFUSED)

    ref = models.UUIDField(_("our number"), unique=True, default=uuid.uuid4, editable=False)
    brief = models.ForeignKey(Brief, models.PROTECT, related_name="tasks", db_index=False, verbose_name=_("brief"))
    rule = models.ForeignKey(
        TaskRule, models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False,
        verbose_name=_("task rule"),
    )  # fmt: skip
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="tasks", db_index=False, verbose_name=_("member")
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="tasks", db_index=False, verbose_name=_("guide"))
    covers = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="covered", db_index=False,
        verbose_name=_("covers for"),
    )  # fmt: skip
    source = models.CharField(_("assigned by"), max_length=80)
    facts = models.JSONField(_("facts"), default=dict)
    assigned_at = models.DateTimeField(_("assigned at"))
    due_at = models.DateTimeField(_("due"))
    expires_at = models.DateTimeField(_("expires"))
    snoozed_until = models.DateTimeField(_("put off until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True, default="")
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True, default="")
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    moves = models.PositiveSmallIntegerField(_("moves"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        """A rule has one open task for a member; a source gives a member one task, ever."""

        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "rule"], condition=Q(state__in=["open", "checking"], rule__isnull=False),
                name="task_one_open_of_a_rule",
            ),
            models.UniqueConstraint(
                fields=["member", "source"], condition=Q(member__isnull=False), name="task_once_for_a_member"
            ),
            models.UniqueConstraint(
                fields=["post", "source"], condition=Q(member__isnull=True), name="task_once_for_a_guide"
            ),
            models.CheckConstraint(
                condition=Q(assigned_at__lt=F("expires_at"), due_at__lte=F("expires_at")), name="task_times_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, outcome="")
                | Q(state__in=["checking", "done"], ended_at__isnull=False) & ~Q(outcome="")
                | Q(state__in=["expired", "cancelled"], ended_at__isnull=False, outcome=""),
                name="task_end_whole",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["post", "due_at"], condition=Q(state="open"), name="task_to_do"),
            models.Index(fields=["post", "ended_at"], condition=Q(state__in=["checking", "done"]), name="task_done"),
            models.Index(fields=["expires_at"], condition=Q(state="open"), name="task_expiring"),
            models.Index(fields=["member", "assigned_at"], name="task_member"),
            models.Index(fields=["post", "assigned_at"], name="task_given"),
            models.Index(fields=["source"], name="task_source"),
            models.Index(fields=["covers"], condition=Q(state="open", covers__isnull=False), name="task_covered"),
            models.Index(fields=["due_at"], condition=~Q(state="cancelled"), name="task_due"),
            models.Index(fields=["entry_id"], name="task_entry"),
            models.Index(
                fields=["ended_at"], condition=Q(source__startswith="members.touch:", ended_at__isnull=False),
                name="task_of_touch_ended",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.brief_id} · {self.post_id}"


class TaskMove(models.Model):
    """One thing that happened to a task; its history is never rewritten."""

    append_only = True
    erasable = ("reason",)

    class Kind(models.TextChoices):
        """What happened."""

        DONE = "done", _("done")
        UNDONE = "undone", _("undone")
        SNOOZED = "snoozed", _("put off")
        TRANSFERRED = "transferred", _("given to another")
        APPROVED = "approved", _("approved")
        RETURNED = "returned", _("given back")
        CANCELLED = "cancelled", _("cancelled")
        COVERED = "covered", _("covered for by another")

    task = models.ForeignKey(Task, models.PROTECT, related_name="history", db_index=False, verbose_name=_("task"))
    nth = models.PositiveSmallIntegerField(_("nth"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Task.Outcome, blank=True, default="")
    from_post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", db_index=False)
    to_post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Moves of a task are counted without a gap."""

        verbose_name = _("move of a task")
        verbose_name_plural = _("moves of tasks")
        constraints = [models.UniqueConstraint(fields=["task", "nth"], name="taskmove_in_order")]
        indexes = [
            models.Index(fields=["by", "at"], name="taskmove_by"),
            models.Index(fields=["entry_id"], name="taskmove_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id}.{self.nth} {self.kind}"
