"""Coupons of a plan issued to many members of a list at once."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, gettext_noop

from members.actions import coupons
from members.admin.listed import Deed, Wish
from members.models import CouponPlan
from members.queries.coupon_givings import Wishes
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User

LISTED = "SELECT member_id, %(key)s::text AS key FROM tmp_listed"


class IssueForm(forms.Form):
    """Of which plan, and on what occasion."""

    plan = forms.ModelChoiceField(CouponPlan.objects.none(), label=gettext_lazy("coupon plan"))
    occasion = forms.CharField(
        label=gettext_lazy("occasion of the issue"), max_length=64,
        help_text=gettext_lazy("Whoever was given a coupon of this plan on the same occasion gets no other one."),
    )  # fmt: skip

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = CouponPlan.objects.filter(state=CouponPlan.State.ACTIVE)
        self.fields["plan"].queryset = active.order_by("name", "code")  # type: ignore[attr-defined]


class Issuing(Deed):
    """Issue each of the members of a list a coupon of a plan: by member number while the stock lasts."""

    name, job, resource = "issue", "issue_coupons", "coupons"
    title, form = gettext_lazy("Issue coupons to these members"), IssueForm
    done = gettext_noop(
        "Issued %(issued)s; had it already %(given_before)s; over the limit %(over_limit)s; out of stock"
        " %(out_of_stock)s."
    )

    @scoped("coupons", "change")
    def view(self, request: HttpRequest) -> HttpResponse:
        """Show whom the filters in force leave, and issue to them."""
        return self.page(request)

    def wish(self, given: dict[str, Any]) -> Wish:
        """Name the plan and the occasion."""
        return {"plan": given["plan"].code, "occasion": given["occasion"]}

    def do(self, wish: Wish, by: User) -> dict[str, int]:
        """Issue to the members of `tmp_listed`; who has as many as the plan allows is left out and counted."""
        plan = CouponPlan.objects.get(code=wish["plan"])
        wishes = Wishes(coupons.BY_HAND, LISTED, {"key": wish["occasion"]})
        told = coupons.give(plan=plan, wishes=wishes, at=clock.now(), by=by)
        return {"issued": told.issued, "given_before": told.again, "over_limit": told.over_limit,
                "out_of_stock": told.no_stock}  # fmt: skip
