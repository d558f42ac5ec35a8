"""Shares: each a link of its own for guide, material and member; who opened it, for how long."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.materials import Material
from guides.models.tasks import Task
from members.models import Member
from stores.models import Post, sight_of, store_ids_in

LONGEST_STAY = 3600  # seconds that one opening counts at most


class ShareQuerySet(models.QuerySet["Share"]):
    """Questions to shares."""

    def visible_to(self, user: object) -> "ShareQuerySet":
        """Narrow to the shares of guides in the stores within this person's sight."""
        sight = sight_of(user, "materials", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Share(models.Model):
    """A guide shared a material, with a member or with many; `ref` is the number her phone gave it.

    The token stands in the link and tells nothing: neither the guide nor the member nor how many links there are.
    """

    append_only = True

    class Channel(models.TextChoices):
        """Where it went."""

        CHAT = "chat", _("chat")
        MOMENTS = "moments", _("Moments")
        POSTER = "poster", _("poster")

    ref = models.UUIDField(_("number of the action"), unique=True)
    token = models.CharField(_("token"), max_length=24, unique=True)
    material = models.ForeignKey(
        Material, models.PROTECT, related_name="shares", db_index=False, verbose_name=_("material")
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="shares", db_index=False, verbose_name=_("guide"))
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="shares", db_index=False, verbose_name=_("member")
    )
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, related_name="shares", db_index=False, verbose_name=_("task")
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    at = models.DateTimeField(_("at"))
    entry_id = models.BigIntegerField(editable=False)

    objects = ShareQuerySet.as_manager()

    class Meta:
        """Found by guide and time, by material, by whom it was for."""

        verbose_name = pgettext_lazy("material", "share")
        verbose_name_plural = pgettext_lazy("material", "shares")
        indexes = [
            models.Index(fields=["post", "at"], name="share_of_guide"),
            models.Index(fields=["material", "at"], name="share_of_material"),
            models.Index(fields=["at"], name="share_at"),
            models.Index(fields=["member"], condition=Q(member__isnull=False), name="share_for_member"),
            models.Index(fields=["task"], condition=Q(task__isnull=False), name="share_of_task"),
            models.Index(fields=["entry_id"], name="share_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} · {self.material_id}"


class LinkOpen(models.Model):
    """A shared link was opened, as its page saw it or another system told; one visitor within half an hour is one.

    `visitor` is a digest that changes each day and says nothing outside this link. `member` is set where another
    system knows her; `ref` names the opening to the page that tells how long it stood open.
    """

    append_only = True

    ref = models.UUIDField(_("our number"), unique=True)
    share = models.ForeignKey(
        Share, models.PROTECT, related_name="opens", db_index=False, verbose_name=pgettext_lazy("material", "share")
    )
    key = models.CharField(_("key"), max_length=128)
    at = models.DateTimeField(_("at"))
    visitor = models.CharField(_("visitor"), max_length=32, blank=True, default="")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="link_opens", db_index=False, verbose_name=_("member")
    )

    class Meta:
        """Counted once."""

        verbose_name = _("opening of a link")
        verbose_name_plural = _("openings of links")
        constraints = [models.UniqueConstraint(fields=["share", "key"], name="linkopen_once")]
        indexes = [
            models.Index(fields=["member", "at"], condition=Q(member__isnull=False), name="linkopen_of_member"),
            models.Index(fields=["at", "share"], name="linkopen_at"),
        ]

    def __str__(self) -> str:
        return f"{self.share_id} · {self.at}"


class LinkStay(models.Model):
    """How long a link's page stood open: told once, when it was left."""

    append_only = True

    opening = models.OneToOneField(LinkOpen, models.PROTECT, related_name="stay", verbose_name=_("opening of a link"))
    seconds = models.PositiveSmallIntegerField(_("seconds"))

    class Meta:
        """Never longer than an hour."""

        verbose_name = _("stay on a link")
        verbose_name_plural = _("stays on links")
        constraints = [
            models.CheckConstraint(condition=Q(seconds__lte=LONGEST_STAY), name="linkstay_bounded"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds}"
