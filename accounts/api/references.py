"""API: the codes that other operations take."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, Policy
from accounts.rules import industries, regions


class IndustrySerializer(serializers.Serializer[Any]):
    """A class of GB/T 4754-2017; `is_covered` marks the fifteen sections of the program."""

    code = serializers.CharField()
    section = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()
    is_covered = serializers.SerializerMethodField()

    def get_is_covered(self, row: industries.Class) -> bool:
        """Whether the section is one of the fifteen."""
        return row.section in industries.COVERED


class RegionSerializer(serializers.Serializer[Any]):
    """A place of GB/T 2260."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField()


class IndustryListView(APIView):
    """Industries."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(operation_id="api-industry-list", responses=IndustrySerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the 97 major classes, and the middle classes of 59 and 70."""
        rows = sorted(
            [*industries.CLASSES.values(), *industries.MIDDLE_CLASSES.values()],
            key=lambda row: row.code,
        )
        return Response(IndustrySerializer(rows, many=True).data)


class RegionListView(APIView):
    """Places."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(operation_id="api-region-list", responses=RegionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the places that organizations and schemes may name."""
        rows = [
            {"code": code, "name": name, "name_en": name_en}
            for code, (name, name_en) in regions.REGIONS.items()
        ]
        return Response(RegionSerializer(rows, many=True).data)
