"""API: trials."""

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
from marketplace.orders.models import Order
from marketplace.orders.serializers import OrderDetailSerializer
from marketplace.trials.actions import terms, trials
from marketplace.trials.models import Trial, TrialTerms
from marketplace.trials.serializers import (
    NewTermsSerializer,
    TrialSerializer,
    TrialTermsSerializer,
    TurningSerializer,
)
from providers.models import Offering


class TrialView(generics.GenericAPIView[Trial]):
    """What all operations on trials share."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORDER_VIEW,
        "POST": Permission.ORDER_PLACE,
    }
    serializer_class = TrialSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Trial.objects.none()

    def get_queryset(self) -> QuerySet[Trial]:
        """The firm's own, or those of the provider's offerings; newest first."""
        rows = Trial.objects.visible_to(actor_of(self.request))
        return rows.select_related("enterprise", "offering", "subscription").order_by(
            "-taken_at", "-pk"
        )


class TrialListView(TrialView):
    """Trials."""

    @extend_schema(operation_id="api-trial-list", responses=TrialSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List trials, newest first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        used = {"used": trials.used_of(trials=page)}
        return self.get_paginated_response(TrialSerializer(page, many=True, context=used).data)


class TrialDetailView(TrialView):
    """One trial."""

    @extend_schema(operation_id="api-trial-read")
    def get(self, request: Request, code: str) -> Response:
        """Read a trial with what is used of it."""
        return Response(TrialSerializer(get_object_or_404(self.get_queryset(), code=code)).data)


class TrialStopView(TrialView):
    """The end of a trial before its time."""

    @extend_schema(operation_id="api-trial-stop", request=None)
    def post(self, request: Request, code: str) -> Response:
        """Stop a trial. Sent again, nothing changes."""
        trial = get_object_or_404(self.get_queryset(), code=code)
        trials.stop(by=actor_of(request), trial=trial, at=timezone.now())
        return Response(TrialSerializer(get_object_or_404(self.get_queryset(), code=code)).data)


class TrialOrderView(generics.GenericAPIView[Order]):
    """A trial turned into an order."""

    policy: ClassVar[Policy] = Permission.ORDER_PLACE
    serializer_class = OrderDetailSerializer
    queryset = Order.objects.none()

    @extend_schema(
        operation_id="api-trial-order",
        request=TurningSerializer,
        responses={201: OrderDetailSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Order a bundle with the offering that was tried; the trial ends. What was tried stays free."""
        actor = actor_of(request)
        trial = get_object_or_404(Trial.objects.visible_to(actor), code=code)
        asked = TurningSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        data: dict[str, Any] = asked.validated_data
        order = trials.turn(
            by=actor,
            trial=trial,
            need=get_object_or_404(Need.objects.visible_to(actor), code=data["need"]),
            bundle=get_object_or_404(Bundle.objects.orderable(), code=data["bundle"]),
            at=timezone.now(),
        )
        shown = OrderDetailSerializer(order, context=self.get_serializer_context())
        return Response(shown.data, status=201)


class TrialTakeView(TrialView):
    """The trial of an offering."""

    @extend_schema(operation_id="api-trial-take", request=None, responses={201: TrialSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Try an offering for nothing, once. Sent again while it runs, it answers the same trial."""
        actor = actor_of(request)
        offering = get_object_or_404(Offering.objects.listed(), code=code)
        made = trials.take(by=actor, offering=offering, at=timezone.now())
        return Response(TrialSerializer(made).data, status=201)


class TrialTermsView(generics.GenericAPIView[TrialTerms]):
    """What firms may try of an own offering."""

    policy: ClassVar[Policy] = Permission.PROVIDER_MANAGE
    serializer_class = TrialTermsSerializer
    queryset = TrialTerms.objects.none()

    @extend_schema(
        operation_id="api-trial-terms-state",
        request=NewTermsSerializer,
        responses={201: TrialTermsSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """State the terms of trials taken from now on."""
        by = actor_of(request)
        offering = get_object_or_404(Offering.objects.owned_by(by), code=code)
        asked = NewTermsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = terms.state(by=by, offering=offering, at=timezone.now(), **asked.validated_data)
        return Response(TrialTermsSerializer(made).data, status=201)
