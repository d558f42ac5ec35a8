"""Lists about consent: the ledger, the wordings, and what members ask for."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.actions import consents, persons
from members.models import Consent, ConsentText, PersonRequest, Purpose, TouchChannel
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, Opening, VerbAdmin
from newretail.kernel.verbs import Refused

STATES = {"open": "warning", "done": "success", "refused": "default"}


class ChannelPick(ChoicePick):
    """By channel."""

    title, parameter_name, field, offered = _("touch channel"), "channel", "channel", TouchChannel


class PurposePick(ChoicePick):
    """By purpose."""

    title, parameter_name, field, offered = _("purpose"), "purpose", "purpose", Purpose


class StatedSpan(DaySpan):
    """By the day she said it."""

    title, parameter, field = _("stated at"), "stated", "stated_at"


class OfMembers(VerbAdmin):
    """A list whose rows are of members."""

    list_select_related: Any = ("member",)
    search_fields: Any = ("member__member_no",)
    search_help_text = _("Member no.")

    @display(description=_("member"))
    def whose(self, row: Any) -> str:
        """Name the member, with a way to her consents."""
        url = reverse("admin:members_member_consents", args=[row.member_id])
        return format_html('<a href="{}">{} {}</a>', url, eyes().called(row.member), row.member.member_no)


@admin.register(Consent)
class ConsentAdmin(OfMembers):
    """What members gave and withdrew, the newest row first."""

    resource = "consents"
    says_when_empty = _("No member has given or withdrawn a consent yet. It comes from her page, a file or a system.")
    list_select_related = ("member", "text", "by")
    list_filter = (ChannelPick, PurposePick, StatedSpan)
    list_display = ("moment", "whose", "purpose", "channel", "given_shown", "version", "source", "proof")
    fields = ("moment", "whose", "purpose", "channel", "decision", "version", "source", "proof", "by")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("stated at"), lambda row: people.moment(row.stated_at)),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("purpose"), lambda row: row.get_purpose_display()),
        Column(_("touch channel"), lambda row: row.get_channel_display()),
        Column(_("given"), lambda row: "1" if row.given else "0"),
        Column(_("consent text"), lambda row: row.text.version if row.text else ""),
        Column(_("source"), lambda row: row.get_source_display()),
        Column(_("proof"), lambda row: row.proof),
    )

    @display(description=_("stated at"))
    def moment(self, row: Consent) -> str:
        """Say when she said it."""
        return people.moment(row.stated_at)

    @display(description=_("decision"), label={"given": "success", "withdrawn": "danger"})
    def given_shown(self, row: Consent) -> tuple[str, str]:
        """Say what she decided."""
        return ("given", gettext("given")) if row.given else ("withdrawn", gettext("withdrawn"))

    @display(description=_("decision"))
    def decision(self, row: Consent) -> str:
        """Say it in a word."""
        return self.given_shown(row)[1]

    @display(description=_("consent text"))
    def version(self, row: Consent) -> str:
        """Name the version she was shown."""
        return str(row.text.version) if row.text else numbers.DASH


class TextForm(forms.Form):
    """A new version of a wording."""

    purpose = forms.ChoiceField(label=_("purpose"), choices=Purpose.choices)
    title_zh = forms.CharField(label=_("title in Chinese"), max_length=80)
    body_zh = forms.CharField(label=_("text in Chinese"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}))
    title_en = forms.CharField(label=_("title in English"), max_length=80)
    body_en = forms.CharField(label=_("text in English"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 5}))


@admin.register(ConsentText)
class ConsentTextAdmin(VerbAdmin):
    """Wordings by purpose, the newest version first."""

    resource = "consent_texts"
    says_when_empty = _("No wording is published yet; without one nothing can be consented to.")
    list_select_related = ("by",)
    list_filter = (PurposePick,)
    list_display = ("purpose", "version", "title_zh", "title_en", "moment", "by")
    fields = ("purpose", "version", "title_zh", "body_zh", "title_en", "body_en", "moment", "by")
    readonly_fields = fields
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Publish a wording"), "admin:members_consenttext_publish"),)

    @display(description=_("published at"))
    def moment(self, row: ConsentText) -> str:
        """Say since when it is shown."""
        return people.moment(row.published_at)

    def get_urls(self) -> list[URLPattern]:
        """Add the publishing of a new version."""
        return [self.own_path("publish/", self.publish_view, "publish"), *super().get_urls()]

    @scoped("consent_texts", "change")
    def publish_view(self, request: HttpRequest) -> HttpResponse:
        """Publish a new version of a wording."""
        form = TextForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                consents.publish(**form.cleaned_data, at=clock.now(), by=cast("User", request.user))
                messages.success(request, gettext("The wording is published; members see it from now on."))
                return redirect("admin:members_consenttext_changelist")
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form,
                   "title": gettext("Publish a wording")}  # fmt: skip
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/members/consenttext/publish.html", context, status=status)


class RequestStatePick(ChoicePick):
    """By state."""

    title, parameter_name, field, offered = _("state"), "state", "state", PersonRequest.State


class KindPick(ChoicePick):
    """By what she asks for."""

    title, parameter_name, field, offered = _("asks for"), "kind", "kind", PersonRequest.Kind


@admin.register(PersonRequest)
class PersonRequestAdmin(OfMembers):
    """What members ask for, the newest first."""

    resource = "persons"
    says_when_empty = _("No member has asked for her data or for deletion.")
    list_filter = (RequestStatePick, KindPick)
    list_display = ("asked_shown", "whose", "kind", "due_shown", "state_shown", "answer", "by")
    list_select_related = ("member", "by")

    @display(description=_("asked at"))
    def asked_shown(self, row: PersonRequest) -> str:
        """Say when she asked."""
        return people.moment(row.asked_at)

    @display(description=_("due on"))
    def due_shown(self, row: PersonRequest) -> str:
        """Say until when she is answered, and whether that is over."""
        late = row.state == "open" and row.due_on < clock.business_day(clock.now())
        return format_html('<span class="hq-bad">{} {}</span>', row.due_on, _("overdue")) if late else str(row.due_on)

    @display(description=_("state"), label=STATES)
    def state_shown(self, row: PersonRequest) -> tuple[str, str]:
        """Show how it stands as a badge."""
        return row.state, row.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the refusal of a request."""
        return [self.own_path("<int:pk>/refuse/", self.refuse_view, "refuse"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one request, and the ways to answer it."""
        return self.page(request, self.found(request, object_id))

    def page(self, request: HttpRequest, row: PersonRequest, *, status: int = 200, **more: Any) -> HttpResponse:
        """Draw one request."""
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": row,
            "title": row.get_kind_display(), "called": eyes().called(row.member),
            "may_change": self.may(request, "change") and row.state == "open", **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/personrequest/page.html", context, status=status)

    @scoped("persons", "change")
    def refuse_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Refuse a request, with the reason she is told."""
        row = self.found(request, pk)
        if request.method != "POST":
            return redirect("admin:members_personrequest_change", row.pk)
        try:
            answer = request.POST.get("answer", "")
            persons.refuse(asked=row, answer=answer, at=clock.now(), by=cast("User", request.user))
        except Refused as refusal:
            return self.page(request, row, status=422, refusal=str(refusal))
        messages.success(request, gettext("The request is answered."))
        return redirect("admin:members_personrequest_changelist")
