"""API: where a scheme's money stands, and when it runs out."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField
from vouchers.audit.actions import burndowns
from vouchers.audit.rules.forecasts import Reason
from vouchers.grants.models import Scheme


class StagesSerializer(serializers.Serializer[Any]):
    """Amounts from appropriated to paid; held is what reservations keep at that moment, all others are sums."""

    appropriated = MoneyField()
    issued = MoneyField()
    held = MoneyField()
    redeemed = MoneyField()
    claimed = MoneyField()
    settled = MoneyField()
    paid = MoneyField()


class ForecastSerializer(serializers.Serializer[Any]):
    """A day between two bounds, or why there is none; what was spent in so many weeks is its base."""

    reason = serializers.ChoiceField(choices=[each.value for each in Reason])
    left = MoneyField(source="left_fen")
    weeks = serializers.IntegerField()
    spent = MoneyField(source="spent_fen")
    runs_out = serializers.DateField(allow_null=True)
    earliest = serializers.DateField(allow_null=True)
    latest = serializers.DateField(allow_null=True)


class BurnDownDaySerializer(serializers.Serializer[Any]):
    """Sums at the end of a day on which anything changed."""

    day = serializers.DateField()
    sums = StagesSerializer()


class BurnDownSerializer(serializers.Serializer[Any]):
    """One scheme's burn-down."""

    scheme = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True)
    now = StagesSerializer()
    to_issue = ForecastSerializer()
    to_redeem = ForecastSerializer()
    days = BurnDownDaySerializer(many=True)


class BurnDownView(APIView):
    """The burn-down of one scheme of the own bureau."""

    policy: ClassVar[Policy] = Permission.BOARD_VIEW

    @extend_schema(operation_id="api-burn-down", responses=BurnDownSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read stages, days and forecasts."""
        own = Scheme.objects.filter(bureau=actor_of(request).organization)
        scheme = get_object_or_404(own, code=code)
        found = burndowns.of_scheme(scheme=scheme, at=timezone.now())
        told = {
            "scheme": scheme.code,
            "as_of": burndowns.as_of(),
            "now": found.now,
            "to_issue": found.to_issue,
            "to_redeem": found.to_redeem,
            "days": [{"day": day, "sums": sums} for day, sums in found.days],
        }
        return Response(BurnDownSerializer(told).data)
