"""Figures ready for the boards: the portrait in cells, the retention of core customers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models import Store


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


class StoreStanding(models.Model):
    """How many members at home in a store (or in none) stand in one stage and relationship, as of the last night.

    `lapsing`: of them, those who fall out of the first stages within a fortnight unless they buy.
    """

    store = models.ForeignKey(Store, models.PROTECT, null=True, verbose_name=_("store"))
    stage = models.CharField(_("stage"), max_length=10, blank=True)
    relationship = models.CharField(_("relationship"), max_length=10)
    members = models.PositiveIntegerField(_("members"))
    supers = models.PositiveIntegerField(_("super customers"))
    lapsing = models.PositiveIntegerField(_("about to lapse"))

    class Meta:
        """A corner of a store stands once."""

        verbose_name = _("standing of a store")
        verbose_name_plural = _("standings of stores")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "stage", "relationship"], nulls_distinct=False, name="storestanding_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.stage}"


class StoreMove(models.Model):
    """How many members at home in a store (or in none) moved from one stage to another on a day."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, db_index=False, verbose_name=_("store"))
    day = models.DateField(_("day"))
    from_stage = models.CharField(_("from"), max_length=10, blank=True)
    to_stage = models.CharField(_("to"), max_length=10)
    members = models.PositiveIntegerField(_("members"))

    class Meta:
        """A move of a store's day stands once."""

        verbose_name = _("stage moves of a store")
        verbose_name_plural = _("stage moves of stores")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day", "from_stage", "to_stage"], nulls_distinct=False, name="storemove_once"
            )
        ]
        indexes = [models.Index(fields=["day"], name="storemove_day")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day:%Y-%m-%d}"


class StoreRepeat(models.Model):
    """Of the members who bought in a store within the 365 days before a day, how many bought there twice or more."""

    store = models.OneToOneField(Store, models.PROTECT, primary_key=True, verbose_name=_("store"))
    as_of = models.DateField(_("as of"))
    buyers = models.PositiveIntegerField(_("buying members"))
    repeaters = models.PositiveIntegerField(_("repeat buyers"))

    class Meta:
        """Repeaters are buyers."""

        verbose_name = _("repeat rate of a store")
        verbose_name_plural = _("repeat rates of stores")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(repeaters__lte=models.F("buyers")), name="storerepeat_among_buyers"
            )
        ]

    def __str__(self) -> str:
        return f"{self.store_id}"
