"""The page of a tag's rule: conditions in rows, how many they hold of, why they hold of one, versions."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from members.actions import tag_rules
from members.admin import rule_rows
from members.models import Member, Tag, TagRule
from members.queries import tag_rules as questions
from members.queries.conditions import compiler, explainer, tree
from members.queries.conditions.fields import OPERATOR_WORDS
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbadmin.base import VerbAdmin
from newretail.kernel.verbs import Refused

SAMPLE = 10
VERSIONS = 10


class RuleAdmin(VerbAdmin):
    """Adds the page of its rule to a tag."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page beside the tag's own."""
        return [
            self.own_path("<int:pk>/rule/", self.rule_view, "rule"),
            self.own_path("examples/", self.examples_view, "examples"),
            *super().get_urls(),
        ]

    @scoped("tags", "change")
    def examples_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the example rules that are not there yet."""
        if request.method == "POST":
            made = tag_rules.add_examples(at=clock.now(), by=cast("User", request.user))
            said = _("%(count)s example rules are kept; they are applied tonight.") % {"count": len(made)}
            messages.success(request, said)
        return redirect("admin:members_tag_changelist")

    @scoped("tags", "change")
    def rule_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the rule; look at what is written without keeping it, keep it, end it."""
        tag = self.found(request, pk)
        last = questions.newest(tag)
        kept = rule_rows.rows(last.conditions if last else None)
        if request.method != "POST":
            return self._page(request, tag, last, kept or rule_rows.rows(None), deep=kept is None)
        written = rule_rows.posted(request.POST)
        try:
            if request.POST.get("do") == "look":
                return self._looked(request, tag, last, written)
            self._keep(request, tag, written)
        except Refused as refusal:
            return self._page(request, tag, last, written, refusal=str(refusal), status=422)
        return redirect("admin:members_tag_rule", tag.pk)

    def _keep(self, request: HttpRequest, tag: Tag, written: rule_rows.Written) -> None:
        seen = request.POST.get("seen", "")
        tag_rules.keep(
            tag=tag, conditions=None if request.POST.get("do") == "end" else rule_rows.conditions(written),
            at=clock.now(), by=cast("User", request.user),
            seen=int(seen) if seen.isdecimal() and seen.isascii() else None,
        )  # fmt: skip
        messages.success(request, _("The rule is kept; it is applied tonight."))

    def _looked(
        self, request: HttpRequest, tag: Tag, last: TagRule | None, written: rule_rows.Written
    ) -> HttpResponse:  # fmt: skip
        raw = rule_rows.conditions(written)
        node = tree.read(raw if raw is not None else {})
        tree.check_names(node)
        today = clock.business_day(clock.now())
        asked = compiler.ask(node, today)
        found = Member.objects.visible_to(request.user).filter(pk__in=compiler.sample(asked, SAMPLE)).order_by("-seat")
        number = request.POST.get("member_no", "").strip()
        one = Member.objects.visible_to(request.user).filter(member_no=number).first() if number else None
        return self._page(
            request, tag, last, written, count=compiler.count(asked),
            sample=[(row.pk, row.member_no, eyes().called(row)) for row in found], number=number, one=one,
            why=_lines(explainer.why(node, one, today)) if one else [],
        )  # fmt: skip

    def _page(
        self, request: HttpRequest, tag: Tag, last: TagRule | None, written: rule_rows.Written | None, *,
        status: int = 200, **more: Any,
    ) -> HttpResponse:  # fmt: skip
        versions = TagRule.objects.filter(tag=tag).select_related("by").order_by("-version")[:VERSIONS]
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": tag, "title": str(tag),
            "lists": [(kind, word, *rule_rows.parted((written or {})[kind])) for kind, word in rule_rows.LISTS.items()],
            "fields": rule_rows.fields(), "operators": OPERATOR_WORDS.items(), "last": last,
            "versions": versions, **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/tag/rule.html", context, status=status)


def _lines(told: explainer.Told, deep: int = 0) -> list[dict[str, Any]]:
    """Write an explanation as lines, each with how deep it stands."""
    if isinstance(told.node, tree.Leaf):
        row = rule_rows.rows(tree.written(told.node))
        asked = row["all"][0] if row else rule_rows.Row()
        return [{"deep": deep, "held": told.held, "word": told.node.field.word, "op": OPERATOR_WORDS[told.node.op],
                 "asked": asked.value, "value": _shown(told)}]  # fmt: skip
    head = {"deep": deep, "held": told.held, "word": rule_rows.LISTS[told.node.kind]}
    return [head, *(line for part in told.parts for line in _lines(part, deep + 1))]


def _shown(told: explainer.Told) -> str:
    leaf, value = cast("tree.Leaf", told.node), told.value
    if value is None:
        return "—"
    if leaf.field.kind == "money":
        return f"{int(value) / 100:.2f}"
    labels = {code: str(label) for code, label in leaf.field.choices}
    return ";".join(value) if isinstance(value, list) else labels.get(str(value), str(value))
