"""Segments: whom conditions hold of, kept fresh; who came in and went out; the bits by which they are counted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.models.seats import SeatsField
from members.models import Member


class Segment(models.Model):
    """Members described by conditions; an active one is kept fresh, an ended one stands as it was left.

    `members` is how many `SegmentMember` rows it has; `refreshed_at` when everybody was last judged; `due` says that
    everybody is to be judged anew.
    """

    class State(models.TextChoices):
        """How it stands."""

        ACTIVE = "active", pgettext_lazy("segment", "kept fresh")
        ENDED = "ended", pgettext_lazy("segment", "ended")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.ACTIVE)
    members = models.PositiveIntegerField(_("members"), default=0)
    refreshed_at = models.DateTimeField(_("refreshed at"), null=True, blank=True)
    due = models.BooleanField(default=True, editable=False)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A segment is called by its code."""

        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """The conditions of a segment in one version; the newest counts."""

    append_only = True

    segment = models.ForeignKey(
        Segment, models.PROTECT, related_name="versions", db_index=False, verbose_name=_("segment")
    )
    version = models.PositiveIntegerField(_("version"))
    conditions = models.JSONField(_("conditions"))
    kept_at = models.DateTimeField(_("kept at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Versions count upwards from 1."""

        verbose_name = _("version of a segment")
        verbose_name_plural = _("versions of segments")
        constraints = [
            models.UniqueConstraint(fields=["segment", "version"], name="segmentversion_once"),
            models.CheckConstraint(condition=Q(version__gt=0), name="segmentversion_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class SegmentMember(models.Model):
    """A member in a segment, since when."""

    derived = "true"  # goes with its member

    pk = models.CompositePrimaryKey("segment_id", "member_id")
    segment = models.ForeignKey(Segment, models.PROTECT, db_index=False, verbose_name=_("segment"))
    member = models.ForeignKey(Member, models.CASCADE, related_name="segment_links", verbose_name=_("member"))
    since = models.DateTimeField(_("since"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A member stands in a segment once."""

        verbose_name = _("member of a segment")
        verbose_name_plural = _("members of segments")

    def __str__(self) -> str:
        return f"{self.segment_id} · {self.member_id}"


class SegmentMove(models.Model):
    """A member came into a segment, or went out of it."""

    append_only = True
    withdrawable = True
    derived = "true"  # goes with its member

    class Kind(models.TextChoices):
        """Which way."""

        ENTERED = "entered", pgettext_lazy("segment", "came in")
        LEFT = "left", pgettext_lazy("segment", "went out")

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="moves", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="segment_moves", verbose_name=_("member"))
    kind = models.CharField(_("what happened"), max_length=7, choices=Kind)
    version = models.PositiveIntegerField(_("version"))
    moved_at = models.DateTimeField(_("at"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Moves of a segment are read by time, those of a line by the line."""

        verbose_name = _("move of a segment")
        verbose_name_plural = _("moves of segments")
        indexes = [
            models.Index(fields=["segment", "moved_at", "id"], name="segmentmove_at"),
            models.Index(fields=["entry_id"], name="segmentmove_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} · {self.member_id} {self.kind}"


class Snapshot(models.Model):
    """Whom a segment's conditions held of at one instant, kept as bits; what became of the segment changes nothing.

    `as_of` is the business day they were asked for; `width` the number of bits.
    """

    append_only = True

    segment = models.ForeignKey(Segment, models.PROTECT, related_name="snapshots", verbose_name=_("segment"))
    version = models.PositiveIntegerField(_("version"))
    as_of = models.DateField(_("as of"))
    name = models.CharField(_("name"), max_length=60)
    members = models.PositiveIntegerField(_("members"))
    width = models.PositiveIntegerField(editable=False)
    seats = SeatsField(editable=False)
    taken_at = models.DateTimeField(_("taken at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A snapshot is called by its name."""

        verbose_name = _("snapshot of a segment")
        verbose_name_plural = _("snapshots of segments")
        constraints = [models.UniqueConstraint(fields=["segment", "name"], name="snapshot_once")]

    def __str__(self) -> str:
        return self.name


class SeatMap(models.Model):
    """Whom one condition holds of today, as bits: drawn when it is first counted, kept true while it is asked for.

    `digest` is of the condition as it is written; the empty condition holds of everybody alive.
    """

    digest = models.CharField(max_length=64, unique=True)
    condition = models.JSONField()
    as_of = models.DateField()
    width = models.PositiveIntegerField()
    seats = SeatsField()
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:8]


class ChangedMember(models.Model):
    """A member about whom something changed since segments were last judged."""

    member_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.member_id}"
