"""Figures ready for the boards: the portrait in cells, the retention of core customers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PortraitCell(models.Model):
    """How many members stand in one corner of the portrait; the boards read these, never a million rows."""

    r = models.PositiveSmallIntegerField(null=True)
    f = models.PositiveSmallIntegerField(null=True)
    m = models.PositiveSmallIntegerField(null=True)
    stage = models.CharField(max_length=10, blank=True)
    relationship = models.CharField(max_length=10)
    is_super = models.BooleanField()
    frequency_band = models.PositiveSmallIntegerField()
    aov_band = models.PositiveSmallIntegerField()
    members = models.PositiveIntegerField()
    frequency = models.BigIntegerField()
    monetary_cents = models.BigIntegerField()

    def __str__(self) -> str:
        return f"R{self.r} F{self.f} M{self.m}"


class CoreRetention(models.Model):
    """Of the core customers as of a day, how many bought again in the days after it.

    `as_of` is the end of the observation; the core was chosen `days` earlier.
    """

    as_of = models.DateField(_("as of"))
    days = models.PositiveSmallIntegerField(_("days"))
    core = models.PositiveIntegerField(_("core customers"))
    kept = models.PositiveIntegerField(_("kept"))

    class Meta:
        """One figure a day and span."""

        constraints = [models.UniqueConstraint(fields=["as_of", "days"], name="coreretention_once")]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"
