"""Task rules: the list, and a form that keeps one, counts who would be given a task today, switches it on and off."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelect2Widget

from guides.actions import task_rules
from guides.actions.task_rules import Ruling
from guides.actions.tasks import Wording
from guides.models import Bond, Brief, Material, TaskRule
from guides.queries import giving, surveying, terms
from members.models import CouponPlan, Purpose
from members.models.consents import TOUCHING
from members.models.portraits import Stage
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbadmin import Column, Opening, VerbAdmin
from newretail.kernel.verbs import Refused

WORDING = ("title", "reason", "purpose", "why", "words", "priority", "wants_evidence", "wants_approval")
MATERIALS = Material.objects.filter(state=Material.State.PUBLISHED)
PLACES = _("{name} is filled with her name; {day}, {days}, {amount}, {product} with what the rule knows.")


class TaskRuleForm(forms.Form):
    """A rule with its wording; of the terms those of its trigger count."""

    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,39}\Z", label=_("code"), help_text=_("lower case letters, digits, -")
    )
    name = forms.CharField(label=_("name"), max_length=60)
    trigger = forms.ChoiceField(label=_("when"), choices=TaskRule.Trigger)
    days = forms.IntegerField(
        label=_("days"), required=False, min_value=0, max_value=365,
        help_text=_("Birthday: so many days before. No contact: for so many days."),
    )  # fmt: skip
    within = forms.IntegerField(
        label=_("added within (days)"), required=False, min_value=1, max_value=365,
        help_text=_("No contact: of customers added within so many days."),
    )  # fmt: skip
    categories = forms.CharField(
        label=_("categories"), required=False, max_length=1000,
        help_text=_("Purchase: of these categories alone, parted by semicolons; empty: any."),
    )  # fmt: skip
    after = forms.IntegerField(
        label=_("on the list after (days)"), required=False, min_value=0, max_value=60,
        help_text=_("Purchase: the task comes to the list so many days after it; empty: at once."),
    )  # fmt: skip
    sources = forms.MultipleChoiceField(
        label=_("added by"), required=False, choices=Bond.Source, help_text=_("Added: in one of these ways; none: any.")
    )
    stages = forms.MultipleChoiceField(
        label=_("stages"), required=False, choices=Stage, help_text=_("Stage changed: to one of these.")
    )
    due_days = forms.IntegerField(label=_("due after (days)"), min_value=0, max_value=365, initial=1)
    kept_days = forms.IntegerField(label=_("expires after (days)"), min_value=1, max_value=365, initial=7)
    title = forms.CharField(label=_("title"), max_length=60)
    reason = forms.ChoiceField(label=_("reason"), choices=Brief.Reason)
    purpose = forms.ChoiceField(label=_("purpose"), choices=[(each, Purpose(each).label) for each in TOUCHING])
    why = forms.CharField(label=_("why, as the card says it"), required=False, max_length=200, help_text=PLACES)
    words = forms.CharField(
        label=_("suggested words"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    coupon_plan = forms.ModelChoiceField(
        CouponPlan.objects.none(), label=_("coupon to hand over"), required=False, to_field_name="code"
    )
    material = forms.ChoiceField(
        label=_("material to share"), required=False, widget=UnfoldAdminSelect2Widget,
        help_text=_("Type to find it; guides share its published version."),
    )  # fmt: skip
    survey = forms.ChoiceField(
        label=_("survey to ask"), required=False,
        help_text=_("Its questions stand on the task; the newest version is asked."),
    )  # fmt: skip
    priority = forms.TypedChoiceField(
        label=_("priority"), choices=Brief.Priority, coerce=int, initial=Brief.Priority.USUAL
    )
    wants_evidence = forms.BooleanField(
        label=_("wants a photo"), required=False, help_text=_("It is done with a photo that the guide hands in.")
    )
    wants_approval = forms.BooleanField(
        label=_("wants approval"), required=False, help_text=_("The manager approves what was done, or gives it back.")
    )

    def __init__(self, data: Any = None, *, rule: TaskRule | None = None) -> None:
        super().__init__(data, initial=filled(rule) if rule else None)
        self.kept = rule.brief if rule else None
        fields: dict[str, Any] = self.fields
        offered = Q(state=CouponPlan.State.ACTIVE) | Q(pk=self.kept and self.kept.coupon_plan_id)
        fields["coupon_plan"].queryset = CouponPlan.objects.filter(offered).order_by("code")
        fields["material"].choices = [("", "—"), *self._materials()]
        fields["survey"].choices = [("", "—"), *((each.code, each.title) for each in surveying.newest())]

    def _materials(self) -> list[tuple[str, str]]:
        """List what is published, and what the rule shares though it is published no more."""
        published = dict(MATERIALS.order_by("code").values_list("code", "title"))
        own = self.kept.material if self.kept else None
        found = {**({own.code: own.title} if own else {}), **published}
        return [(code, f"{title} · {code}") for code, title in found.items()]

    def _material(self, code: str) -> Material | None:
        """Find what is to be shared: its published version, else the one that the rule shares already."""
        own = self.kept.material if self.kept else None
        return MATERIALS.filter(code=code).first() or (own if own and own.code == code else None)

    def ruling(self) -> Ruling:
        """Give what was filled in as the verb takes it."""
        given = dict(self.cleaned_data)
        given["categories"] = [
            part.strip() for part in given["categories"].replace("；", ";").split(";") if part.strip()
        ]
        known = terms.TERMS[given["trigger"]]
        plan, material = given["coupon_plan"], self._material(given["material"])
        survey = surveying.latest(given["survey"])
        return Ruling(
            given["code"], given["name"], given["trigger"],
            Wording(**{name: given[name] for name in WORDING}, coupon_plan_id=plan.pk if plan else None,
                    survey_id=survey.pk if survey else None, material_id=material.pk if material else None),
            {name: given[name] for name in known if given[name] not in (None, [], "")},
            given["due_days"], given["kept_days"],
        )  # fmt: skip


def filled(rule: TaskRule) -> dict[str, Any]:
    """Fill the form with a rule as it stands."""
    same = ("code", "name", "trigger", "due_days", "kept_days")
    wording = {name: getattr(rule.brief, name) for name in WORDING}
    plan, material, survey = rule.brief.coupon_plan, rule.brief.material, rule.brief.survey
    given = {**rule.terms, "categories": "; ".join(rule.terms.get("categories", []))}
    return {
        **{name: getattr(rule, name) for name in same},
        **wording,
        **given,
        "coupon_plan": plan.code if plan else "",
        "material": material.code if material else "",
        "survey": survey.code if survey else "",
    }


SAID: dict[str, Callable[[Any], str]] = {
    "days": lambda days: _("%(days)s days") % {"days": days},
    "within": lambda days: _("added within %(days)s days") % {"days": days},
    "categories": " · ".join,
    "after": lambda days: _("on the list after %(days)s days") % {"days": days} if days else "",
    "sources": lambda each: "" if len(each) == len(Bond.Source) else _named(Bond.Source, each),
    "stages": lambda each: _named(Stage, each),
}


def _named(choices: Any, values: list[str]) -> str:
    return " · ".join(str(choices(value).label) for value in values)


def said(rule: TaskRule) -> str:
    """Say the terms of a rule in words."""
    return " · ".join(part for part in (str(SAID[name](value)) for name, value in rule.terms.items()) if part)


@admin.register(TaskRule)
class TaskRuleAdmin(VerbAdmin):
    """Rules by code; a changed wording is a new brief, and the tasks that are out keep theirs."""

    resource = "task_rules"
    key = ("code",)
    says_when_empty = _("No rule yet: add the examples, or write one.")
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("Write a task rule"), "admin:guides_taskrule_keep"),)
    list_after_template = "admin/members/examples.html"
    examples = _("Add the example rules (greeting, after a purchase, keep in touch, birthday, wake, win back)")
    list_select_related = ("brief__coupon_plan", "brief__survey", "brief__material")
    list_display = ("name", "code", "trigger", "terms_shown", "due_shown", "words_shown", "active_shown", "way_shown")
    list_display_links = None
    fields = ("name", "code", "trigger", "terms_shown", "due_shown", "words_shown", "active_shown")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("name"), lambda row: row.name),
        Column(_("when"), lambda row: row.get_trigger_display()),
        Column(_("conditions"), said),
        Column(_("due after (days)"), lambda row: row.due_days),
        Column(_("expires after (days)"), lambda row: row.kept_days),
        Column(_("suggested words"), lambda row: row.brief.words),
        Column(pgettext_lazy("task rule", "active"), lambda row: row.active),
    )

    @display(description=_("conditions"))
    def terms_shown(self, row: TaskRule) -> str:
        """Say to whom of those it gives a task."""
        return said(row)

    @display(description=_("due / expires (days)"))
    def due_shown(self, row: TaskRule) -> str:
        """Say by when it is due and when it expires."""
        return f"{row.due_days} / {row.kept_days}"

    @display(description=_("suggested words"))
    def words_shown(self, row: TaskRule) -> str:
        """Show the words, in a list as far as there is room."""
        return format_html('<span class="hq-clip short" title="{0}">{0}</span>', row.brief.words)

    @display(description=pgettext_lazy("task rule", "active"), boolean=True)
    def active_shown(self, row: TaskRule) -> bool:
        """Say whether it gives tasks."""
        return row.active

    @display(description="")
    def way_shown(self, row: TaskRule) -> str:
        """Lead to its form."""
        return format_html(
            '<a class="hq-link" href="{}?code={}">{}</a>', reverse("admin:guides_taskrule_keep"), row.code, _("Change")
        )

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the way to the form out for those who may not write."""
        return self.list_display if self.may(request, "change") else self.list_display[:-1]

    def get_urls(self) -> list[URLPattern]:
        """Add the form, the switch and the examples."""
        return [
            self.own_path("keep/", self.keep_view, "keep"), self.own_path("switch/", self.switch_view, "switch"),
            self.own_path("examples/", self.examples_view, "examples"), *super().get_urls(),
        ]  # fmt: skip

    @scoped("task_rules", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Write a rule, or look how many would be given a task today."""
        rule = self.get_queryset(request).filter(code=request.GET.get("code", "").replace("\0", "")).first()
        form = TaskRuleForm(request.POST or None, rule=rule)
        expected = giving.expected(rule, at=clock.now()) if rule and not form.is_bound else None
        if form.is_bound and form.is_valid():
            try:
                expected = self._take(request, form.ruling())
                if expected is None:
                    return redirect("admin:guides_taskrule_changelist")
            except Refused as refusal:
                form.add_error(None, str(refusal))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "rule": rule,
                   "expected": numbers.grouped(expected) if expected is not None else "",
                   "title": rule.name if rule else _("Write a task rule")}  # fmt: skip
        status = 422 if form.is_bound and not form.is_valid() else 200
        return TemplateResponse(request, "admin/guides/taskrule/keep.html", context, status=status)

    def _take(self, request: HttpRequest, ruling: Ruling) -> int | None:
        """Keep what was written; a preview counts and keeps nothing."""
        at, by = clock.now(), cast("User", request.user)
        if "preview" in request.POST:
            rule = TaskRule(code=ruling.code, trigger=ruling.trigger, due_days=ruling.due_days,
                            kept_days=ruling.kept_days, terms=terms.read(ruling.trigger, ruling.terms))  # fmt: skip
            return giving.expected(rule, at=at)
        seen = request.POST.get("seen", "")
        task_rules.keep(ruling=ruling, at=at, by=by, seen=int(seen) if seen.isascii() and seen.isdigit() else None)
        return None

    @scoped("task_rules", "change")
    def switch_view(self, request: HttpRequest) -> HttpResponse:
        """Let a rule give tasks, or no longer."""
        if request.method == "POST":
            active = request.POST.get("active") == "1"
            self._told(request, lambda: task_rules.switch(
                code=request.POST.get("code", "").replace("\0", "")[:40], active=active, at=clock.now(),
                by=cast("User", request.user)))  # fmt: skip
        return redirect("admin:guides_taskrule_changelist")

    @scoped("task_rules", "change")
    def examples_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the rules that ship with the product, where their codes are free."""
        if request.method == "POST":
            task_rules.add_examples(at=clock.now(), by=cast("User", request.user))
        return redirect("admin:guides_taskrule_changelist")

    def _told(self, request: HttpRequest, act: Any) -> None:
        try:
            act()
        except Refused as refusal:
            self.message_user(request, str(refusal), level="ERROR")
