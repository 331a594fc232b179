"""API: cases in which a bureau wrote to the own organization, its own letters and answers alone."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from vouchers.audit.actions import case_entries
from vouchers.audit.models import Case, CaseEntry


class InquirySerializer(serializers.ModelSerializer[Case]):
    """What a bureau asks about; the bill, never the voucher."""

    bureau = serializers.CharField(source="bureau.code")
    bill = serializers.CharField(source="bill.code", default=None)

    class Meta:
        model = Case
        fields: ClassVar = ["code", "bureau", "bill", "question", "closed_at"]
        read_only_fields = fields


class InquiryEntrySerializer(serializers.ModelSerializer[CaseEntry]):
    """A letter to the own organization, or what it answered and handed in."""

    file_sha256 = serializers.CharField(source="file.sha256", default=None)
    answer_by = serializers.DateField(source="letter.answer_by", default=None)

    class Meta:
        model = CaseEntry
        fields: ClassVar = ["number", "kind", "text", "file_sha256", "answer_by", "written_at"]
        read_only_fields = fields


class InquiryDetailSerializer(InquirySerializer):
    """An inquiry with what the own organization may see of it."""

    entries = InquiryEntrySerializer(many=True)

    class Meta(InquirySerializer.Meta):
        fields: ClassVar = [*InquirySerializer.Meta.fields, "entries"]


class InquiryStatementSerializer(serializers.Serializer[object]):
    """A statement in words."""

    text = serializers.CharField(max_length=4000)


class InquiryListView(generics.ListAPIView[Case]):
    """Cases in which a bureau wrote to the own organization."""

    policy: ClassVar[Policy] = Permission.CASE_ANSWER
    serializer_class = InquirySerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        """The latest first."""
        rows = Case.objects.told_to(actor_of(self.request))
        return rows.select_related("bureau", "bill").order_by("-opened_at", "-pk")

    @extend_schema(operation_id="api-inquiry-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List inquiries."""
        return self.list(request, *args, **kwargs)


class InquiryView(APIView):
    """One inquiry."""

    policy: ClassVar[Policy] = Permission.CASE_ANSWER

    @extend_schema(operation_id="api-inquiry-read", responses=InquiryDetailSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read the letters to the own organization and its answers."""
        return _whole(actor_of(request), code)


class InquiryAnswerView(APIView):
    """Statements."""

    policy: ClassVar[Policy] = Permission.CASE_ANSWER

    @extend_schema(
        operation_id="api-inquiry-answer",
        request=InquiryStatementSerializer,
        responses=InquiryDetailSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Make a statement; the bureau reads it, the other party does not."""
        asked = InquiryStatementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        text = asked.validated_data["text"]
        case_entries.answer(by=actor, case=_found(actor, code), text=text, at=timezone.now())
        return _whole(actor, code)


def _found(actor: Actor, code: str) -> Case:
    rows = Case.objects.told_to(actor).select_related("bureau", "bill")
    case: Case = get_object_or_404(rows, code=code)
    return case


def _whole(actor: Actor, code: str) -> Response:
    case = _found(actor, code)
    own = CaseEntry.objects.filter(case=case, party=actor.organization).light()
    entries = InquiryEntrySerializer(own, many=True).data
    return Response({**InquirySerializer(case).data, "entries": entries})
