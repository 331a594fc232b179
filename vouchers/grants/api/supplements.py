"""API: supplements, asked by the bureau and answered by the enterprise."""

from typing import Any, ClassVar

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from vouchers.grants.actions import supplements
from vouchers.grants.models import Remark, Supplement

from .applications import one


class FieldRemarkSerializer(serializers.ModelSerializer[Remark]):
    """One remark on one field, with its answer."""

    before = serializers.JSONField()
    after = serializers.JSONField()

    class Meta:
        model = Remark
        fields: ClassVar = ["field", "text", "answer", "before", "after"]
        read_only_fields = fields


class SupplementSerializer(serializers.ModelSerializer[Supplement]):
    """What was asked, until when, and what was answered."""

    remarks = FieldRemarkSerializer(many=True)
    last_day = serializers.DateField()

    class Meta:
        model = Supplement
        fields: ClassVar = [
            "stage", "status", "asked_at", "last_day", "answered_at", "lapsed_at", "remarks",
        ]  # fmt: skip
        read_only_fields = fields


class NewFieldRemarkSerializer(serializers.Serializer[Any]):
    """A field and what is missing or wrong."""

    field = serializers.CharField(max_length=80)
    text = serializers.CharField(max_length=supplements.MOST_TEXT)


class NewSupplementSerializer(serializers.Serializer[Any]):
    """Every remark at once, and the last day."""

    remarks = NewFieldRemarkSerializer(many=True)
    due_on = serializers.DateField()


class RemarkAnswerSerializer(serializers.Serializer[Any]):
    """Words, a corrected value, or both."""

    field = serializers.CharField(max_length=80)
    text = serializers.CharField(
        max_length=supplements.MOST_ANSWER, allow_blank=True, default="", trim_whitespace=True
    )
    value = serializers.JSONField(required=False)


class RemarkAnswersSerializer(serializers.Serializer[Any]):
    """Answers by field."""

    answers = RemarkAnswerSerializer(many=True, allow_empty=True)

    def by_field(self) -> dict[str, supplements.Answer]:
        """The answers as the actions take them."""
        return {
            each["field"]: supplements.Answer(each["text"], each.get("value"))
            for each in self.validated_data["answers"]
        }


class SupplementListView(APIView):
    """Supplements of an application."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORGANIZATION_VIEW,
        "POST": Permission.APPLICATION_REVIEW,
    }

    @extend_schema(operation_id="api-supplement-list", responses=SupplementSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List supplements, the oldest first."""
        rows = one(request, code).supplements.prefetch_related("remarks").order_by("pk")
        return Response(SupplementSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="api-supplement-ask",
        request=NewSupplementSerializer,
        responses={201: SupplementSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Ask the enterprise to correct every named field by a last day."""
        application = one(request, code)
        asked = NewSupplementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        made = supplements.ask(
            by=actor_of(request),
            application=application,
            remarks=[(each["field"], each["text"]) for each in given["remarks"]],
            due_on=given["due_on"],
            at=timezone.now(),
        )
        return Response(SupplementSerializer(made).data, status=201)


class SupplementSaveView(APIView):
    """Keeping answers that are not handed in yet."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(
        operation_id="api-supplement-save",
        request=RemarkAnswersSerializer,
        responses=SupplementSerializer,
    )
    def put(self, request: Request, code: str) -> Response:
        """Keep answers to the latest supplement."""
        latest = _latest(request, code)
        asked = RemarkAnswersSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        saved = supplements.save(
            by=actor_of(request), supplement=latest, answers=asked.by_field(), at=timezone.now()
        )
        return Response(SupplementSerializer(saved).data)


class SupplementAnswerView(APIView):
    """Handing in."""

    policy: ClassVar[Policy] = Permission.APPLICATION_SUBMIT

    @extend_schema(
        operation_id="api-supplement-answer",
        request=RemarkAnswersSerializer,
        responses=SupplementSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Sign the answers to the latest supplement and hand them in."""
        latest = _latest(request, code)
        asked = RemarkAnswersSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = supplements.answer(
            by=actor_of(request), supplement=latest, answers=asked.by_field(), at=timezone.now()
        )
        return Response(SupplementSerializer(done).data)


def _latest(request: Request, code: str) -> Supplement:
    application = one(request, code)
    if application.enterprise != actor_of(request).organization:
        raise Http404
    newest = application.supplements.order_by("-pk").first()
    found: Supplement = get_object_or_404(
        application.supplements.select_related("application"), pk=newest.pk if newest else 0
    )
    return found
