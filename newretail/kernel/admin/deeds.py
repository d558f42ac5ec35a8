"""Pages with deeds: a list of nouns that are added and changed by a form of their own, and what is done to one."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse

from newretail.kernel.scopes import Action
from newretail.kernel.verbadmin import VerbAdmin
from newretail.kernel.verbs import Refused

Deed = Callable[[HttpRequest, Any], HttpResponseBase | str]


class DeedAdmin(VerbAdmin):
    """A list whose rows have a page, a form, and deeds by name; each deed is one verb, refused in a sentence.

    A deed returns what it did in a sentence, or a page of its own.
    """

    folder: ClassVar[str]
    row_form: ClassVar[type[forms.Form]]
    offers: ClassVar[dict[str, Action]] = {"new": "change", "edit": "change", "deed": "change"}

    def deeds(self) -> dict[str, Deed]:
        """Name what can be done to a row."""
        raise NotImplementedError

    def keep(self, request: HttpRequest, row: Any, given: dict[str, Any]) -> HttpResponseBase | str:
        """Add a row, or change it."""
        raise NotImplementedError

    def initial(self, row: Any) -> dict[str, Any]:
        """Fill the form in."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Add the forms and the deeds."""
        own = [
            self.own_path("new/", self.new_view, "new"),
            self.own_path("<int:pk>/edit/", self.edit_view, "edit"),
            self.own_path("<int:pk>/do/<slug:deed>/", self.deed_view, "deed"),
        ]
        return own + super().get_urls()

    def page_at(self, name: str, *args: Any) -> str:
        """Give the address of a page of this noun."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=args)

    def page(self, request: HttpRequest, name: str, row: Any, **more: Any) -> HttpResponse:
        """Draw a page of this noun."""
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": row,
            "may_change": self.may(request, "change"), **more,
        }  # fmt: skip
        return TemplateResponse(request, f"admin/kernel/{self.folder}/{name}.html", context)

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Add one."""
        return self._form(request, None)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Change one."""
        return self._form(request, self.found(request, pk))

    def _form(self, request: HttpRequest, row: Any) -> HttpResponseBase:
        form = self.row_form(request.POST or None, initial=self.initial(row))
        if request.method == "POST" and form.is_valid():
            try:
                return self._after(request, row, self.keep(request, row, form.cleaned_data))
            except Refused as refusal:
                form.add_error(None, str(refusal))
        answer = self.page(request, "form", row, form=form, title=str(row or self.opts.verbose_name))
        answer.status_code = 422 if form.errors else 200
        return answer

    def deed_view(self, request: HttpRequest, pk: int, deed: str) -> HttpResponseBase:
        """Do something to one."""
        row = self.found(request, pk)
        act = self.deeds().get(deed)
        if act is None:
            raise Http404
        if request.method != "POST":
            return redirect(self.page_at("change", row.pk))
        try:
            return self._after(request, row, act(request, row))
        except ValidationError as wrong:
            messages.error(request, " ".join(wrong.messages))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(self.page_at("change", row.pk))

    def _after(self, request: HttpRequest, row: Any, done: HttpResponseBase | str) -> HttpResponseBase:
        if not isinstance(done, str):
            return done
        messages.success(request, done)
        return redirect(self.page_at("change", row.pk))
