"""Coupons that guides hand to their customers: how many a month each may, and each that was handed out."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from guides.models.tasks import Task
from members.models import CouponPlan, Member
from stores.models import Post

MOST_A_MONTH = 10_000


class CouponQuota(models.Model):
    """How many coupons one guide may hand out in a month, where it is not the brand's usual number."""

    post = models.OneToOneField(Post, models.PROTECT, related_name="coupon_quota", verbose_name=_("guide"))
    a_month = models.PositiveIntegerField(_("coupons a month"), validators=[MaxValueValidator(MOST_A_MONTH)])
    set_at = models.DateTimeField(_("set at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """One for a guide."""

        verbose_name = _("coupon quota")
        verbose_name_plural = _("coupon quotas")
        constraints = [models.CheckConstraint(condition=Q(a_month__lte=MOST_A_MONTH), name="couponquota_most")]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.a_month}"


class CouponHandout(models.Model):
    """A coupon that a guide handed to a customer: the nth of her month, within what she might hand out then.

    `task` is the task on whose card it was handed out.
    """

    append_only = True

    post = models.ForeignKey(Post, models.PROTECT, related_name="handouts", db_index=False, verbose_name=_("guide"))
    month = models.DateField(_("month"))
    nth = models.PositiveIntegerField(_("nth"))
    most = models.PositiveIntegerField(_("coupons a month"))
    plan = models.ForeignKey(CouponPlan, models.PROTECT, related_name="handouts", verbose_name=_("coupon"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="handouts", verbose_name=_("member"))
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="handouts", db_index=False, verbose_name=_("task")
    )
    handed_at = models.DateTimeField(_("handed out at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Each number of a month is given once, and none beyond the most; a task hands out one coupon."""

        verbose_name = _("coupon handed out")
        verbose_name_plural = _("coupons handed out")
        constraints = [
            models.UniqueConstraint(fields=["post", "month", "nth"], name="couponhandout_nth_once"),
            models.UniqueConstraint(fields=["task"], name="couponhandout_once_for_a_task"),
            models.CheckConstraint(condition=Q(nth__gte=1, nth__lte=F("most")), name="couponhandout_within_quota"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} · {self.month:%Y-%m} · {self.nth}"
