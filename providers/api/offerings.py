"""Offerings: the public catalog; for their owner create, publish, retire."""

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC, Actor
from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import CodeField, QuantityField, StrictBooleanField
from common.pagination import ListPagination
from common.periods import local_day
from providers import marks
from providers.actions import offerings
from providers.api.marks import MarkedFigureSerializer
from providers.api.prices import RateSerializer
from providers.filters import OfferingFilter
from providers.models import Facility, Layer, Offering, Rate


class PlaceSerializer(serializers.ModelSerializer[Facility]):
    """Where an offering comes from, as the public sees it."""

    latency = QuantityField(source="latency_us", unit="microseconds")

    class Meta:
        model = Facility
        fields = ("code", "kind", "name", "region", "latency")
        read_only_fields = fields


class OfferingSerializer(serializers.ModelSerializer[Offering]):
    """An offering with the prices in force today."""

    provider = serializers.CharField(source="provider.code")
    provider_name = serializers.CharField(source="provider.organization.name")
    facility = PlaceSerializer(allow_null=True)
    prices = RateSerializer(many=True)
    figures = MarkedFigureSerializer(many=True)

    class Meta:
        model = Offering
        fields = (
            "code",
            "provider",
            "provider_name",
            "facility",
            "layer",
            "name",
            "summary",
            "model_name",
            "has_domestic_chip",
            "status",
            "prices",
            "figures",
        )
        read_only_fields = fields


class OfferingRequestSerializer(serializers.Serializer[Any]):
    """A new offering; `facility` is the code of one of the caller's own."""

    facility = CodeField(prefix="FA", required=False, allow_null=True, default=None)
    layer = serializers.ChoiceField(choices=Layer.choices)
    name = serializers.CharField(max_length=100)
    summary = serializers.CharField(max_length=300, default="", allow_blank=True)
    model_name = serializers.CharField(max_length=100, default="", allow_blank=True)
    has_domestic_chip = StrictBooleanField(default=False)


def shown(rows: QuerySet[Offering]) -> QuerySet[Offering]:
    """Load what the serializer shows in a constant number of queries."""
    prices = Rate.objects.in_force_on(local_day(timezone.now())).order_by("meter", "pk")
    return rows.select_related("provider__organization", "facility").prefetch_related(
        Prefetch("rates", queryset=prices, to_attr="prices"), marks.prefetch("figures")
    )


def answer(offering: Offering) -> dict[str, Any]:
    """One offering as the API shows it."""
    return dict(OfferingSerializer(shown(Offering.objects.all()).get(pk=offering.pk)).data)


class OfferingList(generics.ListAPIView[Offering]):
    """The public catalog; a provider creates its own."""

    policies: ClassVar = {"GET": PUBLIC, "POST": Permission.PROVIDER_MANAGE}
    queryset = Offering.objects.none()
    serializer_class = OfferingSerializer
    pagination_class = ListPagination
    filterset_class = OfferingFilter

    def get_queryset(self) -> QuerySet[Offering]:
        """Everything that can be bought today."""
        return shown(Offering.objects.offered_at(timezone.now())).order_by("layer", "name", "pk")

    @extend_schema(
        operation_id="offerings_create",
        request=OfferingRequestSerializer,
        responses={201: OfferingSerializer},
    )
    def post(self, request: Request) -> Response:
        """Draft an offering."""
        sent = OfferingRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        by, values = actor_of(request), dict(sent.validated_data)
        code = values.pop("facility")
        own = Facility.objects.visible_to(by)
        facility = get_object_or_404(own, code=code) if code else None
        made = offerings.create(by=by, facility=facility, at=timezone.now(), **values)
        return Response(answer(made), status=status.HTTP_201_CREATED)


class OfferingDetail(generics.RetrieveAPIView[Offering]):
    """One offering: listed ones for everybody, others for their owner."""

    policy = PUBLIC
    queryset = Offering.objects.none()
    serializer_class = OfferingSerializer
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Offering]:
        """Those visible to the caller."""
        actor = self.request.auth if isinstance(self.request.auth, Actor) else None
        return shown(Offering.objects.visible_to(actor))


class OfferingPublish(APIView):
    """List an offering."""

    policy = Permission.PROVIDER_MANAGE

    @extend_schema(
        operation_id="offerings_publish", request=None, responses={200: OfferingSerializer}
    )
    def post(self, request: Request, code: str) -> Response:
        """Put it into the catalog; 409 when it is there already."""
        by = actor_of(request)
        offering = get_object_or_404(Offering.objects.owned_by(by), code=code)
        return Response(answer(offerings.publish(by=by, offering=offering, at=timezone.now())))


class OfferingRetire(APIView):
    """Take an offering off the shelf."""

    policy = Permission.PROVIDER_MANAGE

    @extend_schema(
        operation_id="offerings_retire", request=None, responses={200: OfferingSerializer}
    )
    def post(self, request: Request, code: str) -> Response:
        """Retire it; running subscriptions go on."""
        by = actor_of(request)
        offering = get_object_or_404(Offering.objects.owned_by(by), code=code)
        return Response(answer(offerings.retire(by=by, offering=offering, at=timezone.now())))
