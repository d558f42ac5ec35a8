"""The form of a touch plan: what a draft is made of."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.actions import plans
from campaigns.actions.plans import Draft
from campaigns.models import Segment, TouchPlan
from campaigns.models.plans import MOST_HELD_OUT
from campaigns.queries.audiences import SHAPES
from members.actions.touch_contents import Words
from members.models import CouponPlan, Purpose, Touch, TouchChannel, TouchContent
from members.models.consents import CHANNELS, TOUCHING
from members.models.portraits import Stage
from members.models.touches import LONGEST_BODY, LONGEST_TITLE
from newretail.kernel import clock

LISTED = ("tags", "categories", "families")
COUNTED = ("days_before", "days_after", "day_of_month", "again_days")
BODIES = {f"body_{name.lower()}": name for name in "ABCD"}
OWN = ("name", "kind", "starts_on", "ends_on", "send_at", "segment", "purpose", "coupon_plan", "priority", "promised",
       "holdout_bp", "most_touches", "patience_days", "window_days")  # fmt: skip


def _whole(label: Any, low: int, high: int, *, initial: int | None = None, says: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=low, max_value=high, initial=initial, required=initial is not None, help_text=says
    )


def _date(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _words(label: Any, says: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST_BODY, help_text=says,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class PlanForm(forms.Form):
    """A draft; of the terms those of its kind count."""

    code = forms.RegexField(r"^[A-Za-z0-9_-]{1,40}\Z", label=_("code"), help_text=_("letters, digits, - and _"))
    name = forms.CharField(label=_("name"), max_length=plans.LONGEST_NAME)
    kind = forms.ChoiceField(label=_("kind"), choices=TouchPlan.Kind)
    days_before = _whole(_("days before"), 0, 60, says=_("birthday, holiday, replenishment: so many days before"))
    days_after = _whole(_("days after"), 0, 365, says=_("service: so many days after the purchase"))
    day_of_month = _whole(_("day of the month"), 1, 28, says=_("member day"))
    again_days = _whole(_("again after (days)"), 7, 366, says=_("scene: not sooner than after so many days"))
    tags = forms.CharField(label=_("tags"), required=False, max_length=500, help_text=_("scene: parted by semicolons"))
    categories = forms.CharField(
        label=_("categories"),
        required=False,
        max_length=500,
        help_text=_("service, replenishment: parted by semicolons"),
    )
    families = forms.CharField(
        label=_("holidays"), required=False, max_length=500,
        help_text=_("holiday: families of the holiday table, parted by semicolons"),
    )  # fmt: skip
    stages = forms.MultipleChoiceField(
        label=_("stages"), required=False, choices=Stage, help_text=_("lifecycle: entered")
    )
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("segment"), required=False, to_field_name="code", empty_label="—",
        help_text=_("members of it alone"),
    )  # fmt: skip
    purpose = forms.ChoiceField(label=_("purpose"), choices=[(each, Purpose(each).label) for each in TOUCHING])
    channels = forms.MultipleChoiceField(
        label=_("channels"), choices=[(each, TouchChannel(each).label) for each in CHANNELS],
        help_text=_("the first that reaches her and that she allows, in the order of this list; then the next"),
    )  # fmt: skip
    title = forms.CharField(label=_("title"), required=False, max_length=LONGEST_TITLE, help_text=_("of e-mails"))
    body_a = _words(_("words, variant A"), _("Places: {name} {level} {points} {store} {guide} {brand}"), required=True)
    body_b = _words(_("words, variant B"), _("left empty, there is no such variant"))
    body_c = _words(_("words, variant C"))
    body_d = _words(_("words, variant D"))
    coupon_plan = forms.ModelChoiceField(
        CouponPlan.objects.none(), label=_("coupon"), required=False, to_field_name="code", empty_label="—"
    )
    send_at = forms.TimeField(
        label=_("goes out at"), initial="10:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    starts_on, ends_on = _date(_("first day")), _date(_("last day"), required=False)
    priority = _whole(_("priority"), 0, Touch.HIGHEST_PRIORITY, initial=50, says=_("0 to 100, the higher first"))
    promised = forms.BooleanField(
        label=_("promised"),
        required=False,
        help_text=_("A benefit she was promised: passes the caps, holds nobody out."),
    )
    holdout_bp = _whole(_("held out of 10,000"), 0, MOST_HELD_OUT, initial=1_000,
                        says=_("so that what it brings can be measured; 0 for service and promises"))  # fmt: skip
    most_touches = _whole(_("touches at most"), 1, 100_000_000, says=_("over all its days; empty: no budget"))
    most_money = forms.DecimalField(
        label=_("money at most (yuan)"), required=False, min_value=Decimal("0.01"), max_digits=12, decimal_places=2,
        help_text=_("what its messages cost; empty: no budget"),
    )  # fmt: skip
    patience_days = _whole(_("held back at most (days)"), 0, 30, initial=3)
    window_days = _whole(_("goal window (days)"), 1, 365, initial=14, says=_("purchases within it count"))

    def __init__(self, data: Any = None, *, plan: TouchPlan | None = None) -> None:
        super().__init__(data, initial=_filled(plan) if plan else {"starts_on": clock.business_day(clock.now())})
        fields = cast("dict[str, Any]", self.fields)
        for name in (*COUNTED, *LISTED, "stages"):
            kinds = [str(kind) for kind, shape in SHAPES.items() if name in (*shape.whole, *shape.words)]
            fields[name].widget.attrs["data-of"] = f"kind: {' '.join(kinds)}"
        fields["segment"].queryset = Segment.objects.filter(state=Segment.State.ACTIVE).order_by("code")
        fields["coupon_plan"].queryset = CouponPlan.objects.filter(state=CouponPlan.State.ACTIVE).order_by("code")

    def draft(self) -> Draft:
        """Give what was filled in as the verb takes it."""
        given = self.cleaned_data
        channels = [each for each in CHANNELS if each in given["channels"]]
        said = [(name, given[body]) for body, name in BODIES.items() if given[body].strip()]
        words = [
            Words(channel, body, given["title"], "ABCD"[nth])
            for nth, (_name, body) in enumerate(said) for channel in channels
        ]  # fmt: skip
        terms = {name: given[name] for name in COUNTED} | {name: _parted(given[name]) for name in LISTED}
        return Draft(
            **{name: given[name] for name in OWN}, terms={**terms, "stages": given["stages"]}, words=words,
            channels=channels, variants=len(said), most_cents=_cents(given["most_money"]),
        )  # fmt: skip


def _cents(yuan: Decimal | None) -> int | None:
    return None if yuan is None else int(yuan * 100)


def _parted(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]


def _filled(plan: TouchPlan) -> dict[str, Any]:
    """Fill the form with a plan as it stands."""
    said = {each.variant: each for each in contents_of(plan)}
    terms = {name: "; ".join(value) if name in LISTED else value for name, value in plan.terms.items()}
    return {
        **{name: getattr(plan, name) for name in OWN}, **terms, "code": plan.code, "channels": plan.channels,
        "segment": plan.segment.code if plan.segment else "",
        "most_money": None if plan.most_cents is None else Decimal(plan.most_cents) / 100,
        "coupon_plan": plan.coupon_plan.code if plan.coupon_plan else "",
        "title": next((each.title for each in said.values()), ""),
        **{body: said[name].body for body, name in BODIES.items() if name in said},
    }  # fmt: skip


def contents_of(plan: TouchPlan) -> list[TouchContent]:
    """List the words of a plan's newest version, variant by variant, of its first channel."""
    rows = TouchContent.objects.filter(source=plan.source, version=plan.version, channel=plan.channels[0])
    return list(rows.order_by("variant"))
