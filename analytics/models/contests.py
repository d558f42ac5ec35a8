"""Contests between guides: what is counted, of whom, for how long, for which prizes; and how they ended."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stores.models import Post, Region, Store, sight_of, store_ids_in

MOST_PRIZES = 10
LONGEST_PRIZE = 60


class ContestQuerySet(models.QuerySet["Contest"]):
    """Questions to contests."""

    def visible_to(self, user: object) -> "ContestQuerySet":
        """Narrow to all for who sees the brand, else to what was published for guides of her stores."""
        sight = sight_of(user, "contests", "view")
        if sight.everything:
            return self
        stores = store_ids_in(sight) or []
        here = Q(region__isnull=True) | Q(region__in=Store.objects.filter(pk__in=stores).values("region"))
        return self.exclude(state=Contest.State.DRAFT).filter(here) if stores else self.none()


class Contest(models.Model):
    """A contest between the guides of the brand or of one region, from one day to another, both included.

    Once published its rules are frozen. Who is equal shares a rank and its prize; the next rank is left out. A score of
    nothing wins nothing.
    """

    class Metric(models.TextChoices):
        """What is counted, from the days of guides."""

        SALES = "sales", _("sales")
        RECRUITS = "recruits", _("customers added")
        REACH = "reach", _("contacts")
        ON_TIME = "on_time", _("tasks done on time")
        AVERAGE = "average", _("amount per order")

    class Grouping(models.TextChoices):
        """Among whom one is ranked."""

        ALL = "all", _("all together")
        REGION = "region", _("each region by itself")
        STORE = "store", _("each store by itself")

    class State(models.TextChoices):
        """How it stands."""

        DRAFT = "draft", pgettext_lazy("contest", "draft")
        PUBLISHED = "published", pgettext_lazy("contest", "published")
        CLOSED = "closed", pgettext_lazy("contest", "closed")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    metric = models.CharField(_("what is counted"), max_length=10, choices=Metric)
    grouping = models.CharField(_("ranked"), max_length=8, choices=Grouping, default=Grouping.ALL)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )  # fmt: skip
    first_day = models.DateField(pgettext_lazy("contest", "first day"))
    last_day = models.DateField(pgettext_lazy("contest", "last day"))
    prizes = ArrayField(models.CharField(max_length=LONGEST_PRIZE), size=MOST_PRIZES, verbose_name=_("prizes"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    objects = ContestQuerySet.as_manager()

    class Meta:
        """It ends after it begins, and is closed after it was published."""

        verbose_name = _("contest")
        verbose_name_plural = _("contests")
        constraints = [
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="contest_days_in_order"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True, closed_at__isnull=True)
                | Q(state="published", published_at__isnull=False, closed_at__isnull=True)
                | Q(state="closed", published_at__isnull=False, closed_at__isnull=False),
                name="contest_state_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ContestStanding(models.Model):
    """How one guide ended a contest: her rank in her place (a region, a store, or all), her score, her prize."""

    append_only = True

    contest = models.ForeignKey(
        Contest, models.PROTECT, related_name="standings", db_index=False, verbose_name=_("contest")
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name=_("guide"))
    place = models.CharField(pgettext_lazy("contest", "place"), max_length=60, blank=True, default="")
    rank = models.PositiveIntegerField(pgettext_lazy("contest", "rank"))
    score = models.BigIntegerField(_("score"))
    prize = models.CharField(_("prize"), max_length=LONGEST_PRIZE, blank=True, default="")
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A guide ends a contest once."""

        verbose_name = _("standing in a contest")
        verbose_name_plural = _("standings in contests")
        constraints = [models.UniqueConstraint(fields=["contest", "post"], name="conteststanding_once")]

    def __str__(self) -> str:
        return f"{self.contest_id} {self.post_id} {self.rank}"
