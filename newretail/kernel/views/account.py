"""The way in, and a person's own account: who she is here, her second factor."""

import base64
from typing import Any, cast

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from newretail.kernel import clock, entrances, scopes, second_factor
from newretail.kernel.actions import factors
from newretail.kernel.doors import scoped
from newretail.kernel.forms import CodeForm, FactorForm, LoginForm, PasswordForm
from newretail.kernel.models import User
from newretail.kernel.scopes import ROLE_WORDS
from newretail.kernel.verbs import Refused

SECRET = "second_factor_secret"  # noqa: S105 - the name under which the session keeps it


class _Entrance(LoginView):
    """The page to sign in; whoever has a second factor is asked for it next."""

    template_name = "admin/login.html"
    authentication_form = LoginForm

    def get_default_redirect_url(self) -> str:
        return reverse("home")

    def form_valid(self, form: Any) -> HttpResponse:
        login = Login(user=form.get_user(), redirect_url=self.get_success_url())
        answer: HttpResponse = perform_password_login(self.request, {}, login)
        return answer


@never_cache
def enter(request: HttpRequest) -> HttpResponseBase:
    """Let somebody sign in; whoever is signed in goes home."""
    if request.method == "GET" and scopes.may(request.user, "account"):
        return redirect("home")
    context = {**admin.site.each_context(request), "app_path": request.get_full_path(), "next": _next(request),
               "entrances": entrances.offered()}  # fmt: skip
    return _Entrance.as_view(extra_context=context)(request)


def _next(request: HttpRequest) -> str:
    return request.POST.get("next", request.GET.get("next", ""))


class _CodeView(AuthenticateView):
    """The page that asks for the code."""

    template_name = "account/code.html"

    def get_form_class(self) -> type[CodeForm]:
        return CodeForm


@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponseBase:
    """Ask for the code of the second factor, between the password and the first page."""
    answer: HttpResponseBase = _CodeView.as_view()(request)
    return answer


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@scoped("account")
def account(request: HttpRequest) -> HttpResponse:
    """Show a person who she is here and how she signs in."""
    held = second_factor.held_by(request.user)
    asked = second_factor.asked_of(request.user)
    roles = [ROLE_WORDS[role] for role in scopes.ROLES if role in scopes.roles_of(request.user)]
    context = {"held": held, "asked": asked, "roles": roles, "has_pages": scopes.may(request.user, "home")}
    return render(request, "account/page.html", context)


def _codes(request: HttpRequest, codes: Any) -> HttpResponse:
    return render(request, "account/codes.html", {"codes": codes})


@never_cache
@sensitive_post_parameters("code", "password")
@scoped("account", "change")
def add_factor(request: HttpRequest) -> HttpResponse:
    """Show the secret as a picture for a phone to take over; set it up when the phone's code is right."""
    if second_factor.held_by(request.user):
        return redirect("account")
    secret = request.session.get(SECRET)
    if not secret or request.method != "POST":
        secret = request.session[SECRET] = generate_totp_secret()
    form = FactorForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = factors.add(user=_user(request), secret=secret, code=form.cleaned_data["code"], at=clock.now())
        except Refused as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[SECRET]
            return _codes(request, codes)
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    context = {
        "form": form,
        "asked": second_factor.asked_of(request.user),
        "picture": base64.b64encode(picture.encode()).decode(),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    }
    return render(request, "account/add.html", context, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
@scoped("account", "change")
def renew_codes(request: HttpRequest) -> HttpResponse:
    """Give new spare codes to somebody who says her password."""
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _codes(request, factors.renew(user=_user(request), at=clock.now()))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return render(request, "account/renew.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
@scoped("account", "change")
def remove_factor(request: HttpRequest) -> HttpResponse:
    """Take the second factor off, for somebody who says her password."""
    form = PasswordForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factors.remove(user=_user(request), at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("account")
    asked = second_factor.asked_of(request.user)
    return render(request, "account/remove.html", {"form": form, "asked": asked}, status=422 if form.errors else 200)
