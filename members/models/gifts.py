"""Gifts for points: the catalogue, how many lie in each store, what a store was supplied with, and orders of them."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.member import Level, Member
from newretail.kernel.money import MAX_CENTS
from stores.models import Store, sight_of, store_ids_in

MOST_POINTS = 1_000_000_000
MOST_PIECES = 1_000_000
MOST_DAYS = 365


class GiftQuerySet(models.QuerySet["Gift"]):
    """Questions to the catalogue."""

    def visible_to(self, user: object) -> "GiftQuerySet":
        """Narrow to the catalogue, for whoever may see it: it is one for the whole brand."""
        return self.none() if sight_of(user, "gifts", "view").nothing else self

    def offered(self, on: date) -> "GiftQuerySet":
        """Narrow to gifts that may be ordered on a day."""
        begun = Q(first_on__isnull=True) | Q(first_on__lte=on)
        return self.filter(begun, Q(last_on__isnull=True) | Q(last_on__gte=on), state=Gift.State.ACTIVE)


class Gift(models.Model):
    """What a member may have for points, and perhaps some money, and who may when; an order keeps the price it met."""

    class State(models.TextChoices):
        """Whether it may be ordered."""

        ACTIVE = "active", pgettext_lazy("gift", "active")
        PAUSED = "paused", _("paused")

    code = models.CharField(_("gift code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("description"), max_length=400, blank=True)
    points = models.PositiveIntegerField(_("points"))
    extra_cents = models.BigIntegerField(_("paid on top"), default=0)
    first_on = models.DateField(_("first day"), null=True, blank=True)
    last_on = models.DateField(_("last day"), null=True, blank=True)
    per_member = models.PositiveSmallIntegerField(_("most for each member"), default=0)
    least_level = models.ForeignKey(
        Level, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("from this level on")
    )
    pickup_days = models.PositiveSmallIntegerField(_("days to pick it up"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.ACTIVE)
    entry_id = models.BigIntegerField(default=0, editable=False)

    objects = GiftQuerySet.as_manager()

    class Meta:
        """It costs points, and its days do not end before they begin."""

        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=MOST_POINTS, extra_cents__gte=0, extra_cents__lte=MAX_CENTS),
                name="gift_price_plain",
                violation_error_message=_("A gift costs from 1 to 1,000,000,000 points, and no less than no money."),
            ),
            models.CheckConstraint(
                condition=Q(first_on__isnull=True) | Q(last_on__isnull=True) | Q(first_on__lte=F("last_on")),
                name="gift_days_in_order",
                violation_error_message=_("The last day is not before the first."),
            ),
            models.CheckConstraint(
                condition=Q(pickup_days__isnull=True) | Q(pickup_days__gte=1, pickup_days__lte=MOST_DAYS),
                name="gift_pickup_within_a_year",
                violation_error_message=_("It is picked up within 1 to 365 days."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GiftStock(models.Model):
    """How many pieces of a gift lie in a store: checked caches of its supplies and orders.

    `stock` lie there, `reserved` of them wait to be picked up, `handed` were handed over so far.
    """

    gift = models.ForeignKey(Gift, models.PROTECT, related_name="stocks", db_index=False, verbose_name=_("gift"))
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("store"))
    stock = models.PositiveIntegerField(_("in stock"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)
    handed = models.PositiveIntegerField(_("handed over"), default=0)

    class Meta:
        """A gift lies once in a store, and no more is reserved than lies there."""

        verbose_name = _("stock of a gift")
        verbose_name_plural = _("stocks of gifts")
        constraints = [
            models.UniqueConstraint(fields=["gift", "store"], name="giftstock_once"),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("stock"), stock__lte=MOST_PIECES), name="giftstock_reserved_within"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stock - self.reserved}/{self.stock}"


class GiftSupply(models.Model):
    """Pieces of a gift that a store was supplied with; less than nothing where some were taken away."""

    append_only = True

    of_stock = models.ForeignKey(GiftStock, models.PROTECT, related_name="supplies", verbose_name=_("stock of a gift"))
    pieces = models.IntegerField(_("pieces"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A supply changes something."""

        verbose_name = _("supply of a gift")
        verbose_name_plural = _("supplies of gifts")
        constraints = [models.CheckConstraint(condition=~Q(pieces=0), name="giftsupply_of_something")]
        indexes = [BrinIndex(fields=["entry_id"], name="giftsupply_entry", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.pieces:+}"


class GiftOrderQuerySet(models.QuerySet["GiftOrder"]):
    """Questions to gift orders."""

    def visible_to(self, user: object) -> "GiftOrderQuerySet":
        """Narrow to orders that are picked up in the stores within this person's sight."""
        sight = sight_of(user, "gift_orders", "view")
        if sight.everything:
            return self
        return self.filter(store_id__in=store_ids_in(sight) or [])

    def waiting(self) -> "GiftOrderQuerySet":
        """Narrow to those that wait to be picked up, the first to lapse first."""
        return self.filter(state=GiftOrder.State.OPEN).order_by("until", "id")


class GiftOrder(models.Model):
    """One piece of a gift that a member has ordered for her points; (source, order no.) is its name for ever.

    Its `code` is what she shows to pick it up, before `until`. (pickup_source, pickup_no) names the handing over.
    """

    class State(models.TextChoices):
        """How it stands: it waits, or has come to one of three ends."""

        OPEN = "open", _("waits to be picked up")
        HANDED = "handed", _("handed over")
        CANCELLED = "cancelled", _("cancelled")
        LAPSED = "lapsed", _("lapsed")

    source = models.CharField(_("source"), max_length=40)
    order_no = models.CharField(_("gift order no."), max_length=50)
    code = models.CharField(_("pick-up code"), max_length=24, unique=True)
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="orders", db_index=False, verbose_name=_("gift"))
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="gift_orders", db_index=False, verbose_name=_("member")
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False, verbose_name=_("store"))
    points = models.PositiveIntegerField(_("points"))
    extra_cents = models.BigIntegerField(_("paid on top"), default=0)
    ordered_at = models.DateTimeField(_("ordered at"))
    until = models.DateTimeField(_("picked up before"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("by"),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.OPEN)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("ended by"),
    )  # fmt: skip
    pickup_source = models.CharField(_("handed over by"), max_length=40, blank=True, default="")
    pickup_no = models.CharField(_("handing over no."), max_length=64, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    entry_id = models.BigIntegerField(editable=False)
    end_entry_id = models.BigIntegerField(null=True, editable=False)

    objects = GiftOrderQuerySet.as_manager()

    class Meta:
        """Ordered once under its name; it has an end, or it waits; handed over under a name."""

        verbose_name = _("gift order")
        verbose_name_plural = _("gift orders")
        constraints = [
            models.UniqueConstraint(Upper("order_no"), "source", name="giftorder_once"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True, end_entry_id__isnull=True, pickup_no="")
                | Q(state="handed", ended_at__isnull=False, end_entry_id__isnull=False) & ~Q(pickup_no="")
                | Q(state__in=["cancelled", "lapsed"], ended_at__isnull=False, end_entry_id__isnull=False,
                    pickup_no=""),
                name="giftorder_state_whole",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=1, extra_cents__gte=0, until__gt=F("ordered_at")), name="giftorder_plain"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["member", "gift"], name="giftorder_member"),
            models.Index(fields=["member", "ordered_at", "id"], name="giftorder_life"),
            models.Index(fields=["gift", "store", "state"], name="giftorder_stock"),
            models.Index(fields=["store", "state", "id"], name="giftorder_store"),
            models.Index(fields=["store", "ended_at"], condition=Q(state="handed"), name="giftorder_handed"),
            models.Index(fields=["until"], condition=Q(state="open"), name="giftorder_open_until"),
            BrinIndex(fields=["entry_id"], name="giftorder_entry", autosummarize=True),
            models.Index(fields=["end_entry_id"], name="giftorder_end_entry"),
        ]

    def __str__(self) -> str:
        return self.order_no


