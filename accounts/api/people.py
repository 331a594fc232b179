"""API: who is asking."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, Actor, Policy
from accounts.authentication import actor_of


class ActorSerializer(serializers.Serializer[Actor]):
    """The person or key, the organization acted for, and what may be done."""

    person = serializers.CharField(source="user.code")
    organization = serializers.CharField(source="organization.code", default=None, allow_null=True)
    organization_kind = serializers.CharField(
        source="organization.kind", default=None, allow_null=True
    )
    key = serializers.CharField(source="key.prefix", default=None, allow_null=True)
    permissions = serializers.SerializerMethodField()

    def get_permissions(self, actor: Actor) -> list[str]:
        """Permissions in alphabetical order."""
        return sorted(actor.permissions)


class MeView(APIView):
    """The caller."""

    policy: ClassVar[Policy] = SIGNED_IN

    @extend_schema(operation_id="api-me-read", responses=ActorSerializer)
    def get(self, request: Request) -> Response:
        """Tell who is asking: the first call to make with a new key."""
        return Response(ActorSerializer(actor_of(request)).data)
