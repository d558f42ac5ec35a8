"""Levels of guides, 1 to 12: what each month's assessment found, and since when a guide stands where she stands."""

from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.policies import Policy
from newretail.kernel.scopes import Action, Resource
from stores.models import Post, sight_of, store_ids_in

FIRST_LEVEL, LAST_LEVEL = 1, 12
SERVES = (Post.Role.GUIDE, Post.Role.MANAGER)
M = TypeVar("M", bound=models.Model)


class OfPersonQuerySet(models.QuerySet[M]):
    """Questions to what is kept of a person who serves."""

    resource: Resource = "guide_pay"
    person = "user"

    def visible_to(self, user: object, action: Action = "view") -> Self:
        """Narrow to those who serve in the stores within this person's sight, or where she may do more."""
        sight = sight_of(user, self.resource, action)
        if sight.everything:
            return self
        there = Post.objects.filter(store_id__in=store_ids_in(sight) or [], role__in=SERVES)
        return self.filter(**{f"{self.person}__in": there.order_by().values("user_id")})


class GuideAssessment(models.Model):
    """What a month's sales say of a guide's level, by which version of the table, and what followed.

    `sales_cents` are net of refunds, of the orders paid in the month, by her credits; `kpis` holds what the KPIs of her
    group were then: a list of {kpi, value, of, score}.
    """

    append_only = True

    class Outcome(models.TextChoices):
        """What followed."""

        KEPT = "kept", pgettext_lazy("level", "kept")
        PROMOTED = "promoted", _("promoted")
        GRACE = "grace", _("month of grace")
        DEMOTED = "demoted", _("demoted")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("guide")
    )
    month = models.DateField(_("month"))
    sales_cents = models.BigIntegerField(_("sales"))
    before = models.PositiveSmallIntegerField(_("level before"))
    reached = models.PositiveSmallIntegerField(_("level reached"))
    after = models.PositiveSmallIntegerField(_("level after"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    kpis = models.JSONField(_("KPIs"), default=list)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", db_index=False, verbose_name=_("level table"))
    assessed_at = models.DateTimeField(_("assessed at"))
    entry_id = models.BigIntegerField(editable=False)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        """A guide is assessed once for a month."""

        verbose_name = _("assessment of a guide")
        verbose_name_plural = _("assessments of guides")
        constraints = [
            models.UniqueConstraint(fields=["user", "month"], name="guideassessment_once"),
            models.CheckConstraint(
                condition=Q(
                    before__range=(FIRST_LEVEL, LAST_LEVEL),
                    reached__range=(FIRST_LEVEL, LAST_LEVEL),
                    after__range=(FIRST_LEVEL, LAST_LEVEL),
                ),
                name="guideassessment_levels",
            ),
        ]
        indexes = [models.Index(fields=["month"], name="guideassessment_month")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.month:%Y-%m}"


class GuideLevelMove(models.Model):
    """A guide stands at a level from an instant on; before her first one she stands at level 1."""

    append_only = True
    erasable = ("reason",)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("guide")
    )
    level = models.PositiveSmallIntegerField(_("level"))
    from_at = models.DateTimeField(_("from"))
    assessment = models.OneToOneField(
        GuideAssessment, models.PROTECT, null=True, related_name="move", verbose_name=_("assessment of a guide")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        """By an assessment, or by somebody who says why."""

        verbose_name = _("level of a guide")
        verbose_name_plural = _("levels of guides")
        constraints = [
            models.UniqueConstraint(fields=["user", "from_at"], name="guidelevelmove_once"),
            models.CheckConstraint(
                condition=Q(level__range=(FIRST_LEVEL, LAST_LEVEL))
                & (Q(assessment__isnull=False) | (Q(by__isnull=False) & ~Q(reason=""))),
                name="guidelevelmove_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.level}"
