"""The plan of Moments as a list, each slot changed on its page; posts of guides as a list and a file."""

from datetime import date
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.actions import moment_plans
from guides.admin import picks
from guides.models import Material, MomentPost, MomentSlot
from guides.queries import moment_weeks
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, VerbAdmin, Written
from newretail.kernel.verbs import Refused
from stores.models import sight_of, store_ids_in

TONES = {"self": "info", "platform": "success"}
OWN = _("words of your own")
PLANNED = _("The week from %(week)s is planned: %(slots)s posts.")
PLANNED_ALREADY = _("Nothing was planned for the week from %(week)s: each store has its plan, or no material is valid.")


def _next_week() -> date:
    """Give the Monday of next week."""
    return moment_weeks.monday(clock.business_day(clock.now())) + moment_weeks.WEEK


class CategoryPick(ChoicePick):
    """By what it speaks of."""

    title, parameter_name, field = pgettext_lazy("material", "category"), "category", "category"
    offered = Material.Category


class EvidencePick(ChoicePick):
    """By what it is known."""

    title, parameter_name, field, offered = _("evidence"), "evidence", "evidence", MomentPost.Evidence


class StorePick(picks.StorePick):
    """By the store of the plan."""

    field = "store_id"


class RegionPick(picks.RegionPick):
    """By the region of the store."""

    field = "store__region_id"


class PlannedSpan(DaySpan):
    """By the time it is best posted."""

    title, parameter, field = _("day"), "day", "opens_at"


class PostedSpan(DaySpan):
    """By the day it was posted."""

    title, parameter, field = _("posted at"), "posted", "at"


class MaterialWritten(Written):
    """Of one material, by its code."""

    title, parameter, field = _("code of the material"), "material", "material__code"


@admin.register(MomentSlot)
class MomentSlotAdmin(VerbAdmin):
    """The plan, the newest week first."""

    resource = "moments"
    key = ("-week_on", "store_id", "nth")
    says_when_empty = _("No week is planned yet. The job plan_moments plans it from the materials that are published.")
    change_form_outer_after_template = "admin/guides/momentslot/after.html"
    list_before_template = "admin/guides/momentslot/propose.html"
    list_select_related = ("store__region", "material")
    list_filter = (PlannedSpan, CategoryPick, MaterialWritten, StorePick, RegionPick)
    list_display = ("day", "store", "part", "times_shown", "category", "material_shown", "made_shown")
    fields = readonly_fields = ("store", "week_on", "day", "part", "times_shown", "category", "material_shown",
                                "made_shown")  # fmt: skip
    search_fields = ("material__code__startswith", "store__code__startswith")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("week from"), lambda row: row.week_on.isoformat()),
        Column(_("store"), lambda row: row.store.code),
        Column(_("day"), lambda row: row.day.isoformat()),
        Column(_("best time"), lambda row: row.get_part_display()),
        Column(pgettext_lazy("material", "category"), lambda row: row.get_category_display()),
        Column(_("code of the material"), lambda row: row.material.code if row.material else ""),
        Column(_("posts in Moments"), lambda row: row.made),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count beside each how many guides posted it."""
        standing = Q(posts__undone_at__isnull=True)
        return super().get_queryset(request).annotate(made=Count("posts", filter=standing))

    @display(description=_("hours"))
    def times_shown(self, row: MomentSlot) -> str:
        """Say between which times it is best posted."""
        zone = clock.brand_zone()
        return f"{row.opens_at.astimezone(zone):%H:%M} – {row.closes_at.astimezone(zone):%H:%M}"

    @display(description=_("material"))
    def material_shown(self, row: MomentSlot) -> str:
        """Name the material."""
        return str(row.material or OWN)

    @display(description=_("posts in Moments"))
    def made_shown(self, row: Any) -> str:
        """Say how many guides posted it."""
        return str(row.made)

    def get_urls(self) -> list[URLPattern]:
        """Add the planning beside the list, the changing beside the page."""
        return [
            self.own_path("propose/", self.propose_view, "propose"),
            self.own_path("<path:object_id>/replace/", self.replace_view, "replace"), *super().get_urls(),
        ]  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer whoever plans for the whole brand to plan the next week now."""
        extra = {"next_week": _next_week() if self._plans_all(request) else None, **(extra_context or {})}
        return super().changelist_view(request, extra)

    def _plans_all(self, request: HttpRequest) -> bool:
        """Tell whether this person plans for the whole brand."""
        return self.may(request, "change") and sight_of(request.user, "moments", "change").everything

    @scoped("moments", "change")
    def propose_view(self, request: HttpRequest) -> HttpResponse:
        """Plan the next week for the stores that have no plan of it yet; only for the whole brand at once."""
        if request.method == "POST" and self._plans_all(request):
            week_on = _next_week()
            slots = moment_plans.propose(week_on=week_on, at=clock.now(), by=cast("User", request.user))
            said = PLANNED if slots else PLANNED_ALREADY
            messages.success(request, said % {"slots": numbers.grouped(slots), "week": week_on.isoformat()})
        return redirect("admin:guides_momentslot_changelist")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer what the store may post on that day."""
        row: MomentSlot | None = context.get("original")
        if row is not None and self._plans_for(request, row) and row.day >= clock.business_day(clock.now()):
            usable = Material.objects.visible_to(request.user).current(row.day).used_in([row.store_id])
            context["usable"] = usable.order_by("category", "code")
        return super().render_change_form(request, context, *args, **kwargs)

    def _plans_for(self, request: HttpRequest, row: MomentSlot) -> bool:
        """Tell whether this person plans for that store."""
        stores = store_ids_in(sight_of(request.user, "moments", "change"))
        return self.may(request, "change") and (stores is None or row.store_id in stores)

    @scoped("moments", "change")
    def replace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give a slot another material, or none."""
        row = self.found(request, object_id)
        if request.method == "POST" and self._plans_for(request, row):
            code = request.POST.get("material", "").replace("\0", "")
            try:
                moment_plans.replace(slot=row, material=code, at=clock.now(), by=cast("User", request.user))
                messages.success(request, _now("The plan is changed; phones show it at once."))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:guides_momentslot_change", row.pk)


