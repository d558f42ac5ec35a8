"""Coupons: the plan they are made by, the code batch they came in, each coupon, the ledger of its moves."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.member import Level, Member
from newretail.kernel.money import MAX_CENTS
from stores.models import Category, Channel, Product, Region, Store, sight_of, store_ids_in

WHOLE_BP = 10_000
MOST_STOCK = 10_000_000
LAST_GIVING_DAY = 28  # no month is without it

_PLAN = pgettext_lazy("coupon", "plan")


class CouponPlan(models.Model):
    """What a kind of coupon gives, where and when it counts, how many there are, and to whom it is given by itself.

    `issued` and `redeemed` are checked caches of its coupons. Once it is out of draft its terms stay as they are.
    """

    class Kind(models.TextChoices):
        """What it gives."""

        AMOUNT = "amount", _("an amount off")
        PERCENT = "percent", _("a rate off")
        EXCHANGE = "exchange", _("a product")
        SHIPPING = "shipping", _("free shipping")

    class State(models.TextChoices):
        """How far it is: nothing is issued or redeemed but of an active one."""

        DRAFT = "draft", _("draft")
        AWAITING = "awaiting", _("awaiting approval")
        ACTIVE = "active", pgettext_lazy("coupon plan", "active")
        PAUSED = "paused", _("paused")
        CLOSED = "closed", _("closed")

    class Stacks(models.TextChoices):
        """With which other coupons it goes in one purchase."""

        ALONE = "alone", _("with no other coupon")
        OTHERS = "others", _("with coupons of other plans")
        ANY = "any", _("with any coupons")

    class GivenOn(models.TextChoices):
        """At what it is given by itself."""

        HAND = "", _("nothing: it is issued by hand or by other systems")
        JOINED = "joined", _("joining")
        BIRTHDAY = "birthday", _("a birthday")
        LEVEL_UP = "level_up", _("reaching a level")
        MONTHLY = "monthly", _("a day of each month")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("gives"), max_length=8, choices=Kind, default=Kind.AMOUNT)
    amount_cents = models.BigIntegerField(_("amount off"), default=0)
    off_bp = models.PositiveIntegerField(_("rate off"), default=0)
    cap_cents = models.BigIntegerField(_("at most"), null=True, blank=True)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product given")
    )
    threshold_cents = models.BigIntegerField(_("from a purchase of"), default=0)
    stores = models.ManyToManyField(Store, blank=True, related_name="+", verbose_name=_("stores"))
    regions = models.ManyToManyField(Region, blank=True, related_name="+", verbose_name=_("regions"))
    products = models.ManyToManyField(Product, blank=True, related_name="+", verbose_name=_("products"))
    categories = models.ManyToManyField(Category, blank=True, related_name="+", verbose_name=_("categories"))
    channels = models.ManyToManyField(Channel, blank=True, related_name="+", verbose_name=_("channels"))
    first_on = models.DateField(_("first day"), null=True, blank=True)
    last_on = models.DateField(_("last day"), null=True, blank=True)
    days_valid = models.PositiveIntegerField(_("days after issue"), null=True, blank=True)
    stock = models.PositiveIntegerField(_("stock"))
    per_member = models.PositiveSmallIntegerField(_("most for each member"), default=1)
    stacks = models.CharField(_("stacking"), max_length=6, choices=Stacks, default=Stacks.ALONE)
    comes_back = models.BooleanField(_("comes back when the purchase is refunded"), default=True)
    undo_minutes = models.PositiveSmallIntegerField(_("minutes to undo at the till"), default=30)
    given_on = models.CharField(_("given by itself on"), max_length=8, choices=GivenOn, blank=True, default="")
    given_day = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    for_level = models.ForeignKey(
        Level, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("from this level on")
    )
    bought_days = models.PositiveIntegerField(_("who bought within (days)"), null=True, blank=True)
    terms = models.CharField(_("further terms"), max_length=400, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    issued = models.PositiveIntegerField(_("issued"), default=0)
    redeemed = models.PositiveIntegerField(_("redeemed"), default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("made by")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    opened_at = models.DateTimeField(_("active since"), null=True, blank=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """What it gives is whole, when it counts is known, and no more is given than there is."""

        verbose_name = _("coupon plan")
        verbose_name_plural = _("coupon plans")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="amount", amount_cents__gt=0, off_bp=0, product__isnull=True)
                | Q(kind="percent", amount_cents=0, off_bp__gt=0, off_bp__lte=WHOLE_BP, product__isnull=True)
                | Q(kind="exchange", amount_cents=0, off_bp=0, product__isnull=False)
                | Q(kind="shipping", amount_cents=0, off_bp=0, product__isnull=True),
                name="couponplan_value_whole",
                violation_error_message=_(
                    "Say what the coupon gives: an amount, a rate up to 100 %%, a product, or free shipping."
                ),
            ),
            models.CheckConstraint(
                condition=Q(amount_cents__lte=MAX_CENTS, threshold_cents__gte=0, threshold_cents__lte=MAX_CENTS)
                & (Q(cap_cents__isnull=True) | Q(cap_cents__gt=0, cap_cents__lte=MAX_CENTS)),
                name="couponplan_money_plain",
                violation_error_message=_("Amounts are not negative, and the most it takes off is above zero."),
            ),
            models.CheckConstraint(
                condition=(Q(last_on__isnull=False) | Q(days_valid__isnull=False, days_valid__gt=0))
                & (Q(first_on__isnull=True) | Q(last_on__isnull=True) | Q(first_on__lte=F("last_on"))),
                name="couponplan_ends",
                violation_error_message=_(
                    "Give the coupon a last day, or a number of days after issue; it does not end before it begins."
                ),
            ),
            models.CheckConstraint(
                condition=Q(redeemed__lte=F("issued"), issued__lte=F("stock"), stock__lte=MOST_STOCK),
                name="couponplan_within_stock",
                violation_error_message=_("Give a stock of at most 10,000,000, and not less than is issued."),
            ),
            models.CheckConstraint(
                condition=Q(given_on="monthly", given_day__isnull=False, given_day__range=(1, LAST_GIVING_DAY))
                | (~Q(given_on="monthly") & Q(given_day__isnull=True)),
                name="couponplan_day_of_month",
                violation_error_message=_(
                    "Choose a day of the month from 1 to 28 for what is given monthly, and none for the rest."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CouponBatch(models.Model):
    """Coupons issued as codes without a member: to be printed, or handed out by another system."""

    plan = models.ForeignKey(
        CouponPlan, models.PROTECT, related_name="batches", verbose_name=pgettext_lazy("coupon", "plan")
    )
    key = models.CharField(_("name of the batch"), max_length=64)
    size = models.PositiveIntegerField(_("codes"))
    made_at = models.DateTimeField(_("made at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A batch is made once under its name."""

        verbose_name = _("code batch")
        verbose_name_plural = _("code batches")
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="couponbatch_once")]

    def __str__(self) -> str:
        return self.key


