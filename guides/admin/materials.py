"""The content centre: materials in versions, drafted in a form, published and withdrawn; what came of them."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.actions import materials
from guides.forms import MaterialForm
from guides.models import LinkOpen, Material, MomentPost, Share
from guides.queries import sharing
from guides.views.materials import pictured
from newretail.kernel import clock, numbers
from newretail.kernel.admin.shown import StatePick
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.scopes import Action
from newretail.kernel.verbadmin import ChoicePick, Column, Opening
from newretail.kernel.verbadmin.editing import RowAdmin
from newretail.kernel.verbs import Refused
from stores.models import Post, sight_of, store_ids_in

TONES = {"draft": "info", "published": "success", "replaced": "default", "withdrawn": "warning"}
MOVES = {"publish": materials.publish, "withdraw": materials.withdraw}
SPANS = (7, 30, 90)  # days that the page of usage looks back
GUIDES_SHOWN = 50
State = Material.State


class CategoryPick(ChoicePick):
    """By what it speaks of."""

    title, parameter_name, field = pgettext_lazy("material", "category"), "category", "category"
    offered = Material.Category


class KindPick(ChoicePick):
    """By what it is."""

    title, parameter_name, field, offered = _("kind"), "kind", "kind", Material.Kind


def _counted(rows: QuerySet[Any]) -> Coalesce:
    of_row = rows.filter(material=OuterRef("pk")).order_by().values("material").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(of_row), 0)


@admin.register(Material)
class MaterialAdmin(RowAdmin):
    """Materials by code, the newest version first, with the shares within the sight of who looks."""

    resource, form = "materials", MaterialForm
    offers: ClassVar[dict[str, Action]] = {"add": "change"}
    line = ("guides.material.kept", "guides.material.published", "guides.material.withdrawn")
    key = ("code", "-version")
    says_when_empty = _("No material yet. A material is what guides share with their customers.")
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(_("What came of materials"), "admin:guides_material_usage", "view", "insights"),
    )
    change_form_outer_after_template = "admin/guides/material/after.html"
    list_filter = (StatePick, CategoryPick, KindPick)
    list_display = ("title", "code", "version", "kind", "category", "days_shown", "state_shown", "posts_shown",
                    "shares_shown", "opened_shown")  # fmt: skip
    search_fields = ("code__startswith", "title__contains")
    readonly_fields = ("state",)
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("version"), lambda row: row.version),
        Column(_("title"), lambda row: row.title),
        Column(_("kind"), lambda row: row.get_kind_display()),
        Column(pgettext_lazy("material", "category"), lambda row: row.get_category_display()),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("posts in Moments"), lambda row: row.posted),
        Column(pgettext_lazy("count", "shares"), lambda row: row.shared),
        Column(_("shares that were opened"), lambda row: row.opened),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count beside each how often it was posted in Moments and shared, and how many of the shares were opened."""
        shares = Share.objects.visible_to(request.user)
        opened = shares.filter(Exists(LinkOpen.objects.filter(share=OuterRef("pk"))))
        posts = MomentPost.objects.visible_to(request.user).standing()
        rows = super().get_queryset(request)
        return rows.annotate(shared=_counted(shares), opened=_counted(opened), posted=_counted(posts))

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Group the fields."""
        shown = ("state",) if obj else ()
        picture, seen = (("picture_file",), ("seen",)) if self.may(request, "change") else ((), ())
        return (
            (None, {"fields": ("code", *shown, "title", "kind", "category", *seen)}),
            (_("What it says"), {"fields": ("words", *picture, "url", "product_sku")}),
            (_("Who may use it, and when"), {"fields": ("first_on", "last_on", "regions", "stores")}),
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the table of rights; what has a newer version is changed there."""
        if not super().has_change_permission(request, obj):
            return False
        row = cast("Material | None", obj)
        return row is None or not Material.objects.filter(code=row.code, version__gt=row.version).exists()

    @display(description=pgettext_lazy("coupon", "valid"))
    def days_shown(self, row: Material) -> str:
        """Say from when until when it may be shared."""
        return f"{row.first_on or ''} – {row.last_on or ''}" if row.first_on or row.last_on else str(_("always"))

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Material) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("posts in Moments"))
    def posts_shown(self, row: Any) -> str:
        """Say how often guides posted it in Moments as planned."""
        return numbers.grouped(row.posted)

    @display(description=pgettext_lazy("count", "shares"))
    def shares_shown(self, row: Any) -> str:
        """Say how often it was shared."""
        return numbers.grouped(row.shared)

    @display(description=_("open rate"))
    def opened_shown(self, row: Any) -> str:
        """Say which part of the shares was opened."""
        return numbers.percent(row.opened / row.shared) if row.shared else numbers.DASH

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the picture and what may be done under the form."""
        row = context.get("original")
        if row is not None:
            moves = {State.DRAFT: "publish", State.PUBLISHED: "withdraw"}
            context["move"] = moves.get(row.state, "") if self.may(request, "change") else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        """Add what is done with a material, its picture, and what came of all of them."""
        own = [
            self.own_path("usage/", self.usage_view, "usage"),
            self.own_path("<path:object_id>/move/", self.move_view, "move"),
            self.own_path("<path:object_id>/picture/", self.picture_view, "picture"),
        ]
        return [*own, *super().get_urls()]

    @scoped("materials", "change")
    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Publish a draft, or withdraw what is published."""
        row = self.found(request, object_id)
        act = MOVES.get(request.POST.get("do", ""))
        if act:
            try:
                moved = act(material=row, at=clock.now(), by=cast("User", request.user))
                messages.success(request, _now("The material is %(state)s.") % {"state": moved.get_state_display()})
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:guides_material_change", row.pk)

    @scoped("materials")
    def picture_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the picture of a material."""
        return pictured(self.found(request, object_id))

    @scoped("materials")
    def usage_view(self, request: HttpRequest) -> HttpResponse:
        """Show by material and by guide how often it was shared, opened and bought after."""
        days = next((each for each in SPANS if str(each) == request.GET.get("days")), SPANS[1])
        since = clock.now() - timedelta(days=days)
        stores = store_ids_in(sight_of(request.user, "materials", "view"))
        by_code = sharing.usage(by="material", since=since, stores=stores)
        by_post = sharing.usage(by="guide", since=since, stores=stores)
        titles = dict(Material.objects.filter(code__in=by_code).order_by("version").values_list("code", "title"))
        best = sorted(by_post.items(), key=lambda each: (-each[1].orders, -each[1].opened, each[0]))[:GUIDES_SHOWN]
        holders = Post.objects.select_related("user", "store").in_bulk([int(key) for key, _each in best])
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("What came of materials"),
            "days": days, "spans": SPANS,
            "materials": sorted(
                ((code, titles[code], each) for code, each in by_code.items()),
                key=lambda row: (-row[2].shares, row[0]),
            ),
            "guides": [(holders[int(key)], each) for key, each in best],
        }  # fmt: skip
        return TemplateResponse(request, "admin/guides/material/usage.html", context)
