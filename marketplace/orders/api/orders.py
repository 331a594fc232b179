"""API: orders."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from marketplace.catalog.models import Bundle
from marketplace.matching.models import Need
from marketplace.orders.actions import changes, orders, pauses
from marketplace.orders.filters import OrderFilter
from marketplace.orders.models import Order
from marketplace.orders.serializers import (
    NewOrderChangeSerializer,
    NewOrderSerializer,
    OrderChangeSerializer,
    OrderDetailSerializer,
    OrderSerializer,
    ResumingSerializer,
)


class OrderView(generics.GenericAPIView[Order]):
    """What all operations on orders share."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORDER_VIEW,
        "POST": Permission.ORDER_PLACE,
    }
    serializer_class = OrderSerializer
    pagination_class = ListPagination
    filter_backends = (DjangoFilterBackend,)
    filterset_class = OrderFilter
    queryset = Order.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Order]:
        """The enterprise's own, or those a provider delivers; newest first."""
        rows = Order.objects.visible_to(actor_of(self.request))
        return rows.select_related("enterprise", "bundle", "need").order_by("-placed_at", "-pk")

    def answer(self, order: Order, status: int = 200) -> Response:
        """One order with its subscriptions."""
        return Response(
            OrderDetailSerializer(order, context=self.get_serializer_context()).data, status=status
        )


class OrderListView(OrderView):
    """Orders of the enterprise, or those the provider delivers."""

    @extend_schema(operation_id="api-order-list", responses=OrderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List orders, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="api-order-place",
        request=NewOrderSerializer,
        responses={201: OrderDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Order a bundle for a need, whole or not at all. Sent again, it answers the same order."""
        actor = actor_of(request)
        asked = NewOrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data: dict[str, Any] = asked.validated_data
        order = orders.place(
            by=actor,
            need=get_object_or_404(Need.objects.visible_to(actor), code=data["need"]),
            bundle=get_object_or_404(Bundle.objects.orderable(), code=data["bundle"]),
            at=timezone.now(),
            own_fen=data["own_share"],
        )
        return self.answer(order, status=201)


class OrderDetailView(OrderView):
    """One order."""

    serializer_class = OrderDetailSerializer

    @extend_schema(operation_id="api-order-read")
    def get(self, request: Request, code: str) -> Response:
        """Read an order with its subscriptions."""
        return self.answer(get_object_or_404(self.get_queryset(), code=code))


class OrderEndView(OrderView):
    """The end of an order."""

    serializer_class = OrderDetailSerializer

    @extend_schema(operation_id="api-order-end", request=None)
    def post(self, request: Request, code: str) -> Response:
        """Give notice; `ends_at` says when it ends. Sent again, nothing changes."""
        order = get_object_or_404(self.get_queryset(), code=code)
        return self.answer(orders.end(by=actor_of(request), order=order, at=timezone.now()))


class OrderPauseView(OrderView):
    """The pause of an order."""

    serializer_class = OrderDetailSerializer

    @extend_schema(operation_id="api-order-pause", request=None)
    def post(self, request: Request, code: str) -> Response:
        """Pause: subscriptions end, capacity is free, nothing is billed. Sent again, nothing changes."""
        order = get_object_or_404(self.get_queryset(), code=code)
        return self.answer(pauses.pause(by=actor_of(request), order=order, at=timezone.now()))


class OrderResumeView(OrderView):
    """The end of a pause."""

    serializer_class = OrderDetailSerializer

    @extend_schema(operation_id="api-order-resume", request=ResumingSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Let it go on at today's list prices, with new subscriptions. Sent again, nothing changes."""
        asked = ResumingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        order = pauses.resume(
            by=actor_of(request),
            order=get_object_or_404(self.get_queryset(), code=code),
            at=timezone.now(),
            own_fen=asked.validated_data["own_share"],
        )
        return self.answer(order)


class OrderChangeView(OrderView):
    """A change of an order from next month on."""

    @extend_schema(
        operation_id="api-order-change",
        request=NewOrderChangeSerializer,
        responses={201: OrderChangeSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Plan another volume or bundle; a change planned before is withdrawn. It holds no capacity."""
        order = get_object_or_404(self.get_queryset(), code=code)
        asked = NewOrderChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data: dict[str, Any] = asked.validated_data
        made = changes.plan(
            by=actor_of(request),
            order=order,
            monthly_volume=data["monthly_volume"],
            bundle=get_object_or_404(Bundle.objects.all(), code=data["bundle"])
            if data["bundle"]
            else order.bundle,
            own_fen=data["own_share"],
            at=timezone.now(),
        )
        return Response(OrderChangeSerializer(made).data, status=201)


class OrderKeepView(OrderView):
    """The withdrawal of a planned change."""

    serializer_class = OrderDetailSerializer

    @extend_schema(operation_id="api-order-keep", request=None)
    def post(self, request: Request, code: str) -> Response:
        """Take the planned change back; the order goes on as it is. Sent again, nothing changes."""
        order = get_object_or_404(self.get_queryset(), code=code)
        return self.answer(changes.withdraw(by=actor_of(request), order=order, at=timezone.now()))
