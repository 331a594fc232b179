"""Latency circles: what a district reaches, and tables to load."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, SIGNED_IN, Policy
from accounts.authentication import actor_of
from accounts.rules import regions
from accounts.wording import REGION
from common.api_fields import QuantityField, StrictBooleanField
from providers.actions import latency
from providers.models import LatencySource


class CircleQuerySerializer(serializers.Serializer[Any]):
    """From which district, within how many milliseconds."""

    district = serializers.CharField(max_length=6)
    limit_ms = serializers.DecimalField(
        max_digits=8, decimal_places=3, min_value=0, required=False, allow_null=True, default=None
    )

    def validate_district(self, value: str) -> str:
        """A place by GB/T 2260."""
        try:
            return regions.normalize(value)
        except regions.InvalidRegion as error:
            raise serializers.ValidationError(str(REGION[error.reason])) from error


class CircleSerializer(serializers.Serializer[Any]):
    """A facility with its figure for the district."""

    facility = serializers.CharField(source="facility.code")
    name = serializers.CharField(source="facility.name")
    provider = serializers.CharField(source="facility.provider.code")
    latency = QuantityField(source="latency_us", unit="microseconds")
    mark = serializers.ChoiceField(source="source", choices=LatencySource.choices)


class CircleList(APIView):
    """Facilities within a circle."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(
        operation_id="latencies_list",
        parameters=[
            OpenApiParameter("district", str, required=True),
            OpenApiParameter("limit_ms", str),
        ],
        responses=CircleSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Facilities that the district reaches, the nearest first."""
        asked = CircleQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = latency.circles(at=timezone.now(), **asked.validated_data)
        return Response(CircleSerializer(found, many=True).data)


class LatencyImportRequestSerializer(serializers.Serializer[Any]):
    """The text of a CSV table."""

    table = serializers.CharField(max_length=1_000_000, trim_whitespace=False)
    dry_run = StrictBooleanField(default=False)


class LatencyRowSerializer(serializers.Serializer[Any]):
    """What became of a row."""

    row = serializers.IntegerField(source="number")
    facility = serializers.CharField(allow_blank=True)
    district = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(
        choices=[(each.value, each.value) for each in latency.Outcome]
    )
    message = serializers.CharField(allow_blank=True)


class LatencyImport(APIView):
    """A table of latencies; a provider declares, a bureau has it measured."""

    policy: ClassVar[Policy] = SIGNED_IN

    @extend_schema(
        operation_id="latencies_load",
        request=LatencyImportRequestSerializer,
        responses=LatencyRowSerializer(many=True),
    )
    def post(self, request: Request) -> Response:
        """Take all rows or none; the same table again changes nothing."""
        sent = LatencyImportRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        found = latency.load(
            by=actor_of(request),
            content=sent.validated_data["table"].encode(),
            at=timezone.now(),
            is_trial=sent.validated_data["dry_run"],
        )
        return Response(LatencyRowSerializer(found, many=True).data)
