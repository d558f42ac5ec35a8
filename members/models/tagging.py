"""How tags came on members and left them, and the rules that put them there."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.member import Member, Tag, TagSource


class TagMove(models.Model):
    """A tag came on a member, left her, or ran out; her tags are what the last move of each left."""

    append_only = True
    erasable = ("reason",)
    withdrawable = True
    derived = "source = 'rule' OR kind = 'expired'"  # what nights did goes with its member

    class Kind(models.TextChoices):
        """What happened."""

        ADDED = "added", _("put on")
        REMOVED = "removed", _("taken off")
        EXPIRED = "expired", _("expired")

    member = models.ForeignKey(Member, models.PROTECT, related_name="tag_moves", db_index=False)
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="moves")
    kind = models.CharField(_("what happened"), max_length=7, choices=Kind)
    source = models.CharField(_("set by"), max_length=6, choices=TagSource)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    moved_at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField()

    class Meta:
        """The newest row of a member and a tag says whether she carries it."""

        verbose_name = _("tag move")
        verbose_name_plural = _("tag moves")
        indexes = [
            models.Index(fields=["member", "tag", "-id"], name="tagmove_newest"),
            models.Index(fields=["member", "moved_at", "id"], name="tagmove_life"),
            BrinIndex(fields=["entry_id"], name="tagmove_entry", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} · {self.tag_id} {self.kind}"


class TagRule(models.Model):
    """One version of the conditions that put a tag on members; the newest counts, one without conditions ends it."""

    append_only = True
    erasable = ("reason",)

    tag = models.ForeignKey(Tag, models.PROTECT, related_name="rules", db_index=False, verbose_name=_("tag"))
    version = models.PositiveIntegerField(_("version"))
    conditions = models.JSONField(_("conditions"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    kept_at = models.DateTimeField(_("kept at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField()

    class Meta:
        """A version stands once."""

        verbose_name = _("tag rule")
        verbose_name_plural = _("tag rules")
        constraints = [
            models.UniqueConstraint(fields=["tag", "version"], name="tagrule_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="tagrule_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.tag} v{self.version}"
