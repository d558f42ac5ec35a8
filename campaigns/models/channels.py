"""By what and whom touches of a channel go out: the sandbox, a mail server, a gateway, her guide."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import TouchChannel
from members.models.consents import CHANNELS

LONGEST_TERM = 300


class ChannelSetup(models.Model):
    """How a channel is connected; without one its touches stay planned. Its secret is kept encrypted."""

    class Carrier(models.TextChoices):
        """Who carries it."""

        SANDBOX = "sandbox", pgettext_lazy("channel", "sandbox: nothing leaves the house")
        EMAIL = "email", pgettext_lazy("channel", "mail server (SMTP)")
        GATEWAY = "gateway", pgettext_lazy("channel", "signed HTTP gateway")
        GUIDE = "guide", pgettext_lazy("channel", "her guide, by a task")

    channel = models.CharField(_("touch channel"), max_length=12, choices=TouchChannel, unique=True)
    carrier = models.CharField(_("carried by"), max_length=8, choices=Carrier)
    terms = models.JSONField(_("terms"), default=dict)
    secret = models.TextField(blank=True, default="", editable=False)
    cost_cents = models.PositiveIntegerField(_("cost of a message"), default=0)
    active = models.BooleanField(_("active"), default=True)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A channel is connected once; mail goes by e-mail alone."""

        verbose_name = _("channel connection")
        verbose_name_plural = _("channel connections")
        ordering = ["channel"]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=CHANNELS) & (~Q(carrier="email") | Q(channel="email")),
                name="channelsetup_mail_by_mail",
            )
        ]

    def __str__(self) -> str:
        return self.get_channel_display()
