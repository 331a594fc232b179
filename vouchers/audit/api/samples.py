"""API: samples of the own bureau, their items and what was found in them."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import MoneyField
from common.pagination import ListPagination
from vouchers.audit.actions import sample_findings
from vouchers.audit.models import Sample, SampleItem


class SampleSerializer(serializers.ModelSerializer[Sample]):
    """A frozen list with its plan, its seed once drawn, and the digests by which anybody repeats the draw."""

    scheme = serializers.CharField(source="scheme.code")
    population_amount = MoneyField(source="population_fen")

    class Meta:
        model = Sample
        fields: ClassVar = [
            "code", "scheme", "status", "first_month", "last_month", "random_size", "risk_size",
            "frame_sha256", "population", "population_amount", "seed", "frozen_at", "drawn_at",
        ]  # fmt: skip
        read_only_fields = fields


class SampleItemSerializer(serializers.ModelSerializer[SampleItem]):
    """One redemption drawn, and what was found."""

    bill = serializers.CharField(source="bill.code")
    voucher = serializers.CharField(source="voucher.code")
    amount = MoneyField(source="amount_fen")
    wrong = MoneyField(source="wrong_fen")

    class Meta:
        model = SampleItem
        fields: ClassVar = [
            "position", "bill", "voucher", "stratum", "draw", "amount", "finding", "wrong",
            "remark", "looked_at",
        ]  # fmt: skip
        read_only_fields = fields


class EstimateSerializer(serializers.Serializer[Any]):
    """The share of wrong claims with its 95 % interval."""

    rate = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class SampleDetailSerializer(SampleSerializer):
    """A sample with its estimate, once all of the random draw was looked at."""

    estimate = EstimateSerializer(allow_null=True)

    class Meta(SampleSerializer.Meta):
        fields: ClassVar = [*SampleSerializer.Meta.fields, "estimate"]


class FindingOfItemSerializer(serializers.Serializer[object]):
    """What was found; a wrong item names its amount and what is wrong."""

    is_wrong = serializers.BooleanField()
    wrong = MoneyField(required=False)
    remark = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class SampleListView(generics.ListAPIView[Sample]):
    """Samples of the own bureau's schemes."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT
    serializer_class = SampleSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = Sample.objects.none()

    def get_queryset(self) -> QuerySet[Sample]:
        """The latest first."""
        rows = Sample.objects.visible_to(actor_of(self.request)).select_related("scheme")
        return rows.order_by("-frozen_at", "-pk")

    @extend_schema(operation_id="api-sample-list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List samples."""
        return self.list(request, *args, **kwargs)


class SampleView(APIView):
    """One sample."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(operation_id="api-sample-read", responses=SampleDetailSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read a sample with its estimate."""
        sample = _found(actor_of(request), code)
        found = sample_findings.estimate(sample=sample)
        estimate = EstimateSerializer(found).data if found else None
        return Response({**SampleSerializer(sample).data, "estimate": estimate})


class SampleItemListView(generics.ListAPIView[SampleItem]):
    """Items of one sample."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT
    serializer_class = SampleItemSerializer
    pagination_class = ListPagination
    filter_backends = ()
    queryset = SampleItem.objects.none()

    def get_queryset(self) -> QuerySet[SampleItem]:
        """In the order of the draw."""
        sample = _found(actor_of(self.request), self.kwargs["code"])
        rows = SampleItem.objects.filter(sample=sample).select_related("bill", "voucher")
        return rows.order_by("position")

    @extend_schema(operation_id="api-sample-items")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the items of a sample."""
        return self.list(request, *args, **kwargs)


class SampleFindView(APIView):
    """Findings."""

    policy: ClassVar[Policy] = Permission.CLAIM_AUDIT

    @extend_schema(
        operation_id="api-sample-find",
        request=FindingOfItemSerializer,
        responses=SampleItemSerializer,
    )
    def post(self, request: Request, code: str, position: int) -> Response:
        """Say what was found in an item; the last one closes the sample."""
        asked = FindingOfItemSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actor, given = actor_of(request), asked.validated_data
        sample = _found(actor, code)
        item = get_object_or_404(SampleItem, sample=sample, position=position)
        done = sample_findings.find(
            by=actor, sample=sample, position=item.position, is_wrong=given["is_wrong"],
            wrong_fen=given.get("wrong", 0), remark=given["remark"], at=timezone.now(),
        )  # fmt: skip
        return Response(SampleItemSerializer(done).data)


def _found(actor: Actor, code: str) -> Sample:
    rows = Sample.objects.visible_to(actor).select_related("scheme", "frame")
    sample: Sample = get_object_or_404(rows.defer("frame__content"), code=code)
    return sample
