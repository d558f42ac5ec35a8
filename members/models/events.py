"""What a member did where we can see it: a page looked at, a material opened, a coupon clicked."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.member import Member
from stores.models import sight_of, store_ids_in


class EventQuerySet(models.QuerySet["Event"]):
    """Questions to events."""

    def visible_to(self, user: object) -> "EventQuerySet":
        """Narrow to the events of the members of the stores within this person's sight."""
        sight = sight_of(user, "events", "view")
        return self if sight.everything else self.filter(member__home_store_id__in=store_ids_in(sight) or [])


class Event(models.Model):
    """One thing a member did, as another system saw it; (source, event no.) is its name, and it never changes."""

    source = models.CharField(_("source"), max_length=40)
    event_no = models.CharField(_("event no."), max_length=64)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="events", db_index=False, verbose_name=_("member")
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=40)
    happened_at = models.DateTimeField(_("happened at"))
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    data = models.JSONField(_("data"), default=dict)
    entry_id = models.BigIntegerField(editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        """An event is told once; a member's newest are found at once."""

        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [models.UniqueConstraint(fields=["source", "event_no"], name="event_once")]
        indexes = [
            models.Index(fields=["member", "-happened_at"], name="event_of_member"),
            BrinIndex(fields=["happened_at"], name="event_time", autosummarize=True),
            BrinIndex(fields=["entry_id"], name="event_entry", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.event_no}"
