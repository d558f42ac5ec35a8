"""Levels and tags: lists, a form for each, and files on import-export's screens."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from members.actions import levels, tags
from members.admin.rules import RuleAdmin
from members.importers import LEVELS, TAGS
from members.models import Level, Tag
from newretail.kernel import numbers
from newretail.kernel.scopes import Action
from newretail.kernel.verbadmin import ChoicePick, Column
from newretail.kernel.verbadmin.editing import RowAdmin, RowForm
from newretail.kernel.verbadmin.tables import TableAdmin

OFFERS: dict[str, Action] = {"add": "change", "import": "change"}


class LevelForm(RowForm):
    """A step of the membership."""

    sheet = LEVELS
    record = staticmethod(levels.record)

    class Meta:
        """What each field means."""

        model = Level
        fields = ("code", "name", "rank")
        help_texts = {"rank": _("The higher, the better the level; each rank stands once.")}


@admin.register(Level)
class LevelAdmin(TableAdmin, RowAdmin):
    """Levels by rank, the highest first."""

    resource, kind, form, offers = "levels", "levels", LevelForm, OFFERS
    line = ("members.level.recorded",)
    key = ("-rank",)
    fields = LevelForm.Meta.fields
    list_display = ("name", "code", "rank")
    search_fields = ("code__startswith", "name__startswith")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column("code", lambda row: row.code),
        Column("name", lambda row: row.name),
        Column("rank", lambda row: row.rank),
    )


class FamilyPick(ChoicePick):
    """By family."""

    title, parameter_name, field, offered = _("family of tags"), "family", "family", Tag.Family


class TagForm(RowForm):
    """A tag; its owner is named by the staff number, as in files."""

    sheet = TAGS
    record = staticmethod(tags.record)
    owner_no = forms.CharField(
        label=_("owner (staff no.)"), required=False, max_length=40, widget=UnfoldAdminTextInputWidget,
        help_text=_("Who answers for it."),
    )  # fmt: skip
    region_name = forms.CharField(
        label=_("region's own"), required=False, max_length=60, widget=UnfoldAdminTextInputWidget,
        help_text=_("Name of the region; empty: the whole brand's."),
    )  # fmt: skip
    store_code = forms.CharField(
        label=_("store's own"), required=False, max_length=40, widget=UnfoldAdminTextInputWidget,
        help_text=_("Code of the store; empty: the whole brand's."),
    )  # fmt: skip

    class Meta:
        """What each field means."""

        model = Tag
        fields = ("name", "family", "colour", "expires_days")
        help_texts = {
            "expires_days": _("Days after which it no longer says anything of a member; empty: it holds for good."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("owner_no", "region_name", "store_code"):
            self.fields[name].initial = getattr(self.instance, name)

    def row(self) -> dict[str, object]:
        """Write an emptied span of days as none."""
        owner = self.cleaned_data["owner_no"] or None
        return {
            "name": self.instance.name, "family": self.instance.family, "owner_no": owner,
            "expires_days": self.instance.expires_days or 0, "colour": self.instance.colour or "-",
            "region": self.cleaned_data["region_name"] or "-", "store_code": self.cleaned_data["store_code"] or "-",
        }  # fmt: skip


@admin.register(Tag)
class TagAdmin(RuleAdmin, TableAdmin, RowAdmin):
    """Tags by name, with the number of members who carry each."""

    resource, kind, form, offers = "tags", "tags", TagForm, OFFERS
    line = ("members.tag.recorded",)
    key = ("name",)
    list_select_related = ("owner", "region", "store")
    list_filter = (FamilyPick,)
    list_after_template = "admin/members/examples.html"
    examples = _("Add the example rules (office workers 20–34, mothers 35–45)")
    fields = ("name", "family", "colour", "owner_no", "expires_days", "region_name", "store_code")
    list_display = ("name", "family", "place_shown", "owner", "days_shown", "carried_shown", "rule_shown")
    search_fields = ("name__startswith",)
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column("name", lambda row: row.name),
        Column("family", lambda row: row.family),
        Column("owner_no", lambda row: row.owner_no),
        Column("expires_days", lambda row: row.expires_days),
        Column("colour", lambda row: row.colour),
        Column("region", lambda row: row.region_name),
        Column("store_code", lambda row: row.store_code),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count who carries each."""
        return (
            super()
            .get_queryset(request)
            .annotate(carried=Count("member_links", distinct=True), rule_version=Max("rules__version"))
        )

    @display(description=_("holds for (days)"))
    def days_shown(self, row: Tag) -> str:
        """Say how long it holds."""
        return numbers.grouped(row.expires_days)

    @display(description=_("members"))
    def carried_shown(self, row: Any) -> str:
        """Count who carries it."""
        return numbers.grouped(row.carried)

    @display(description=_("whose own"))
    def place_shown(self, row: Tag) -> str:
        """Say whose own it is."""
        return str(row.region or row.store or _("the brand"))

    @display(description=_("tag rule"))
    def rule_shown(self, row: Any) -> str:
        """Lead to its rule."""
        said = f"v{row.rule_version}" if row.rule_version else _("write a rule")
        return format_html('<a href="{}">{}</a>', reverse("admin:members_tag_rule", args=[row.pk]), said)
