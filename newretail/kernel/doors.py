"""How a view reads the table of rights: one mark on it, judged before it runs."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from newretail.kernel import scopes
from newretail.kernel.scopes import Action, Resource

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def scoped(resource: Resource, action: Action = "view", *, hidden: bool = False) -> Callable[[V], V]:
    """Let a view, or a method that is one, run for those who may do this.

    Strangers are sent to sign in. Who may not gets 403, or 404 where even the page is a secret (`hidden`). Which rows
    she reaches is the view's own question to `.visible_to(user)`; what that leaves out answers 404.
    """

    def mark(view: V) -> V:
        @functools.wraps(view)
        def judged(*args: Any, **kwargs: Any) -> HttpResponseBase:
            request = next(given for given in args if isinstance(given, HttpRequest))
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not scopes.may(request.user, resource, action):
                raise Http404 if hidden else PermissionDenied
            return view(*args, **kwargs)

        judged.scope = (resource, action)  # type: ignore[attr-defined]
        return cast("V", judged)

    return mark
