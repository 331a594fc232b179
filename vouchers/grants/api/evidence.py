"""API: evidence beside an application."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.downloads import attachment
from vouchers.grants.actions import evidence
from vouchers.grants.models import Application, Evidence, EvidenceKind

from .applications import one


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """One file beside an application."""

    file = serializers.UUIDField(source="file_id")
    name = serializers.CharField(source="file.name")
    content_type = serializers.CharField(source="file.content_type")
    size_bytes = serializers.IntegerField(source="file.size_bytes")
    sha256 = serializers.CharField(source="file.sha256")

    class Meta:
        model = Evidence
        fields: ClassVar = [
            "file", "kind", "name", "content_type", "size_bytes", "sha256", "added_at",
        ]  # fmt: skip
        read_only_fields = fields


class UploadSerializer(serializers.Serializer[Any]):
    """A new file: PDF, OFD, JPG or PNG, at most 10 MB, without a password."""

    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    file = serializers.FileField(allow_empty_file=True, max_length=200)


class ReuseSerializer(serializers.Serializer[Any]):
    """A file that the enterprise handed in before."""

    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    file = serializers.UUIDField()


class EvidenceListView(APIView):
    """Files beside an application."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORGANIZATION_VIEW,
        "POST": Permission.ORGANIZATION_VIEW,
    }
    parser_classes = (MultiPartParser, FormParser, JSONParser)

    @extend_schema(operation_id="api-evidence-list", responses=EvidenceSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List the files."""
        rows = one(request, code).evidence.light().order_by("pk")
        return Response(EvidenceSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="api-evidence-add",
        request={"multipart/form-data": UploadSerializer},
        responses={201: EvidenceSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Add a file to a draft, or to what an open supplement asks for."""
        application = _own(request, code)
        asked = UploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = evidence.add(
            by=actor_of(request),
            application=application,
            at=timezone.now(),
            **asked.validated_data,
        )
        return Response(EvidenceSerializer(made).data, status=201)


class EvidenceReuseView(APIView):
    """Use of an earlier file."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_VIEW

    @extend_schema(
        operation_id="api-evidence-reuse",
        request=ReuseSerializer,
        responses={201: EvidenceSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Put a file of an earlier application beside this one too."""
        application = _own(request, code)
        asked = ReuseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = evidence.reuse(
            by=actor_of(request),
            application=application,
            kind=asked.validated_data["kind"],
            file_id=asked.validated_data["file"],
            at=timezone.now(),
        )
        return Response(EvidenceSerializer(made).data, status=201)


class EvidenceView(APIView):
    """One file."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORGANIZATION_VIEW,
        "DELETE": Permission.APPLICATION_PREPARE,
    }

    @extend_schema(
        operation_id="api-evidence-read",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, code: str, file: UUID) -> HttpResponse:
        """Download a file, always as an attachment."""
        rows = Evidence.objects.visible_to(actor_of(request)).select_related("file")
        found = rows.filter(application__code=code, file_id=file).order_by("pk").first()
        if found is None:
            raise Http404
        return attachment(found.file)

    @extend_schema(operation_id="api-evidence-remove", responses={204: None})
    def delete(self, request: Request, code: str, file: UUID) -> Response:
        """Take a file away from a draft."""
        evidence.remove(
            by=actor_of(request), application=_own(request, code), file_id=file, at=timezone.now()
        )
        return Response(status=204)


def _own(request: Request, code: str) -> Application:
    """An application of the own enterprise, or 404."""
    found = one(request, code)
    if found.enterprise != actor_of(request).organization:
        raise Http404
    return found
