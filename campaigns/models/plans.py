"""Touch plans: whom to touch, when, by what, with which words; who was planned for on which occasion, in which arm."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.segments import Segment
from members.models import CouponPlan, Member, Purpose, Touch
from members.models.consents import TOUCHING

MOST_HELD_OUT = 5_000  # basis points
HELD_OUT = "held_out"


class TouchPlan(models.Model):
    """Touches of members on an occasion; live, it plans each night what falls due on the day.

    `channels` are tried in their order: the first that reaches her and that she allows, the next where it fails.
    `terms` are those of its kind (`queries/audiences.py`). Of `holdout_bp` in 10 000 nobody is touched, so that what it
    brings can be measured; what was promised holds nobody out.
    """

    class Kind(models.TextChoices):
        """What it is planned on."""

        BIRTHDAY = "birthday", _("birthday")
        SCENE = "scene", pgettext_lazy("touch plan", "scene")
        REPLENISHMENT = "replenishment", pgettext_lazy("touch plan", "replenishment")
        HOLIDAY = "holiday", pgettext_lazy("touch plan", "holiday")
        SERVICE = "service", pgettext_lazy("touch plan", "service")
        LIFECYCLE = "lifecycle", pgettext_lazy("touch plan", "lifecycle")
        PROMOTION = "promotion", pgettext_lazy("touch plan", "promotion")
        MEMBER_DAY = "member_day", pgettext_lazy("touch plan", "member day")

    class State(models.TextChoices):
        """How far it is; only a live one plans, only of a live one anything goes out."""

        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", pgettext_lazy("touch plan", "submitted")
        APPROVED = "approved", pgettext_lazy("touch plan", "approved")
        LIVE = "live", pgettext_lazy("touch plan", "live")
        PAUSED = "paused", pgettext_lazy("touch plan", "paused")
        ENDED = "ended", pgettext_lazy("touch plan", "ended")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    terms = models.JSONField(_("terms"), default=dict)
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name=_("segment")
    )
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose, default=Purpose.MARKETING)
    channels = models.JSONField(_("channels in their order"), default=list)
    coupon_plan = models.ForeignKey(
        CouponPlan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("coupon")
    )
    priority = models.PositiveSmallIntegerField(_("priority"), default=Touch.USUAL_PRIORITY)
    promised = models.BooleanField(_("promised"), default=False)
    holdout_bp = models.PositiveIntegerField(_("held out"), default=1_000)
    variants = models.PositiveSmallIntegerField(_("variants"), default=1)
    most_touches = models.PositiveIntegerField(_("touches at most"), null=True, blank=True)
    most_cents = models.BigIntegerField(_("money at most"), null=True, blank=True)
    send_at = models.TimeField(_("goes out at"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    patience_days = models.PositiveSmallIntegerField(_("held back at most (days)"), default=3)
    window_days = models.PositiveSmallIntegerField(_("goal window (days)"), default=14)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=1)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A promise holds nobody out; it ends after it began."""

        verbose_name = _("touch plan")
        verbose_name_plural = _("touch plans")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=TOUCHING), name="touchplan_touches"),
            models.CheckConstraint(
                condition=Q(holdout_bp=0) | Q(holdout_bp__lte=MOST_HELD_OUT, promised=False, purpose="marketing"),
                name="touchplan_promise_holds_nobody_out",
            ),
            models.CheckConstraint(condition=Q(priority__lte=100), name="touchplan_priority_of_a_hundred"),
            models.CheckConstraint(
                condition=Q(most_cents__isnull=True) | Q(most_cents__gt=0), name="touchplan_budget_buys_something"
            ),
            models.CheckConstraint(condition=Q(variants__gte=1, variants__lte=4), name="touchplan_variants"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="touchplan_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """Give by what its touches name it."""
        return f"campaigns.plan:{self.pk}"

    @property
    def arms(self) -> list[tuple[str, int]]:
        """Give the arms with their basis points: those held out first, then the variants alike."""
        left = 10_000 - self.holdout_bp
        each, over = divmod(left, self.variants)
        shares = [each + (nth < over) for nth in range(self.variants)]
        return [(HELD_OUT, self.holdout_bp), *zip(self.variant_names, shares, strict=True)]

    @property
    def variant_names(self) -> list[str]:
        """Name its variants."""
        return list("ABCD"[: self.variants])

    def term(self, name: str, default: Any = None) -> Any:
        """Give a term of its kind."""
        return self.terms.get(name, default)


class PlanForecast(models.Model):
    """How many members a plan is expected to plan for on a day ahead, counted anew each night."""

    pk = models.CompositePrimaryKey("plan_id", "day")
    plan = models.ForeignKey(TouchPlan, models.PROTECT, related_name="forecasts", db_index=False)
    day = models.DateField(_("day"))
    members = models.PositiveIntegerField(_("members"))

    class Meta:
        """Read by day."""

        verbose_name = _("forecast of a plan")
        verbose_name_plural = _("forecasts of plans")
        indexes = [models.Index(fields=["day"], name="planforecast_day")]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.day}"


class PlanMember(models.Model):
    """A member was planned for on an occasion, in an arm: once, for ever."""

    append_only = True
    withdrawable = True
    derived = "true"  # goes with its member

    plan = models.ForeignKey(TouchPlan, models.PROTECT, related_name="planned", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="planned", verbose_name=_("member"))
    occasion = models.CharField(_("occasion"), max_length=40)
    arm = models.CharField(_("arm"), max_length=8)
    day = models.DateField(_("day"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """On an occasion a plan plans for a member once."""

        verbose_name = _("member of a plan")
        verbose_name_plural = _("members of plans")
        constraints = [models.UniqueConstraint(fields=["plan", "member", "occasion"], name="planmember_once")]
        indexes = [
            models.Index(fields=["plan", "day"], name="planmember_day"),
            models.Index(fields=["entry_id"], name="planmember_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.member_id}"
