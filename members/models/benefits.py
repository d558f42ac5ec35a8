"""How the membership is ordered: schemes of levels in versions, where each member stands, what her level gives her."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.member import Level, Member
from stores.models import sight_of, store_ids_in


class LevelScheme(models.Model):
    """One version of how members grow through the levels and what each level gives; no version is ever changed."""

    append_only = True

    version = models.PositiveIntegerField(_("version"), unique=True)
    terms = models.JSONField(_("terms"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    kept_at = models.DateTimeField(_("kept at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField()

    class Meta:
        """Versions stand by number."""

        verbose_name = _("level scheme")
        verbose_name_plural = _("level schemes")

    def __str__(self) -> str:
        return f"v{self.version}"


class SchemeStart(models.Model):
    """That a version counts from a day on; of two for one day the later word."""

    append_only = True

    scheme = models.OneToOneField(LevelScheme, models.PROTECT, related_name="start", verbose_name=_("level scheme"))
    starts_on = models.DateField(_("starts on"))
    published_at = models.DateTimeField(_("published at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField()

    class Meta:
        """A version is published once."""

        verbose_name = _("publication of a scheme")
        verbose_name_plural = _("publications of schemes")

    def __str__(self) -> str:
        return f"{self.scheme} {self.starts_on:%Y-%m-%d}"


def _of_seen(user: object) -> Q:
    """Narrow what is written in a member's book of levels to members within this person's sight."""
    sight = sight_of(user, "benefits", "view")
    return Q() if sight.everything else Q(member__home_store_id__in=store_ids_in(sight) or [])


class GrowthAdjustmentQuerySet(models.QuerySet["GrowthAdjustment"]):
    """Questions to adjustments of growth."""

    def visible_to(self, user: object) -> "GrowthAdjustmentQuerySet":
        """Narrow to the adjustments of members within this person's sight."""
        return self.filter(_of_seen(user))


class LevelMoveQuerySet(models.QuerySet["LevelMove"]):
    """Questions to moves between levels."""

    def visible_to(self, user: object) -> "LevelMoveQuerySet":
        """Narrow to the moves of members within this person's sight."""
        return self.filter(_of_seen(user))


class GrowthAdjustment(models.Model):
    """Growth given or taken by hand, with its reason; its key never gives it twice."""

    append_only = True
    erasable = ("reason",)

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="growth_adjustments", db_index=False, verbose_name=_("member")
    )
    growth = models.IntegerField(_("growth"))
    reason = models.CharField(_("reason"), max_length=200)
    key = models.CharField(max_length=120, unique=True, editable=False)
    adjusted_at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField()

    objects = GrowthAdjustmentQuerySet.as_manager()

    class Meta:
        """It changes something, and says why."""

        verbose_name = _("growth adjustment")
        verbose_name_plural = _("growth adjustments")
        constraints = [
            models.CheckConstraint(condition=~Q(growth=0) & ~Q(reason=""), name="growthadjustment_says_something"),
        ]
        indexes = [models.Index(fields=["member", "adjusted_at", "id"], name="growthadjustment_life")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.growth:+d}"


class LevelStanding(models.Model):
    """A member's growth as of the end of a day, and until when a level she no longer reaches is left to her."""

    derived = "true"  # goes with its member

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="level_standing")
    growth = models.BigIntegerField(_("growth"))
    as_of = models.DateField(_("as of"))
    grace_until = models.DateField(_("kept until"), null=True)
    scheme = models.ForeignKey(LevelScheme, models.PROTECT, related_name="+", db_index=False)
    entry_id = models.BigIntegerField()

    class Meta:
        """Derived anew whenever what it rests on changes."""

        verbose_name = _("standing of a member")
        verbose_name_plural = _("standings of members")

    def __str__(self) -> str:
        return f"{self.member_id} {self.growth}"


