"""The keys by which other systems come in: list, issue (the text is shown once), renew, revoke."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import clock, numbers, scopes
from newretail.kernel.actions import keys
from newretail.kernel.doors import scoped
from newretail.kernel.models import ApiKey, User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Opening, Pick, VerbAdmin
from newretail.kernel.verbs import Refused
from stores.actions import posts
from stores.models import Post, Store

GRACE_DAYS = 7
TONES = {"open": "success", "ending": "warning", "ended": "info", "revoked": "danger"}
STATES = {"open": _("in force"), "ending": _("ends soon"), "ended": _("run out"), "revoked": _("revoked")}


def state_of(key: ApiKey, at: datetime) -> str:
    """Name where a key stands."""
    if key.revoked_at:
        return "revoked"
    if key.expires_at is None:
        return "open"
    return "ended" if key.expires_at <= at else "ending"


def right_in_words(right: str) -> str:
    """Say a right: "orders: see"."""
    resource, _colon, action = right.partition(":")
    words = {str(name): word for name, word in scopes.RESOURCE_WORDS.items()}
    deeds = {str(name): word for name, word in scopes.ACTION_WORDS.items()}
    return f"{words.get(resource, resource)} · {deeds.get(action, action)}"


def places_of(key: ApiKey) -> str:
    """Say how far the key's system reaches."""
    held = [post for post in key.account.posts.all() if post.role == Post.Role.INTEGRATOR and post.until is None]
    if not held:
        return numbers.DASH
    return "、".join(str(post.store) if post.store else gettext("the whole brand") for post in held)


