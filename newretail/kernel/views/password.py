"""Changing one's own password."""

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy

from newretail.kernel.doors import scoped
from newretail.kernel.forms import OwnPasswordForm


@scoped("account", "change")
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Show the admin's own page; its form writes through the verb."""
    request.current_app = admin.site.name
    return PasswordChangeView.as_view(
        form_class=OwnPasswordForm,
        success_url=reverse_lazy("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )(request)