class CouponQuerySet(models.QuerySet["Coupon"]):
    """Questions to coupons."""

    def visible_to(self, user: object) -> "CouponQuerySet":
        """Narrow to coupons of members at home in, or redeemed in, the stores within this person's sight."""
        sight = sight_of(user, "coupons", "view")
        if sight.everything:
            return self
        stores = store_ids_in(sight) or []
        members = Member.objects.filter(home_store_id__in=stores).values("pk")
        return self.filter(Q(store_id__in=stores) | Q(member_id__in=members))

    def usable(self, members: Sequence[int], at: datetime) -> "CouponQuerySet":
        """Narrow to coupons of these members that may be used at an instant, the first to expire first."""
        free = Q(state=Coupon.State.ISSUED) | Q(state=Coupon.State.LOCKED, locked_until__lte=at)
        active = CouponPlan.State.ACTIVE
        counts = self.filter(free, member_id__in=members, plan__state=active, valid_from__lte=at, valid_until__gt=at)
        return counts.order_by("valid_until", "id")

    def redeemed_within(self, user: object) -> "CouponQuerySet":
        """Narrow to coupons redeemed in the stores within this person's sight."""
        sight = sight_of(user, "redemptions", "view")
        rows = self.filter(state=Coupon.State.REDEEMED)
        return rows if sight.everything else rows.filter(store_id__in=store_ids_in(sight) or [])


