"""Recruit codes: the code that a guide shows, by which whoever scans it becomes a member and her customer."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models import Post


class RecruitCode(models.Model):
    """A guide's code for one scene: it leads to her as long as she serves, and tells where it was scanned."""

    append_only = True

    class Scene(models.TextChoices):
        """Where it hangs, lies or is shown."""

        TILL = "till", _("till")
        ENTRANCE = "entrance", _("entrance")
        TASTING = "tasting", _("tasting table")
        PARCEL = "parcel", _("parcel card")
        PHONE = "phone", _("on her phone")

    post = models.ForeignKey(
        Post, models.PROTECT, related_name="recruit_codes", db_index=False, verbose_name=_("guide")
    )
    scene = models.CharField(_("where it is shown"), max_length=10, choices=Scene)
    token = models.CharField(_("token"), max_length=32, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A guide has one code for a scene."""

        verbose_name = _("recruit code")
        verbose_name_plural = _("recruit codes")
        constraints = [models.UniqueConstraint(fields=["post", "scene"], name="recruitcode_once")]

    def __str__(self) -> str:
        return f"{self.post_id} · {self.scene}"
