"""What she bought, and gave back."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from members.models.member import Member
from stores.models import Channel, Post, Product, Scene, Store, sight_of, store_ids_in

# What one line of the journal brought is looked up for each order that a till sends: in so many pages of the table, not
# in the usual 128.
FEW_PAGES = 16


class OrderQuerySet(models.QuerySet["Order"]):
    """Questions to orders."""

    def visible_to(self, user: object) -> "OrderQuerySet":
        """Narrow to the orders of the stores within this person's sight."""
        sight = sight_of(user, "orders", "view")
        if sight.everything:
            return self
        return self.filter(store_id__in=store_ids_in(sight) or [])


class Order(models.Model):
    """A paid order; (source, order no.) is its name, whatever case the number was typed in.

    `refunded_cents` is a checked cache of Σ refunds.
    """

    source = models.CharField(_("source"), max_length=40)
    order_no = models.CharField(_("order no."), max_length=64)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="orders",
        db_index=False, verbose_name=_("member"),
    )  # fmt: skip
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="orders",
        db_index=False, verbose_name=_("store"),
    )  # fmt: skip
    channel = models.ForeignKey(Channel, models.PROTECT, db_index=False, verbose_name=_("channel"))
    scene = models.ForeignKey(Scene, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("scene"))
    sold_by = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, db_index=False, verbose_name=_("sold by"))
    paid_at = models.DateTimeField(_("paid at"))
    amount_cents = models.BigIntegerField(_("amount"))
    refunded_cents = models.BigIntegerField(_("refunded"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        """Money is never negative and never refunded beyond itself."""

        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(Upper("order_no"), "source", name="order_once"),
            models.CheckConstraint(
                condition=Q(amount_cents__gte=0, refunded_cents__gte=0) & Q(refunded_cents__lte=F("amount_cents")),
                name="order_refund_within_amount",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member", "paid_at"], include=["amount_cents", "refunded_cents"], name="order_member_paid"
            ),
            models.Index(
                fields=["member", "paid_at"],
                include=["id", "amount_cents", "refunded_cents"],
                condition=Q(refunded_cents__gt=0),
                name="order_refunded",
            ),
            models.Index(fields=["paid_at", "id"], name="order_paid"),
            models.Index(fields=["store", "paid_at"], name="order_store_paid"),
            BrinIndex(fields=["entry_id"], name="order_entry", autosummarize=True, pages_per_range=FEW_PAGES),
        ]

    def __str__(self) -> str:
        return self.order_no


class OrderLine(models.Model):
    """One product of an order; `amount_cents` is net of `discount_cents`."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines", db_index=False)
    line_no = models.PositiveIntegerField(_("line no."))
    product = models.ForeignKey(Product, models.PROTECT, db_index=False, verbose_name=_("product"))
    quantity = models.PositiveIntegerField(_("quantity"))
    amount_cents = models.BigIntegerField(_("amount"))
    discount_cents = models.BigIntegerField(_("discount"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A line stands once in its order."""

        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "line_no"], name="orderline_once"),
            models.CheckConstraint(
                condition=Q(amount_cents__gte=0, discount_cents__gte=0),
                name="orderline_money_not_negative",
            ),
        ]
        indexes = [
            BrinIndex(fields=["entry_id"], name="orderline_entry", autosummarize=True, pages_per_range=FEW_PAGES)
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class Refund(models.Model):
    """Money given back for a line, or for an order without lines (`line_no` 0)."""

    append_only = True
    withdrawable = True

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    refund_no = models.CharField(_("refund no."), max_length=64)
    line_no = models.PositiveIntegerField(_("line no."), default=0)
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    amount_cents = models.BigIntegerField(_("amount"))
    refunded_at = models.DateTimeField(_("refunded at"), db_index=True)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A refund takes a line back once under its number."""

        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.UniqueConstraint("order", Upper("refund_no"), "line_no", name="refund_once"),
            models.CheckConstraint(condition=Q(amount_cents__gte=0), name="refund_not_negative"),
        ]
        indexes = [BrinIndex(fields=["entry_id"], name="refund_entry", autosummarize=True, pages_per_range=FEW_PAGES)]

    def __str__(self) -> str:
        return self.refund_no


class ParkedRefund(models.Model):
    """A refund that came before its order: it waits, and goes into the books when the order has come.

    `within` are the stores (ids) that its sender is confined to; none: the whole brand.
    """

    class State(models.TextChoices):
        """What became of its waiting."""

        WAITING = "waiting", _("waiting for its order")
        APPLIED = "applied", _("in the books")
        REFUSED = "refused", _("refused by the books")
        EXPIRED = "expired", _("its order never came")

    source = models.CharField(_("source"), max_length=40)
    order_no = models.CharField(_("order no."), max_length=64)
    refund_no = models.CharField(_("refund no."), max_length=64)
    line_no = models.PositiveIntegerField(_("line no."), default=0)
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    amount_cents = models.BigIntegerField(_("amount"))
    refunded_at = models.DateTimeField(_("refunded at"))
    within = ArrayField(models.BigIntegerField(), null=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    parked_at = models.DateTimeField(_("parked at"))
    settled_at = models.DateTimeField(_("settled at"), null=True)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A refund is parked once under its number."""

        verbose_name = _("parked refund")
        verbose_name_plural = _("parked refunds")
        constraints = [
            models.UniqueConstraint("source", Upper("order_no"), Upper("refund_no"), "line_no", name="parked_once"),
            models.CheckConstraint(condition=Q(amount_cents__gte=0), name="parked_not_negative"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="waiting"), name="parked_waiting")]

    def __str__(self) -> str:
        return self.refund_no