class Coupon(models.Model):
    """One coupon: whose it is, when it counts, how it stands; what became of it stands in the ledger.

    (source, source_no) names the purchase it is locked for or redeemed in; `amount_cents` is that purchase before the
    coupon. `moves` is the number of its lines in the ledger.
    """

    class State(models.TextChoices):
        """How it stands. A lock whose time is over holds nothing."""

        ISSUED = "issued", _("issued")
        LOCKED = "locked", _("locked")
        REDEEMED = "redeemed", _("redeemed")
        EXPIRED = "expired", _("expired")
        VOID = "void", _("void")

    code = models.CharField(pgettext_lazy("coupon", "code"), max_length=24, unique=True)
    plan = models.ForeignKey(
        CouponPlan, models.PROTECT, related_name="coupons", db_index=False, verbose_name=pgettext_lazy("coupon", "plan")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="coupons", db_index=False, verbose_name=_("member")
    )
    batch = models.ForeignKey(
        CouponBatch, models.PROTECT, null=True, blank=True, related_name="coupons", db_index=False,
        verbose_name=_("code batch"),
    )  # fmt: skip
    given_for = models.CharField(_("given for"), max_length=40)
    given_key = models.CharField(max_length=64)
    issued_at = models.DateTimeField(pgettext_lazy("coupon", "issued at"))
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ISSUED)
    moves = models.PositiveIntegerField(default=0)
    source = models.CharField(_("source"), max_length=40, blank=True, default="")
    source_no = models.CharField(_("purchase no."), max_length=64, blank=True, default="")
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)
    redeemed_at = models.DateTimeField(_("redeemed at"), null=True, blank=True)
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("store"))
    redeemed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        db_index=False, verbose_name=_("redeemed by"),
    )  # fmt: skip
    amount_cents = models.BigIntegerField(_("purchase"), default=0)
    discount_cents = models.BigIntegerField(_("discount"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    objects = CouponQuerySet.as_manager()

    class Meta:
        """Given once for one thing; locked and redeemed by a purchase; never more off than the purchase is."""

        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "member", "given_for", "given_key"], condition=Q(batch__isnull=True),
                name="coupon_given_once",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=False) | Q(member__isnull=False), name="coupon_has_an_owner"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lt=F("valid_until")), name="coupon_valid_for_a_while"
            ),
            models.CheckConstraint(
                condition=Q(state="locked", locked_until__isnull=False, redeemed_at__isnull=True)
                & ~Q(source="") & ~Q(source_no="")
                | Q(state="redeemed", locked_until__isnull=True, redeemed_at__isnull=False)
                & ~Q(source="") & ~Q(source_no="")
                | Q(
                    state__in=["issued", "expired", "void"], locked_until__isnull=True, redeemed_at__isnull=True,
                    store__isnull=True, source="", source_no="", amount_cents=0, discount_cents=0,
                ),
                name="coupon_state_whole",
            ),
            models.CheckConstraint(
                condition=Q(discount_cents__gte=0, discount_cents__lte=F("amount_cents")),
                name="coupon_discount_within_purchase",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["member", "plan"], condition=Q(member__isnull=False), name="coupon_member"),
            models.Index(
                fields=["member", "valid_until", "id"],
                condition=Q(state__in=["issued", "locked"], member__isnull=False),
                name="coupon_in_hand",
            ),
            models.Index(fields=["member", "issued_at", "id"], condition=Q(member__isnull=False), name="coupon_life"),
            models.Index(
                fields=["member", "redeemed_at", "id"], condition=Q(state="redeemed"), name="coupon_used_life"
            ),
            models.Index(fields=["plan", "state", "id"], name="coupon_plan_state"),
            models.Index(fields=["batch", "id"], condition=Q(batch__isnull=False), name="coupon_batch"),
            models.Index(fields=["source_no", "source"], condition=~Q(source=""), name="coupon_purchase"),
            models.Index(fields=["valid_until"], condition=Q(state__in=["issued", "locked"]), name="coupon_open_until"),
            models.Index(fields=["redeemed_at", "id"], condition=Q(state="redeemed"), name="coupon_redeemed"),
            BrinIndex(fields=["entry_id"], name="coupon_entry", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"…{self.code[-6:]}"


class CouponEvent(models.Model):
    """One move of a coupon after it was issued, the `nth` of its life."""

    append_only = True

    class Move(models.TextChoices):
        """What became of it."""

        CLAIMED = "claimed", _("claimed")
        LOCKED = "locked", _("locked")
        RELEASED = "released", _("released")
        REDEEMED = "redeemed", _("redeemed")
        ROLLED_BACK = "rolled_back", _("rolled back")
        VOIDED = "voided", _("voided")
        EXPIRED = "expired", _("expired")

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="events", db_index=False)
    nth = models.PositiveIntegerField()
    move = models.CharField(_("move"), max_length=11, choices=Move)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    source = models.CharField(_("source"), max_length=40, blank=True, default="")
    source_no = models.CharField(_("purchase no."), max_length=64, blank=True, default="")
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("store")
    )
    amount_cents = models.BigIntegerField(_("purchase"), default=0)
    discount_cents = models.BigIntegerField(_("discount"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Each move of a coupon has its number; a purchase redeems a coupon once, and gives it back once."""

        verbose_name = _("move of a coupon")
        verbose_name_plural = _("moves of coupons")
        constraints = [
            models.UniqueConstraint(fields=["coupon", "nth"], name="couponevent_nth_once"),
            models.UniqueConstraint(
                fields=["coupon", "move", "source", "source_no"],
                condition=Q(move__in=["redeemed", "rolled_back"]),
                name="couponevent_purchase_once",
            ),
            models.CheckConstraint(
                condition=Q(nth__gte=1, discount_cents__gte=0, discount_cents__lte=F("amount_cents")),
                name="couponevent_plain",
            ),
        ]
        indexes = [BrinIndex(fields=["entry_id"], name="couponevent_entry", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.coupon_id}/{self.nth}"
