"""Prices and capacity of one offering."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import PUBLIC, Actor
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import QuantityField
from common.pagination import ListPagination
from providers.actions import capacities, rates
from providers.api.prices import (
    PriceRequestSerializer,
    PricesSetSerializer,
    RateSerializer,
    known_meter,
)
from providers.models import Capacity, Offering, Rate


class CapacitySerializer(serializers.ModelSerializer[Capacity]):
    """A month's capacity in base units."""

    total = QuantityField(source="total_units", unit_source="meter")
    reserved = QuantityField(source="reserved_units", unit_source="meter")
    left = QuantityField(source="left_units", unit_source="meter")

    class Meta:
        model = Capacity
        fields = ("meter", "month", "total", "reserved", "left")
        read_only_fields = fields


class CapacityRequestSerializer(serializers.Serializer[Any]):
    """What can be delivered in the month of a day; the unit of `total` is the meter."""

    month = serializers.DateField()
    total = QuantityField(unit_source="meter")

    def validate_total(self, value: tuple[int, str]) -> tuple[int, str]:
        """The unit has to be a meter."""
        return known_meter(value)


class PriceList(generics.ListAPIView[Rate]):
    """All prices of an offering, past and announced ones too; its owner adds one."""

    policies: ClassVar = {"GET": PUBLIC, "POST": Permission.PROVIDER_MANAGE}
    queryset = Rate.objects.none()
    serializer_class = RateSerializer
    pagination_class = ListPagination

    def get_queryset(self) -> QuerySet[Rate]:
        """The prices of an offering visible to the caller."""
        actor = self.request.auth if isinstance(self.request.auth, Actor) else None
        rows = Offering.objects.visible_to(actor)
        offering = get_object_or_404(rows, code=self.kwargs.get("code"))
        return offering.rates.order_by("meter", "effective", "context_from", "volume_from", "pk")

    @extend_schema(
        operation_id="prices_set",
        request=PriceRequestSerializer,
        responses={201: PricesSetSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Price a meter from a day on, in one tier or several; the old prices end there."""
        sent = PriceRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        by = actor_of(request)
        offering = get_object_or_404(Offering.objects.owned_by(by), code=code)
        made = rates.set_prices(by=by, offering=offering, at=timezone.now(), **sent.action_values())
        answer = PricesSetSerializer(made[0], context={"tiers": made})
        return Response(answer.data, status=status.HTTP_201_CREATED)


class CapacityList(generics.ListAPIView[Capacity]):
    """The declared months of one of the caller's offerings."""

    policy = Permission.PROVIDER_MANAGE
    queryset = Capacity.objects.none()
    serializer_class = CapacitySerializer
    pagination_class = ListPagination

    def get_queryset(self) -> QuerySet[Capacity]:
        """The months of the caller's own offering."""
        rows = Offering.objects.owned_by(actor_of(self.request))
        offering = get_object_or_404(rows, code=self.kwargs.get("code"))
        return offering.capacities.order_by("month", "meter", "pk")

    @extend_schema(
        operation_id="capacities_declare",
        request=CapacityRequestSerializer,
        responses={200: CapacitySerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Declare a month, again to correct it."""
        sent = CapacityRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        by = actor_of(request)
        offering = get_object_or_404(Offering.objects.owned_by(by), code=code)
        units, meter = sent.validated_data["total"]
        made = capacities.declare(
            by=by,
            offering=offering,
            meter=meter,
            month=sent.validated_data["month"],
            total_units=units,
            at=timezone.now(),
        )
        return Response(CapacitySerializer(made).data)