class GiftReturn(models.Model):
    """A gift that was taken back on the day it was handed over; its order waits again.

    (pickup_source, pickup_no) named the handing over: under that name the order is handed over no more.
    """

    append_only = True
    erasable = ("reason",)

    order = models.ForeignKey(
        GiftOrder, models.PROTECT, related_name="returns", db_index=False, verbose_name=_("gift order")
    )
    pickup_source = models.CharField(_("handed over by"), max_length=40)
    pickup_no = models.CharField(_("handing over no."), max_length=64)
    handed_at = models.DateTimeField(_("handed over at"))
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    returned_at = models.DateTimeField(_("taken back at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    reason = models.CharField(_("reason"), max_length=200)
    handed_entry_id = models.BigIntegerField(editable=False)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A handing over is undone once, and not before it was done."""

        verbose_name = _("gift taken back")
        verbose_name_plural = _("gifts taken back")
        constraints = [
            models.UniqueConstraint(fields=["order", "pickup_source", "pickup_no"], name="giftreturn_once"),
            models.CheckConstraint(condition=Q(returned_at__gte=F("handed_at")), name="giftreturn_after_handing"),
        ]
        indexes = [BrinIndex(fields=["entry_id"], name="giftreturn_entry", autosummarize=True)]

    def __str__(self) -> str:
        return self.pickup_no
