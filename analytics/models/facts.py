"""Facts: what each store did each day, and which days wait to be counted anew."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models import Store


class StoreDay(models.Model):
    """One business day of one store (or of no store: online orders).

    A refund counts against the day its order was paid, so that late refunds correct the past.
    """

    store = models.ForeignKey(Store, models.PROTECT, null=True, verbose_name=_("store"))
    day = models.DateField(_("day"))
    orders = models.PositiveIntegerField(_("orders"), default=0)
    member_orders = models.PositiveIntegerField(_("orders of members"), default=0)
    buyers = models.PositiveIntegerField(_("buying members"), default=0)
    sales_cents = models.BigIntegerField(_("sales"), default=0)
    refunded_cents = models.BigIntegerField(_("refunded"), default=0)
    recruits = models.PositiveIntegerField(_("recruits"), default=0)

    class Meta:
        """A store has a day once."""

        verbose_name = _("store day")
        verbose_name_plural = _("store days")
        constraints = [
            models.UniqueConstraint(fields=["day", "store"], nulls_distinct=False, name="storeday_once"),
        ]
        indexes = [models.Index(fields=["store", "day"], name="storeday_store_day")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day:%Y-%m-%d}"


class StaleDay(models.Model):
    """A day whose facts no longer equal its orders."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class StaleMember(models.Model):
    """A member whose orders changed since her portrait was drawn."""

    member_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.member_id}"
