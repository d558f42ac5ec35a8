"""A member's consents on one page: how each stands, links to her own page, a copy of her data, her erasure."""

from typing import Any, cast

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members import dossiers
from members.actions import consents, links, persons
from members.models import Consent, ConsentLink, GuardianConsent, Member, PersonFile, PersonRequest, Source, Touch
from members.queries import families
from members.queries.consents import guardian_of, is_under_14, matrix_of
from newretail.kernel import clock, scopes
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused

SHOWN = 20
REASONS = (
    ("request", _("she asked for it")), ("authority", _("an authority asked for it")),
    ("account_closed", _("her account was closed")),
)  # fmt: skip


class Wishes:
    """The pages of a member's consents, beside those of the list of members (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give their addresses."""
        return [
            self.admin.own_path("<path:object_id>/consents/", self.page_view, "consents"),
            self.admin.own_path("<path:object_id>/consents/change/", self.change_view, "consents_change"),
            self.admin.own_path("<path:object_id>/person/", self.person_view, "person"),
        ]

    def page(self, request: HttpRequest, row: Member, *, status: int = 200, **more: Any) -> HttpResponse:
        """Draw a member's consents, with what this person may do there."""
        at, ids = clock.now(), families.ids_of(row)
        may_work, by = scopes.may(request.user, "persons", "change"), cast("User", request.user)
        rows, said = matrix_of(row, at=at), Consent.objects.filter(member__in=ids).select_related("text", "by")
        files = (
            PersonFile.objects.filter(member__in=ids, by=by, closed=False) if may_work else PersonFile.objects.none()
        )
        context = {
            **self.admin.admin_site.each_context(request),
            "opts": self.admin.opts,
            "original": row,
            "title": gettext("Consents of %(member)s") % {"member": eyes().called(row)},
            "touching": [each for each in rows if len(each.cells) > 1],
            "using": [each.cells[0] for each in rows if len(each.cells) == 1],
            "channels": [cell.channel_word for cell in rows[0].cells],
            "history": said.order_by("-stated_at", "-pk")[:SHOWN],
            "touches": Touch.objects.filter(member__in=ids).order_by("-planned_for", "-pk")[:SHOWN],
            "young": is_under_14(row, clock.business_day(at)),
            "guardian": guardian_of(row),
            "relations": GuardianConsent.Relation.choices,
            "links": ConsentLink.objects.open(at).filter(member=row).count(),
            "may_change": scopes.may(request.user, "consents", "change") and not row.erased_at,
            "may_work": may_work,
            "file": files.first() if may_work else None,
            "asked": PersonRequest.objects.filter(member__in=ids, state="open") if may_work else [],
            "reasons": PersonFile.Reason.choices,
            "erase_reasons": REASONS,
            **more,
        }
        context["ready"] = bool(context["file"] and context["file"].ready(at))
        return TemplateResponse(request, "admin/members/member/consents.html", context, status=status)

    @scoped("consents")
    def page_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show how a member's consents stand, and what she said when."""
        return self.page(request, self.admin.found(request, object_id))

    @scoped("consents", "change")
    def change_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Issue or revoke links to her page; take down a guardian's word."""
        row = self.admin.found(request, object_id)
        back = redirect("admin:members_member_consents", row.pk)
        if request.method != "POST":
            return back
        at, by, wish = clock.now(), cast("User", request.user), request.POST.get("do", "")
        try:
            if wish == "issue":
                token = links.issue(member=row, at=at, by=by)
                url = request.build_absolute_uri(reverse("own_page", args=[token]))
                return self.page(request, row, link=url)
            if wish == "revoke":
                count = links.revoke(member=row, at=at, by=by)
                messages.success(request, gettext("Links revoked: %(count)s") % {"count": count})
            if wish in ("guarded", "unguarded"):
                self._guard(request, row, given=wish == "guarded")
        except Refused as refusal:
            return self.page(request, row, status=422, refusal=str(refusal))
        return back

    def _guard(self, request: HttpRequest, row: Member, *, given: bool) -> None:
        relation = request.POST.get("relation", "")
        if relation not in GuardianConsent.Relation.values:
            raise persons.NoReason
        consents.guard(
            member=row, given=given, relation=relation, proof=request.POST.get("proof", "").strip(), source=Source.HQ,
            at=clock.now(), by=cast("User", request.user),
        )  # fmt: skip
        messages.success(request, gettext("The guardian's word is kept."))

    @scoped("persons", "change")
    def person_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Have a copy of her data written, fetch it, erase her; erasing asks twice."""
        row = self.admin.found(request, object_id)
        if request.method != "POST":
            return redirect("admin:members_member_consents", row.pk)
        try:
            return self._work(request, row)
        except Refused as refusal:
            return self.page(request, row, status=422, refusal=str(refusal))

    def _work(self, request: HttpRequest, row: Member) -> HttpResponseBase:
        at, by, wish = clock.now(), cast("User", request.user), request.POST.get("do", "")
        reason = request.POST.get("reason", "")
        if wish == "copy":
            persons.ask_file(member=row, reason=reason, at=at, by=by)
            messages.success(request, gettext("The copy is being written; look here again in a moment."))
        if wish == "fetch":
            return self._fetched(row, by)
        if wish == "erase":
            return self.page(request, row, erasing=reason)
        if wish == "erase_surely":
            if request.POST.get("member_no", "").strip() != row.member_no:
                return self.page(request, row, status=422, erasing=reason, mistyped=True)
            persons.erase(member=row, reason=reason, at=at, by=by)
            messages.success(request, gettext("The person is erased."))
        return redirect("admin:members_member_consents", row.pk)

    def _fetched(self, row: Member, by: User) -> HttpResponseBase:
        file = PersonFile.objects.filter(member__in=families.ids_of(row), by=by, closed=False).first()
        if file is None or not dossiers.path_of(file).exists():
            raise persons.NotToBeFetched
        persons.fetch_file(file=file, at=clock.now(), by=by)
        return FileResponse(dossiers.path_of(file).open("rb"), as_attachment=True, filename=f"{row.member_no}.zip")
