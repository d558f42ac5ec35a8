"""Simulations: what a version of a policy would have paid for months that are over, reckoned by a worker."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guides.models.policies import Policy
from newretail.kernel import clock
from newretail.kernel.models import JobRun


class PaySimulation(models.Model):
    """A version tried on the months [first, last), first days of months; `told` is what came of it.

    `told` holds cents as [by what counted, by the version]: of `months` (first days), `kinds`, `users` (ids).
    """

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="simulations", verbose_name=_("version"))
    first = models.DateField(_("first month"))
    last = models.DateField(_("month after the last"))
    run = models.OneToOneField(JobRun, models.PROTECT, null=True, related_name="+", verbose_name=_("job run"))
    told = models.JSONField(_("result"), null=True)
    asked_at = models.DateTimeField(_("asked at"))
    told_at = models.DateTimeField(_("reckoned at"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )  # fmt: skip

    class Meta:
        """It spans months, and is told once."""

        verbose_name = _("pay simulation")
        verbose_name_plural = _("pay simulations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first__day=1, last__day=1, first__lt=models.F("last")), name="paysimulation_months"
            ),
            models.CheckConstraint(
                condition=models.Q(told__isnull=True, told_at__isnull=True)
                | models.Q(told__isnull=False, told_at__isnull=False),
                name="paysimulation_told",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.first:%Y-%m} – {self.through:%Y-%m}"

    @property
    def through(self) -> date:
        """Give the last month that is simulated."""
        return clock.month_before(self.last)

    @property
    def at_work(self) -> bool:
        """Tell whether a worker has still to reckon it."""
        return self.run is not None and self.run.state in JobRun.UNENDED
