"""Commission: each person's account, every move in it, and the months in which it is settled and paid."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.bonds import Bond
from guides.models.levels import OfPersonQuerySet
from guides.models.policies import Policy
from guides.models.tasks import Task
from members.models import Order
from newretail.kernel import money
from stores.models import Post

LONGEST_REASON = 200
# What moved on is no earning, and what was forgiven was earned before.
MOVED_ON = ("vest", "settle", "pay", "write_off")


class CommissionAccount(models.Model):
    """What a person has earned by serving: checked caches of her entries.

    `provisional` waits for the end of the return window, `vested` for the close of its month, `payable` for its
    payment; `debt` was taken back after it had been paid: later months pay it back. Through the day `vested_until`
    what was provisional has vested.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="commission_account", verbose_name=_("guide")
    )
    provisional_cents = models.BigIntegerField(pgettext_lazy("commission", "provisional"), default=0)
    vested_cents = models.BigIntegerField(pgettext_lazy("commission", "vested"), default=0)
    payable_cents = models.BigIntegerField(pgettext_lazy("commission", "to be paid"), default=0)
    paid_cents = models.BigIntegerField(pgettext_lazy("commission", "paid"), default=0)
    debt_cents = models.BigIntegerField(pgettext_lazy("commission", "debt"), default=0)
    vested_until = models.DateField(null=True)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        """Nobody is paid less than nothing."""

        verbose_name = _("commission account")
        verbose_name_plural = _("commission accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(payable_cents__gte=0, paid_cents__gte=0, debt_cents__gte=0),
                name="commissionaccount_not_negative",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class EntryQuerySet(OfPersonQuerySet["CommissionEntry"]):
    """Questions to entries."""

    person = "account__user"


class StatementQuerySet(OfPersonQuerySet["CommissionStatement"]):
    """Questions to statements."""

    person = "account__user"


class CommissionEntry(models.Model):
    """One move in an account: what was earned or taken back (`amount_cents`), or how what was earned went on.

    What is earned by a line of an order is base × rate × share, half a cent up, frozen as it was when the order was
    paid: level, version and each factor of the rate stand beside it. `month` is the month it is paid in.
    """

    append_only = True
    erasable = ("reason",)

    class Kind(models.TextChoices):
        """What moved."""

        ACCRUE = "accrue", _("commission")
        CLAW_BACK = "claw_back", _("taken back for a refund")
        CORRECT = "correct", _("put right")
        BOUNTY = "bounty", _("recruit bounty")
        TASK = "task", _("task bonus")
        STEP = "step", _("reward step")
        CAP = "cap", _("above the month's cap")
        ADJUST = "adjust", pgettext_lazy("commission", "adjusted")
        WRITE_OFF = "write_off", _("debt written off")
        VEST = "vest", pgettext_lazy("commission", "vested")
        SETTLE = "settle", _("month settled")
        PAY = "pay", pgettext_lazy("commission", "paid")

    account = models.ForeignKey(
        CommissionAccount, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("commission account")
    )
    post = models.ForeignKey(
        Post, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("post")
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    month = models.DateField(_("month"))
    vests_on = models.DateField(_("vests on"), null=True)
    amount_cents = models.BigIntegerField(_("amount"), default=0)
    provisional_cents = models.BigIntegerField(pgettext_lazy("commission", "provisional"), default=0)
    vested_cents = models.BigIntegerField(pgettext_lazy("commission", "vested"), default=0)
    payable_cents = models.BigIntegerField(pgettext_lazy("commission", "to be paid"), default=0)
    paid_cents = models.BigIntegerField(pgettext_lazy("commission", "paid"), default=0)
    debt_cents = models.BigIntegerField(pgettext_lazy("commission", "debt"), default=0)
    order = models.ForeignKey(
        Order, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False,
        verbose_name=_("order"),
    )  # fmt: skip
    line_no = models.PositiveIntegerField(_("line no."), default=0)
    role = models.CharField(_("role"), max_length=8, blank=True, default="")
    bond = models.ForeignKey(Bond, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("bond"))
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("task"))
    nth = models.PositiveIntegerField(default=0)
    ref = models.UUIDField(_("number of the action"), null=True)
    base_cents = models.BigIntegerField(_("base"), default=0)
    share_bp = models.PositiveSmallIntegerField(_("share (basis points)"), default=0)
    rate_bp = models.PositiveIntegerField(_("rate (basis points)"), default=0)
    level_bp = models.PositiveIntegerField(_("rate of the level"), default=0)
    goods_bp = models.PositiveIntegerField(_("factor of the goods"), default=0)
    channel_bp = models.PositiveIntegerField(_("factor of the channel"), default=0)
    fresh_bp = models.PositiveIntegerField(_("factor of a first purchase"), default=0)
    level = models.PositiveSmallIntegerField(_("level"), default=0)
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("commission scheme")
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True, default="")
    earned_at = models.DateTimeField(_("earned at"))
    made_at = models.DateTimeField(_("made at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        """What is earned once is paid once; whatever moves on moves whole."""

        verbose_name = _("commission entry")
        verbose_name_plural = _("commission entries")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "line_no", "post", "role", "kind", "nth"], condition=Q(order__isnull=False),
                name="commissionentry_of_line_once",
            ),
            models.UniqueConstraint(
                fields=["bond", "kind", "nth"], condition=Q(bond__isnull=False), name="commissionentry_of_bond_once"
            ),
            models.UniqueConstraint(
                fields=["task", "kind", "nth"], condition=Q(task__isnull=False), name="commissionentry_of_task_once"
            ),
            models.UniqueConstraint(
                fields=["account", "month", "kind", "nth"],
                condition=Q(kind__in=["step", "cap", "settle", "pay"]),
                name="commissionentry_of_month_once",
            ),
            models.UniqueConstraint(
                fields=["ref"], condition=Q(ref__isnull=False), name="commissionentry_of_action_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_cents=F("provisional_cents") + F("vested_cents") + F("payable_cents") + F("paid_cents")
                    - F("debt_cents")
                ),
                name="commissionentry_balanced",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["vest", "settle", "pay"]) | Q(amount_cents=0),
                name="commissionentry_moves_earn_nothing",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["account", "month", "id"], name="commissionentry_account"),
            models.Index(
                fields=["month", "account"],
                include=["amount_cents"],
                condition=~Q(kind__in=MOVED_ON),
                name="commissionentry_of_month",
            ),
            BrinIndex(fields=["month"], name="commissionentry_month", autosummarize=True),
            BrinIndex(fields=["vests_on"], name="commissionentry_vests", autosummarize=True),
            BrinIndex(fields=["earned_at"], name="commissionentry_earned", autosummarize=True),
            BrinIndex(fields=["entry_id"], name="commissionentry_entry", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {money.to_yuan(self.amount_cents)}"


class CommissionMonth(models.Model):
    """A month of commission on its way to the pay: what was computed is reviewed, closed, exported, paid."""

    class State(models.TextChoices):
        """How far it is; one that is not kept yet is open."""

        OPEN = "open", pgettext_lazy("month", "open")
        COMPUTED = "computed", pgettext_lazy("month", "computed")
        CLOSED = "closed", pgettext_lazy("month", "closed")
        EXPORTED = "exported", _("exported")
        PAID = "paid", pgettext_lazy("month", "paid")

    month = models.DateField(_("month"), unique=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    computed_at = models.DateTimeField(_("computed at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    exported_at = models.DateTimeField(_("exported at"), null=True)
    paid_at = models.DateTimeField(_("paid at"), null=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """A month begins on its first day, and stands at what was done last."""

        verbose_name = _("commission month")
        verbose_name_plural = _("commission months")
        constraints = [
            models.CheckConstraint(condition=Q(month__day=1), name="commissionmonth_first_day"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "computed"], closed_at__isnull=True)
                | Q(state__in=["closed", "exported", "paid"], closed_at__isnull=False),
                name="commissionmonth_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class CommissionStatement(models.Model):
    """What a month comes to for a person: gross, of which a debt is recovered, what is paid and what is owed after it.

    It is computed anew until the month is closed; who saw it and agrees has reviewed it as it then was.
    """

    month = models.ForeignKey(CommissionMonth, models.PROTECT, related_name="statements", verbose_name=_("month"))
    account = models.ForeignKey(
        CommissionAccount, models.PROTECT, related_name="statements", verbose_name=_("commission account")
    )
    earned_cents = models.BigIntegerField(_("earned in the month"))
    recovered_cents = models.BigIntegerField(_("debt recovered"), default=0)
    owed_cents = models.BigIntegerField(_("carried as debt"), default=0)
    gross_cents = models.BigIntegerField(_("gross pay"))
    debt_cents = models.BigIntegerField(_("debt after it"), default=0)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False,
        verbose_name=_("reviewed by"),
    )  # fmt: skip
    entry_id = models.BigIntegerField(editable=False)

    objects = StatementQuerySet.as_manager()

    class Meta:
        """A person has one for a month; it adds up."""

        verbose_name = _("commission statement")
        verbose_name_plural = _("commission statements")
        constraints = [
            models.UniqueConstraint(fields=["month", "account"], name="commissionstatement_once"),
            models.CheckConstraint(
                condition=Q(recovered_cents__gte=0, owed_cents__gte=0, gross_cents__gte=0, debt_cents__gte=0)
                & Q(gross_cents=F("earned_cents") - F("recovered_cents") + F("owed_cents")),
                name="commissionstatement_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} · {self.account}"
