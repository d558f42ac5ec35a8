"""Forms of the members floor: coupon plans and gifts as HQ types them, in yuan, percent and business names."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from members.actions import coupon_plans, gifts
from members.models import CouponPlan, Gift
from newretail.kernel import clock, money
from newretail.kernel.files.sheets import Sheet
from newretail.kernel.verbadmin.editing import RowForm
from newretail.kernel.verbs import Refused
from stores.models import Product

KEPT = (
    "code", "name", "kind", "first_on", "last_on", "days_valid", "stock", "per_member", "stacks", "comes_back",
    "undo_minutes", "given_on", "given_day", "for_level", "bought_days", "terms",
)  # fmt: skip
LISTS = ("stores", "regions", "categories", "channels")
GIFT_KEPT = (
    "code", "name", "description", "points", "first_on", "last_on", "per_member", "least_level", "pickup_days",
)  # fmt: skip
YUAN_OF = {"amount": "amount_cents", "cap": "cap_cents", "threshold": "threshold_cents"}


def _yuan(label: Any, says: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=says, max_digits=12, decimal_places=2, min_value=0, required=False,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip


class PlanForm(RowForm):
    """A coupon plan; it is kept as a draft."""

    sheet: ClassVar[Sheet] = Sheet("coupon_plans", (), ("code",))
    amount = _yuan(_("amount off (yuan)"), _("Of a coupon that takes an amount off."))
    percent = forms.DecimalField(
        label=_("rate off (%)"), max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False,
        widget=UnfoldAdminDecimalFieldWidget, help_text=_("Of a coupon that takes a rate off: 15 is 8.5 折."),
    )  # fmt: skip
    cap = _yuan(_("at most (yuan)"), _("Empty: nothing bounds it, and a second person approves the plan."))
    threshold = _yuan(_("from a purchase of (yuan)"), _("Empty: any purchase."))
    product_sku = forms.CharField(
        label=_("product given (SKU)"), max_length=60, required=False, widget=UnfoldAdminTextInputWidget
    )
    product_skus = forms.CharField(
        label=_("products (SKUs)"), required=False, max_length=20_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Apart by blanks, commas or lines; empty: all products, or those of the categories."),
    )  # fmt: skip

    class Meta:
        """What each field means."""

        model = CouponPlan
        fields = (*KEPT, *LISTS)
        help_texts: ClassVar[dict[str, Any]] = {
            "code": _("Its name for other systems; it stays."),
            "days_valid": _(
                "Counts until the end of the last of these days; with a last day, until whichever is sooner."
            ),
            "per_member": _("0: as many as there are."),
            "stores": _("None chosen: all stores, or those of the regions."),
            "given_on": _("Issued by a job or as soon as it happens; each person once for each occasion."),
            "bought_days": _("Only for members who bought within so many days; empty: all."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.pk:
            for name, field in YUAN_OF.items():
                cents = getattr(row, field)
                self.fields[name].initial = money.to_yuan(cents) if cents else None
            self.fields["percent"].initial = row.off_bp / 100 if row.off_bp else None
            self.fields["product_sku"].initial = row.product.sku if row.product else ""
            self.fields["product_skus"].initial = " ".join(row.products.order_by("sku").values_list("sku", flat=True))

    def clean_product_sku(self) -> Product | None:
        """Find the product given."""
        sku = self.cleaned_data["product_sku"].strip()
        found = Product.objects.filter(sku=sku).first() if sku else None
        if sku and found is None:
            raise forms.ValidationError(_("There is no product with this SKU."))
        return found

    def clean_product_skus(self) -> list[int]:
        """Find the products it is confined to."""
        wanted = set(self.cleaned_data["product_skus"].replace(",", " ").replace("，", " ").split())
        found = dict(Product.objects.filter(sku__in=wanted).values_list("sku", "pk"))
        if missing := sorted(wanted - found.keys()):
            raise forms.ValidationError(_("There is no product with this SKU.") + f" {', '.join(missing[:5])}")
        return sorted(found.values())

    def _terms(self) -> coupon_plans.Terms:
        given = self.cleaned_data
        kind = given["kind"]
        cents = {field: int(given[name] * 100) if given.get(name) else 0 for name, field in YUAN_OF.items()}
        fields = {
            **{name: given[name] for name in KEPT if name in given},
            "code": self.instance.code,
            "amount_cents": cents["amount_cents"] if kind == CouponPlan.Kind.AMOUNT else 0,
            "off_bp": int((given.get("percent") or 0) * 100) if kind == CouponPlan.Kind.PERCENT else 0,
            "cap_cents": cents["cap_cents"] or None if kind != CouponPlan.Kind.AMOUNT else None,
            "threshold_cents": cents["threshold_cents"],
            "product": given["product_sku"] if kind == CouponPlan.Kind.EXCHANGE else None,
        }
        confined = {name: [row.pk for row in given[name]] for name in LISTS}
        return coupon_plans.Terms(fields, {**confined, "products": given["product_skus"]})

    def _perform(self) -> None:
        try:
            coupon_plans.keep(terms=self._terms(), at=clock.now(), by=self.by)
        except Refused as refusal:
            self.add_error(None, str(refusal))


class GiftForm(RowForm):
    """A gift of the catalogue."""

    sheet: ClassVar[Sheet] = Sheet("gifts", (), ("code",))
    extra = _yuan(_("paid on top (yuan)"), _("Taken at the till when it is handed over; empty: points alone."))

    class Meta:
        """What each field means."""

        model = Gift
        fields = GIFT_KEPT
        help_texts: ClassVar[dict[str, Any]] = {
            "code": _("Its name for other systems; it stays."),
            "description": _("What a member reads before she orders it."),
            "per_member": _("0: as many as there are."),
            "pickup_days": _("Empty: as the brand has set."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cents = self.instance.extra_cents
        self.fields["extra"].initial = money.to_yuan(cents) if cents else None

    def _perform(self) -> None:
        given = {name: self.cleaned_data[name] for name in GIFT_KEPT if name in self.cleaned_data}
        extra = int((self.cleaned_data["extra"] or 0) * 100)
        try:
            gifts.keep(terms={**given, "code": self.instance.code, "extra_cents": extra}, at=clock.now(), by=self.by)
        except Refused as refusal:
            self.add_error(None, str(refusal))
