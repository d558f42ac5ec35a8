"""Her points: the account, the lots they came in, every move of them, and the rules they are earned by."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.member import Level, Member
from stores.models import Category, Channel, Product, sight_of, store_ids_in


class EarnRule(models.Model):
    """A version of a rule by which orders earn points; it never changes, a newer version takes its place from a day on.

    An order earns `points_per_yuan` × `multiplier_bp` / 10 000 for each yuan of its lines that the rule looks at.
    """

    append_only = True

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=60)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until (not included)"), null=True, blank=True)
    points_per_yuan = models.PositiveIntegerField(_("points per yuan"))
    multiplier_bp = models.PositiveIntegerField(_("multiplier (basis points)"), default=10_000)
    valid_days = models.PositiveIntegerField(_("valid for (days)"), null=True, blank=True)
    min_cents = models.BigIntegerField(_("order from"), default=0)
    member_day = models.BooleanField(_("on member day only"), default=False)
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, verbose_name=_("level"))
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, verbose_name=_("channel"))
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, verbose_name=_("category"))
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, verbose_name=_("product"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Versions of a rule stand in their order."""

        verbose_name = _("earn rule")
        verbose_name_plural = _("earn rules")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="earnrule_version_once"),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")), name="earnrule_span"
            ),
            models.CheckConstraint(condition=Q(min_cents__gte=0), name="earnrule_from_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class PointsAccountQuerySet(models.QuerySet["PointsAccount"]):
    """Questions to accounts."""

    def visible_to(self, user: object) -> "PointsAccountQuerySet":
        """Narrow to the accounts of members within this person's sight."""
        sight = sight_of(user, "points", "view")
        if sight.everything:
            return self
        return self.filter(member__home_store_id__in=store_ids_in(sight) or [])


class PointsAccount(models.Model):
    """What a member holds: checked caches of her entries.

    `balance` she may spend, `pending` waits for the return window's end, `debt` was taken back after she had spent it:
    what comes in next pays it first.
    """

    member = models.OneToOneField(Member, models.PROTECT, related_name="points_account", verbose_name=_("member"))
    balance = models.BigIntegerField(_("points"), default=0)
    pending = models.BigIntegerField(_("pending"), default=0)
    debt = models.BigIntegerField(_("owed"), default=0)

    objects = PointsAccountQuerySet.as_manager()

    class Meta:
        """Nothing falls below zero."""

        verbose_name = _("points account")
        verbose_name_plural = _("points accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0, pending__gte=0, debt__gte=0), name="pointsaccount_not_negative"
            )
        ]
        indexes = [models.Index(fields=["-balance", "-id"], name="pointsaccount_balance")]

    def __str__(self) -> str:
        return f"{self.balance}"


class PointsEntryQuerySet(models.QuerySet["PointsEntry"]):
    """Questions to entries."""

    def visible_to(self, user: object) -> "PointsEntryQuerySet":
        """Narrow to the entries of members within this person's sight."""
        sight = sight_of(user, "points", "view")
        if sight.everything:
            return self
        return self.filter(account__member__home_store_id__in=store_ids_in(sight) or [])


