"""API: the receipt of an application, and where it stands."""

from datetime import date, datetime
from typing import ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.permissions import Permission
from common import pdf
from common.components import Moment
from vouchers.grants.shown import papers, timelines

from .applications import seen_by


class MomentSerializer(serializers.Serializer[Moment]):
    """One step: done, now, later or stopped; of the present one who has it and until which day."""

    what = serializers.CharField()
    state = serializers.ChoiceField(choices=["done", "now", "later", "stopped"])
    at = serializers.DateTimeField(allow_null=True)
    who = serializers.CharField(allow_blank=True)
    until = serializers.SerializerMethodField()
    note = serializers.CharField(allow_blank=True)

    def get_until(self, moment: Moment) -> date | None:
        """The last day of the present step."""
        return moment.until.date() if isinstance(moment.until, datetime) else moment.until


class ApplicationReceiptView(APIView):
    """The receipt."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(
        operation_id="api-application-receipt",
        responses={(200, pdf.CONTENT_TYPE): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, code: str) -> HttpResponse:
        """What was handed in, as PDF, with the hashes of the files; 404 before it was handed in."""
        rows = seen_by(request).filter(submitted_at__isnull=False)
        found = get_object_or_404(rows.select_related("scheme__bureau"), code=code)
        return pdf.response(papers.receipt(found), f"{found.code}.pdf")


class ApplicationTimelineView(APIView):
    """Where an application stands."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(operation_id="api-application-timeline", responses=MomentSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """Every step with its date, the present one with who has it and until when."""
        rows = seen_by(request).select_related("scheme__bureau", "notice", "voucher")
        steps = timelines.timeline(get_object_or_404(rows, code=code))
        return Response(MomentSerializer(steps, many=True).data)  # type: ignore[arg-type]
