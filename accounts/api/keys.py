"""API: keys. A key cannot call these: they need a signed-in person."""

from typing import ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.actions import keys
from accounts.authentication import actor_of
from accounts.models import ApiKey
from accounts.permissions import Permission
from common.pagination import ListPagination


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Permission.choices))

    class Meta:
        model = ApiKey
        fields: ClassVar = [
            "prefix",
            "name",
            "scopes",
            "is_signed",
            "created_at",
            "expires_at",
            "revoked_at",
        ]
        read_only_fields = fields


class NewKeySerializer(serializers.Serializer[object]):
    """Name, permissions and end of a new key."""

    name = serializers.CharField(max_length=50)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Permission.choices), allow_empty=False, max_length=50
    )
    expires_at = serializers.DateTimeField()
    is_signed = serializers.BooleanField(
        default=False,
        help_text="Requests of this key must be signed; `token` is then the secret to sign with.",
    )


class MadeKeySerializer(KeySerializer):
    """A key with the only copy of its secret."""

    token = serializers.CharField()

    class Meta(KeySerializer.Meta):
        fields: ClassVar = [*KeySerializer.Meta.fields, "token"]


class KeyListView(generics.GenericAPIView[ApiKey]):
    """Keys of the organization acted for."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_MANAGE
    serializer_class = KeySerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = ApiKey.objects.none()

    def get_queryset(self) -> QuerySet[ApiKey]:
        """Newest first."""
        return ApiKey.objects.visible_to(actor_of(self.request)).order_by("-created_at", "-pk")

    @extend_schema(operation_id="api-key-list")
    def get(self, request: Request) -> Response:
        """List keys with what they may do and how long."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="api-key-create", request=NewKeySerializer, responses={201: MadeKeySerializer}
    )
    def post(self, request: Request) -> Response:
        """Make a key; `token` is answered this once."""
        asked = NewKeySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        key, token = keys.create(by=actor_of(request), at=timezone.now(), **asked.validated_data)
        body = {**KeySerializer(key).data, "token": token}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})


class KeyRevokeView(APIView):
    """End of a key."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_MANAGE

    @extend_schema(operation_id="api-key-revoke", request=None, responses=KeySerializer)
    def post(self, request: Request, code: str) -> Response:
        """End a key for good; a second call changes nothing."""
        actor = actor_of(request)
        key = get_object_or_404(ApiKey.objects.visible_to(actor), prefix=code)
        return Response(KeySerializer(keys.revoke(by=actor, key=key, at=timezone.now())).data)
