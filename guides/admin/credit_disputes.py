"""Disputes about credits: what a guide says, whose the order is now and what it earned; HQ grants it or declines."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.actions import credits
from guides.admin import months
from guides.admin.pay import why
from guides.admin.picks import RegionPick, StorePick
from guides.models import CommissionEntry, Credit, CreditDispute
from guides.models.credits import LONGEST_DECISION
from guides.models.levels import SERVES
from members.models import Order
from newretail.kernel import clock, money
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, VerbAdmin
from newretail.kernel.verbs import Refused
from stores.models import Post

State = CreditDispute.State
TONES = {State.OPEN: "warning", State.GRANTED: "success", State.DECLINED: "info"}
MOST_SHARES = 20
SHARES_HELP = _("One guide a line: staff no. and percent, such as “G1 60”. Together they are 100; empty declines.")


class DecideForm(forms.Form):
    """Whose the order is, and why; nobody named leaves it as it is."""

    shares = forms.CharField(
        label=_("shares"), required=False, max_length=2_000, help_text=SHARES_HELP,
        widget=forms.Textarea({"rows": 4}),
    )  # fmt: skip
    reason = forms.CharField(label=_("reason of the decision"), max_length=LONGEST_DECISION)

    def __init__(self, *args: Any, dispute: CreditDispute, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dispute = dispute

    def clean_shares(self) -> dict[Post, int]:
        """Read who has how much (basis points) line by line; a line that cannot be read is named."""
        shares: dict[Post, int] = {}
        for line in filter(str.strip, self.cleaned_data["shares"].splitlines()):
            number, _blank, percent = line.strip().removesuffix("%").strip().rpartition(" ")
            post = self._post(number.strip())
            try:
                points = money.to_cents(percent)
            except money.NotMoney:
                raise self._unread(line) from None
            if post in shares or len(shares) == MOST_SHARES:
                raise self._unread(line)
            shares[post] = points
        return shares

    def _post(self, number: str) -> Post:
        """Find where somebody serves: the claimant where she claims, others where they stand or last stood."""
        if number == self.dispute.post.user.staff_no:
            return self.dispute.post
        posts = Post.objects.filter(user__staff_no=number, role__in=SERVES).order_by("until", "pk")
        found = posts.filter(until__isnull=True).first() or posts.last()
        if found is None:
            raise ValidationError(_now("No guide has the number %(number)s.") % {"number": number[:40]})
        return found

    def _unread(self, line: str) -> ValidationError:
        return ValidationError(_now("This line cannot be read: %(line)s") % {"line": line.strip()[:60]})


class StatePick(ChoicePick):
    """By what became of it."""

    title, parameter_name, field, offered = _("state"), "state", "state", State


@admin.register(CreditDispute)
class CreditDisputeAdmin(VerbAdmin):
    """Disputes, the newest first."""

    resource = "guide_pay"
    key = ("-id",)
    says_when_empty = _("No guide has claimed an order yet.")
    change_form_outer_after_template = "admin/guides/creditdispute/after.html"
    list_select_related = ("post__user", "post__store", "by")
    list_filter = (StatePick, months.MonthWritten, StorePick, RegionPick)
    list_display = ("order_no", "guide_shown", "store_shown", "month_shown", "words_shown", "raised_shown",
                    "state_shown")  # fmt: skip
    search_fields = ("order_no", "post__user__staff_no")
    search_help_text = _("Order no. or staff no.")
    fields = readonly_fields = (*list_display[:-1], "state", "decision", "by", "decided_shown")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("order no."), lambda row: row.order_no),
        Column(_("staff no."), lambda row: row.post.user.staff_no),
        Column(_("guide"), lambda row: row.post.user),
        Column(_("month"), lambda row: f"{row.month:%Y-%m}"),
        Column(_("what she says"), lambda row: eyes().words(row.words)),
        Column(_("claimed at"), lambda row: people.moment(row.raised_at)),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("reason of the decision"), lambda row: row.decision),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave photos where they are."""
        return super().get_queryset(request).defer("photo")

    @display(description=_("guide"))
    def guide_shown(self, row: CreditDispute) -> str:
        """Name who claims it."""
        return str(row.post.user)

    @display(description=_("store"))
    def store_shown(self, row: CreditDispute) -> str:
        """Name where she stands."""
        return str(row.post.store or "")

    @display(description=_("month"))
    def month_shown(self, row: CreditDispute) -> str:
        """Name the month it is paid in."""
        return f"{row.month:%Y-%m}"

    @display(description=_("what she says"))
    def words_shown(self, row: CreditDispute) -> str:
        """Give her words, to whom may read what may name somebody."""
        return eyes().words(row.words)

    @display(description=_("claimed at"))
    def raised_shown(self, row: CreditDispute) -> str:
        """Say when she claimed it."""
        return people.moment(row.raised_at)

    @display(description=_("decided at"))
    def decided_shown(self, row: CreditDispute) -> str:
        """Say when it was decided."""
        return people.moment(row.decided_at)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: CreditDispute) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the decision and the photo."""
        return [
            self.own_path("<path:object_id>/decide/", self.decide_view, "decide"),
            self.own_path("<path:object_id>/photo/", self.photo_view, "photo"), *super().get_urls(),
        ]  # fmt: skip

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show whose the order is and what it earned, and offer to decide."""
        row: CreditDispute | None = context.get("original")
        if row is not None:
            context |= _about(row) | {"decides": row.state == State.OPEN and self.may(request, "change")}
        return super().render_change_form(request, context, *args, **kwargs)

    @scoped("guide_pay", "change")
    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Grant it, in shares, or decline it; with a reason."""
        row: CreditDispute = self.found(request, object_id)
        begun = {"shares": f"{row.post.user.staff_no or ''} 100"}
        form = DecideForm(request.POST or None, initial=begun, dispute=row)
        if form.is_bound and form.is_valid() and self._decided(request, row, form):
            return redirect("admin:guides_creditdispute_change", row.pk)
        title = _now("Decide about order %(number)s") % {"number": row.order_no}
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "title": title,
                   "original": row, **_about(row)}  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/guides/creditdispute/decide.html", context, status=status)

    def _decided(self, request: HttpRequest, row: CreditDispute, form: DecideForm) -> bool:
        shares = form.cleaned_data["shares"]
        told: dict[str, Any] = {"dispute": row, "reason": form.cleaned_data["reason"], "at": clock.now(),
                                "by": cast("User", request.user)}  # fmt: skip
        try:
            done = credits.grant(shares=shares, **told) if shares else credits.decline(**told)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return False
        messages.success(request, done.get_state_display())
        return True

    @scoped("guide_pay", "approve")
    def photo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the photo that she handed in."""
        row: CreditDispute = self.found(request, object_id)
        if not row.photo:
            raise Http404
        return HttpResponse(bytes(row.photo), content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


def _about(row: CreditDispute) -> dict[str, Any]:
    """Tell of a dispute the order, whose it is now, and what it earned for whom."""
    entries = CommissionEntry.objects.filter(order=row.order_id).exclude(amount_cents=0)
    return {
        "dispute": row, "words": eyes().words(row.words), "order": Order.objects.filter(pk=row.order_id).first(),
        "has_photo": eyes().sees_people
        and CreditDispute.objects.filter(pk=row.pk, photo__isnull=False).exists(),
        "credits": Credit.objects.current().filter(order=row.order_id).select_related("post__user").order_by("pk"),
        "entries": [
            (each, why(each)) for each in entries.select_related("account__user", "policy", "order").order_by("id")
        ],
    }  # fmt: skip
