"""API: rounds for the bureau, protocols for everybody. Signing is for people on the pages."""

from typing import ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import PUBLIC, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from marketplace.clearing.models import ClearingRound, RoundOutcome
from marketplace.clearing.serializers import (
    OutcomeSerializer,
    ProtocolSerializer,
    RoundSerializer,
)


class RoundView(generics.GenericAPIView[ClearingRound]):
    """What operations on the bureau's rounds share."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN
    serializer_class = RoundSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = ClearingRound.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[ClearingRound]:
        """The bureau's own, newest first."""
        rows = ClearingRound.objects.visible_to(actor_of(self.request)).select_related("bureau")
        return rows.order_by("-created_at", "-pk")


class RoundListView(RoundView):
    """Rounds of the bureau."""

    @extend_schema(operation_id="api-round-list", responses=RoundSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List rounds, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class RoundDetailView(RoundView):
    """One round."""

    @extend_schema(operation_id="api-round-read")
    def get(self, request: Request, code: str) -> Response:
        """Read a round with the figures of its plan."""
        return Response(self.get_serializer(self.get_object()).data)


class OutcomeListView(generics.GenericAPIView[RoundOutcome]):
    """Outcomes of a round, one for each need."""

    policy: ClassVar[Policy] = Permission.DECISION_COUNTERSIGN
    serializer_class = OutcomeSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = RoundOutcome.objects.none()

    @extend_schema(operation_id="api-round-outcomes", responses=OutcomeSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """List what the plan gives each need, and why not more."""
        own = ClearingRound.objects.visible_to(actor_of(request))
        rows = get_object_or_404(own, code=code).outcomes.select_related("need", "bundle", "scheme")
        page = self.paginate_queryset(rows.order_by("pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ProtocolView(generics.GenericAPIView[ClearingRound]):
    """The published protocol of a round."""

    policy: ClassVar[Policy] = PUBLIC
    serializer_class = ProtocolSerializer
    queryset = ClearingRound.objects.none()

    @extend_schema(operation_id="api-protocol-read")
    def get(self, request: Request, code: str) -> Response:
        """Read a protocol; no sign-in is needed."""
        rows = ClearingRound.objects.published().select_related("bureau")
        return Response(ProtocolSerializer(get_object_or_404(rows, code=code)).data)
