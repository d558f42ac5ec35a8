"""A person's account on her page: where she stands, whether she has a second factor; what can be done to it."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from newretail.kernel import clock, numbers, second_factor
from newretail.kernel.actions import factors, users
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbadmin.tables import TableAdmin
from newretail.kernel.verbs import Refused


def stands(row: User) -> str:
    """Say where a person stands: each post she holds, with its place."""
    held = [post for post in row.posts.all() if post.until is None]
    said = [
        f"{post.get_role_display()}{f' · {post.store or post.region}' if post.store or post.region else ''}"
        for post in held
    ]
    return ", ".join(([str(_("administrator"))] if row.is_superuser else []) + said) or numbers.DASH


class AccountAdmin(TableAdmin):
    """The page of a person, with what can be done to her account."""

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done to an account."""
        own = [
            self.own_path("<int:pk>/reset/", self.reset_view, "reset"),
            self.own_path("<int:pk>/close/", self.close_view, "close"),
            self.own_path("<int:pk>/open/", self.open_view, "open"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a person's account, and what can be done to it."""
        row = self.found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": str(row),
            "stands": stands(row),
            "held": second_factor.held_by(row),
            "may_change": self.may(request, "change") and row.pk != request.user.pk,
        }
        return TemplateResponse(request, "admin/kernel/user/page.html", context)

    def _deed(self, request: HttpRequest, pk: int, verb: Callable[..., Any]) -> HttpResponse:
        """Let a verb act on an account; what it refuses is said on the page."""
        row = self.found(request, pk)
        if request.method == "POST":
            try:
                verb(user=row, at=clock.now(), by=cast("User", request.user))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:kernel_user_change", row.pk)

    @scoped("staff", "change")
    def reset_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take somebody's second factor off."""
        return self._deed(request, pk, factors.reset)

    @scoped("staff", "change")
    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close somebody's account."""
        return self._deed(request, pk, users.close)

    @scoped("staff", "change")
    def open_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open somebody's account again."""
        return self._deed(request, pk, users.reopen)
