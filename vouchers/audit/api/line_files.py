"""API: all lines of a signed settlement as files, made by a worker and kept."""

from typing import ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from vouchers.audit.actions import line_files
from vouchers.audit.models import LineFile, Settlement


class LineFileSerializer(serializers.ModelSerializer[LineFile]):
    """One file with its digest."""

    sha256 = serializers.CharField(source="file.sha256")

    class Meta:
        model = LineFile
        fields: ClassVar = ["form", "lines", "sha256", "made_at"]
        read_only_fields = fields


class StartedSerializer(serializers.Serializer[object]):
    """Work that was started."""

    job = serializers.CharField(source="code")
    total = serializers.IntegerField(source="total_count", help_text="Steps of the work.")


def _settlement(request: Request, code: str) -> Settlement:
    own = Settlement.objects.filter(scheme__bureau=actor_of(request).organization)
    return get_object_or_404(own, code=code)


class LineFileListView(APIView):
    """The line files of a settlement."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_PREPARE

    @extend_schema(operation_id="api-line-file-list", responses=LineFileSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """Read which files were made, with their digests."""
        found = line_files.of(_settlement(request, code))
        return Response(LineFileSerializer(found, many=True).data)

    @extend_schema(
        operation_id="api-line-file-start", request=None, responses={202: StartedSerializer}
    )
    def post(self, request: Request, code: str) -> Response:
        """Start making them; a second call answers the work under way."""
        job = line_files.start(
            by=actor_of(request), settlement=_settlement(request, code), at=timezone.now()
        )
        return Response(StartedSerializer(job).data, status=202)


class LineFileView(APIView):
    """One of the files."""

    policy: ClassVar[Policy] = Permission.SETTLEMENT_PREPARE

    @extend_schema(
        operation_id="api-line-file-read",
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, code: str, form: str) -> HttpResponse:
        """Download it."""
        own = LineFile.objects.filter(settlement=_settlement(request, code))
        made = get_object_or_404(own.select_related("file"), form=form).file
        answer = HttpResponse(bytes(made.content), content_type=made.content_type)
        answer["Content-Disposition"] = f'attachment; filename="{made.name}"'
        return answer
