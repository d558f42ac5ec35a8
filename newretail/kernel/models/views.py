"""Saved views: a list with its filters under a name, one's own or shared with a role."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from newretail.kernel import scopes

LONGEST_NAME = 40
LONGEST_WORDS = 2_000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Questions to saved views."""

    def visible_to(self, user: Any) -> "SavedViewQuerySet":
        """Narrow to a person's own and those shared with a role she holds; nobody sees nothing."""
        roles = scopes.roles_of(user)
        return self.filter(Q(by=user) | Q(shared_with__in=roles)) if roles else self.none()


class SavedView(models.Model):
    """The filters of one list as somebody keeps them; what was searched for is not kept, it may name a person."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="views", verbose_name=_("by"))
    noun = models.CharField(_("list"), max_length=60)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    words = models.CharField(_("filters"), max_length=LONGEST_WORDS)
    shared_with = models.CharField(_("shared with"), max_length=12, blank=True)
    is_default = models.BooleanField(_("opens first"), default=False)
    entry_id = models.BigIntegerField(default=0, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        """A name stands once per person and list, and one of them opens first."""

        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(fields=["by", "noun", "name"], name="savedview_once"),
            models.UniqueConstraint(fields=["by", "noun"], condition=Q(is_default=True), name="savedview_one_default"),
        ]
        indexes = [models.Index(fields=["noun", "shared_with"], name="savedview_shared")]

    def __str__(self) -> str:
        return self.name
