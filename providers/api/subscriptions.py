"""Subscriptions, for the enterprise that uses and the provider that delivers."""

from django.db.models import QuerySet
from rest_framework import generics, serializers

from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.pagination import ListPagination
from providers.filters import SubscriptionFilter
from providers.models import Subscription


class SubscriptionSerializer(serializers.ModelSerializer[Subscription]):
    """A subscription; usage is reported against `code`. `monthly_units`: base units by meter."""

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
        )
        read_only_fields = fields


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
