"""Surveys over the API: what customers answered, answer by answer."""

from typing import Any, ClassVar

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from guides.models import SurveyAnswer
from guides.queries import surveying
from newretail.kernel import clock
from newretail.kernel.api import asked, schema
from newretail.kernel.api.views import Door
from newretail.kernel.scopes import Resource

TOLD = ("question", "reply__survey", "reply__member", "reply__post__user", "reply__post__store")
FINDS: asked.Narrowing = {
    "survey": "reply__survey__code", "sku": "reply__products__sku", "member_no": "reply__member__member_no",
    "store_code": "reply__post__store__code",
}  # fmt: skip
OF_DAYS: asked.Narrowing = asked.days("reply__answered_at", clock.day_start)
KIND = "choice · score_5 · score_10 · yes_no · text"
NUMBER = "选项序号、分数，或是 1 否 0；文字题为空 · the place of the choice, the score, yes 1, no 0; null of a text"
ANSWER = (
    "答案的文字；没有个人信息权限时，顾客原话显示为 ****"
    " · the answer in words; a customer's own are **** for a key without personal data"
)


class SurveyAnswerOut(serializers.Serializer[Any]):
    """What a customer answered to one question."""

    survey = serializers.CharField(source="reply.survey.code")
    version = serializers.IntegerField(source="reply.survey.version")
    question_no = serializers.IntegerField(source="question.nth")
    question = serializers.CharField(source="question.words")
    kind = serializers.CharField(source="question.kind", help_text=KIND)
    number = serializers.IntegerField(allow_null=True, help_text=NUMBER)
    answer = serializers.CharField(source="shown", help_text=ANSWER)
    skus = serializers.ListField(child=serializers.CharField())
    member_no = serializers.CharField(source="reply.member.member_no")
    staff_no = schema.named("reply.post.user.staff_no")
    store_code = schema.named("reply.post.store.code")
    answered_at = serializers.DateTimeField(source="reply.answered_at")


class SurveyAnswers(Door):
    """Answers that stand."""

    resource: ClassVar[Resource] = "surveys"
    queries: ClassVar[frozenset[str]] = asked.PAGED | set(FINDS) | set(OF_DAYS)

    @extend_schema(
        operation_id="list_survey_answers", parameters=[*schema.PAGE, *schema.narrowing(FINDS), *schema.DAYS],
        responses=schema.page_of(SurveyAnswerOut, "SurveyAnswers"),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List answers as they came in; those of a task that was undone or given back are not there."""
        seen = SurveyAnswer.objects.visible_to(request.user).select_related(*TOLD)
        rows = asked.narrow(request.query_params, seen, {**FINDS, **OF_DAYS})
        return schema.listed(request, surveying.with_goods(rows), ("id",), SurveyAnswerOut, _written_since)


def _written_since(line: int) -> Q:
    return Q(reply__entry_id__gte=line)