class KeyForm(forms.Form):
    """A key for another system: which one, where, what it may, how fast, until when."""

    system = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]{1,39}\Z", label=_("system"), max_length=40,
        help_text=_("Its name here, such as pos or mall: Latin letters, digits, dots and dashes."),
    )  # fmt: skip
    store = forms.ModelChoiceField(
        Store.objects.none(), label=_("confined to"), required=False, empty_label=_("the whole brand"),
        to_field_name="code",
    )  # fmt: skip
    rights = forms.MultipleChoiceField(label=_("rights"), widget=forms.CheckboxSelectMultiple)
    per_minute = forms.IntegerField(
        label=_("requests a minute"), min_value=1, max_value=keys.MOST_PER_MINUTE, initial=keys.USUAL_PER_MINUTE
    )
    last_day = forms.DateField(
        label=_("last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty, it holds until somebody revokes it."),
    )  # fmt: skip

    def __init__(self, *args: Any, by: Any, today: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = Store.objects.visible_to(by).order_by("code")  # type: ignore[attr-defined]
        choices = [(right, right_in_words(right)) for right in keys.on_offer()]
        self.fields["rights"].choices = choices  # type: ignore[attr-defined]
        self.fields["rights"].initial = keys.usual()
        self.fields["last_day"].widget.attrs["min"] = today.isoformat()
        self.today = today

    def clean_last_day(self) -> Any:
        """Refuse a day that is over."""
        day = self.cleaned_data["last_day"]
        if day and day < self.today:
            raise forms.ValidationError(_("This day is over."))
        return day


class SystemPick(Pick):
    """By system."""

    title, parameter_name, field = _("system"), "system", "account_id"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the systems that have keys."""
        return [
            (str(pk), name)
            for pk, name in User.objects.filter(api_keys__isnull=False).distinct().values_list("pk", "username")
        ]


@admin.register(ApiKey)
class ApiKeyAdmin(VerbAdmin):
    """Keys, the newest first; what opens a door is shown once and is not here."""

    resource = "keys"
    key = ("-id",)
    says_when_empty = _("No other system comes in yet. Issue a key, and hand its text to the integrator.")
    list_select_related = ("account",)
    list_filter = (SystemPick,)
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(_("API reference"), "api:reference", "view", "menu_book"),
        Opening(_("Issue a key"), "admin:kernel_apikey_issue"),
    )
    list_display = ("begins", "system", "place", "state_shown", "rights_shown", "speed", "issued", "used", "ends")
    search_fields = ("prefix__startswith", "account__username__startswith")
    search_help_text = _("Name of the system, or how the key begins after nr_")
    export_columns: ClassVar[tuple[Column, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch where the systems stand with the keys."""
        return super().get_queryset(request).prefetch_related("account__posts__store")

    @display(description=_("begins with"))
    def begins(self, row: ApiKey) -> str:
        """Show how it begins."""
        return f"nr_{row.prefix}…"

    @display(description=_("system"))
    def system(self, row: ApiKey) -> str:
        """Name the system."""
        return row.account.username

    @display(description=_("reaches"))
    def place(self, row: ApiKey) -> str:
        """Say how far it reaches."""
        return places_of(row)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: ApiKey) -> tuple[str, Any]:
        """Show the state as a badge."""
        state = state_of(row, clock.now())
        return state, STATES[state]

    @display(description=_("rights"))
    def rights_shown(self, row: ApiKey) -> str:
        """Count its rights; its page names them."""
        return numbers.grouped(len(row.rights))

    @display(description=_("requests a minute"))
    def speed(self, row: ApiKey) -> str:
        """Say how fast it may ask."""
        return numbers.grouped(row.per_minute)

    @display(description=_("issued at"))
    def issued(self, row: ApiKey) -> str:
        """Say when it was issued."""
        return people.moment(row.issued_at)

    @display(description=_("last used at"))
    def used(self, row: ApiKey) -> str:
        """Say when it was last used."""
        return people.moment(row.last_used_at) if row.last_used_at else gettext("never")

    @display(description=_("expires at"))
    def ends(self, row: ApiKey) -> str:
        """Say when it ends."""
        ended = row.revoked_at or row.expires_at
        return people.moment(ended) if ended else numbers.DASH

    def get_urls(self) -> list[URLPattern]:
        """Add issuing, renewing and revoking."""
        own = [
            self.own_path("issue/", self.issue_view, "issue"),
            self.own_path("<int:pk>/renew/", self.renew_view, "renew"),
            self.own_path("<int:pk>/revoke/", self.revoke_view, "revoke"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a key, what it may, and what can be done to it."""
        row = self.found(request, object_id)
        state = state_of(row, clock.now())
        return self._page(request, "page", row, {
            "title": f"{row.account.username} · nr_{row.prefix}…", "state": STATES[state], "tone": TONES[state],
            "place": places_of(row), "rights": [right_in_words(right) for right in row.rights],
            "speed": self.speed(row), "issued": self.issued(row), "used": self.used(row), "ends": self.ends(row),
            "may_change": state in ("open", "ending") and self.may(request, "change"), "grace": GRACE_DAYS,
        })  # fmt: skip

    def _page(self, request: HttpRequest, name: str, row: ApiKey | None, more: dict[str, Any]) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "original": row, **more}
        answer = TemplateResponse(request, f"admin/kernel/apikey/{name}.html", context)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _shown_once(self, request: HttpRequest, issued: keys.Issued) -> HttpResponse:
        title = gettext("Key for %(system)s") % {"system": issued.key.account.username}
        return self._page(request, "issued", issued.key, {"title": title, "text": issued.text})

    @scoped("keys", "change")
    def issue_view(self, request: HttpRequest) -> HttpResponseBase:
        """Issue a key; a system that is not known gets its account with it."""
        at = clock.now()
        form = KeyForm(request.POST or None, by=request.user, today=clock.business_day(at))
        if request.method == "POST" and form.is_valid():
            try:
                return self._shown_once(request, self._issue(request, form.cleaned_data, at))
            except Refused as refusal:
                form.add_error(None, str(refusal))
        page = self._page(request, "issue", None, {"title": gettext("Issue a key"), "form": form})
        page.status_code = 400 if form.errors else 200
        return page

    def _issue(self, request: HttpRequest, given: dict[str, Any], at: datetime) -> keys.Issued:
        by, day = cast("User", request.user), given["last_day"]
        ends = datetime.combine(day + timedelta(days=1), time(), clock.brand_zone()).astimezone(UTC) if day else None
        account = posts.admit_system(name=given["system"], store=given["store"], at=at, by=by)
        return keys.issue(
            account=account, rights=given["rights"], per_minute=given["per_minute"], expires_at=ends, at=at, by=by
        )  # fmt: skip

    @scoped("keys", "change")
    def renew_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Issue a successor; the key itself goes on for a few days."""
        row = self.found(request, pk)
        if request.method == "POST":
            try:
                by = cast("User", request.user)
                issued = keys.renew(key=row, grace=timedelta(days=GRACE_DAYS), at=clock.now(), by=by)
                return self._shown_once(request, issued)
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:kernel_apikey_change", pk)

    @scoped("keys", "change")
    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """End a key at once."""
        row = self.found(request, pk)
        if request.method == "POST":
            try:
                keys.revoke(key=row, at=clock.now(), by=cast("User", request.user))
                messages.success(request, gettext("The key is revoked: its next request is refused."))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:kernel_apikey_change", pk)