@admin.register(MomentPost)
class MomentPostAdmin(VerbAdmin):
    """Posts of guides, the newest first."""

    resource = "moments"
    key = ("-id",)
    says_when_empty = _("No guide has posted from the plan yet.")
    list_select_related = ("slot", "material", "post__user", "post__store")
    list_filter = (EvidencePick, CategoryPick, MaterialWritten, PostedSpan, picks.StorePick, picks.RegionPick)
    list_display = ("guide_shown", "store_shown", "category", "material_shown", "at_shown", "in_time", "evidence_shown",
                    "undone_shown")  # fmt: skip
    fields = readonly_fields = ("guide_shown", "store_shown", "category", "material_shown", "at_shown", "in_time",
                                "evidence", "undone_shown", "moment_id")  # fmt: skip
    search_fields = ("material__code__startswith", "post__user__staff_no")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("store"), lambda row: row.post.store.code),
        Column(_("guide"), lambda row: row.post.user.staff_no),
        Column(_("week from"), lambda row: row.week_on.isoformat()),
        Column(_("day"), lambda row: row.slot.day.isoformat()),
        Column(pgettext_lazy("material", "category"), lambda row: row.get_category_display()),
        Column(_("code of the material"), lambda row: row.material.code if row.material else ""),
        Column(_("posted at"), lambda row: people.moment(row.at)),
        Column(_("in time"), lambda row: int(row.timely)),
        Column(_("evidence"), lambda row: row.get_evidence_display()),
        Column(_("number at the platform"), lambda row: row.moment_id),
        Column(_("taken back at"), lambda row: people.moment(row.undone_at)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Judge beside each whether it was made at its best time."""
        timely = Q(at__gte=F("slot__opens_at"), at__lt=F("slot__closes_at"))
        return super().get_queryset(request).annotate(timely=timely)

    @display(description=_("guide"))
    def guide_shown(self, row: MomentPost) -> str:
        """Name the guide."""
        return str(row.post.user)

    @display(description=_("store"))
    def store_shown(self, row: MomentPost) -> str:
        """Name the store."""
        return str(row.post.store)

    @display(description=_("material"))
    def material_shown(self, row: MomentPost) -> str:
        """Name the material."""
        return str(row.material or OWN)

    @display(description=_("posted at"))
    def at_shown(self, row: MomentPost) -> str:
        """Say when it was posted."""
        return people.moment(row.at)

    @display(description=_("in time"), boolean=True)
    def in_time(self, row: Any) -> bool:
        """Tell whether it was made at its best time."""
        return bool(row.timely)

    @display(description=_("evidence"), label=TONES)
    def evidence_shown(self, row: MomentPost) -> tuple[str, str]:
        """Show by what it is known as a badge."""
        return row.evidence, row.get_evidence_display()

    @display(description=_("taken back at"))
    def undone_shown(self, row: MomentPost) -> str:
        """Say when it was taken back."""
        return people.moment(row.undone_at)
