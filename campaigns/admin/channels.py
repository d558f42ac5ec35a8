"""How channels are connected, and the outbox of each: the last messages as their members read them."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from campaigns.actions import channels
from campaigns.channels.guide import limits as guides
from campaigns.models import ChannelSetup
from campaigns.queries import outbox
from members.models import TouchChannel
from members.models.consents import CHANNELS
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags.people import money
from newretail.kernel.verbadmin import Opening, VerbAdmin
from newretail.kernel.verbs import Refused

Carrier = ChannelSetup.Carrier
OF: dict[str, tuple[str, ...]] = {
    Carrier.EMAIL: ("host", "port", "sender", "name", "user", "security"), Carrier.GATEWAY: ("url",),
    Carrier.GUIDE: ("kept_days", "most_a_day"),
}  # fmt: skip
SHOWN_OF = {**OF, f"{Carrier.EMAIL} {Carrier.GATEWAY}": ("secret",)}
SHOWN = 50


class ConnectionForm(forms.Form):
    """By whom a channel is carried, and how that is reached."""

    channel = forms.ChoiceField(
        label=_("touch channel"), choices=[(each, TouchChannel(each).label) for each in CHANNELS]
    )
    carrier = forms.ChoiceField(label=_("carried by"), choices=Carrier)
    active = forms.BooleanField(label=_("sends"), required=False, initial=True)
    cost_cents = forms.IntegerField(
        label=_("cost of a message (cents)"), min_value=0, max_value=channels.DEAREST, initial=0
    )
    url = forms.CharField(
        label=_("address of the gateway"), required=False, max_length=300, help_text=_("gateway: https")
    )
    host = forms.CharField(label=_("mail server"), required=False, max_length=200, help_text=_("mail: its host name"))
    port = forms.IntegerField(label=_("port"), required=False, min_value=1, max_value=65_535)
    security = forms.ChoiceField(
        label=_("security"), required=False, choices=[("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("none"))]
    )
    sender = forms.EmailField(label=_("sender's address"), required=False)
    name = forms.CharField(label=_("sender's name"), required=False, max_length=60)
    user = forms.CharField(label=_("user at the server"), required=False, max_length=200)
    kept_days = forms.IntegerField(
        label=_("days to do a task"), required=False, min_value=1, max_value=guides.MOST_DAYS,
        help_text=_("guide: 3 unless said otherwise"),
    )  # fmt: skip
    most_a_day = forms.IntegerField(
        label=_("tasks of plans a day"), required=False, min_value=1, max_value=guides.MOST_A_DAY,
        help_text=_("guide: each is given 20 at most unless said otherwise"),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("password or secret"), required=False, max_length=200, help_text=_("left empty, the one kept stays"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for carrier, names in SHOWN_OF.items():
            for name in names:
                self.fields[name].widget.attrs["data-of"] = f"carrier: {carrier}"

    def terms(self) -> dict[str, Any]:
        """Give the terms of the chosen carrier alone."""
        names = OF.get(self.cleaned_data["carrier"], ())
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}


@admin.register(ChannelSetup)
class ChannelSetupAdmin(VerbAdmin):
    """Connections by channel."""

    resource = "channels"
    key = ("channel",)
    says_when_empty = _("No channel is connected yet: what is planned waits. Begin with the sandbox.")
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Connect a channel"), "admin:campaigns_channelsetup_keep"),)
    list_display = ("channel", "carrier", "cost_shown", "active_shown", "ways")
    list_display_links = None
    fields = readonly_fields = ("channel", "carrier", "cost_shown")

    @display(description=_("cost of a message"))
    def cost_shown(self, row: ChannelSetup) -> str:
        """Say what a message costs."""
        return money(row.cost_cents)

    @display(description=pgettext_lazy("channel", "sends"), boolean=True)
    def active_shown(self, row: ChannelSetup) -> bool:
        """Tell whether it sends."""
        return row.active

    @display(description="")
    def ways(self, row: ChannelSetup) -> str:
        """Lead to the outbox and to the form."""
        return format_html(
            '<a class="hq-link" href="{}">{}</a> · <a class="hq-link" href="{}?channel={}">{}</a>',
            reverse("admin:campaigns_channelsetup_outbox", args=[row.pk]), _("Outbox"),
            reverse("admin:campaigns_channelsetup_keep"), row.channel, _("Change"),
        )  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """Add the form and the outbox."""
        return [
            self.own_path("keep/", self.keep_view, "keep"),
            self.own_path("<int:pk>/outbox/", self.outbox_view, "outbox"), *super().get_urls(),
        ]  # fmt: skip

    @scoped("channels", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Connect a channel, or change its connection; the secret of a new gateway is shown once."""
        asked = request.GET.get("channel", "").replace("\0", "")
        kept = self.get_queryset(request).filter(channel=asked).first()
        held = {"channel": kept.channel, "carrier": kept.carrier, "active": kept.active} if kept else {}
        initial = {**kept.terms, **held, "cost_cents": kept.cost_cents} if kept else None
        form = ConnectionForm(request.POST or None, initial=initial)
        secret = ""
        if form.is_bound and form.is_valid():
            try:
                secret = self._connect(request, form)
                if not secret:
                    return redirect("admin:campaigns_channelsetup_changelist")
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "kept": kept,
                   "secret": secret, "title": _now("Connect a channel")}  # fmt: skip
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/campaigns/channelsetup/keep.html", context, status=status)

    def _connect(self, request: HttpRequest, form: ConnectionForm) -> str:
        """Connect a channel; give the secret that a gateway was given just now."""
        given = {name: form.cleaned_data[name] for name in ("channel", "carrier", "secret", "cost_cents", "active")}
        known = self.get_queryset(request).filter(channel=given["channel"], carrier=Carrier.GATEWAY).exists()
        setup = channels.connect(**given, terms=form.terms(), at=clock.now(), by=cast("User", request.user))
        new = setup.carrier == Carrier.GATEWAY and not known and not given["secret"]
        return channels.secret_of(setup) if new else ""

    @scoped("channels")
    def outbox_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the last messages of a channel as their members read them."""
        setup = self.found(request, pk)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "setup": setup,
            "title": _now("Outbox: %(channel)s") % {"channel": setup.get_channel_display()},
            "messages_out": [
                (each, eyes().called(each.touch.member)) for each in outbox.latest(setup.channel, SHOWN)
            ],
        }  # fmt: skip
        return TemplateResponse(request, "admin/campaigns/channelsetup/outbox.html", context)
