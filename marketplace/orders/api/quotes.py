"""API: quotes."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
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
from marketplace.orders.actions import quotes
from marketplace.orders.models import Quote
from marketplace.orders.serializers import (
    AcceptanceSerializer,
    NewOrderSerializer,
    OrderDetailSerializer,
    QuoteSerializer,
)


class QuoteView(generics.GenericAPIView[Quote]):
    """What all operations on quotes share."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORDER_VIEW,
        "POST": Permission.ORDER_PLACE,
    }
    serializer_class = QuoteSerializer
    pagination_class = ListPagination
    queryset = Quote.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Quote]:
        """The enterprise's own, newest first."""
        rows = Quote.objects.visible_to(actor_of(self.request))
        return rows.select_related("need", "bundle").order_by("-quoted_at", "-pk")

    def quote(self, code: str) -> Quote:
        """One of them, or 404."""
        return get_object_or_404(self.get_queryset(), code=code)


class QuoteListView(QuoteView):
    """Quotes of the enterprise."""

    @extend_schema(operation_id="api-quote-list", responses=QuoteSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List quotes, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="api-quote-ask",
        request=NewOrderSerializer,
        responses={201: QuoteSerializer},
    )
    def post(self, request: Request) -> Response:
        """Ask what a bundle costs for a need. Sent again at the same price, it answers the same quote."""
        actor = actor_of(request)
        asked = NewOrderSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data: dict[str, Any] = asked.validated_data
        quote = quotes.ask(
            by=actor,
            need=get_object_or_404(Need.objects.visible_to(actor), code=data["need"]),
            bundle=get_object_or_404(Bundle.objects.orderable(), code=data["bundle"]),
            at=timezone.now(),
            own_fen=data["own_share"],
        )
        return Response(self.get_serializer(quote).data, status=201)


class QuoteDetailView(QuoteView):
    """One quote."""

    @extend_schema(operation_id="api-quote-read")
    def get(self, request: Request, code: str) -> Response:
        """Read a quote."""
        return Response(self.get_serializer(self.quote(code)).data)


class QuoteReserveView(QuoteView):
    """The reservation of a quote."""

    @extend_schema(operation_id="api-quote-reserve", request=None)
    def post(self, request: Request, code: str) -> Response:
        """Keep capacity and voucher money until `reserved_until`. Sent again, nothing changes."""
        found = quotes.reserve(by=actor_of(request), quote=self.quote(code), at=timezone.now())
        return Response(self.get_serializer(found).data)


class QuoteAcceptView(QuoteView):
    """The acceptance of the contract."""

    @extend_schema(
        operation_id="api-quote-accept",
        request=AcceptanceSerializer,
        responses={201: OrderDetailSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Accept the contract of a reserved quote: its subscriptions start. Sent again, the same order."""
        asked = AcceptanceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data: dict[str, Any] = asked.validated_data
        order = quotes.accept(
            by=actor_of(request),
            quote=self.quote(code),
            contract_version=data["contract_version"],
            own_fen=data["own_share"],
            own_number=data["own_number"],
            at=timezone.now(),
        )
        shown = OrderDetailSerializer(order, context=self.get_serializer_context())
        return Response(shown.data, status=201)


class QuoteWithdrawView(QuoteView):
    """The withdrawal of a quote."""

    @extend_schema(operation_id="api-quote-withdraw", request=None)
    def post(self, request: Request, code: str) -> Response:
        """Give the quote up; what it holds is free again. Sent again, nothing changes."""
        found = quotes.withdraw(by=actor_of(request), quote=self.quote(code), at=timezone.now())
        return Response(self.get_serializer(found).data)
