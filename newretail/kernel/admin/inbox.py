"""The inbox: sources of signed messages, what each sent, what is wrong with what was not taken."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from newretail.kernel import clock, numbers
from newretail.kernel.actions import inbox, sources
from newretail.kernel.admin.deeds import Deed, DeedAdmin
from newretail.kernel.files import reasons
from newretail.kernel.models import InboxMessage, InboxSource, User
from newretail.kernel.registry import TABLES
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Opening

SHOWN = 30
GRACE = timedelta(hours=24)
TONES = {"active": "success", "disabled": "danger"}
MESSAGE_TONES = {"waiting": "info", "done": "success", "ignored": "warning", "failed": "danger"}
OF_MESSAGES: dict[str, Any] = {
    "no_right": _("the account of the source has no right to this"), "fault": _("a fault of ours"),
    "bad_batch": _("data holds between 1 and 1 000 items"), "refused": _("refused"),
}  # fmt: skip


def machines() -> QuerySet[User]:
    """Give the accounts of other systems."""
    return User.objects.filter(is_staff=False, is_superuser=False, is_active=True, staff_no=None).order_by("username")


def fault_in_words(fault: dict[str, Any]) -> str:
    """Say what is wrong with an item."""
    place = " ".join(filter(None, (f"#{fault['row']}" if fault["row"] else "", fault["field"])))
    said = OF_MESSAGES.get(fault["code"]) or reasons.sentence(fault["code"], fault.get("facts", {}))
    return f"{place}: {said}" if place else str(said)


class SourceForm(forms.Form):
    """A source: by whose right it sends, and what its types are taken as."""

    code = forms.CharField(label=_("code"), max_length=40, help_text=_("It stands in the address: /inbox/CODE."))
    account = forms.ModelChoiceField(label=_("account"), queryset=User.objects.none())
    kinds = forms.CharField(
        label=_("types taken"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4_000,
        help_text=_("A line for each type of message: order.paid = orders"),
    )  # fmt: skip
    description = forms.CharField(label=_("description"), max_length=120, required=False)
    active = forms.BooleanField(label=_("listened to"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = machines()  # type: ignore[attr-defined]
        if self.initial.get("code"):
            self.fields["code"].disabled = self.fields["account"].disabled = True

    def clean_kinds(self) -> dict[str, str]:
        """Read the lines."""
        found = {}
        for line in filter(str.strip, str(self.cleaned_data["kinds"]).splitlines()):
            kind, sign, taken_as = (part.strip() for part in line.partition("="))
            if not sign or kind in found:
                raise ValidationError(
                    _("Write each type once, as: type = %(known)s"), params={"known": " / ".join(sorted(TABLES.takers))}
                )
            found[kind] = taken_as
        return found


@admin.register(InboxSource)
class InboxSourceAdmin(DeedAdmin):
    """Sources by code."""

    resource, folder, row_form = "inbox", "inboxsource", SourceForm
    key = ("code",)
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Add a source"), "admin:kernel_inboxsource_new"),)
    change_list_template = "admin/kernel/jobrun/list.html"
    list_select_related = ("account",)
    list_display = ("code", "description", "state_shown", "account_shown", "waiting_shown", "failed_shown")
    says_when_empty: ClassVar[Any] = _(
        "No till or mall sends messages yet: add a source, and give its secret to whoever sends."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count beside each how it stands."""
        return super().get_queryset(request).with_health()  # type: ignore[attr-defined]

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: InboxSource) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("account"))
    def account_shown(self, row: InboxSource) -> str:
        """Name the account."""
        return row.account.username

    @display(description=_("waiting"))
    def waiting_shown(self, row: Any) -> str:
        """Count what waits."""
        return numbers.grouped(row.waiting)

    @display(description=_("given up"))
    def failed_shown(self, row: Any) -> str:
        """Count what was given up."""
        return numbers.grouped(row.failed)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show one with what it sent."""
        return self._shown(request, self.found(request, object_id))

    def _shown(self, request: HttpRequest, row: Any, secret: str = "") -> HttpResponse:
        rows = InboxMessage.objects.filter(source=row).defer("body").order_by("-id")[:SHOWN]
        shown = [
            {"row": each, "tone": MESSAGE_TONES[each.state], "faults": [fault_in_words(fault) for fault in each.faults]}
            for each in rows
        ]
        return self.page(
            request, "page", row, title=row.code, tone=TONES[row.state], shown=shown, secret=secret,
            address=request.build_absolute_uri(f"/inbox/{row.code}"), kinds=sorted(row.kinds.items()),
            opened=people.moment(row.opened_at),
        )  # fmt: skip

    def initial(self, row: Any) -> dict[str, Any]:
        """Fill the form in."""
        if row is None:
            return {"kinds": "order.paid = orders\norder.refunded = refunds", "active": True}
        lines = "\n".join(f"{kind} = {taken_as}" for kind, taken_as in row.kinds.items())
        return {
            "code": row.code, "account": row.account_id, "kinds": lines, "description": row.description,
            "active": row.state == InboxSource.State.ACTIVE,
        }  # fmt: skip

    def keep(self, request: HttpRequest, row: Any, given: dict[str, Any]) -> HttpResponseBase | str:
        """Add one, and show its secret; or change it."""
        at, by = clock.now(), cast("User", request.user)
        words = {"kinds": given["kinds"], "description": given["description"], "at": at, "by": by}
        if row is None:
            added = sources.add(code=given["code"], account=given["account"], **words)
            return self._shown(request, added.source, added.secret)
        sources.change(source=row, active=given["active"], **words)
        return gettext("The source is changed.")

    def deeds(self) -> dict[str, Deed]:
        """Name what can be done."""
        return {"secret": self._rotate, "replay": self._replay, "again": self._again}

    def _rotate(self, request: HttpRequest, row: InboxSource) -> HttpResponseBase:
        renewed = sources.rotate(source=row, grace=GRACE, at=clock.now(), by=cast("User", request.user))
        return self._shown(request, renewed.source, renewed.secret)

    def _replay(self, request: HttpRequest, row: InboxSource) -> str:
        given_up = (InboxMessage.State.FAILED, InboxMessage.State.IGNORED)
        return self._tried(request, InboxMessage.objects.filter(source=row, state__in=given_up))

    def _again(self, request: HttpRequest, row: InboxSource) -> str:
        named = request.POST.get("message", "")[:200]
        return self._tried(request, InboxMessage.objects.filter(source=row, message_id=named))

    def _tried(self, request: HttpRequest, rows: QuerySet[InboxMessage]) -> str:
        messages = list(rows.only("pk"))
        count = inbox.replay(messages=messages, at=clock.now(), by=cast("User", request.user))
        return gettext("%(n)s messages are tried again.") % {"n": count}
