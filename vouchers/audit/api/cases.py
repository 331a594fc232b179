"""API: cases of the own bureau, what is written in them, and their signatures."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.stepping_up import require_confirmed
from common.api_fields import MoneyField
from common.pagination import ListPagination
from vouchers.audit.actions import case_entries, cases, conclusions
from vouchers.audit.api.serializers import SignSerializer
from vouchers.audit.models import Case, CaseConclusion, CaseEntry, CaseStatus, RiskFlag


class CaseSerializer(serializers.ModelSerializer[Case]):
    """A case with its subject and where it stands."""

    bill = serializers.CharField(source="bill.code", default=None)
    voucher = serializers.CharField(source="voucher.code", default=None)
    organization = serializers.CharField(source="organization.code", default=None)
    assignee = serializers.CharField(source="assignee.name", default=None)

    class Meta:
        model = Case
        fields: ClassVar = [
            "code", "source", "bill", "voucher", "organization", "question", "status", "assignee",
            "version", "due_on", "opened_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class CaseEntrySerializer(serializers.ModelSerializer[CaseEntry]):
    """One thing said or put into a case; `party` is the one organization that sees it besides the bureau."""

    party = serializers.CharField(source="party.code", default=None)
    written_by = serializers.CharField(source="written_by.name")
    file_sha256 = serializers.CharField(source="file.sha256", default=None)
    answer_by = serializers.DateField(source="letter.answer_by", default=None)

    class Meta:
        model = CaseEntry
        fields: ClassVar = [
            "number", "kind", "party", "text", "file_sha256", "answer_by", "written_at",
            "written_by",
        ]  # fmt: skip
        read_only_fields = fields


class ConclusionSerializer(serializers.ModelSerializer[CaseConclusion]):
    """The newest version of a conclusion, with the hash that two people sign."""

    recover = MoneyField(source="recover_fen", allow_null=True)
    debtor = serializers.CharField(source="debtor.code", default=None)
    suspended = serializers.CharField(source="suspended.code", default=None)

    class Meta:
        model = CaseConclusion
        fields: ClassVar = [
            "number", "outcome", "text", "recover", "debtor", "suspended", "suspended_until",
            "content_sha256", "written_at",
        ]  # fmt: skip
        read_only_fields = fields


class CaseDetailSerializer(CaseSerializer):
    """A case with its entries in order and its newest conclusion."""

    entries = CaseEntrySerializer(many=True)
    conclusion = ConclusionSerializer(allow_null=True)

    class Meta(CaseSerializer.Meta):
        fields: ClassVar = [*CaseSerializer.Meta.fields, "entries", "conclusion"]


class NewCaseSerializer(serializers.Serializer[object]):
    """What is looked into: a flag, or a bill and voucher with a stroke between, or an organization."""

    question = serializers.CharField(max_length=300)
    flag = serializers.CharField(max_length=16, required=False)
    subject = serializers.CharField(max_length=60, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either a flag or a subject."""
        if ("flag" in attrs) == ("subject" in attrs):
            raise serializers.ValidationError("flag | subject")
        return attrs


class TakeSerializer(serializers.Serializer[object]):
    """The version that was seen."""

    version = serializers.IntegerField(min_value=0)


class NoteSerializer(serializers.Serializer[object]):
    """A finding or a remark of the bureau."""

    kind = serializers.ChoiceField(choices=["finding", "remark"], help_text="finding or remark")
    text = serializers.CharField(max_length=4000)


class AskSerializer(serializers.Serializer[object]):
    """Which party is asked for what, until when."""

    party = serializers.CharField(max_length=16)
    text = serializers.CharField(max_length=4000)
    until = serializers.DateField()


class CaseListView(generics.ListAPIView[Case]):
    """Cases of the own bureau."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT
    serializer_class = CaseSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        """What is due first stands first."""
        rows = Case.objects.visible_to(actor_of(self.request)).with_subject()
        status = self.request.query_params.get("status", "")
        if status in CaseStatus.values:
            rows = rows.filter(status=status)
        return rows.order_by("due_on", "pk")

    @extend_schema(
        operation_id="api-case-list",
        parameters=[OpenApiParameter("status", OpenApiTypes.STR, enum=CaseStatus.values)],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List cases of a status."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="api-case-create",
        request=NewCaseSerializer,
        responses={201: CaseDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Open a case; of one redemption at most one is open."""
        asked = NewCaseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, given = actor_of(request), asked.validated_data
        if "flag" in given:
            flags = RiskFlag.objects.visible_to(actor)
            flag: RiskFlag = get_object_or_404(flags, code=given["flag"])
            made = cases.open_from_flag(
                by=actor, flag=flag, question=given["question"], at=timezone.now()
            )
        else:
            made = cases.open_by_hand(
                by=actor, subject=given["subject"], question=given["question"], at=timezone.now()
            )
        return _whole(actor, made.code, status=201)


class CaseView(APIView):
    """One case."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(operation_id="api-case-read", responses=CaseDetailSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a case with its entries and its newest conclusion."""
        return _whole(actor_of(request), code)


class CaseTakeView(APIView):
    """Who works on it."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-case-take", request=TakeSerializer, responses=CaseDetailSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Work on it oneself."""
        asked = TakeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        seen = asked.validated_data["version"]
        cases.take(by=actor, case=_found(actor, code), version=seen, at=timezone.now())
        return _whole(actor, code)


class CaseNoteView(APIView):
    """Findings and remarks."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-case-note", request=NoteSerializer, responses=CaseDetailSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Write a finding or a remark; no party sees it."""
        asked = NoteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        case_entries.note(
            by=actor, case=_found(actor, code), **asked.validated_data, at=timezone.now()
        )
        return _whole(actor, code)


class CaseAskView(APIView):
    """Letters."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-case-ask", request=AskSerializer, responses=CaseDetailSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Ask one party for a statement; the other one does not see it."""
        asked = AskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, given = actor_of(request), asked.validated_data
        case = _found(actor, code)
        parties = Organization.objects.filter(pk__in=[each.pk for each in case.parties()])
        case_entries.ask(
            by=actor, case=case, party=get_object_or_404(parties, code=given["party"]),
            text=given["text"], until=given["until"], at=timezone.now(),
        )  # fmt: skip
        return _whole(actor, code)


class CaseSignView(APIView):
    """Signatures; a key cannot sign, only a signed-in person."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-case-sign", request=SignSerializer, responses=CaseDetailSerializer
    )
    def post(self, request: Request, code: str) -> Response:
        """Sign the conclusion with this hash; the second signature carries it out."""
        asked = SignSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor = actor_of(request)
        case = _found(actor, code)
        if actor.key is None:
            require_confirmed(request)
        seen = asked.validated_data["content_sha256"]
        conclusions.sign(by=actor, case=case, content_sha256=seen, at=timezone.now())
        return _whole(actor, code)


def _found(actor: Actor, code: str) -> Case:
    rows = Case.objects.visible_to(actor).with_subject()
    case: Case = get_object_or_404(rows, code=code)
    return case


def _whole(actor: Actor, code: str, status: int = 200) -> Response:
    case = _found(actor, code)
    newest = conclusions.newest(case)
    told = {
        **CaseSerializer(case).data,
        "entries": CaseEntrySerializer(CaseEntry.objects.filter(case=case).light(), many=True).data,
        "conclusion": ConclusionSerializer(newest).data if newest else None,
    }
    return Response(told, status=status)
