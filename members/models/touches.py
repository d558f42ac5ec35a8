"""Touches: each time a member is to be reached, from the plan to what became of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.consents import CHANNELS, TOUCHING, Purpose, TouchChannel
from members.models.member import Member
from stores.models import sight_of, store_ids_in


class TouchQuerySet(models.QuerySet["Touch"]):
    """Questions to touches."""

    def visible_to(self, user: object) -> "TouchQuerySet":
        """Narrow to the touches of members within this person's sight."""
        sight = sight_of(user, "touches", "view")
        if sight.everything:
            return self
        return self.filter(member__home_store_id__in=store_ids_in(sight) or [])


class Touch(models.Model):
    """One contact with one member by one channel: planned, then claimed by who sends it, then settled.

    `source` names the plan it comes from (`campaigns.wave:12`); `ref` is our own number of it, told to the channel and
    named by its answer. A claim nobody settled in time is unknown: it may have gone out, and is asked about, not sent
    again.
    """

    class State(models.TextChoices):
        """Where a touch stands."""

        PLANNED = "planned", _("planned")
        CLAIMED = "claimed", _("on its way")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown")
        SUPPRESSED = "suppressed", _("suppressed")

    class Reason(models.TextChoices):
        """Why it did not go out, or why nobody knows."""

        ERASED = "erased", _("the person is erased")
        UNDER_14 = "under_14", _("under 14 without a guardian's consent")
        WITHDRAWN = "withdrawn", _("consent withdrawn")
        NO_CONSENT = "no_consent", _("no consent was given")
        NO_ANSWER = "no_answer", _("the channel did not answer")
        REFUSED = "refused", _("the channel refused it")
        UNREACHABLE = "unreachable", _("she cannot be reached there")
        TAKEN_BACK = "taken_back", _("taken back by who made it")

    # Why the gate does not let a touch through.
    GATE = (Reason.ERASED, Reason.UNDER_14, Reason.WITHDRAWN, Reason.NO_CONSENT)

    ref = models.UUIDField(_("our number"), unique=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="touches", db_index=False, verbose_name=_("member"))
    channel = models.CharField(_("touch channel"), max_length=12, choices=TouchChannel)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    source = models.CharField(_("planned by"), max_length=80)
    planned_for = models.DateTimeField(_("planned for"))
    day = models.DateField(_("day"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True, default="")
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    entry_id = models.BigIntegerField(editable=False)

    objects = TouchQuerySet.as_manager()

    class Meta:
        """A plan touches a member once a day by a channel; what did not go out says why."""

        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        constraints = [
            models.UniqueConstraint(fields=["member", "source", "channel", "day"], name="touch_once_a_day"),
            models.CheckConstraint(
                condition=Q(purpose__in=TOUCHING, channel__in=CHANNELS), name="touch_channel_fits_purpose"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "claimed", "sent"], reason="")
                | Q(state__in=["failed", "unknown"])
                | Q(state="suppressed") & ~Q(reason=""),
                name="touch_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "suppressed"], claimed_at__isnull=True)
                | Q(state__in=["claimed", "sent", "failed", "unknown"], claimed_at__isnull=False),
                name="touch_goes_out_by_a_claim",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "planned_for", "id"], condition=Q(state="planned"), name="touch_due"),
            models.Index(fields=["claimed_at"], condition=Q(state="claimed"), name="touch_on_its_way"),
            models.Index(fields=["member", "planned_for"], name="touch_member"),
            models.Index(
                fields=["member", "planned_for"], condition=Q(state__in=["planned", "claimed"]), name="touch_open"
            ),
            models.Index(fields=["source", "state"], name="touch_source"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.day:%Y-%m-%d}"
