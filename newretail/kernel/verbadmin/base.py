"""A list and its pages: they read, within a person's sight; nothing here writes by itself."""

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, ClassVar, NamedTuple, cast

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline

from newretail.kernel import clock, masking, scopes
from newretail.kernel.actions import exports
from newretail.kernel.models import User
from newretail.kernel.scopes import Action, Reach, Resource
from newretail.kernel.verbadmin import export, picks, views
from newretail.kernel.verbadmin.paging import CappedPaginator, PagedByKey, capped_count
from newretail.kernel.verbs import Refused

PAGE = 50


class Opening(NamedTuple):
    """What may be begun from a list: what it is called, the name of its address, the right it asks for, its sign."""

    title: Any
    url_name: str
    action: Action = "change"
    icon: str = "add"


class _ReadOnly:
    """No form adds, changes or deletes."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False


class VerbAdmin(_ReadOnly, ModelAdmin):
    """A list that pages by `key` (unique, indexed), shows what a person may see, and can be exported.

    `resource` names its rows in the table of rights (`newretail/kernel/scopes.py`): who enters, who takes it out. Which
    rows she reaches is the noun's `.visible_to(user)`; a noun without one is for those alone who reach the whole brand.
    """

    resource: ClassVar[Resource]

    key: ClassVar[tuple[str, ...]] = ("-pk",)
    export_columns: ClassVar[tuple[export.Column, ...]] = ()
    says_when_empty: ClassVar[Any] = ""
    heading: ClassVar[Any] = ""  # where a list shows some rows of a noun by another name
    openings: ClassVar[tuple[Opening, ...]] = ()

    change_list_template = "admin/verb_list.html"
    list_before_template = "admin/filters_in_force.html"
    paginator = CappedPaginator
    list_per_page = PAGE
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    actions: ClassVar[tuple[str, ...] | None] = None
    sortable_by = ()
    list_filter_submit = True
    list_fullwidth = True
    empty_value_display = "—"

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Answer 404 for what is not there and for what is out of sight alike."""
        raise Http404

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the table of rights, not Django's permission tables."""
        return self.may(request, "view")

    def may(self, request: HttpRequest, action: Action) -> bool:
        """Ask the table of rights about this noun."""
        return scopes.may(request.user, self.resource, action)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the noun to those who may look."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Narrow to what this person may see, with what the list shows beside it."""
        rows = self.model._default_manager.get_queryset()
        if hasattr(rows, "visible_to"):
            rows = rows.visible_to(request.user)
        elif scopes.reach(request.user, self.resource, "view") < Reach.BRAND:
            rows = rows.none()
        related = self.list_select_related
        return rows.select_related(*related) if isinstance(related, list | tuple) and related else rows

    def found(self, request: HttpRequest, pk: object) -> Any:
        """Find a row for a page of its own; what is not there and what is out of sight answer 404 alike."""
        row = self.get_object(request, str(pk)) if self.has_view_permission(request) else None
        if row is None:
            raise Http404
        return row

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PagedByKey]:
        """Page by key."""
        return PagedByKey

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only the filters that the list offers: any other word in the address is refused."""
        return lookup in self.filter_words()

    def filter_words(self) -> set[str]:
        """Name the words of this list's filters."""
        return {word for pick in self.filters() for word in pick.words()}

    def filters(self) -> tuple[Any, ...]:
        """Give the filters of this list, its own and those that higher floors offer."""
        return (*self.list_filter, *picks.offered(self.model))

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """Offer them."""
        return self.filters()

    def own_path(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """Give a page of this noun its address, below the list's."""
        wrapped: Any = self.admin_site.admin_view(view)
        wrapped.model_admin = self
        return path(route, wrapped, name=f"{self.opts.app_label}_{self.opts.model_name}_{name}")

    def get_urls(self) -> list[URLPattern]:
        """Add the export beside the list, where there is one."""
        own = [self.own_path("export/", self.export_view, "export")] if self.export_columns else []
        kept = [self.own_path("views/", self.views_view, "views")] if self.list_filter else []
        return [*own, *kept, *super().get_urls()]

    def views_view(self, request: HttpRequest) -> HttpResponseBase:
        """Save, rename, delete a view of this list, or let it open first."""
        if request.method != "POST":
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return views.change(request, self.opts.label_lower, self.filter_words())

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send the list with the filters in force as a file, and write that down; a long one is written by a worker."""
        if not (self.may(request, "export") and self.may(request, "view") and self.export_columns):
            raise PermissionDenied
        if request.method != "POST":
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        form = export.asked_for(request.POST)
        listed = self.get_changelist_instance(request)
        try:
            return self._take_out(request, listed, form)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(f"../?{request.GET.urlencode()}")

    def _take_out(self, request: HttpRequest, listed: Any, form: str) -> HttpResponseBase:
        at, by = clock.now(), cast("User", request.user)
        rows = capped_count(listed.queryset, exports.FILE_MOST_ROWS)
        given: dict[str, Any] = {"noun": self.opts.label_lower, "filters": sorted(listed.params), "rows": rows}
        if rows > exports.AT_ONCE_MOST_ROWS:
            words, language = request.GET.urlencode(), translation.get_language() or ""
            file = exports.ask(**given, words=words, language=language, form=form, at=at, by=by)
            messages.success(request, _("The list is long: a worker writes it as a file, to be fetched here."))
            return redirect("admin:kernel_exportfile_change", file.pk)
        exports.take(**given, at=at, by=by)
        name = f"{self.opts.model_name}-{clock.business_day(at):%Y-%m-%d}"
        return export.answer(self.to_write(request, listed), form, name, at)

    def to_write(self, request: HttpRequest, listed: Any) -> export.Listed:
        """Give a list as it is written for the person asking."""
        return export.Listed(listed.queryset, self.key, self.export_columns, masking.eyes())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer the export where there is one, and the person's views; the one she chose opens first."""
        kept = views.tabs(request, self.opts.label_lower, self.filter_words()) if self.list_filter else []
        first = next((tab for tab in kept if tab.row.is_default and tab.own), None)
        if first and request.method == "GET" and not request.GET:
            return redirect(f"{request.path}{first.link}")
        extra = {
            "views": kept,
            "can_export": bool(self.export_columns) and self.may(request, "export"),
            "title": _("List"),
            "opts": self.headed(),
            "openings": self._open_to(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra)

    def headed(self) -> Any:
        """Give what stands over the list and its pages: the noun, by the list's own name if it has one."""
        if not self.heading:
            return self.opts
        named = copy(self.opts)
        named.verbose_name_plural = self.heading
        return named

    def _open_to(self, request: HttpRequest) -> list[tuple[Any, str, str]]:
        """Name what she may begin from the list: a row of its form, and what the list names."""
        allowed = [each for each in self.openings if self.may(request, each.action)]
        own = [(each.title, reverse(each.url_name), each.icon) for each in allowed]
        if not self.has_add_permission(request):
            return own
        noun = _("Add: %(noun)s") % {"noun": self.opts.verbose_name}
        return [(noun, reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add"), "add"), *own]


class VerbInline(_ReadOnly, TabularInline):
    """Rows beside a row, read only; who may see the row may see them."""

    extra = 0
    max_num = 0
    can_delete = False
    hide_title = True  # its columns say what it is

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Leave the question to the page this stands on."""
        return True
