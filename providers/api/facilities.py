"""Facilities: list and add."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import QuantityField
from common.pagination import ListPagination
from providers.actions import facilities
from providers.models import Facility, FacilityKind


class FacilitySerializer(serializers.ModelSerializer[Facility]):
    """A facility; `spec` holds the figures of its kind, as declared."""

    latency = QuantityField(source="latency_us", unit="microseconds")
    spec = serializers.DictField()

    class Meta:
        model = Facility
        fields = ("code", "kind", "name", "region", "latency", "spec", "created_at")
        read_only_fields = fields


class FacilityRequestSerializer(serializers.Serializer[Any]):
    """A new facility."""

    kind = serializers.ChoiceField(choices=FacilityKind.choices)
    name = serializers.CharField(max_length=100)
    region = serializers.CharField(max_length=12)
    latency = QuantityField(unit="microseconds", source="latency_us")
    spec = serializers.DictField()


class FacilityList(generics.ListAPIView[Facility]):
    """The provider's facilities."""

    policy = Permission.PROVIDER_MANAGE
    queryset = Facility.objects.none()
    serializer_class = FacilitySerializer
    pagination_class = ListPagination

    def get_queryset(self) -> QuerySet[Facility]:
        """The caller's own."""
        return Facility.objects.visible_to(actor_of(self.request)).order_by("name", "pk")

    @extend_schema(
        operation_id="facilities_add",
        request=FacilityRequestSerializer,
        responses={201: FacilitySerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a facility; the kind's own rules check `spec`."""
        sent = FacilityRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = facilities.add(by=actor_of(request), at=timezone.now(), **sent.validated_data)
        return Response(FacilitySerializer(made).data, status=status.HTTP_201_CREATED)
