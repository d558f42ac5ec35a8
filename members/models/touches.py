"""Touches: each time a member is to be reached, from the plan to what became of it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.consents import CHANNELS, TOUCHING, Purpose, TouchChannel
from members.models.member import Level, Member
from members.models.portraits import Stage
from stores.models import Post, sight_of, store_ids_in

LONGEST_TITLE, LONGEST_BODY = 120, 4_000
# States that say nothing more, those that say why, those that may.
SILENT = ("planned", "claimed", "waiting", "sent", "delivered", "opened", "clicked", "replied", "converted")
SAYS_WHY = ("held", "suppressed", "refused", "over_quota", "bounced")
MAY_SAY = ("failed", "unknown")
OPEN = ("planned", "held", "claimed", "waiting")
UNCLAIMED = ("planned", "held", "suppressed")


class TouchContent(models.Model):
    """What a version of a plan says in a variant by a channel; it stays, so that a touch tells what it said.

    In `title` and `body` stand places in braces, filled for each member when it is sent.
    """

    append_only = True

    source = models.CharField(_("planned by"), max_length=80)
    version = models.PositiveIntegerField(_("version"))
    variant = models.CharField(_("variant"), max_length=20, blank=True, default="")
    channel = models.CharField(_("touch channel"), max_length=12, choices=TouchChannel)
    title = models.CharField(_("title"), max_length=LONGEST_TITLE, blank=True, default="")
    body = models.TextField(_("text"), max_length=LONGEST_BODY)
    kept_at = models.DateTimeField(_("kept at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A version says one thing in each variant by each channel."""

        verbose_name = _("touch content")
        verbose_name_plural = _("touch contents")
        constraints = [
            models.UniqueConstraint(fields=["source", "version", "variant", "channel"], name="touchcontent_once"),
            models.CheckConstraint(
                condition=Q(version__gte=1, channel__in=CHANNELS) & ~Q(body=""), name="touchcontent_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} v{self.version}{self.variant} {self.channel}"


class TouchQuerySet(models.QuerySet["Touch"]):
    """Questions to touches."""

    def visible_to(self, user: object) -> "TouchQuerySet":
        """Narrow to the touches of members within this person's sight."""
        sight = sight_of(user, "touches", "view")
        if sight.everything:
            return self
        return self.filter(member__home_store_id__in=store_ids_in(sight) or [])

    def due(self, at: datetime) -> "TouchQuerySet":
        """Narrow to those that may be claimed by now, the longest due first."""
        rows = self.filter(settled_at__isnull=True, claimed_at__isnull=True)
        falls = Coalesce("held_until", "planned_for")
        return rows.annotate(falls_due=falls).filter(falls_due__lte=at).order_by("falls_due", "pk")


class Touch(models.Model):
    """One contact with one member by one channel: planned, then claimed by who sends it, then settled.

    `source` names the plan it comes from (`campaigns.plan:12`); `ref` is our own number of it, told to the channel and
    named by its answer. A claim nobody settled in time is unknown: it may have gone out, and is asked about, not sent
    again. What is held back is judged again from `held_until` on, and suppressed after `drop_after`. What an employee
    is to send waits for her.
    """

    class State(models.TextChoices):
        """How far a touch came."""

        PLANNED = "planned", _("planned")
        HELD = "held", pgettext_lazy("touch", "held back")
        SUPPRESSED = "suppressed", _("suppressed")
        CLAIMED = "claimed", _("on its way")
        WAITING = "waiting", _("waiting for the employee")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown")
        REFUSED = "refused", pgettext_lazy("touch", "refused")
        OVER_QUOTA = "over_quota", _("over the platform's quota")
        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("bounced")
        OPENED = "opened", _("opened")
        CLICKED = "clicked", _("clicked")
        REPLIED = "replied", pgettext_lazy("touch", "replied")
        CONVERTED = "converted", _("converted")

    class Reason(models.TextChoices):
        """Why it did not go out, or not yet, or why nobody knows."""

        ERASED = "erased", _("the person is erased")
        UNDER_14 = "under_14", _("under 14 without a guardian's consent")
        WITHDRAWN = "withdrawn", _("consent withdrawn")
        NO_CONSENT = "no_consent", _("no consent was given")
        HOLDOUT = "holdout", _("held out, to see what touching brings")
        TOO_LATE = "too_late", _("its time was over")
        QUIET_HOURS = "quiet_hours", _("quiet hours")
        OVER_CAP = "over_cap", _("contacted often enough lately")
        QUOTA = "quota", _("the platform's quota is used up")
        OUTRANKED = "outranked", _("something more important comes first")
        STOPPED = "stopped", _("its plan was ended")
        NO_ANSWER = "no_answer", _("the channel did not answer")
        REFUSED = "refused", _("the channel refused it")
        UNREACHABLE = "unreachable", _("she cannot be reached there")
        NOT_FRIENDS = "not_friends", _("no friend of the employee any more")
        UNWANTED = "unwanted", _("she wants none of it")
        DECLINED = "declined", _("the employee did not send it")
        TAKEN_BACK = "taken_back", _("taken back by who made it")

    # Why the gate of consent does not let a touch through.
    GATE = (Reason.ERASED, Reason.UNDER_14, Reason.WITHDRAWN, Reason.NO_CONSENT)
    # What receipts tell of what was sent, the furthest last.
    TOLD = (State.DELIVERED, State.BOUNCED, State.OPENED, State.CLICKED, State.REPLIED, State.CONVERTED)
    WENT_OUT = (State.SENT, *TOLD)
    CAME_TO_NOTHING = (State.SUPPRESSED, State.FAILED, State.REFUSED, State.OVER_QUOTA)
    USUAL_PRIORITY, HIGHEST_PRIORITY = 50, 100

    ref = models.UUIDField(_("our number"), unique=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="touches", db_index=False, verbose_name=_("member"))
    channel = models.CharField(_("touch channel"), max_length=12, choices=TouchChannel)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    source = models.CharField(_("planned by"), max_length=80)
    content = models.ForeignKey(
        TouchContent, models.PROTECT, null=True, blank=True, related_name="touches", db_index=False,
        verbose_name=_("touch content"),
    )  # fmt: skip
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="touches", db_index=False, verbose_name=_("guide")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), default=USUAL_PRIORITY)
    promised = models.BooleanField(_("promised"), default=False)
    planned_for = models.DateTimeField(_("planned for"))
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True, default="")
    held_until = models.DateTimeField(_("held back until"), null=True, blank=True)
    drop_after = models.DateTimeField(_("dropped after"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    cost_cents = models.PositiveIntegerField(_("cost"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    objects = TouchQuerySet.as_manager()

    class Meta:
        """A plan touches a member once a day by a channel; what did not go out says why.

        No index looks at the state: what receipts tell of a touch leaves all of them as they are.
        """

        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        constraints = [
            models.UniqueConstraint(fields=["member", "source", "channel", "day"], name="touch_once_a_day"),
            models.CheckConstraint(
                condition=Q(purpose__in=TOUCHING, channel__in=CHANNELS), name="touch_channel_fits_purpose"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SILENT, reason="") | Q(state__in=SAYS_WHY) & ~Q(reason="") | Q(state__in=MAY_SAY),
                name="touch_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNCLAIMED, claimed_at__isnull=True)
                | ~Q(state__in=UNCLAIMED) & Q(claimed_at__isnull=False),
                name="touch_goes_out_by_a_claim",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, settled_at__isnull=True) | ~Q(state__in=OPEN) & Q(settled_at__isnull=False),
                name="touch_ends_when_settled",
            ),
            models.CheckConstraint(
                condition=Q(state="held", held_until__isnull=False) | ~Q(state="held") & Q(held_until__isnull=True),
                name="touch_held_until_some_time",
            ),
            models.CheckConstraint(condition=Q(priority__lte=100), name="touch_priority_of_a_hundred"),
        ]
        indexes = [
            models.Index(
                F("channel"), Coalesce("held_until", "planned_for"), F("id"),
                condition=Q(settled_at__isnull=True, claimed_at__isnull=True), name="touch_due",
            ),
            models.Index(
                fields=["claimed_at"], condition=Q(settled_at__isnull=True, claimed_at__isnull=False),
                name="touch_on_its_way",
            ),
            models.Index(fields=["member", "planned_for"], name="touch_member"),
            models.Index(fields=["member", "planned_for"], condition=Q(settled_at__isnull=True), name="touch_open"),
            models.Index(fields=["member", "claimed_at"], condition=Q(claimed_at__isnull=False), name="touch_claimed"),
            models.Index(fields=["source", "day"], name="touch_source"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.channel} {self.day:%Y-%m-%d}"


class TouchReceipt(models.Model):
    """What was heard of a touch after it went out, each kind once."""

    append_only = True

    class Kind(models.TextChoices):
        """What was heard; the state of the touch follows the furthest."""

        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("bounced")
        OPENED = "opened", _("opened")
        CLICKED = "clicked", _("clicked")
        REPLIED = "replied", pgettext_lazy("touch", "replied")
        CONVERTED = "converted", _("converted")

    touch = models.ForeignKey(Touch, models.PROTECT, related_name="receipts", db_index=False, verbose_name=_("touch"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("at"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A touch is told of once in each way."""

        verbose_name = _("receipt of a touch")
        verbose_name_plural = _("receipts of touches")
        constraints = [models.UniqueConstraint(fields=["touch", "kind"], name="touchreceipt_once")]

    def __str__(self) -> str:
        return self.kind


class TouchCap(models.Model):
    """How often a person is contacted at most, and how often she should be: of a channel, purpose, level and stage.

    What is left empty stands for all; all purposes are those without service notices. `span` is a number of rolling
    days, or the calendar's month or year. A cap of the platform holds for service notices and promises too.
    """

    class Span(models.TextChoices):
        """Over what it is counted."""

        DAYS = "days", pgettext_lazy("cap", "rolling days")
        MONTH = "month", pgettext_lazy("cap", "calendar month")
        YEAR = "year", pgettext_lazy("cap", "calendar year")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    channel = models.CharField(_("touch channel"), max_length=12, choices=TouchChannel, blank=True, default="")
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose, blank=True, default="")
    level = models.ForeignKey(
        Level, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("level")
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, blank=True, default="")
    span = models.CharField(_("counted over"), max_length=5, choices=Span)
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    most = models.PositiveSmallIntegerField(pgettext_lazy("cap", "at most"))
    target = models.PositiveSmallIntegerField(_("target"), null=True, blank=True)
    is_platform = models.BooleanField(_("quota of the platform"), default=False)
    active = models.BooleanField(_("active"), default=True)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Days are said where days are counted; what should be reached is allowed."""

        verbose_name = _("touch cap")
        verbose_name_plural = _("touch caps")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(span="days", days__gte=1, days__lte=366) | ~Q(span="days") & Q(days__isnull=True),
                name="touchcap_days_where_days_count",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__lte=F("most")), name="touchcap_target_is_allowed"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QuietHours(models.Model):
    """From when to when, by the brand's clock, nothing of a machine goes out by a channel; over midnight too."""

    channel = models.CharField(_("touch channel"), max_length=12, choices=TouchChannel, unique=True)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A channel has one night."""

        verbose_name = _("quiet hours")
        verbose_name_plural = _("quiet hours")
        constraints = [models.CheckConstraint(condition=~Q(starts=F("ends")), name="quiethours_have_a_length")]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"
