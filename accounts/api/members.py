"""API: the team."""

from typing import ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import wording
from accounts.access import Policy
from accounts.actions import members
from accounts.authentication import actor_of
from accounts.models import Membership, OrganizationKind, Role
from accounts.permissions import Permission
from accounts.rules import identity
from common.pagination import ListPagination


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """One person's role."""

    person = serializers.CharField(source="user.code")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = Membership
        fields: ClassVar = ["code", "person", "name", "email", "role", "created_at", "ended_at"]
        read_only_fields = fields


class NewMemberSerializer(serializers.Serializer[object]):
    """A person to add; `identity_number` is required in bureaus, and only its digest is kept."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=50)
    role = serializers.ChoiceField(choices=Role.choices)
    identity_number = serializers.CharField(max_length=24, required=False, write_only=True)

    def validate_identity_number(self, text: str) -> str:
        """The keyed digest of the number."""
        try:
            return identity.person_key(text, settings.SECRET_KEY)
        except identity.InvalidIdentityNumber as error:
            words = str(wording.IDENTITY_NUMBER)
            raise serializers.ValidationError(words, code="identity_number") from error


class MemberListView(generics.GenericAPIView[Membership]):
    """Members of the organization acted for."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORGANIZATION_VIEW,
        "POST": Permission.ORGANIZATION_MANAGE,
    }
    serializer_class = MembershipSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        """Current roles, oldest first."""
        team = Membership.objects.visible_to(actor_of(self.request)).current()
        return team.select_related("user").order_by("pk")

    @extend_schema(operation_id="api-member-list")
    def get(self, request: Request) -> Response:
        """List who works here in which role."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="api-member-add",
        request=NewMemberSerializer,
        responses={201: MembershipSerializer},
    )
    def post(self, request: Request) -> Response:
        """Give a person a role."""
        asked = NewMemberSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data = dict(asked.validated_data)
        actor = actor_of(request)
        if actor.is_kind(OrganizationKind.BUREAU) and "identity_number" not in data:
            raise serializers.ValidationError({"identity_number": str(wording.IDENTITY_NUMBER)})
        key = data.pop("identity_number", "")
        made = members.add(by=actor, person_key=key, at=timezone.now(), **data)
        return Response(MembershipSerializer(made).data, status=201)


class MemberEndView(APIView):
    """End of a role."""

    policy: ClassVar[Policy] = Permission.ORGANIZATION_MANAGE

    @extend_schema(operation_id="api-member-end", request=None, responses=MembershipSerializer)
    def post(self, request: Request, code: str) -> Response:
        """End a role; a second call changes nothing."""
        actor = actor_of(request)
        row = get_object_or_404(Membership.objects.visible_to(actor), code=code)
        ended = members.end(by=actor, membership=row, at=timezone.now())
        return Response(MembershipSerializer(ended).data)
