"""A gift ordered for a member by who may: from her page, or from the list of gift orders."""

import secrets
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions import gift_orders
from members.actions.gift_orders import Told, Wish
from members.models import Gift, Member
from members.queries import coupon_codes, families, points
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbs import Refused
from stores.models import Store, sight_of, store_ids_in

SOURCE = "hq"


class GiftPick(forms.ModelChoiceField):
    """A gift, with what it costs."""

    def label_from_instance(self, obj: Any) -> str:
        """Say what it costs."""
        costs = _("%(points)s points") % {"points": numbers.grouped(obj.points)}
        return f"{obj.name} · {costs}" + (f" + {people.money(obj.extra_cents)}" if obj.extra_cents else "")


class OrderingForm(forms.Form):
    """Which gift, for whom, to be picked up where; `token` names the order, so that it is ordered once."""

    member_no = forms.CharField(label=gettext_lazy("member no."), max_length=40)
    gift = GiftPick(Gift.objects.none(), label=gettext_lazy("gift"), to_field_name="code")
    store = forms.ModelChoiceField(
        Store.objects.none(), label=gettext_lazy("picked up in"), to_field_name="code",
        help_text=gettext_lazy("A piece of its stock is kept for her."),
    )  # fmt: skip
    token = forms.RegexField(r"^[0-9a-f]{16}\Z", widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.within = store_ids_in(sight_of(by, "gift_orders", "change"))
        self.by = by
        fields: dict[str, Any] = self.fields
        fields["gift"].queryset = Gift.objects.visible_to(by).offered(clock.business_day(clock.now()))
        stores = Store.objects.order_by("code")
        fields["store"].queryset = stores if self.within is None else stores.filter(pk__in=self.within)

    def clean_member_no(self) -> Member:
        """Find the person of the number among those at home in the stores of who asks."""
        person = families.numbered(self.cleaned_data["member_no"].strip())
        rows: QuerySet[Member] = Member.objects.visible_to(self.by).filter(erased_at__isnull=True)
        if self.within is not None:
            rows = rows.filter(home_store_id__in=self.within)
        if person is None or not rows.filter(pk=person.pk).exists():
            raise forms.ValidationError(_("No member of your stores has this number."))
        return person


class GiftOrdering:
    """The page on which a gift is ordered, beside the list of gift orders (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give its address."""
        return [self.admin.own_path("order/", self.order_view, "order")]

    @scoped("gift_orders", "change")
    def order_view(self, request: HttpRequest) -> HttpResponse:
        """Order a gift for a member; its pick-up code is told once."""
        by, person = cast("User", request.user), self._asked_for(request)
        begins = {"token": secrets.token_hex(8), "member_no": request.GET.get("member", "")}
        if person and person.home_store:
            begins["store"] = person.home_store.code
        form = OrderingForm(request.POST or None, by=by, initial=begins)
        if form.is_valid():
            try:
                return self._placed(request, self._place(form.cleaned_data, by))
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "title": _("Order a gift"),
            "form": form, "person": person, **self._purse(person),
        }  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/members/giftorder/order.html", context, status=status)

    def _asked_for(self, request: HttpRequest) -> Member | None:
        """Find the member whose page this was begun from, if she is within sight."""
        number = request.GET.get("member", "")
        person = families.numbered(number) if number and "\0" not in number else None
        seen = Member.objects.visible_to(request.user).select_related("home_store")
        return seen.filter(pk=person.pk, erased_at__isnull=True).first() if person else None

    def _purse(self, person: Member | None) -> dict[str, Any]:
        if person is None:
            return {}
        today = clock.business_day(clock.now())
        return {"called": eyes().called(person), "points": points.spendable(families.ids_of(person), today)}

    def _place(self, given: dict[str, Any], by: User) -> Told:
        wish = Wish(given["gift"], given["member_no"], given["store"], SOURCE, given["token"])
        return gift_orders.place(wish=wish, at=clock.now(), by=by)

    def _placed(self, request: HttpRequest, told: Told) -> HttpResponse:
        said = _("Ordered. Pick-up code: %(code)s. Tell it to her; it is shown once.")
        messages.success(request, said % {"code": coupon_codes.shown(told.order.code)})
        return redirect("admin:members_giftorder_change", told.order.pk)
