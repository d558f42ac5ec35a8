"""A tag put on, or taken off, many members of a list at once."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from members.actions import tags
from members.actions.tags import TagElsewhere, Tagged, Word
from members.admin.listed import Deed, Wish
from members.models import Member, MemberTag, Tag
from newretail.kernel import clock, scopes, sql
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in


class TagGone(Refused):
    """It is not hers to choose any more."""

    code = "tag_gone"
    sentence = gettext_noop("The tag %(tag)s is no longer there to be chosen.")


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


class Tagging(Deed):
    """Put a tag on the members of a list, or take it off."""

    name, job, resource = "tag", "tag_members", "member_tags"
    title, form = gettext_lazy("Tag these members"), TagForm
    done = gettext_noop("%(changed)s members changed, %(unchanged)s were so before, %(out_of_reach)s are out of reach.")

    @scoped("member_tags", "change")
    def view(self, request: HttpRequest) -> HttpResponse:
        """Show whom the filters in force leave, and tag them."""
        return self.page(request)

    def wish(self, given: dict[str, Any]) -> Wish:
        """Name the tag, and say until when and why."""
        until = given["until"]
        return {"tag": given["tag"].name, "deed": given["deed"], "reason": given["reason"],
                "until": until.isoformat() if until else None}  # fmt: skip

    def do(self, wish: Wish, by: User) -> dict[str, int]:
        """Tag the members of `tmp_listed` who are within reach of the tag and of whoever tags."""
        tag = offered(by).filter(name=wish["tag"]).first()
        if tag is None:
            raise TagGone(tag=wish["tag"])
        verb = tags.put_on if wish["deed"] == "put_on" else tags.take_off
        until = date.fromisoformat(wish["until"]) if wish["until"] else None
        within = store_ids_in(sight_of(by, "member_tags", "change"))
        word = Word(reason=wish["reason"], expires_on=until, within=within)
        try:
            told = verb(tag=tag, members="tmp_listed", at=clock.now(), by=by, word=word)
        except TagElsewhere:
            told = Tagged(0, 0, sql.count("tmp_listed"))
        return {"changed": told.changed, "unchanged": told.unchanged, "out_of_reach": told.out}

    def judge(self, told: dict[str, int]) -> None:
        """Refuse a tag that reaches none of them.

        Refuses: TagElsewhere.
        """
        if told["out_of_reach"] and not told["changed"] + told["unchanged"]:
            raise TagElsewhere
