"""Webhooks: the endpoints that are told of events, how they stand, what went to them, and what can be done."""

import json
from datetime import date, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.validators import MinValueValidator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import clock, numbers
from newretail.kernel.actions import deliveries, endpoints
from newretail.kernel.admin.deeds import Deed, DeedAdmin
from newretail.kernel.models import Attempt, Delivery, Endpoint, User
from newretail.kernel.registry import TABLES
from newretail.kernel.scopes import Action
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Opening

SHOWN = 30
GRACE = timedelta(hours=24)
EARLIEST = date(2000, 1, 1)
TONES = {"active": "success", "disabled": "danger", "closed": "info"}
DELIVERY_TONES = {"waiting": "info", "claimed": "primary", "delivered": "success", "dead": "danger"}
ERRORS: dict[str, Any] = {
    "timeout": _("no answer in time"), "no_connection": _("nobody answers there"),
    "tls": _("its certificate is not good"),
    "broken_off": _("the connection broke off"), "no_http": _("the answer was no HTTP"),
    "not_public": _("it leads to no public address"), "no_such_host": _("there is no such host"),
    "bad_url": _("the address is none"), "bad_port": _("the port is not called"), "not_https": _("it is not https"),
    "fault": _("a fault of ours"),
}  # fmt: skip


def events_told() -> list[tuple[str, str]]:
    """List the events there are, with what each says."""
    told = {news.event: news.says for each in TABLES.news.values() for news in each}
    return [(event, f"{event} · {gettext(told[event])}") for event in sorted(told)]


class EndpointForm(forms.Form):
    """An address that shall be told, and of what."""

    url = forms.CharField(label=_("address"), max_length=500, widget=forms.URLInput())
    description = forms.CharField(label=_("description"), max_length=120, required=False)
    events = forms.MultipleChoiceField(
        label=_("events"), choices=events_told, required=False, widget=forms.CheckboxSelectMultiple(),
        help_text=_("None chosen: all of them."),
    )  # fmt: skip


class StatePick(ChoicePick):
    """By state."""

    title, parameter_name, field, offered = _("state"), "state", "state", Endpoint.State


def outcome(attempt: Any) -> str:
    """Say what became of a call."""
    if attempt.status is not None:
        return f"HTTP {attempt.status}"
    return str(ERRORS.get(attempt.error, attempt.error))


