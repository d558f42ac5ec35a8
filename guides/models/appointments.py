"""Appointments: a member comes to see a guide in her store at a time; what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member
from stores.models import Post, sight_of, store_ids_in

LONGEST_NOTE = 200


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Questions to appointments."""

    def booked(self) -> "AppointmentQuerySet":
        """Narrow to the appointments of which nothing became yet."""
        return self.filter(state=Appointment.State.BOOKED)

    def visible_to(self, user: object) -> "AppointmentQuerySet":
        """Narrow to the appointments in the stores within this person's sight."""
        sight = sight_of(user, "appointments", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Appointment(models.Model):
    """A member sees a guide in [starts_at, ends_at), in the store of her post; (source, number) books once.

    `ref` names it on the pages, `end_entry_id` is the line that says what became of it.
    """

    class State(models.TextChoices):
        """What became of it."""

        BOOKED = "booked", pgettext_lazy("appointment", "booked")
        ARRIVED = "arrived", pgettext_lazy("appointment", "arrived")
        NO_SHOW = "no_show", pgettext_lazy("appointment", "did not come")
        CANCELLED = "cancelled", pgettext_lazy("appointment", "cancelled")

    ref = models.UUIDField(_("our number"), unique=True, default=uuid.uuid4, editable=False)
    source = models.CharField(_("source"), max_length=32)
    number = models.CharField(_("number"), max_length=64)
    member = models.ForeignKey(
        Member, models.PROTECT, related_name="appointments", db_index=False, verbose_name=_("member")
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="appointments", db_index=False, verbose_name=_("guide"))
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True, default="")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.BOOKED)
    booked_at = models.DateTimeField(_("booked at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    entry_id = models.BigIntegerField(editable=False)
    end_entry_id = models.BigIntegerField(null=True, editable=False)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        """A number of a source books once; what has ended says when, and by which line."""

        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="appointment_once"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="appointment_times_in_order"),
            models.CheckConstraint(
                condition=Q(state="booked", ended_at__isnull=True, end_entry_id__isnull=True)
                | Q(ended_at__isnull=False, end_entry_id__isnull=False) & ~Q(state="booked"),
                name="appointment_end_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["post", "starts_at"], name="appointment_of_a_guide"),
            models.Index(fields=["member", "starts_at"], name="appointment_member"),
            models.Index(fields=["starts_at", "id"], name="appointment_by_time"),
            models.Index(fields=["entry_id"], name="appointment_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number}"
