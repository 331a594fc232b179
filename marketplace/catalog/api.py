"""Scenarios and bundles in the API."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, Actor
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from marketplace.catalog.actions import bundles
from marketplace.catalog.filters import BundleFilter
from marketplace.catalog.models import Bundle, Scenario
from marketplace.catalog.serializers import (
    BundleRequestSerializer,
    BundleSerializer,
    ScenarioSerializer,
)


class ScenarioList(generics.ListAPIView[Scenario]):
    """What firms want done, with the stated coefficients."""

    policy = PUBLIC
    queryset = Scenario.objects.order_by("pk")
    serializer_class = ScenarioSerializer
    pagination_class = ListPagination


def shown(rows: QuerySet[Bundle]) -> QuerySet[Bundle]:
    """Load what the serializer shows in a constant number of queries."""
    return rows.select_related("publisher").prefetch_related(
        "items__offering__provider", "scenarios"
    )


def answer(bundle: Bundle) -> dict[str, Any]:
    """One bundle as the API shows it."""
    return dict(BundleSerializer(shown(Bundle.objects.all()).get(pk=bundle.pk)).data)


class BundleList(generics.ListAPIView[Bundle]):
    """The public shelf; a provider drafts a bundle."""

    policies: ClassVar = {"GET": PUBLIC, "POST": Permission.BUNDLE_PUBLISH}
    queryset = Bundle.objects.none()
    serializer_class = BundleSerializer
    pagination_class = ListPagination
    filterset_class = BundleFilter

    def get_queryset(self) -> QuerySet[Bundle]:
        """Listed bundles."""
        rows = shown(Bundle.objects.visible_to(None))
        return rows.order_by("start_cost_fen", "days_to_first_use", "pk")

    @extend_schema(
        operation_id="bundles_create",
        request=BundleRequestSerializer,
        responses={201: BundleSerializer},
    )
    def post(self, request: Request) -> Response:
        """Draft a bundle of listed offerings."""
        sent = BundleRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = bundles.create(by=actor_of(request), at=timezone.now(), **sent.validated_data)
        return Response(answer(made), status=status.HTTP_201_CREATED)


class BundleDetail(generics.RetrieveAPIView[Bundle]):
    """One bundle: listed ones for everybody, others for their publisher."""

    policy = PUBLIC
    queryset = Bundle.objects.none()
    serializer_class = BundleSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Bundle]:
        """Those visible to the caller."""
        actor = self.request.auth if isinstance(self.request.auth, Actor) else None
        return shown(Bundle.objects.visible_to(actor))


class BundlePublish(APIView):
    """List a bundle."""

    policy = Permission.BUNDLE_PUBLISH

    @extend_schema(operation_id="bundles_publish", request=None, responses={200: BundleSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Put it on the shelf; 409 when it is there already."""
        by = actor_of(request)
        bundle = get_object_or_404(Bundle.objects.owned_by(by), code=code)
        return Response(answer(bundles.publish(by=by, bundle=bundle, at=timezone.now())))


class BundleRetire(APIView):
    """Take a bundle off the shelf."""

    policy = Permission.BUNDLE_PUBLISH

    @extend_schema(operation_id="bundles_retire", request=None, responses={200: BundleSerializer})
    def post(self, request: Request, code: str) -> Response:
        """Retire it; running orders go on."""
        by = actor_of(request)
        bundle = get_object_or_404(Bundle.objects.owned_by(by), code=code)
        return Response(answer(bundles.retire(by=by, bundle=bundle, at=timezone.now())))
