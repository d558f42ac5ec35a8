"""What is aimed at: a month's plan in versions, the target of each place in it, the weight of each kind of day."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stores.models.places import Post, Region, Store

EVEN = 10_000  # the weight of a day that is like any other, in basis points
MOST_WEIGHT = 1_000_000


class Metric(models.TextChoices):
    """What is aimed at; the unit of its amounts: cents, persons, persons, basis points."""

    SALES = "sales", _("sales")
    RECRUITS = "recruits", _("recruits")
    REACH = "reach", _("reach")
    REPEAT_RATE = "repeat_rate", _("repeat rate")

    @property
    def additive(self) -> bool:
        """Tell whether days sum to the month and places to the place above; a rate does neither."""
        return self is not Metric.REPEAT_RATE


class TargetPlan(models.Model):
    """One version of what a month is to bring in one metric: all places of it, whole.

    The newest version counts. A re-plan is a new version with its reason; no version is ever changed.
    """

    append_only = True
    erasable = ("reason",)
    withdrawable = True

    month = models.DateField(_("month"))
    metric = models.CharField(_("metric"), max_length=12, choices=Metric)
    version = models.PositiveIntegerField(_("version"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    planned_at = models.DateTimeField(_("planned at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """A version stands once; a business month is named by its first day, the 28th at the latest."""

        verbose_name = _("target plan")
        verbose_name_plural = _("target plans")
        constraints = [
            models.UniqueConstraint(fields=["month", "metric", "version"], name="targetplan_version_once"),
            models.CheckConstraint(condition=Q(month__day__lte=28, version__gte=1), name="targetplan_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.metric} v{self.version}"


class Target(models.Model):
    """What one place is to bring in a version of a plan, and what of it falls on each day of the month.

    A place is the brand, orders of no store, a region, a store, or a guide's post; a store's row names the region it
    stood in, a guide's the store she stood in. `days` sum to `amount`; a rate has
    no days: it is the same on each. An `implied` target was not set: it is the sum of the places below.
    `differs`: it was set, and confirmed, although the places below sum to something else.
    """

    append_only = True
    withdrawable = True
    derived = "true"  # goes with its plan

    class Kind(models.TextChoices):
        """What a target is set for."""

        BRAND = "brand", _("brand")
        ONLINE = "online", _("no store (online)")
        REGION = "region", _("region")
        STORE = "store", _("store")
        GUIDE = "guide", _("guide")

    plan = models.ForeignKey(
        TargetPlan, models.PROTECT, db_index=False, related_name="targets", verbose_name=_("target plan")
    )
    kind = models.CharField(_("place"), max_length=6, choices=Kind)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("region"))
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("store"))
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("post"))
    amount = models.BigIntegerField(_("amount"))
    days = ArrayField(models.BigIntegerField(), verbose_name=_("days"), default=list, blank=True)
    implied = models.BooleanField(_("summed up"), default=False)
    differs = models.BooleanField(_("differs knowingly"), default=False)

    class Meta:
        """A place has one target in a version, and its kind says which place."""

        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "kind", "store", "post", "region"], nulls_distinct=False, name="target_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["brand", "online"], region__isnull=True, store__isnull=True, post__isnull=True)
                | Q(kind="region", region__isnull=False, store__isnull=True, post__isnull=True)
                | Q(kind="store", store__isnull=False, post__isnull=True)
                | Q(kind="guide", region__isnull=True, store__isnull=False, post__isnull=False),
                name="target_has_its_place",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="target_not_negative"),
            models.CheckConstraint(condition=~Q(implied=True, differs=True), name="target_implied_is_the_sum"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class DayWeight(models.Model):
    """How much one kind of day counts, in basis points of an ordinary day: a weekday, a festival, its season.

    The weight of a day is its weekday's times its festival's. Without a store it holds for the whole brand. What
    somebody set goes before what was learned, and is never learned over.
    """

    class Source(models.TextChoices):
        """Where a weight comes from."""

        LEARNED = "learned", _("learned from history")
        SET = "set", _("set by hand")

    metric = models.CharField(_("metric"), max_length=12, choices=Metric)
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, verbose_name=_("store"))
    kind = models.CharField(_("kind of day"), max_length=50)
    weight_bp = models.PositiveIntegerField(_("weight"))
    source = models.CharField(_("source"), max_length=8, choices=Source)
    seen = models.PositiveIntegerField(_("seen"), default=0)  # orders or recruits it was learned from
    set_at = models.DateTimeField(_("set at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """A kind of day has one learned and one set weight at a place."""

        verbose_name = _("day weight")
        verbose_name_plural = _("day weights")
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "store", "kind", "source"], nulls_distinct=False, name="dayweight_once"
            ),
            models.CheckConstraint(condition=Q(weight_bp__lte=MOST_WEIGHT), name="dayweight_in_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.kind} {self.weight_bp}"


__all__ = ["EVEN", "MOST_WEIGHT", "DayWeight", "Metric", "Target", "TargetPlan"]