class LevelMove(models.Model):
    """A member came to a level: why, with how much growth, by which version."""

    append_only = True
    withdrawable = True
    derived = "true"  # goes with its member

    class Reason(models.TextChoices):
        """Why."""

        FIRST = "first", _("first level")
        REACHED = "reached", _("growth reached")
        ADJUSTED = "adjusted", _("growth adjusted by hand")
        MERGED = "merged", _("rows became one person")
        NEW_SCHEME = "new_scheme", _("a new version of the scheme")
        GRACE_ENDED = "grace_ended", _("growth not kept, grace ended")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="level_moves", db_index=False, verbose_name=_("member")
    )
    from_level = models.ForeignKey(
        Level, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("from")
    )
    to_level = models.ForeignKey(Level, models.PROTECT, related_name="+", db_index=False, verbose_name=_("to"))
    reason = models.CharField(_("reason"), max_length=11, choices=Reason)
    growth = models.BigIntegerField(_("growth"))
    scheme = models.ForeignKey(LevelScheme, models.PROTECT, db_index=False, verbose_name=_("level scheme"))
    moved_on = models.DateField(_("moved on"))
    entry_id = models.BigIntegerField()

    objects = LevelMoveQuerySet.as_manager()

    class Meta:
        """The newest row of a member says where she stands."""

        verbose_name = _("level move")
        verbose_name_plural = _("level moves")
        indexes = [
            models.Index(fields=["member", "moved_on", "id"], name="levelmove_life"),
            models.Index(fields=["moved_on", "id"], name="levelmove_days"),
            BrinIndex(fields=["entry_id"], name="levelmove_entry", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.from_level_id} → {self.to_level_id}"


class BenefitKind(models.TextChoices):
    """What a level gives."""

    POINTS_EXCHANGE = "points_exchange", _("points exchange")
    JOINING_GIFT = "joining_gift", _("joining gift")
    LEVEL_UP_GIFT = "level_up_gift", _("level-up gift")
    BIRTHDAY = "birthday", _("birthday coupon")
    FREE_SHIPPING = "free_shipping", _("free shipping")
    PRIVILEGES = "privileges", _("partner privileges, VIP service, free exchange")
    FACTORY_TOUR = "factory_tour", _("factory tour")


class BenefitGift(models.Model):
    """A gift that a level gave a member: once for its occasion, whatever comes again."""

    append_only = True

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="benefit_gifts", db_index=False, verbose_name=_("member")
    )
    kind = models.CharField(_("benefit"), max_length=16, choices=BenefitKind)
    occasion = models.CharField(_("occasion"), max_length=40)
    level = models.ForeignKey(Level, models.PROTECT, related_name="+", db_index=False, verbose_name=_("level"))
    points = models.PositiveIntegerField(_("points"), default=0)
    coupon = models.CharField(_("coupon plan"), max_length=40, blank=True, default="")
    given_at = models.DateTimeField(_("given at"))
    entry_id = models.BigIntegerField()

    class Meta:
        """One gift for one occasion."""

        verbose_name = _("gift of a level")
        verbose_name_plural = _("gifts of levels")
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "occasion"], name="benefitgift_once"),
        ]
        indexes = [models.Index(fields=["member", "given_at", "id"], name="benefitgift_life")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind} {self.occasion}"


class BenefitUse(models.Model):
    """A privilege or a factory tour a member booked: counted within its year, given back by a row of its own."""

    append_only = True
    erasable = ("note",)

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="benefit_uses", db_index=False, verbose_name=_("member")
    )
    name = models.CharField(_("benefit"), max_length=60)
    year = models.PositiveSmallIntegerField(_("year"))
    key = models.CharField(max_length=120, unique=True, editable=False)
    back_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="back", verbose_name=_("given back"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    used_at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField()

    class Meta:
        """Found by member and year, and by what is booked within a year."""

        verbose_name = _("use of a benefit")
        verbose_name_plural = _("uses of benefits")
        indexes = [
            models.Index(fields=["name", "year"], name="benefituse_of_a_year"),
            models.Index(fields=["member", "used_at", "id"], name="benefituse_life"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.name} {self.year}"
