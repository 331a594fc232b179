"""API: needs and what fits them."""

from typing import ClassVar

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
from marketplace.matching.actions import matches, needs
from marketplace.matching.models import Match, Need
from marketplace.matching.serializers import MatchSerializer, NeedSerializer, NewNeedSerializer


class NeedView(generics.GenericAPIView[Need]):
    """What all operations on needs share."""

    policy: ClassVar[Policy] = Permission.NEED_MANAGE
    serializer_class = NeedSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Need.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Need]:
        """The enterprise's own, newest first."""
        rows = Need.objects.visible_to(actor_of(self.request)).select_related("scenario", "order")
        return rows.order_by("-created_at", "-pk")


class NeedListView(NeedView):
    """Needs of the enterprise."""

    @extend_schema(operation_id="api-need-list", responses=NeedSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List needs, newest first."""
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="api-need-state", request=NewNeedSerializer, responses={201: NeedSerializer}
    )
    def post(self, request: Request) -> Response:
        """State a need; it is matched at once. The same content again answers the same need."""
        asked = NewNeedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        need = needs.state(by=actor_of(request), at=timezone.now(), **asked.values())
        return Response(NeedSerializer(need).data, status=201)


class NeedDetailView(NeedView):
    """One need."""

    @extend_schema(operation_id="api-need-read")
    def get(self, request: Request, code: str) -> Response:
        """Read a need."""
        return Response(self.get_serializer(self.get_object()).data)


class MatchListView(generics.GenericAPIView[Match]):
    """Matches of a need: the ranked ones first, then the excluded with the limits they break."""

    policy: ClassVar[Policy] = Permission.NEED_MANAGE
    serializer_class = MatchSerializer
    pagination_class = None
    filter_backends = ()
    queryset = Match.objects.none()

    @extend_schema(operation_id="api-match-list", responses=MatchSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """Read the matches as last computed."""
        return Response(MatchSerializer(self._need(code).matches.shown(), many=True).data)

    @extend_schema(
        operation_id="api-match-compute", request=None, responses=MatchSerializer(many=True)
    )
    def post(self, request: Request, code: str) -> Response:
        """Match again with today's prices, capacity, vouchers; an ordered need stays as it was."""
        found = matches.compute(by=actor_of(request), need=self._need(code), at=timezone.now())
        return Response(MatchSerializer(found, many=True).data)

    def _need(self, code: str) -> Need:
        return get_object_or_404(Need.objects.visible_to(actor_of(self.request)), code=code)
