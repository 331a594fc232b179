"""Import and export of facilities, offerings, prices and capacity by file."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import StrictBooleanField
from providers import supply_files
from providers.actions import imports, sheets
from providers.rules import tables

SUBJECT = OpenApiParameter("subject", str, OpenApiParameter.PATH, enum=list(sheets.SUBJECTS))


class SheetImportRequestSerializer(serializers.Serializer[Any]):
    """A filled-in template, CSV or XLSX; a dry run answers the same and keeps nothing."""

    file = serializers.FileField(allow_empty_file=True)
    dry_run = StrictBooleanField(default=False)


class RowAnswerSerializer(serializers.Serializer[Any]):
    """What became of a row; `about` is the number of what it concerns."""

    number = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=["changed", "unchanged", "refused"])
    about = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class SheetAnswerSerializer(serializers.Serializer[Any]):
    """What became of each row, in the file's order."""

    rows = RowAnswerSerializer(many=True)


class SheetFile(APIView):
    """One subject's table: what the provider has as CSV, or a file to import."""

    policy = Permission.PROVIDER_MANAGE
    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="supply_files_export",
        parameters=[SUBJECT],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, subject: str) -> HttpResponse:
        """Everything of the caller's provider; sent back as it is, it changes nothing."""
        return supply_files.export(
            by=actor_of(request), subject=_known(subject), form="csv", at=timezone.now()
        )

    @extend_schema(
        operation_id="supply_files_import",
        parameters=[SUBJECT],
        request={"multipart/form-data": SheetImportRequestSerializer},
        responses={200: SheetAnswerSerializer},
    )
    def post(self, request: Request, subject: str) -> Response:
        """Take each row by itself; the same file again changes nothing."""
        _known(subject)
        sent = SheetImportRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        answers = imports.run(
            by=actor_of(request),
            subject=subject,
            content=sent.validated_data["file"].read(tables.MOST_BYTES + 1),
            dry_run=sent.validated_data["dry_run"],
            at=timezone.now(),
        )
        return Response(SheetAnswerSerializer({"rows": answers}).data)


def _known(subject: str) -> str:
    if subject not in sheets.SUBJECTS:
        raise NotFound
    return subject
