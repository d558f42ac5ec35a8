"""Facts: what each store and guide did each day, who buys where, and what waits to be counted anew."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Member
from stores.models import Post, Store


class _Day(models.Model):
    """What one business day brought, in counts and cents.

    A refund counts against the day its order was paid, so that late refunds correct the past.
    """

    day = models.DateField(_("day"))
    orders = models.PositiveIntegerField(_("orders"), default=0)
    member_orders = models.PositiveIntegerField(_("orders of members"), default=0)
    buyers = models.PositiveIntegerField(_("buying members"), default=0)
    sales_cents = models.BigIntegerField(_("sales"), default=0)
    refunded_cents = models.BigIntegerField(_("refunded"), default=0)
    recruits = models.PositiveIntegerField(_("recruits"), default=0)
    units = models.PositiveIntegerField(_("units"), default=0)
    lined_orders = models.PositiveIntegerField(_("orders with lines"), default=0)

    class Meta:
        """No table of its own."""

        abstract = True


class StoreDay(_Day):
    """One business day of one store (or of no store: online orders)."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, verbose_name=_("store"))
    # Net of refunds, of orders that carry a member: what the stage of a store is judged by.
    known_cents = models.BigIntegerField(_("net sales to members"), default=0)

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


class GuideDay(_Day):
    """One business day of one post: the orders its holder sold, and the members she won.

    A recruit is hers when the member's first order on the day she joined was sold from this post.
    """

    post = models.ForeignKey(Post, models.PROTECT, db_index=False, verbose_name=_("post"))

    class Meta:
        """A post has a day once."""

        verbose_name = _("guide day")
        verbose_name_plural = _("guide days")
        constraints = [models.UniqueConstraint(fields=["post", "day"], name="guideday_once")]
        indexes = [models.Index(fields=["day"], name="guideday_day")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.day:%Y-%m-%d}"


class StoreMember(models.Model):
    """A member's purchases in one store: days of the first, the last and the last but one (none: she bought once).

    Of the buyers of a span, those whose last but one purchase lies in it too have bought twice or more: so the repeat
    rate of any span that ends today follows, which no sum of days gives. A fully refunded order is no purchase.
    """

    derived = True  # goes with its member

    pk = models.CompositePrimaryKey("member_id", "store_id")
    member = models.ForeignKey(Member, models.PROTECT, db_index=False, verbose_name=_("member"))
    store = models.ForeignKey(Store, models.PROTECT, db_index=False, verbose_name=_("store"))
    first_day = models.DateField(_("first purchase"))
    last_day = models.DateField(_("last purchase"))
    prev_day = models.DateField(_("last purchase but one"), null=True)

    class Meta:
        """No index on the days: the row of a buyer of today is changed in its place."""

        verbose_name = _("buyer of a store")
        verbose_name_plural = _("buyers of stores")
        indexes = [models.Index(fields=["store", "member"], name="storemember_store")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day"))
                & (
                    models.Q(prev_day__isnull=True, first_day=models.F("last_day"))
                    | models.Q(prev_day__gte=models.F("first_day"), prev_day__lte=models.F("last_day"))
                ),
                name="storemember_days_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.member_id}"


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


class StaleBuyer(models.Model):
    """A member whose orders changed or went back since her purchases by store were counted."""

    member_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.member_id}"
