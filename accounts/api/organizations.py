"""API: register an organization, read and change its profile, ask for a size."""

from typing import ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import wording
from accounts.access import PUBLIC, SIGNED_IN, Policy
from accounts.actions import organizations
from accounts.api_fields import HeadcountField, IndustryField, RegionField, UsccField
from accounts.authentication import actor_of
from accounts.models import Organization, OrganizationKind, Role, Size
from accounts.permissions import Permission
from accounts.rules import sizes
from common.api_fields import MoneyField


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    """An organization as its own people see it."""

    revenue = MoneyField(source="revenue_fen", allow_null=True)
    assets = MoneyField(source="assets_fen", allow_null=True)

    class Meta:
        model = Organization
        fields: ClassVar = [
            "code", "kind", "name", "uscc", "region", "industry", "section", "employees", "revenue",
            "assets", "size", "size_standard", "legal_person", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class FiguresSerializer(serializers.Serializer[object]):
    """Industry and the figures that a size depends on."""

    industry = IndustryField(allow_blank=True, default="")
    employees = HeadcountField(allow_null=True, default=None)
    revenue = MoneyField(source="revenue_fen", allow_null=True, default=None)
    assets = MoneyField(source="assets_fen", allow_null=True, default=None)


class ProfileSerializer(FiguresSerializer):
    """What is true about a company today."""

    name = serializers.CharField(max_length=100)
    region = RegionField()
    legal_person = serializers.CharField(max_length=50)


class RegistrationSerializer(ProfileSerializer):
    """A new organization, and the role of the registering person in it."""

    kind = serializers.ChoiceField(
        choices=[OrganizationKind.ENTERPRISE.value, OrganizationKind.PROVIDER.value]
    )
    uscc = UsccField()
    role = serializers.ChoiceField(choices=Role.choices)


class SizeBoundSerializer(serializers.Serializer[sizes.Seen]):
    """One bound that was looked at; `minimum` and `saw` are persons, or fen."""

    level = serializers.CharField()
    indicator = serializers.CharField()
    minimum = serializers.IntegerField()
    saw = serializers.IntegerField()
    is_reached = serializers.BooleanField()


class SizeSerializer(serializers.Serializer[object]):
    """A size and why."""

    size = serializers.ChoiceField(choices=Size.choices, source="level")
    standard = serializers.CharField()
    bounds = SizeBoundSerializer(many=True, source="seen")
    explanation = serializers.SerializerMethodField()

    def get_explanation(self, sizing: sizes.Sizing) -> str:
        """One sentence in the language of the request."""
        return wording.size_sentence(sizing)


class OrganizationListView(APIView):
    """Organizations of the signed-in person."""

    policies: ClassVar[dict[str, Policy]] = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    @extend_schema(
        operation_id="api-organization-list", responses=OrganizationSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        """List the organizations for which the person may act."""
        joined = Organization.objects.joined_by(actor_of(request).user).order_by("pk")
        return Response(OrganizationSerializer(joined, many=True).data)

    @extend_schema(
        operation_id="api-organization-register",
        request=RegistrationSerializer,
        responses={201: OrganizationSerializer},
    )
    def post(self, request: Request) -> Response:
        """Register an organization."""
        asked = RegistrationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = organizations.register(
            by=actor_of(request).user, at=timezone.now(), **asked.validated_data
        )
        return Response(OrganizationSerializer(made).data, status=201)


class OrganizationView(APIView):
    """The organization acted for."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORGANIZATION_VIEW,
        "PUT": Permission.ORGANIZATION_MANAGE,
    }

    @extend_schema(operation_id="api-organization-read", responses=OrganizationSerializer)
    def get(self, request: Request) -> Response:
        """Read the profile."""
        return Response(OrganizationSerializer(actor_of(request).own()).data)

    @extend_schema(
        operation_id="api-organization-update",
        request=ProfileSerializer,
        responses=OrganizationSerializer,
    )
    def put(self, request: Request) -> Response:
        """Change the profile; the size follows."""
        asked = ProfileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        saved = organizations.update_profile(
            by=actor_of(request), at=timezone.now(), **asked.validated_data
        )
        return Response(OrganizationSerializer(saved).data)


class SizeView(APIView):
    """The size standard as a calculator."""

    policy: ClassVar[Policy] = PUBLIC

    @extend_schema(
        operation_id="api-size-classify", request=FiguresSerializer, responses=SizeSerializer
    )
    def post(self, request: Request) -> Response:
        """Classify figures by the national SME standard and say which bound decided."""
        asked = FiguresSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(SizeSerializer(organizations.size_up(**asked.validated_data)).data)
