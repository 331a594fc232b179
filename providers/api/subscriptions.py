"""Subscriptions, for the enterprise that uses and the provider that delivers."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from providers.actions import price_terms
from providers.filters import SubscriptionFilter
from providers.models import Subscription


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    """A subscription; usage is reported against `code`. `monthly_units`: base units by meter.

    The prices of its first day hold before `prices_held_until`, all the time where that is null.
    """

    enterprise = serializers.CharField(source="enterprise.code")
    enterprise_name = serializers.CharField(source="enterprise.name")
    offering = serializers.CharField(source="offering.code")
    offering_name = serializers.CharField(source="offering.name")
    provider = serializers.CharField(source="offering.provider.code")
    monthly_units = serializers.DictField(child=serializers.IntegerField())

    class Meta:
        model = Subscription
        fields = (
            "code",
            "enterprise",
            "enterprise_name",
            "offering",
            "offering_name",
            "provider",
            "reference",
            "monthly_units",
            "status",
            "starts_at",
            "ends_at",
            "prices_held_until",
        )
        read_only_fields = fields


class FollowListRequestSerializer(serializers.Serializer[Any]):
    """From which day on the price list of each day holds."""

    from_day = serializers.DateField()


class SubscriptionList(generics.ListAPIView[Subscription]):
    """The caller's subscriptions, the newest first."""

    policy = Permission.ORDER_VIEW
    queryset = Subscription.objects.none()
    serializer_class = SubscriptionSerializer
    pagination_class = ListPagination
    filterset_class = SubscriptionFilter

    def get_queryset(self) -> QuerySet[Subscription]:
        """Those of the caller's organization, on either side."""
        rows = Subscription.objects.visible_to(actor_of(self.request))
        return rows.select_related("enterprise", "offering__provider").order_by("-starts_at", "-pk")


class SubscriptionDetail(generics.RetrieveAPIView[Subscription]):
    """One subscription."""

    policy = Permission.ORDER_VIEW
    queryset = Subscription.objects.none()
    serializer_class = SubscriptionSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Subscription]:
        """Those of the caller's organization, on either side."""
        rows = Subscription.objects.visible_to(actor_of(self.request))
        return rows.select_related("enterprise", "offering__provider")


class SubscriptionFollowList(APIView):
    """Let the prices of the first day go."""

    policy = Permission.ORDER_PLACE

    @extend_schema(
        operation_id="subscriptions_follow_list",
        request=FollowListRequestSerializer,
        responses={200: SubscriptionSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """From a day on, tomorrow at the earliest, each day's price list holds; for the buyer."""
        sent = FollowListRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        by = actor_of(request)
        rows = Subscription.objects.visible_to(by).select_related(
            "enterprise", "offering__provider"
        )
        found = get_object_or_404(rows, code=code)
        price_terms.follow_list(by=by, subscription=found, at=timezone.now(), **sent.validated_data)
        return Response(SubscriptionSerializer(rows.get(pk=found.pk)).data)