@admin.register(Endpoint)
class EndpointAdmin(DeedAdmin):
    """Endpoints, newest first."""

    resource, folder, row_form = "webhooks", "endpoint", EndpointForm
    key = ("-id",)
    offers: ClassVar[dict[str, Action]] = {**DeedAdmin.offers, "delivery": "view"}
    list_filter = (StatePick,)
    list_before_template = "admin/kernel/endpoint/before.html"
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Add an endpoint"), "admin:kernel_endpoint_new"),)
    change_list_template = "admin/kernel/jobrun/list.html"
    list_display = ("named", "state_shown", "events_shown", "waiting_shown", "arrived_shown", "success_shown")
    says_when_empty = _(
        "No other system is told of anything yet: add its address, and each event is sent there, signed."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count beside each how it stands."""
        return super().get_queryset(request).with_health()  # type: ignore[attr-defined]

    @display(description=_("endpoint"))
    def named(self, row: Endpoint) -> str:
        """Name it by its words and its address."""
        return format_html('<span class="hq-clip" title="{1}">{0}</span>', str(row), row.url)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Endpoint) -> tuple[str, str]:
        """Show the state as a badge, why it is disabled with it."""
        why = f" · {row.get_reason_display()}" if row.reason else ""
        return row.state, f"{row.get_state_display()}{why}"

    @display(description=_("events"))
    def events_shown(self, row: Endpoint) -> str:
        """Name what it hears."""
        return format_html('<span class="hq-clip" title="{0}">{0}</span>', ", ".join(row.events) or gettext("all"))

    @display(description=_("waiting"))
    def waiting_shown(self, row: Any) -> str:
        """Count what waits."""
        return numbers.grouped(row.waiting)

    @display(description=_("arrived of the latest 100"))
    def arrived_shown(self, row: Any) -> str:
        """Say how much of what was tried lately arrived."""
        return f"{row.arrived} / {row.tried}" if row.tried else numbers.DASH

    @display(description=_("last success"))
    def success_shown(self, row: Endpoint) -> str:
        """Say when something last arrived."""
        return people.moment(row.last_success_at)

    def get_urls(self) -> list[URLPattern]:
        """Add the page of one delivery."""
        return [self.own_path("<int:pk>/deliveries/<slug:ref>/", self.delivery_view, "delivery"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Warn of endpoints at which nothing has arrived for long."""
        rows = Endpoint.objects.visible_to(request.user)
        failing = rows.filter(state=Endpoint.State.ACTIVE, warned_at__isnull=False)
        return super().changelist_view(request, {"failing": list(failing), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one with what went to it."""
        row = self.found(request, object_id)
        return self._shown(request, row)

    def _shown(self, request: HttpRequest, row: Any, secret: str = "") -> HttpResponse:
        calls = Prefetch("calls", Attempt.objects.order_by("-number"), to_attr="told")
        rows = Delivery.objects.filter(endpoint=row).select_related("message").prefetch_related(calls)
        shown = [
            {"row": each, "tone": DELIVERY_TONES[each.state], "last": outcome(told[0]) if told else "",
             "millis": told[0].millis if told else None}
            for each in rows.order_by("-id")[:SHOWN] for told in (each.told,)
        ]  # fmt: skip
        return self.page(
            request, "page", row, title=str(row), tone=TONES[row.state], shown=shown, secret=secret,
            today=clock.business_day(clock.now()), last_day=clock.business_day(clock.now() - timedelta(days=7)),
        )  # fmt: skip

    def delivery_view(self, request: HttpRequest, pk: int, ref: str) -> HttpResponseBase:
        """Show one delivery: the body as it goes out, each call and its answer."""
        endpoint = self.found(request, pk)
        rows = Delivery.objects.select_related("message").filter(endpoint=endpoint, message__ref=ref)
        row = rows.first()
        if row is None:
            raise Http404
        calls = [{"row": each, "said": outcome(each)} for each in row.calls.order_by("-number")]
        body = json.dumps(json.loads(row.message.body), ensure_ascii=False, indent=2)
        return self.page(
            request, "delivery", endpoint, title=row.message.ref, delivery=row, calls=calls, body=body,
            tone=DELIVERY_TONES[row.state],
        )  # fmt: skip

    def initial(self, row: Any) -> dict[str, Any]:
        """Fill the form in."""
        return {"url": row.url, "description": row.description, "events": row.events} if row else {"url": "https://"}

    def keep(self, request: HttpRequest, row: Any, given: dict[str, Any]) -> HttpResponseBase | str:
        """Add one, and show its secret; or change it."""
        at, by = clock.now(), cast("User", request.user)
        if row is None:
            added = endpoints.add(**given, at=at, by=by)
            return self._shown(request, added.endpoint, added.secret)
        endpoints.change(endpoint=row, **given, at=at, by=by)
        return gettext("The endpoint is changed.")

    def deeds(self) -> dict[str, Deed]:
        """Name what can be done."""
        return {
            "test": self._test, "secret": self._rotate, "disable": self._disable, "enable": self._enable,
            "close": self._close, "replay": self._replay, "again": self._again,
        }  # fmt: skip

    def _test(self, request: HttpRequest, row: Endpoint) -> str:
        endpoints.ping(endpoint=row, at=clock.now(), by=cast("User", request.user))
        return gettext("A ping is on its way; its delivery stands below.")

    def _rotate(self, request: HttpRequest, row: Endpoint) -> HttpResponseBase:
        renewed = endpoints.rotate(endpoint=row, grace=GRACE, at=clock.now(), by=cast("User", request.user))
        return self._shown(request, renewed.endpoint, renewed.secret)

    def _disable(self, request: HttpRequest, row: Endpoint) -> str:
        endpoints.disable(endpoint=row, at=clock.now(), by=cast("User", request.user))
        return gettext("The endpoint is disabled; what is told meanwhile waits for it.")

    def _enable(self, request: HttpRequest, row: Endpoint) -> str:
        endpoints.enable(endpoint=row, at=clock.now(), by=cast("User", request.user))
        return gettext("The endpoint is called again, with what waited for it.")

    def _close(self, request: HttpRequest, row: Endpoint) -> HttpResponseBase:
        endpoints.close(endpoint=row, at=clock.now(), by=cast("User", request.user))
        return redirect(self.page_at("changelist"))

    def _replay(self, request: HttpRequest, row: Endpoint) -> str:
        since = forms.DateField(validators=[MinValueValidator(EARLIEST)]).clean(request.POST.get("since") or None)
        count = deliveries.replay(
            endpoint=row, since=clock.day_start(since), at=clock.now(), by=cast("User", request.user)
        )  # fmt: skip
        return gettext("%(n)s deliveries are sent again.") % {"n": count}

    def _again(self, request: HttpRequest, row: Endpoint) -> str:
        refs = [request.POST.get("ref", "")]
        count = deliveries.replay(endpoint=row, refs=refs, at=clock.now(), by=cast("User", request.user))
        return gettext("%(n)s deliveries are sent again.") % {"n": count}
