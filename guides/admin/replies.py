"""What customers said, answer by answer, and what they said without being asked; as lists and files."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.admin.picks import RegionPick, StorePick
from guides.models import Feedback, SurveyAnswer, SurveyQuestion
from guides.queries import surveying
from newretail.kernel.masking import eyes
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, VerbAdmin, Written

NAMED = 2  # products of an answer that a list names


class OfStore(StorePick):
    """By the store where she was asked."""

    field = "reply__post__store_id"


class OfRegion(RegionPick):
    """By the region where she was asked."""

    field = "reply__post__store__region_id"


class SurveyWritten(Written):
    """Of one survey, by its code."""

    title, parameter, field = _("code of the survey"), "survey", "reply__survey__code"


class ProductWritten(Written):
    """About one product, by its SKU."""

    title, parameter, field = _("product (SKU)"), "sku", "reply__products__sku"


class KindPick(ChoicePick):
    """By how the question is answered."""

    title, parameter_name, field, offered = _("kind"), "kind", "question__kind", SurveyQuestion.Kind


class AnsweredSpan(DaySpan):
    """By the day of the answer."""

    title, parameter, field = _("answered at"), "answered", "reply__answered_at"


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(VerbAdmin):
    """Answers that stand, the newest first."""

    resource = "surveys"
    key = ("-id",)
    says_when_empty = _("Nobody has answered yet.")
    list_select_related = ("question", "reply__survey", "reply__member", "reply__post__user", "reply__post__store")
    list_filter = (SurveyWritten, ProductWritten, KindPick, AnsweredSpan, OfStore, OfRegion)
    list_display = ("at_shown", "store_shown", "question", "answer_shown", "goods_shown", "whose", "guide_shown")
    fields = readonly_fields = list_display
    search_fields = ("reply__member__member_no", "reply__post__user__staff_no")
    search_help_text = _("Member no. or staff no.")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code of the survey"), lambda row: row.reply.survey.code),
        Column(_("version"), lambda row: row.reply.survey.version),
        Column(_("question"), lambda row: row.question.words),
        Column(_("answer"), lambda row: row.shown),
        Column(_("number picked"), lambda row: "" if row.number is None else row.number),
        Column(_("SKU"), lambda row: "; ".join(row.skus)),
        Column(_("member no."), lambda row: row.reply.member.member_no),
        Column(_("store"), lambda row: row.reply.post.store.code if row.reply.post.store else ""),
        Column(_("staff no."), lambda row: row.reply.post.user.staff_no),
        Column(_("answered at"), lambda row: people.moment(row.reply.answered_at)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Set beside each what it is about."""
        return surveying.with_goods(super().get_queryset(request))

    @display(description=_("answer"))
    def answer_shown(self, row: SurveyAnswer) -> str:
        """Say the answer."""
        return row.shown

    @display(description=_("products"))
    def goods_shown(self, row: Any) -> str:
        """Name what it is about."""
        names = "、".join(row.goods[:NAMED])
        most = {"names": names, "count": len(row.goods)}
        return names if len(row.goods) <= NAMED else _now("%(names)s and others, %(count)s in all") % most

    @display(description=_("member"))
    def whose(self, row: SurveyAnswer) -> str:
        """Name who answered."""
        return f"{eyes().called(row.reply.member)} {row.reply.member.member_no}"

    @display(description=_("guide"))
    def guide_shown(self, row: SurveyAnswer) -> str:
        """Name who asked."""
        return str(row.reply.post.user)

    @display(description=_("store"))
    def store_shown(self, row: SurveyAnswer) -> str:
        """Name the store."""
        return str(row.reply.post.store or "")

    @display(description=_("answered at"))
    def at_shown(self, row: SurveyAnswer) -> str:
        """Say when she answered."""
        return people.moment(row.reply.answered_at)


class FeedbackPick(ChoicePick):
    """By what it is."""

    title, parameter_name, field, offered = _("kind"), "kind", "kind", Feedback.Kind


class OfProduct(Written):
    """Of one product, by its SKU."""

    title, parameter, field = _("product (SKU)"), "sku", "product__sku"


class NotedSpan(DaySpan):
    """By the day it was noted."""

    title, parameter, field = _("noted at"), "noted", "at"


@admin.register(Feedback)
class FeedbackAdmin(VerbAdmin):
    """Feedback, the newest first."""

    resource = "surveys"
    key = ("-id",)
    says_when_empty = _("Nothing noted yet.")
    list_select_related = ("product", "member", "post__user", "post__store")
    list_filter = (FeedbackPick, OfProduct, NotedSpan, StorePick, RegionPick)
    list_display = ("words_shown", "kind", "product", "whose", "guide_shown", "store_shown", "at_shown")
    fields = readonly_fields = list_display
    search_fields = ("member__member_no", "post__user__staff_no")
    search_help_text = _("Member no. or staff no.")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("kind"), lambda row: row.get_kind_display()),
        Column(_("in her words"), lambda row: eyes().words(row.words)),
        Column(_("SKU"), lambda row: row.product.sku if row.product else ""),
        Column(_("product"), lambda row: row.product or ""),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("store"), lambda row: row.post.store.code if row.post.store else ""),
        Column(_("staff no."), lambda row: row.post.user.staff_no),
        Column(_("noted at"), lambda row: people.moment(row.at)),
    )

    @display(description=_("in her words"))
    def words_shown(self, row: Feedback) -> str:
        """Show what she said."""
        return eyes().words(row.words)

    @display(description=_("member"))
    def whose(self, row: Feedback) -> str:
        """Name who said it."""
        return f"{eyes().called(row.member)} {row.member.member_no}"

    @display(description=_("guide"))
    def guide_shown(self, row: Feedback) -> str:
        """Name who noted it."""
        return str(row.post.user)

    @display(description=_("store"))
    def store_shown(self, row: Feedback) -> str:
        """Name the store."""
        return str(row.post.store or "")

    @display(description=_("noted at"))
    def at_shown(self, row: Feedback) -> str:
        """Say when it was noted."""
        return people.moment(row.at)
