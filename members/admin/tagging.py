"""A tag put on, or taken off, all members of a list as it is filtered."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from members.actions import tags
from members.actions.tags import Tagged, Word
from members.models import Member, MemberTag, Tag
from newretail.kernel import clock, scopes, sql
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbadmin.paging import capped_count
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in

MOST = 20_000
# Whoever was merged is tagged where she lives on.
LISTED = """
SELECT DISTINCT coalesce(m.merged_into_id, m.id) AS member_id FROM members_member m WHERE m.id = ANY(%(ids)s)
"""


class TooMany(Refused):
    """The list is longer than what is tagged by hand."""

    code = "too_many_members"
    sentence = gettext_noop("A list of more than %(most)s members is tagged by a rule; narrow this one.")


def offered(by: User) -> QuerySet[Tag]:
    """Give the tags a person may choose: all she sees, else those of her places and her members."""
    rows = Tag.objects.visible_to(by)
    if scopes.may(by, "tags", "view"):
        return rows
    carried = MemberTag.objects.filter(tag=OuterRef("pk"), member__in=Member.objects.visible_to(by))
    return rows.filter(Exists(carried) | Q(store__isnull=False) | Q(region__isnull=False))


class TagForm(forms.Form):
    """Which tag, on or off, until when."""

    tag = forms.ModelChoiceField(Tag.objects.none(), label=gettext_lazy("tag"))
    deed = forms.ChoiceField(
        label=gettext_lazy("what to do"),
        choices=(("put_on", gettext_lazy("Put on")), ("take_off", gettext_lazy("Take off"))),
    )
    until = forms.DateField(
        label=gettext_lazy("until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("The first day on which it holds no longer; empty: as long as the tag says."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=60, required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].queryset = offered(by).order_by("name")  # type: ignore[attr-defined]

    def clean_until(self) -> Any:
        """Refuse a day that has begun."""
        until = self.cleaned_data["until"]
        if until and until <= clock.business_day(clock.now()):
            raise forms.ValidationError(_("This day has begun; choose a later one."))
        return until


class Tagging:
    """The page on which the members of a list are tagged, beside the list (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give its address."""
        return [self.admin.own_path("tag/", self.tag_view, "tag")]

    @scoped("member_tags", "change")
    def tag_view(self, request: HttpRequest) -> HttpResponse:
        """Show whom the filters in force leave, and tag them."""
        by = cast("User", request.user)
        listed = self.admin.get_changelist_instance(request)
        count = capped_count(listed.queryset, MOST)
        form = TagForm(request.POST or None, by=by)
        if form.is_valid():
            try:
                done = self._tag(listed.queryset, count, form.cleaned_data, by)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                said = _("%(changed)s members changed, %(unchanged)s were so before, %(out)s are out of reach.")
                messages.success(request, said % vars(done))
                return redirect(f"../?{request.GET.urlencode()}")
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "title": _("Tag these members"),
            "form": form, "count": count, "too_many": count > MOST, "most": MOST,
        }  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/members/member/tag.html", context, status=status)

    def _tag(self, rows: Any, count: int, given: dict[str, Any], by: User) -> Tagged:
        if count > MOST:
            raise TooMany(most=MOST)
        verb = tags.put_on if given["deed"] == "put_on" else tags.take_off
        within = store_ids_in(sight_of(by, "member_tags", "change"))
        word = Word(reason=given["reason"], expires_on=given["until"], within=within)
        with transaction.atomic():
            sql.temporary("tmp_listed", LISTED, {"ids": list(rows.values_list("pk", flat=True))})
            return verb(tag=given["tag"], members="tmp_listed", at=clock.now(), by=by, word=word)
