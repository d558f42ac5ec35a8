"""Facts: what each store and guide did each day, who bought where, and what waits to be counted anew."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

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
    """One business day of one post: the orders its holder sold, the members she won, and how she served them.

    A recruit is hers when the member's first order on the day she joined was sold from this post. Tasks stand at the
    day they were due, whenever they were done, by who has them now; what was cancelled counts in nothing. An opening
    stands at its own day, whenever the link was shared; the openings of a day are whole once the night after it passed.
    """

    post = models.ForeignKey(Post, models.PROTECT, db_index=False, verbose_name=_("post"))
    added = models.PositiveIntegerField(_("customers added"), default=0)
    tasks_due = models.PositiveIntegerField(_("tasks due"), default=0)
    tasks_done = models.PositiveIntegerField(_("of them done"), default=0)
    tasks_on_time = models.PositiveIntegerField(_("of them done on time"), default=0)
    touches = models.PositiveIntegerField(_("customers contacted by tasks done this day"), default=0)
    shares = models.PositiveIntegerField(_("materials shared"), default=0)
    opens = models.PositiveIntegerField(_("openings of her links this day"), default=0)

    class Meta:
        """A post has a day once."""

        verbose_name = _("guide day")
        verbose_name_plural = _("guide days")
        constraints = [
            models.UniqueConstraint(fields=["post", "day"], name="guideday_once"),
            models.CheckConstraint(
                condition=models.Q(tasks_on_time__lte=models.F("tasks_done"), tasks_done__lte=models.F("tasks_due")),
                name="guideday_done_of_those_due",
            ),
        ]
        indexes = [models.Index(fields=["day"], name="guideday_day")]

    def __str__(self) -> str:
        return f"{self.post_id} {self.day:%Y-%m-%d}"


class DayBuyers(models.Model):
    """Who bought in a store on one business day: the member of each purchase, in the order of their keys.

    Who bought twice stands there twice: so the repeat rate of any span follows, which no sum of days gives. A fully
    refunded order is no purchase.
    """

    pk = models.CompositePrimaryKey("day", "store_id")
    store = models.ForeignKey(Store, models.PROTECT, db_index=False, verbose_name=_("store"))
    day = models.DateField(_("day"))
    members = ArrayField(models.BigIntegerField(), verbose_name=_("members"))

    class Meta:
        """One row a store and day, however many bought: a day is counted anew by few writes."""

        verbose_name = _("buyers of a store day")
        verbose_name_plural = _("buyers of store days")
        indexes = [models.Index(fields=["store", "day"], name="daybuyers_store_day")]

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
