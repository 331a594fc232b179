"""API: what comes after use."""

from fractions import Fraction
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import PUBLIC, Actor, Policy
from accounts.authentication import actor_of
from accounts.permissions import Permission
from marketplace.catalog.models import Bundle
from marketplace.experience import sheets
from marketplace.experience.actions import measuring, ratings
from marketplace.experience.models import RatingAnswer
from marketplace.experience.serializers import (
    AfterUseSerializer,
    EchoSerializer,
    NewAnswerSerializer,
    NewRatingSerializer,
    RatingAnswerSerializer,
    RatingSerializer,
)
from marketplace.orders.models import Order


class RatingView(generics.GenericAPIView[Order]):
    """An order after use."""

    policies: ClassVar[dict[str, Policy]] = {
        "GET": Permission.ORDER_VIEW,
        "POST": Permission.ORDER_PLACE,
    }
    serializer_class = AfterUseSerializer
    pagination_class = None
    filter_backends = ()
    queryset = Order.objects.none()
    lookup_field = "code"

    def get_queryset(self) -> QuerySet[Order]:
        """Those the reader may see."""
        rows = Order.objects.visible_to(actor_of(self.request))
        return rows.select_related("enterprise", "need__scenario", "rating_answer__rating")

    @extend_schema(operation_id="api-order-rating-read")
    def get(self, request: Request, code: str) -> Response:
        """Read metered use, rating and answer; for the enterprise also the real cost of its units."""
        order = get_object_or_404(self.get_queryset(), code=code)
        return Response(AfterUseSerializer(_after_use(order, actor_of(request))).data)

    @extend_schema(
        operation_id="api-order-rate",
        request=NewRatingSerializer,
        responses={201: RatingSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Rate the order, or change its rating: former versions are kept."""
        order = get_object_or_404(self.get_queryset(), code=code)
        asked = NewRatingSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = dict(asked.validated_data)
        made = ratings.rate(by=actor_of(request), order=order, at=timezone.now(), **said)
        return Response(RatingSerializer(made).data, status=201)


class RatingAnswerView(generics.GenericAPIView[RatingAnswer]):
    """The publisher's answer."""

    policy: ClassVar[Policy] = Permission.BUNDLE_PUBLISH
    serializer_class = RatingAnswerSerializer
    queryset = RatingAnswer.objects.none()

    @extend_schema(
        operation_id="api-order-rating-answer",
        request=NewAnswerSerializer,
        responses={201: RatingAnswerSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Answer the rating of an order of an own bundle, once."""
        actor = actor_of(request)
        rows = Order.objects.filter(bundle__publisher__organization=actor.organization)
        order = get_object_or_404(rows, code=code)
        asked = NewAnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        words = asked.validated_data["words"]
        made = ratings.answer(by=actor, order=order, words=words, at=timezone.now())
        return Response(RatingAnswerSerializer(made).data, status=201)


class BundleExperienceView(generics.GenericAPIView[Bundle]):
    """What firms with long use say of a bundle."""

    policy: ClassVar[Policy] = PUBLIC
    serializer_class = EchoSerializer
    queryset = Bundle.objects.none()

    @extend_schema(operation_id="api-bundle-experience")
    def get(self, request: Request, code: str) -> Response:
        """Read figures and masked words; nothing while fewer than three firms have rated it."""
        reader = request.auth if isinstance(request.auth, Actor) else None
        bundle = get_object_or_404(Bundle.objects.visible_to(reader), code=code)
        return Response(EchoSerializer(sheets.echo_of(bundle)).data)


def _after_use(order: Order, reader: Actor) -> dict[str, Any]:
    measured = measuring.measure(order=order)
    is_buyer = order.enterprise == reader.organization
    span = measured.span
    return {
        "order": order.code,
        "first_used_on": span.first if span else None,
        "last_used_on": span.last if span else None,
        "can_be_rated": bool(span and span.is_long),
        "ratings": order.ratings.order_by("-number"),
        "answer": getattr(order, "rating_answer", None),
        "costs": [
            {
                "meter": row.meter,
                "units": row.used.units,
                "billed_fen": row.used.amount_fen,
                "promised_fen": int(row.promised_fen + Fraction(1, 2)),
            }
            for row in measured.all_costs
            if is_buyer
        ],
    }
