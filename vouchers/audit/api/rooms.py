"""API: the auditor's room. For the person who was let in; a key of an organization never enters."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, Policy
from accounts.authentication import actor_of
from vouchers.audit.actions import chain_lines, rooms


class RoomSerializer(serializers.Serializer[Any]):
    """The room, and the chain behind the number that was asked for: one object a station, empty for nothing.

    The stations are those of the sealed package: amounts in fen, quantities in base units.
    """

    code = serializers.CharField()
    bureau = serializers.CharField()
    expires_at = serializers.DateTimeField()
    number = serializers.CharField(allow_blank=True)
    chain = serializers.ListField(child=serializers.JSONField())


class RoomView(APIView):
    """One room."""

    policy: ClassVar[Policy] = SIGNED_IN

    @extend_schema(
        operation_id="api-room-look",
        parameters=[OpenApiParameter("number", OpenApiTypes.STR)],
        responses=RoomSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        """Search any number and read its chain; each look is logged."""
        number = request.query_params.get("number", "")
        room, chain = rooms.look(by=actor_of(request), code=code, number=number, at=timezone.now())
        told = {
            "code": room.code,
            "bureau": room.bureau.code,
            "expires_at": room.expires_at,
            "number": number,
            "chain": list(chain_lines.of(chain)) if chain else [],
        }
        return Response(RoomSerializer(told).data)
