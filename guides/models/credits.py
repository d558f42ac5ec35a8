"""Credits: whose an order is, in shares that are the whole of it; who says otherwise disputes it."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.policies import Policy
from members.models import Order
from stores.models import Post, sight_of, store_ids_in

WHOLE_BP = 10_000
LONGEST_CLAIM, LONGEST_DECISION = 400, 200


class CreditQuerySet(models.QuerySet["Credit"]):
    """Questions to credits."""

    def current(self) -> "CreditQuerySet":
        """Narrow to those that hold."""
        return self.filter(end_entry_id__isnull=True)

    def visible_to(self, user: object) -> "CreditQuerySet":
        """Narrow to the credits of those who serve in the stores within this person's sight."""
        sight = sight_of(user, "guide_pay", "view")
        return self if sight.everything else self.filter(post__store_id__in=store_ids_in(sight) or [])


class Credit(models.Model):
    """A guide's share of an order, and as what she has it; without a guide it stays with the house.

    The order is named without a foreign key: it may be taken back with the file it came in, and leaves what it earned
    to be put right. `own` tells that the customer was hers when she paid: private-domain sales.
    """

    class Role(models.TextChoices):
        """As what she has a share."""

        SELLER = "seller", _("sold it")
        BONDED = "bonded", _("serves the customer")
        SHARER = "sharer", _("shared the material")
        POOL = "pool", _("store pool")
        DECIDED = "decided", _("by decision")
        HOUSE = "house", _("nobody's")

    order = models.ForeignKey(
        Order, models.DO_NOTHING, related_name="credits", db_constraint=False, db_index=False, verbose_name=_("order")
    )
    role = models.CharField(_("role"), max_length=8, choices=Role)
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, related_name="credits", db_index=False, verbose_name=_("guide")
    )
    share_bp = models.PositiveSmallIntegerField(_("share (basis points)"))
    own = models.BooleanField(_("own customer"), default=False)
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("credit rules")
    )
    paid_at = models.DateTimeField(_("paid at"))
    entry_id = models.BigIntegerField(editable=False)
    end_entry_id = models.BigIntegerField(null=True, editable=False)

    objects = CreditQuerySet.as_manager()

    class Meta:
        """A guide has a share of an order once in each role."""

        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "role", "post"], condition=Q(end_entry_id__isnull=True), nulls_distinct=False,
                name="credit_once",
            ),
            models.CheckConstraint(
                condition=Q(share_bp__range=(1, WHOLE_BP))
                & (Q(role="house", post__isnull=True) | (~Q(role="house") & Q(post__isnull=False))),
                name="credit_whole",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["post", "paid_at"], name="credit_of_guide"),
            BrinIndex(fields=["paid_at"], name="credit_paid", autosummarize=True),
            BrinIndex(fields=["entry_id"], name="credit_entry", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} · {self.role} {self.share_bp}"


class CreditDisputeQuerySet(models.QuerySet["CreditDispute"]):
    """Questions to disputes."""

    def open(self) -> "CreditDisputeQuerySet":
        """Narrow to those that wait for a decision."""
        return self.filter(state=CreditDispute.State.OPEN)

    def visible_to(self, user: object) -> "CreditDisputeQuerySet":
        """Narrow to the disputes of those who serve in the stores within this person's sight."""
        sight = sight_of(user, "guide_pay", "view")
        return self if sight.everything else self.filter(post__store_id__in=store_ids_in(sight) or [])


class CreditDispute(models.Model):
    """A guide says that an order is hers, in words and with a photo if she has one; HQ decides, with a reason."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", _("waits for a decision")
        GRANTED = "granted", pgettext_lazy("dispute", "granted")
        DECLINED = "declined", _("declined")

    ref = models.UUIDField(_("number of the action"), unique=True)
    order = models.ForeignKey(
        Order, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False, verbose_name=_("order")
    )
    order_no = models.CharField(_("order no."), max_length=64)
    month = models.DateField(_("month"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="disputes", verbose_name=_("guide"))
    words = models.CharField(_("what she says"), max_length=LONGEST_CLAIM)
    photo = models.BinaryField(null=True, editable=False)
    raised_at = models.DateTimeField(_("raised at"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    decision = models.CharField(_("reason of the decision"), max_length=LONGEST_DECISION, blank=True, default="")
    decided_at = models.DateTimeField(_("decided at"), null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("decided by"),
    )  # fmt: skip
    entry_id = models.BigIntegerField(editable=False)
    end_entry_id = models.BigIntegerField(null=True, editable=False)

    objects = CreditDisputeQuerySet.as_manager()

    class Meta:
        """One waits at a time for an order and a guide; what was decided says why."""

        verbose_name = _("dispute about a credit")
        verbose_name_plural = _("disputes about credits")
        constraints = [
            models.UniqueConstraint(fields=["order", "post"], condition=Q(state="open"), name="creditdispute_one_open"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, end_entry_id__isnull=True, decision="")
                | ~Q(state="open") & Q(decided_at__isnull=False, end_entry_id__isnull=False) & ~Q(decision=""),
                name="creditdispute_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["raised_at"], condition=Q(state="open"), name="creditdispute_open"),
            models.Index(fields=["month"], name="creditdispute_month"),
        ]

    def __str__(self) -> str:
        return self.order_no
