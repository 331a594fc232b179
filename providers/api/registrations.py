"""Registrations: submit; for the bureau list, look, verify, refuse."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from providers.actions import registrations
from providers.filters import ProviderFilter
from providers.models import LicenseKind, Provider


class ProviderSerializer(serializers.ModelSerializer[Provider]):
    """A registration; `remark` says why it was sent back."""

    name = serializers.CharField(source="organization.name")
    uscc = serializers.CharField(source="organization.uscc")

    class Meta:
        model = Provider
        fields = (
            "code",
            "name",
            "uscc",
            "status",
            "contact",
            "license_kind",
            "license_number",
            "license_expires_on",
            "remark",
            "submitted_at",
            "decided_at",
        )
        read_only_fields = fields


class RegistrationRequestSerializer(serializers.Serializer[Any]):
    """What a provider submits."""

    contact = serializers.CharField(max_length=100)
    license_kind = serializers.ChoiceField(
        choices=LicenseKind.choices, default=LicenseKind.IDC.value
    )
    license_number = serializers.CharField(max_length=50)
    license_expires_on = serializers.DateField()


class RefusalRequestSerializer(serializers.Serializer[Any]):
    """Why a registration goes back."""

    remark = serializers.CharField(max_length=1000, allow_blank=True)


class ProviderList(generics.ListAPIView[Provider]):
    """Registrations: the bureau lists them, a provider submits its own."""

    policies: ClassVar = {
        "GET": Permission.PROVIDER_VERIFY,
        "POST": Permission.PROVIDER_MANAGE,
    }
    queryset = Provider.objects.none()
    serializer_class = ProviderSerializer
    pagination_class = ListPagination
    filterset_class = ProviderFilter

    def get_queryset(self) -> QuerySet[Provider]:
        """Those visible to the caller, waiting ones first."""
        rows = Provider.objects.visible_to(actor_of(self.request))
        return rows.select_related("organization").waiting_first()

    @extend_schema(
        operation_id="providers_submit",
        request=RegistrationRequestSerializer,
        responses={201: ProviderSerializer},
    )
    def post(self, request: Request) -> Response:
        """Submit the registration of the caller's organization."""
        sent = RegistrationRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = registrations.submit(by=actor_of(request), at=timezone.now(), **sent.validated_data)
        return Response(ProviderSerializer(made).data, status=status.HTTP_201_CREATED)


class ProviderDetail(generics.RetrieveAPIView[Provider]):
    """One registration, for officers who verify."""

    policy = Permission.PROVIDER_VERIFY
    queryset = Provider.objects.none()
    serializer_class = ProviderSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Provider]:
        """Those visible to the caller."""
        rows = Provider.objects.visible_to(actor_of(self.request))
        return rows.select_related("organization")


class ProviderVerify(APIView):
    """Confirm a registration."""

    policy = Permission.PROVIDER_VERIFY

    @extend_schema(
        operation_id="providers_verify", request=None, responses={200: ProviderSerializer}
    )
    def post(self, request: Request, code: str) -> Response:
        """Verify it; 409 when it was decided already."""
        by = actor_of(request)
        provider = get_object_or_404(Provider.objects.visible_to(by), code=code)
        done = registrations.verify(by=by, provider=provider, at=timezone.now())
        return Response(ProviderSerializer(done).data)


class ProviderRefuse(APIView):
    """Send a registration back."""

    policy = Permission.PROVIDER_VERIFY

    @extend_schema(
        operation_id="providers_refuse",
        request=RefusalRequestSerializer,
        responses={200: ProviderSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Refuse it with a remark; 409 when it was decided already."""
        sent = RefusalRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        by = actor_of(request)
        provider = get_object_or_404(Provider.objects.visible_to(by), code=code)
        done = registrations.refuse(
            by=by, provider=provider, at=timezone.now(), **sent.validated_data
        )
        return Response(ProviderSerializer(done).data)
