"""What other systems are told: endpoints, messages, their deliveries and each attempt at one."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from newretail.kernel import scopes
from newretail.kernel.models.journal import JournalEntry

WAITING = """(SELECT count(*) FROM kernel_delivery d
  WHERE d.endpoint_id = kernel_endpoint.id AND d.state IN ('waiting', 'claimed'))"""
LATEST = """(SELECT count(*) FILTER (WHERE {}) FROM (
  SELECT d.state, d.attempts FROM kernel_delivery d WHERE d.endpoint_id = kernel_endpoint.id
  ORDER BY d.id DESC LIMIT 100) latest)"""


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Questions to endpoints."""

    def visible_to(self, user: object) -> "EndpointQuerySet":
        """Narrow to those a person may see; what is closed is gone."""
        sees = scopes.reach(user, "webhooks", "view") == scopes.BRAND
        return self.exclude(state=Endpoint.State.CLOSED) if sees else self.none()

    def with_health(self) -> "EndpointQuerySet":
        """Count beside each what waits for it, and of its latest hundred deliveries those tried and those arrived."""
        return self.annotate(
            waiting=RawSQL(WAITING, ()),  # noqa: S611 - our own words
            tried=RawSQL(LATEST.format("attempts > 0"), ()),  # noqa: S611
            arrived=RawSQL(LATEST.format("state = 'delivered'"), ()),  # noqa: S611
        )


class Endpoint(models.Model):
    """An address of another system that is told of events; its secrets are kept encrypted.

    `events` names those it hears, none: all. `failing_since` is the first failure after its last success.
    """

    class State(models.TextChoices):
        """Whether it is called."""

        ACTIVE = "active", pgettext_lazy("of an endpoint", "active")
        DISABLED = "disabled", _("disabled")
        CLOSED = "closed", _("closed")

    class Reason(models.TextChoices):
        """Why it is disabled."""

        NONE = "", "—"
        BY_HAND = "by_hand", _("by hand")
        FAILING = "failing", _("nothing arrived for days")
        GONE = "gone", _("it answered 410 Gone")

    ref = models.CharField(_("reference"), max_length=40, unique=True)
    url = models.CharField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=120, blank=True)
    events = models.JSONField(_("events"), default=list)
    secret = models.TextField(editable=False)
    former_secret = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    reason = models.CharField(_("reason"), max_length=8, choices=Reason, blank=True, default="")
    at_once = models.PositiveSmallIntegerField(_("calls at once"), default=2)
    opened_at = models.DateTimeField(_("opened at"))
    last_success_at = models.DateTimeField(_("last success"), null=True, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        """The newest first."""

        verbose_name = _("endpoint")
        verbose_name_plural = _("webhooks")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.description or self.url


class HookMessage(models.Model):
    """What is told of a journal line: one event, a page of its rows; endpoints get the same words under one id."""

    ref = models.CharField(_("message"), max_length=40, unique=True)
    event = models.CharField(_("event"), max_length=60)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="+")
    part = models.PositiveIntegerField(_("part"))
    body = models.TextField(_("body"))
    made_at = models.DateTimeField(_("made at"), db_index=True)

    class Meta:
        """A page of a line is told once."""

        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [models.UniqueConstraint(fields=["entry", "event", "part"], name="hook_message_once")]

    def __str__(self) -> str:
        return self.ref


class Delivery(models.Model):
    """A message on its way to an endpoint.

    `due_at`: when it is due, and while it is claimed, when the claim ends. `begun_at`: since when it is tried.
    """

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("under way")
        DELIVERED = "delivered", _("delivered")
        DEAD = "dead", _("given up")

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries", verbose_name=_("endpoint"))
    message = models.ForeignKey(HookMessage, models.PROTECT, related_name="deliveries", verbose_name=_("message"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    begun_at = models.DateTimeField(_("begun at"))
    due_at = models.DateTimeField(_("due at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        """A message goes to an endpoint once; what is due is found by endpoint."""

        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["endpoint", "message"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at", "id"], condition=Q(state__in=("waiting", "claimed")), name="delivery_due"
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} → {self.endpoint_id}"


class Attempt(models.Model):
    """One call of an endpoint: what it answered, or why it could not be asked."""

    append_only = True
    erasable = (
        "answer",
        "error",
    )
    withdrawable = True

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="calls", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    error = models.CharField(max_length=20, blank=True)
    millis = models.PositiveIntegerField()

    class Meta:
        """An attempt is recorded once."""

        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once")]

    def __str__(self) -> str:
        return f"{self.status or self.error}"
