"""Pages that change a row: a form whose verb judges it; what the verb refuses stands in the form, nothing is lost."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.forms.models import construct_instance
from django.http import HttpRequest, HttpResponse

from newretail.kernel import clock
from newretail.kernel.files import reasons
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.rows import batch_of
from newretail.kernel.files.sheets import Sheet
from newretail.kernel.models import JournalEntry, User
from newretail.kernel.scopes import Action
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin.base import VerbAdmin
from newretail.kernel.verbs import Refused

LINES_SHOWN = 20


class RowForm(forms.ModelForm):
    """A form of one row of a kind of file: it goes to the kind's verb as a batch of one.

    `by` is set by the page. The verb runs while the form is judged, so that its refusals are the form's errors.
    """

    sheet: ClassVar[Sheet]
    record: ClassVar[Callable[..., Outcome]]
    by: ClassVar[User | None] = None

    def row(self) -> dict[str, object]:
        """Write the row as a file would hold it, by column; None keeps what is there."""
        return {column.name: cell(getattr(self.instance, column.name)) for column in self.sheet.columns}

    def subject(self) -> str:
        """Name the row in the journal."""
        return ":".join(str(getattr(self.instance, name)) for name in self.sheet.key)

    def _post_clean(self) -> None:
        """Judge each field by itself, whether the key of a new row is free, and then by the verb."""
        adding = self.instance.pk is None
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        try:
            self.instance.clean_fields(exclude=self._get_validation_exclusions())  # type: ignore[attr-defined]
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]
        if adding and not self.errors and self._key_taken():
            self.add_error(None, self.instance.unique_error_message(type(self.instance), self.sheet.key))
        if not self.errors:
            self._perform()

    def _key_taken(self) -> bool:
        key = {name: getattr(self.instance, name) for name in self.sheet.key}
        return type(self.instance)._default_manager.filter(**key).exists()

    def _perform(self) -> None:
        try:
            with transaction.atomic():
                batch = batch_of(self.sheet, [self.row()])
                outcome = type(self).record(batch=batch, at=clock.now(), by=self.by, subject=self.subject())
        except Refused as refusal:
            self.add_error(None, str(refusal))
            return
        for wrong in outcome.refusals:
            name = wrong.column if wrong.column in self.fields else None
            self.add_error(name, reasons.sentence(wrong.code, wrong.facts))

    @property
    def written(self) -> Model:
        """Give the row as the verb left it."""
        key = {name: getattr(self.instance, name) for name in self.sheet.key}
        return type(self.instance)._default_manager.get(**key)


def cell(value: Any) -> object:
    """Write a value as a cell of a file: days apart by semicolons, a dash for none of them; blank keeps."""
    if isinstance(value, list):
        return ";".join(str(each) for each in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value in (None, "") else value


class RowAdmin(VerbAdmin):
    """A list whose rows are added and changed by those who may, each through the verb of its kind of file.

    `line` names the journal line that tells a row's history by its subject.
    """

    form: type[RowForm]
    line: ClassVar[tuple[str, ...]] = ()
    offers: ClassVar[dict[str, Action]] = {"add": "change"}  # pages beside those of every list, and the right of each
    change_form_outer_after_template = "admin/row_history.html"

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the table of rights."""
        return self.may(request, "change")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Ask the table of rights."""
        return self.may(request, "change")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep the key of a row that is there."""
        return (*self.readonly_fields, *(self.form.sheet.key if obj else ()))

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        """Tell the form who fills it in."""
        return type("Form", (super().get_form(request, obj, **kwargs),), {"by": cast("User", request.user)})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:  # noqa: FBT001 - Django's signature
        """Give the row that the form's verb has written."""
        return form.written

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write nothing: the verb has."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """Write nothing: the verb has."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave it to the journal."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Leave it to the journal."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show what was done to the row under its form."""
        obj = context.get("original")
        context["lines"] = self.lines_of(obj) if obj else []
        context["show_save_and_continue"] = context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def lines_of(self, row: Any) -> list[dict[str, str]]:
        """Tell the journal's lines about a row, the newest first."""
        subject = ":".join(str(getattr(row, name)) for name in self.form.sheet.key)
        lines = JournalEntry.objects.filter(name__in=self.line, subject=subject).select_related("by").order_by("-id")
        return [
            {
                "at": people.moment(entry.effective_at),
                "by": str(entry.by or "manage.py"),
                "name": entry.name,
                "told": "; ".join(entry.facts.get("changed", [])) or entry.facts.get("was", ""),
            }
            for entry in lines[:LINES_SHOWN]
        ]
