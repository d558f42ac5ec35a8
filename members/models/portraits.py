"""How she stands: scores, stage, relationship, as of a day."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.member import Member


class Stage(models.TextChoices):
    """Lifecycle by completed calendar months since the last purchase (docs/glossary.md, lifecycle)."""

    ONBOARDING = "onboarding", _("onboarding")
    ACTIVE = "active", _("active")
    WAKE = "wake", _("wake")
    WIN_BACK = "win_back", _("win-back")
    DORMANT = "dormant", _("dormant")
    LOST = "lost", _("lost")


class Relationship(models.TextChoices):
    """What we are to each other, by the number of purchases."""

    PROSPECT = "prospect", _("prospect")
    NEW = "new", _("new customer")
    ONE_TIMER = "one_timer", _("one-timer")
    REPEAT = "repeat", _("repeat customer")


class Group(models.TextChoices):
    """The eight named groups of RFM; high means a score of four or five."""

    IMPORTANT_VALUE = "important_value", _("important, to value")
    IMPORTANT_DEVELOP = "important_develop", _("important, to develop")
    IMPORTANT_KEEP = "important_keep", _("important, to keep")
    IMPORTANT_RETAIN = "important_retain", _("important, to retain")
    GENERAL_VALUE = "general_value", _("general, to value")
    GENERAL_DEVELOP = "general_develop", _("general, to develop")
    GENERAL_KEEP = "general_keep", _("general, to keep")
    GENERAL_RETAIN = "general_retain", _("general, to retain")


class Portrait(models.Model):
    """One row per scored member: what her orders say as of the start of a business day.

    Days are the brand's; the window is the 365 days before `as_of`; a fully refunded order counts in nothing.
    """

    derived = "purchases = 0"  # goes with its member; what her purchases make of her does not

    member = models.OneToOneField(Member, models.CASCADE, primary_key=True, related_name="portrait")
    first_day = models.DateField(_("first purchase"), null=True)
    last_day = models.DateField(_("last purchase"), null=True)
    purchases = models.PositiveIntegerField(_("purchases"), default=0)
    frequency = models.PositiveIntegerField(_("purchases in a year"), default=0)
    monetary_cents = models.BigIntegerField(_("amount in a year"), default=0)
    r = models.PositiveSmallIntegerField("R", null=True)
    f = models.PositiveSmallIntegerField("F", null=True)
    m = models.PositiveSmallIntegerField("M", null=True)
    group = models.CharField(_("RFM group"), max_length=20, choices=Group, blank=True)
    is_super = models.BooleanField(_("super customer"), default=False)
    relationship = models.CharField(
        _("relationship"), max_length=10, choices=Relationship, default=Relationship.PROSPECT
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, blank=True)
    stage_since = models.DateField(_("in this stage since"), null=True)

    class Meta:
        """Updated nightly in place: pages keep room, so that most updates stay on theirs."""

        verbose_name = _("portrait")
        verbose_name_plural = _("portraits")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(r__isnull=True, f__isnull=True, m__isnull=True, frequency=0)
                | models.Q(r__range=(1, 5), f__range=(1, 5), m__range=(1, 5), frequency__gt=0),
                name="portrait_scored_when_bought",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id}"


class ScoreCut(models.Model):
    """The cut values of one scoring run, kept as its version, and the counts of values they were found from."""

    append_only = True

    as_of = models.DateField(_("as of"))
    cuts = models.JSONField(_("cuts"))
    counts = models.JSONField(_("counts"), default=dict)
    super_cents = models.BigIntegerField(_("amount of a super customer"))
    scored = models.PositiveIntegerField(_("scored"))
    entry_id = models.BigIntegerField()

    class Meta:
        """The newest row is the live portrait's."""

        verbose_name = _("score cuts")
        verbose_name_plural = _("score cuts")

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class StageChange(models.Model):
    """A member moved from one stage to another, either way."""

    append_only = True
    withdrawable = True
    derived = "true"  # goes with its member

    member = models.ForeignKey(Member, models.PROTECT, related_name="stage_changes")
    from_stage = models.CharField(_("from"), max_length=10, choices=Stage, blank=True)
    to_stage = models.CharField(_("to"), max_length=10, choices=Stage)
    changed_on = models.DateField(_("changed on"))
    entry_id = models.BigIntegerField()

    class Meta:
        """One move a day at most."""

        verbose_name = _("stage change")
        verbose_name_plural = _("stage changes")
        constraints = [
            models.UniqueConstraint(fields=["member", "changed_on", "to_stage"], name="stagechange_once_a_day")
        ]
        # Changes come in the order of their days, but for the first night.
        indexes = [BrinIndex(fields=["changed_on"], name="stagechange_day", autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"
