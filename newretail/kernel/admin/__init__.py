"""What HQ sees of the machine room: imports with their refused rows, job runs, the journal."""

from importlib import import_module
from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import numbers, scopes
from newretail.kernel.models import JournalEntry
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, DaySpan, VerbAdmin


def close_foreign_forms() -> None:
    """Take off the site what packages put on it: their forms write, and no verb stands behind them."""
    for package in ("django.contrib.auth.admin", "axes.admin", "allauth.account.admin", "allauth.mfa.admin"):
        import_module(package)
    for model, shown in list(admin.site._registry.items()):
        if not isinstance(shown, VerbAdmin):
            admin.site.unregister(model)


def may_enter(request: HttpRequest) -> bool:
    """Tell who enters the site: whoever has an account; which pages, each address says by its right."""
    return scopes.may(request.user, "account")


close_foreign_forms()
admin.site.has_permission = may_enter  # type: ignore[method-assign]


class EffectiveSpan(DaySpan):
    """By the day it holds for."""

    title, parameter, field = _("effective at"), "effective", "effective_at"


@admin.register(JournalEntry)
class JournalEntryAdmin(VerbAdmin):
    """The journal, newest first; nothing in it is ever changed."""

    resource = "journal"
    key = ("-id",)
    list_select_related = ("by",)
    list_filter = (EffectiveSpan,)
    list_display = ("line", "subject", "facts_shown", "effective_shown", "by")
    search_fields = ("name__startswith",)
    search_help_text = _("Line, from its beginning")
    fields = ("name", "subject", "facts", "effective_at", "written_at", "by")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("journal line"), lambda row: row.name),
        Column(_("subject"), lambda row: row.subject),
        Column(_("effective at"), lambda row: people.moment(row.effective_at)),
        Column(_("by"), lambda row: row.by),
    )

    @display(description=_("journal line"))
    def line(self, row: JournalEntry) -> str:
        """Name the line."""
        return row.name

    @display(description=_("effective at"))
    def effective_shown(self, row: JournalEntry) -> str:
        """Say when it holds from."""
        return people.moment(row.effective_at)

    @display(description=_("facts"))
    def facts_shown(self, row: JournalEntry) -> str:
        """Show keys and counts, short."""
        text = ", ".join(f"{name}={value}" for name, value in row.facts.items())
        return format_html('<span class="hq-clip" title="{0}">{0}</span>', text or numbers.DASH)


for _page in ("imports", "jobs", "exports", "holidays", "settings", "webhooks", "inbox"):
    import_module(f"newretail.kernel.admin.{_page}")