class PointsEntry(models.Model):
    """One move of points in an account; (source, source no., kind, line, rule, nth) is its name for ever.

    `points` move the balance, `pending` what waits, `owed` the debt. `source_no` is kept in capitals, without blanks.
    """

    append_only = True
    erasable = ("reason",)

    class Kind(models.TextChoices):
        """Why points moved."""

        EARN = "earn", _("earned")
        REFUND = "refund", _("taken back")
        RELEASE = "release", _("released")
        SPEND = "spend", _("spent")
        REVERSE = "reverse", _("spending reversed")
        GIFT_OUT = "gift_out", _("given away")
        GIFT_IN = "gift_in", _("received as a gift")
        EXPIRE = "expire", _("expired")
        ADJUST = "adjust", _("adjusted")
        GRANT = "grant", _("granted")
        REPAY = "repay", _("debt paid")
        SETTLE = "settle", _("settled between accounts")

    account = models.ForeignKey(
        PointsAccount, models.PROTECT, related_name="entries", db_index=False, verbose_name=_("points account")
    )
    # By whose identity it was made: another member of the account's family, where members were merged.
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("made by"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    points = models.BigIntegerField(_("points"), default=0)
    pending = models.BigIntegerField(_("pending"), default=0)
    owed = models.BigIntegerField(_("owed"), default=0)
    source = models.CharField(_("source"), max_length=40)
    source_no = models.CharField(_("source no."), max_length=120)
    line_no = models.PositiveIntegerField(_("line no."), default=0)
    rule = models.CharField(_("earn rule"), max_length=40, blank=True, default="")
    nth = models.PositiveIntegerField(default=0)
    # The level she had when the order was first counted: a later one does not change what it earned.
    level = models.ForeignKey(Level, models.PROTECT, null=True, db_index=False, related_name="+")
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversals")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    made_at = models.DateTimeField(_("made at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    objects = PointsEntryQuerySet.as_manager()

    class Meta:
        """A move happens once, whatever is sent again."""

        verbose_name = _("points entry")
        verbose_name_plural = _("points entries")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_no", "kind", "line_no", "rule", "nth"], name="pointsentry_once"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="pointsentry_account"),
            models.Index(fields=["account", "made_at", "id"], name="pointsentry_life"),
            models.Index(fields=["made_at", "id"], name="pointsentry_made"),
            BrinIndex(fields=["entry_id"], name="pointsentry_entry", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.points}"


class PointsLot(models.Model):
    """Points that came in together and end together; `remaining` is what is left of them.

    They are used oldest first. Pending ones open on `opens_on`; from `expires_on` on they are worth nothing.
    """

    class State(models.TextChoices):
        """Whether they may be spent."""

        PENDING = "pending", _("pending")
        OPEN = "open", pgettext_lazy("points", "open")

    origin = models.OneToOneField(PointsEntry, models.PROTECT, primary_key=True, related_name="lot")
    account = models.ForeignKey(PointsAccount, models.PROTECT, related_name="lots", db_index=False)
    state = models.CharField(_("state"), max_length=7, choices=State)
    earned_at = models.DateTimeField(_("earned at"))
    opens_on = models.DateField(_("opens on"), null=True)
    expires_on = models.DateField(_("expires on"), null=True)
    points = models.BigIntegerField(_("points"))
    remaining = models.BigIntegerField(_("remaining"))

    class Meta:
        """No more is used of a lot than it held; those with something left are found by age, opening and expiry."""

        verbose_name = _("points lot")
        verbose_name_plural = _("points lots")
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0, remaining__gte=0, remaining__lte=F("points")), name="pointslot_within"
            )
        ]
        indexes = [
            models.Index(
                fields=["account", "earned_at", "origin"],
                condition=Q(remaining__gt=0, state="open"), name="pointslot_oldest",
            ),
            models.Index(fields=["account"], condition=Q(remaining__gt=0, state="pending"), name="pointslot_pending"),
            models.Index(fields=["opens_on"], condition=Q(remaining__gt=0, state="pending"), name="pointslot_opens"),
            models.Index(fields=["expires_on"], condition=Q(remaining__gt=0), name="pointslot_expires"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.remaining}/{self.points}"


class PointsUse(models.Model):
    """How many points of a lot an entry used; less than nothing where it put them back."""

    append_only = True

    points_entry = models.ForeignKey(PointsEntry, models.PROTECT, related_name="uses", db_index=False)
    lot = models.ForeignKey(PointsLot, models.PROTECT, related_name="uses")
    points = models.BigIntegerField(_("points"))

    class Meta:
        """An entry uses a lot once."""

        verbose_name = _("points use")
        verbose_name_plural = _("points uses")
        constraints = [models.UniqueConstraint(fields=["points_entry", "lot"], name="pointsuse_once")]

    def __str__(self) -> str:
        return f"{self.points}"
