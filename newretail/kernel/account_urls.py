"""Paths of the way in and of a person's own account."""

from django.urls import path
from django.views.generic import RedirectView

from newretail.kernel.views import account

urlpatterns = [
    path("admin/login/", account.enter, name="login"),
    path("account/", account.account, name="account"),
    path("account/code/", account.code, name="mfa_authenticate"),
    path("account/factor/", account.add_factor, name="factor_add"),
    path("account/factor/codes/", account.renew_codes, name="factor_renew"),
    path("account/factor/remove/", account.remove_factor, name="factor_remove"),
    # The library of the second factor leads back to the way in by this name.
    path("account/login/", RedirectView.as_view(pattern_name="login"), name="account_login"),
]
