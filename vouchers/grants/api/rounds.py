"""API: a round over the applications of a scheme that wait for their first review."""

from typing import Any, ClassVar

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
from common.api_fields import MoneyField
from vouchers.grants import wording
from vouchers.grants.actions import rounds
from vouchers.grants.models import Scheme, SchemeStatus
from vouchers.grants.rules.answers import CapLine
from vouchers.grants.rules.refusals import REFUSALS


class CapStandSerializer(serializers.Serializer[CapLine]):
    """A cap as it would stand after the round, in whole `unit`: fen, hundredths of a card-hour, or decisions."""

    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    limit = serializers.IntegerField(source="limit_fen")
    used = serializers.IntegerField(source="used_fen")
    left = serializers.IntegerField(source="left_fen")

    def get_title(self, cap: CapLine) -> str:
        """What the cap is called."""
        return wording.said(cap.title)

    def get_unit(self, cap: CapLine) -> str:
        """What is counted."""
        units = {"money": "fen", "card_hours": "card_hour_hundredths"}
        return "decisions" if cap.is_count else units[cap.unit]


class RoundLineSerializer(serializers.Serializer[rounds.Line]):
    """What one application would get; `own_cap` is the tightest of its applicant's own caps afterwards."""

    application = serializers.CharField(source="application.code")
    enterprise = serializers.CharField(source="application.enterprise.name")
    submitted_at = serializers.DateTimeField(source="application.submitted_at")
    verdict = serializers.ChoiceField(source="answer.verdict", choices=["yes", "no", "perhaps"])
    amount = MoneyField(source="answer.amount_fen")
    binding_cap = serializers.CharField(source="answer.binding_cap")
    refusals = serializers.ListField(
        source="answer.refusals", child=serializers.ChoiceField(choices=list(REFUSALS))
    )
    own_cap = CapStandSerializer(source="own", allow_null=True)


class RoundResultSerializer(serializers.Serializer[rounds.Round]):
    """How many were answered, and how they came out."""

    answered = serializers.IntegerField()
    yes = serializers.IntegerField()
    no = serializers.IntegerField()
    perhaps = serializers.IntegerField()


class RoundPreviewSerializer(serializers.Serializer[rounds.Preview]):
    """What a round would answer; send `seen` back to confirm exactly this."""

    seen = serializers.CharField()
    result = RoundResultSerializer()
    total = MoneyField(source="total_fen")
    budget_left = MoneyField(source="budget_left_fen")
    budget_left_afterwards = MoneyField(source="rest_fen")
    shared_caps = CapStandSerializer(source="shared", many=True)
    lines = RoundLineSerializer(many=True)


class RoundConfirmSerializer(serializers.Serializer[Any]):
    """Which preview is confirmed."""

    seen = serializers.CharField(max_length=64)


class RoundView(APIView):
    """The round of a scheme of the own bureau."""

    policy: ClassVar[Policy] = Permission.APPLICATION_REVIEW

    @extend_schema(operation_id="api-round-preview", responses=RoundPreviewSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Look at who would get what, and at what would be left of each cap. Nothing is written."""
        found = rounds.preview(by=actor_of(request), scheme=_own(request, code))
        return Response(RoundPreviewSerializer(found).data)

    @extend_schema(
        operation_id="api-round-assess",
        request=RoundConfirmSerializer,
        responses=RoundResultSerializer,
    )
    def post(self, request: Request, code: str) -> Response:
        """Store the answers of that preview; 409 `round_changed` when they would be others by now."""
        scheme = _own(request, code)
        asked = RoundConfirmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = rounds.assess_round(
            by=actor_of(request), scheme=scheme, at=timezone.now(), **asked.validated_data
        )
        return Response(RoundResultSerializer(done).data)


def _own(request: Request, code: str) -> Scheme:
    own = Scheme.objects.filter(bureau=actor_of(request).own()).exclude(status=SchemeStatus.DRAFT)
    return get_object_or_404(own, code=code)
