"""Idle windows and shares of pools: what hangs on one facility."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MonthField
from common.pagination import ListPagination
from providers.actions import idle_windows, pools
from providers.models import WHOLE_PARTS, Facility, IdleWindow, PoolShare, PoolSplit
from providers.rules import windows


class WindowSerializer(serializers.ModelSerializer[IdleWindow]):
    """From `starts_at`, included, to `ends_at`, excluded, the machines are lent out."""

    facility = serializers.CharField(source="facility.code")
    starts_at = serializers.DateTimeField(source="span.lower")
    ends_at = serializers.DateTimeField(source="span.upper")

    class Meta:
        model = IdleWindow
        fields = ("code", "facility", "starts_at", "ends_at", "withdrawn_at")
        read_only_fields = fields


class WindowRequestSerializer(serializers.Serializer[Any]):
    """A window, repeated daily on `days` days."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    days = serializers.IntegerField(min_value=1, max_value=windows.MOST_DAYS, default=1)


class WindowList(generics.ListAPIView[IdleWindow]):
    """The standing windows of one of the caller's idle facilities."""

    policy: ClassVar[Policy] = Permission.PROVIDER_MANAGE
    queryset = IdleWindow.objects.none()
    serializer_class = WindowSerializer
    pagination_class = ListPagination
    filter_backends = ()

    def get_queryset(self) -> QuerySet[IdleWindow]:
        """Those that are not over, the earliest first."""
        facility = _own(self.request, self.kwargs.get("code", ""))
        rows = facility.idle_windows.not_over_at(timezone.now()).select_related("facility")
        return rows.order_by("span", "pk")

    @extend_schema(
        operation_id="windows_open",
        request=WindowRequestSerializer,
        responses={201: WindowSerializer(many=True)},
    )
    def post(self, request: Request, code: str) -> Response:
        """Lend the machines out; all windows or none."""
        sent = WindowRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = idle_windows.open_daily(
            by=actor_of(request),
            facility=_own(request, code),
            at=timezone.now(),
            **sent.validated_data,
        )
        answer = WindowSerializer(made, many=True)
        return Response(answer.data, status=status.HTTP_201_CREATED)


class WindowWithdraw(APIView):
    """A window taken back."""

    policy: ClassVar[Policy] = Permission.PROVIDER_MANAGE

    @extend_schema(operation_id="windows_withdraw", request=None, responses=WindowSerializer)
    def post(self, request: Request, code: str) -> Response:
        """Withdraw a window before it begins."""
        by = actor_of(request)
        own = IdleWindow.objects.filter(facility__provider__organization=by.organization)
        window = get_object_or_404(own.select_related("facility"), code=code)
        made = idle_windows.withdraw(by=by, window=window, at=timezone.now())
        return Response(WindowSerializer(made).data)


class ShareSerializer(serializers.ModelSerializer[PoolShare]):
    """A contributor's share in millionths."""

    contributor = serializers.CharField(source="organization.code")

    class Meta:
        model = PoolShare
        fields = ("contributor", "parts")
        read_only_fields = fields


class SplitSerializer(serializers.ModelSerializer[PoolSplit]):
    """One version of a pool's shares: from `first_day` to `last_day`, null while it is the last."""

    version = serializers.IntegerField(source="number")
    first_day = serializers.DateField(source="effective.lower")
    last_day = serializers.DateField(allow_null=True)
    shares = ShareSerializer(many=True)

    class Meta:
        model = PoolSplit
        fields = ("version", "first_day", "last_day", "shares")
        read_only_fields = fields


class SharesRequestSerializer(serializers.Serializer[Any]):
    """Millionths by the contributors' codes, a million together, from a month on."""

    month = MonthField()
    parts = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=WHOLE_PARTS)
    )


class SplitList(generics.ListAPIView[PoolSplit]):
    """The versions of the shares of one of the caller's pools."""

    policy: ClassVar[Policy] = Permission.PROVIDER_MANAGE
    queryset = PoolSplit.objects.none()
    serializer_class = SplitSerializer
    pagination_class = ListPagination
    filter_backends = ()

    def get_queryset(self) -> QuerySet[PoolSplit]:
        """Newest first."""
        facility = _own(self.request, self.kwargs.get("code", ""))
        return facility.pool_splits.prefetch_related("shares__organization").order_by("-number")

    @extend_schema(
        operation_id="shares_set",
        request=SharesRequestSerializer,
        responses={201: SplitSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """State the shares from a month on."""
        sent = SharesRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = pools.set_shares(
            by=actor_of(request),
            facility=_own(request, code),
            at=timezone.now(),
            **sent.validated_data,
        )
        return Response(SplitSerializer(made).data, status=status.HTTP_201_CREATED)


def _own(request: Request, code: str) -> Facility:
    rows = Facility.objects.filter(provider__organization=actor_of(request).organization)
    return get_object_or_404(rows, code=code)
