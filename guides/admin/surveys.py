"""Surveys: every version of each, and a form that writes the next."""

from datetime import timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.actions import surveys
from guides.actions.surveys import Question
from guides.models import Survey, SurveyQuestion
from guides.models.surveys import LONGEST_QUESTION, MOST_QUESTIONS
from guides.queries import surveying
from guides.queries.surveying import Asked
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Opening, VerbAdmin, VerbInline
from newretail.kernel.verbs import Refused
from stores.models import Product, Region, Store, sight_of, store_ids_in


class SurveyForm(forms.Form):
    """The name of a survey."""

    code = forms.RegexField(
        r"^[a-z0-9][a-z0-9-]{0,39}\Z", label=_("code"), help_text=_("lower case letters, digits, -")
    )
    title = forms.CharField(label=_("title"), max_length=60)


class QuestionForm(forms.Form):
    """One question; left empty it is none."""

    words = forms.CharField(label=_("question"), max_length=LONGEST_QUESTION, required=False)
    kind = forms.ChoiceField(label=_("kind"), choices=SurveyQuestion.Kind, initial=SurveyQuestion.Kind.SCORE_5)
    options = forms.CharField(label=_("options of a choice, parted by semicolons"), max_length=400, required=False)
    required = forms.BooleanField(label=_("must be answered"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        """Options belong to a question."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("options") and not given.get("words"):
            self.add_error("words", _("Write the question."))
        return given

    def question(self) -> Question:
        """Give what was filled in as the verb takes it."""
        given = self.cleaned_data
        parts = given["options"].replace("；", ";").split(";")
        options = tuple(part.strip() for part in parts if part.strip())
        return Question(given["kind"], given["words"], options, given["required"])


WISHES = ("code", "version", "days", "region", "sku")
SPANS = (7, 30, 90, 365)  # days that the answers look back
MOST_VERSIONS = 1 << 15
Questions = forms.formset_factory(QuestionForm, extra=0, min_num=MOST_QUESTIONS, max_num=MOST_QUESTIONS)


def _written(survey: Survey | None) -> list[dict[str, Any]]:
    """Fill the form with the questions of a version."""
    if survey is None:
        return []
    rows = survey.questions.order_by("nth")
    return [{"words": each.words, "kind": each.kind, "options": "；".join(each.options), "required": each.required}
            for each in rows]  # fmt: skip


class Wish:
    """What somebody asks of the answers: which survey and version, how many days, which region, which product."""

    def __init__(self, given: Any, user: Any) -> None:
        asked = {name: str(given.get(name, "")).replace("\0", "").strip()[:80] for name in WISHES}
        rows = Survey.objects.visible_to(user)
        rows = rows.filter(code=asked["code"]) if asked["code"] else rows
        version = int(asked["version"]) if asked["version"].isascii() and asked["version"].isdigit() else None
        chosen = rows.filter(version=version) if version is not None and version < MOST_VERSIONS else rows
        self.survey = chosen.order_by("-written_at", "-id").first()
        self.days = next((each for each in SPANS if str(each) == asked["days"]), SPANS[1])
        self.region, self.sku = asked["region"], asked["sku"]
        self.regions = Region.objects.visible_to(user).order_by("name")
        self.product = Product.objects.filter(sku=self.sku).first() if self.sku else None
        tomorrow = clock.business_day(clock.now()) + timedelta(days=1)
        self.asked = Asked(
            clock.day_start(tomorrow - timedelta(days=self.days)), clock.day_start(tomorrow), self._stores(user),
            self.product.pk if self.product else 0 if self.sku else None,
        )  # fmt: skip

    def _stores(self, user: Any) -> list[int] | None:
        stores = store_ids_in(sight_of(user, "surveys", "view"))
        if not self.region:
            return stores
        of_region = set(Store.objects.filter(region__name=self.region).values_list("pk", flat=True))
        return sorted(of_region if stores is None else of_region & set(stores))

    @property
    def versions(self) -> list[int]:
        """List the versions of the survey, the newest first."""
        rows = Survey.objects.filter(code=self.survey.code) if self.survey else Survey.objects.none()
        return list(rows.order_by("-version").values_list("version", flat=True))


def _spoken(row: dict[str, Any]) -> dict[str, Any]:
    """Show what somebody wrote as far as the reader may see it, and who she is."""
    return {**row, "words": eyes().words(row["words"]), "who": eyes().name(row["name"]) or row["member_no"]}


class QuestionInline(VerbInline):
    """The questions of a version."""

    model, ordering = SurveyQuestion, ("nth",)
    fields = readonly_fields = ("nth", "words", "kind", "options_shown", "required")

    @display(description=_("options"))
    def options_shown(self, row: SurveyQuestion) -> str:
        """List the options."""
        return " · ".join(row.options)


@admin.register(Survey)
class SurveyAdmin(VerbAdmin):
    """Surveys by code, the newest version first."""

    resource = "surveys"
    key = ("code", "-version")
    says_when_empty = _("No survey yet: add the example, or write one.")
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(_("Write a survey"), "admin:guides_survey_keep"),
        Opening(_("What customers said"), "admin:guides_survey_results", "view", "insights"),
    )
    list_after_template = "admin/members/examples.html"
    examples = _("Add the example survey and its rule (a week after a purchase)")
    inlines = (QuestionInline,)
    list_display = ("title", "code", "version", "questions_shown", "written_shown", "way_shown")
    fields = readonly_fields = ("title", "code", "version", "written_shown")
    search_fields = ("code__startswith", "title__contains")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("version"), lambda row: row.version),
        Column(_("title"), lambda row: row.title),
        Column(_("questions"), lambda row: row.asked),
        Column(_("written at"), lambda row: people.moment(row.written_at)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the questions of each."""
        return super().get_queryset(request).annotate(asked=Count("questions"))

    @display(description=_("questions"))
    def questions_shown(self, row: Any) -> str:
        """Say how many questions it asks."""
        return numbers.grouped(row.asked)

    @display(description=_("written at"))
    def written_shown(self, row: Survey) -> str:
        """Say when this version was written."""
        return people.moment(row.written_at)

    @display(description="")
    def way_shown(self, row: Survey) -> str:
        """Lead to the form of the next version."""
        return format_html(
            '<a class="hq-link" href="{}?code={}">{}</a>', reverse("admin:guides_survey_keep"), row.code, _("Change")
        )

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the way to the form out for those who may not write."""
        return self.list_display if self.may(request, "change") else self.list_display[:-1]

    def get_urls(self) -> list[URLPattern]:
        """Add the form and the example."""
        return [
            self.own_path("keep/", self.keep_view, "keep"),
            self.own_path("results/", self.results_view, "results"),
            self.own_path("examples/", self.examples_view, "examples"), *super().get_urls(),
        ]  # fmt: skip

    @scoped("surveys")
    def results_view(self, request: HttpRequest) -> HttpResponse:
        """Show what came of a survey, and what was said without being asked."""
        wish = Wish(request.GET, user=request.user)
        came = surveying.came(wish.survey, wish.asked) if wish.survey else None
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _now("What customers said"),
            "wish": wish, "surveys": surveying.newest(), "survey": wish.survey,
            "came": came, "words": [_spoken(row) for row in came.words] if came else [], "spans": SPANS,
            "feedback": surveying.feedback(wish.asked),
        }  # fmt: skip
        return TemplateResponse(request, "admin/guides/survey/results.html", context)

    @scoped("surveys", "change")
    def keep_view(self, request: HttpRequest) -> HttpResponse:
        """Write a survey: the first version of a new one, the next of one there is."""
        last = surveying.latest(request.GET.get("code", "").replace("\0", ""))
        named = {"code": last.code, "title": last.title} if last else None
        form = SurveyForm(request.POST or None, initial=named)
        rows = Questions(request.POST or None, initial=_written(last), prefix="q")
        if request.POST and form.is_valid() and rows.is_valid() and self._kept(request, form, rows):
            return redirect("admin:guides_survey_changelist")
        context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "rows": rows,
                   "survey": last, "title": last.title if last else _now("Write a survey")}  # fmt: skip
        status = 422 if request.POST else 200
        return TemplateResponse(request, "admin/guides/survey/keep.html", context, status=status)

    def _kept(self, request: HttpRequest, form: SurveyForm, rows: Any) -> bool:
        seen = request.POST.get("seen", "")
        given = form.cleaned_data
        try:
            surveys.keep(
                code=given["code"], title=given["title"], at=clock.now(), by=cast("User", request.user),
                questions=[row.question() for row in rows if row.cleaned_data.get("words")],
                seen=int(seen) if seen.isascii() and seen.isdigit() else None,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return False
        return True

    @scoped("surveys", "change")
    def examples_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the survey that ships with the product and the rule that asks it, where their codes are free."""
        if request.method == "POST":
            surveys.add_example(at=clock.now(), by=cast("User", request.user))
        return redirect("admin:guides_survey_changelist")
