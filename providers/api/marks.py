"""Figures of listings with their marks."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import PUBLIC, Actor
from accounts.authentication import actor_of
from accounts.permissions import Permission
from providers import marks
from providers.actions import figures
from providers.models import Figure, FigureName, Mark, Offering


class MarkedFigureSerializer(serializers.Serializer[Any]):
    """A figure in base units: `value` is what counts, measured before declared."""

    code = serializers.CharField()
    name = serializers.ChoiceField(choices=FigureName.choices)
    value = serializers.IntegerField()
    declared = serializers.IntegerField()
    mark = serializers.ChoiceField(choices=Mark.choices)
    grounds = serializers.CharField(source="note")

    def to_representation(self, instance: Figure) -> dict[str, Any]:
        """A declared figure with what it rests on."""
        shown = marks.shown_of([instance])[0]
        return {
            "code": instance.code,
            "name": shown.name.value,
            "value": shown.value,
            "declared": shown.declared,
            "mark": shown.mark.value,
            "grounds": shown.note,
        }


class FiguresRequestSerializer(serializers.Serializer[Any]):
    """Declared values in base units; what is left out stays as it is."""

    uptime_millionths = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False)
    tokens_per_second = serializers.IntegerField(min_value=1, max_value=10_000_000, required=False)
    days_to_first_use = serializers.IntegerField(min_value=0, max_value=365, required=False)


class EvidenceSerializer(serializers.Serializer[Any]):
    """What a verification rests on."""

    evidence = serializers.CharField(max_length=500)


class FigureList(generics.GenericAPIView[Figure]):
    """The figures of an offering."""

    policies: ClassVar = {"GET": PUBLIC, "POST": Permission.PROVIDER_MANAGE}
    queryset = Figure.objects.none()
    serializer_class = MarkedFigureSerializer
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="figures_list", responses=MarkedFigureSerializer(many=True))
    def get(self, request: Request, code: str) -> Response:
        """Declared, verified or measured, and on what grounds."""
        actor = request.auth if isinstance(request.auth, Actor) else None
        offering = get_object_or_404(Offering.objects.visible_to(actor), code=code)
        return _answer(offering)

    @extend_schema(
        operation_id="figures_declare",
        request=FiguresRequestSerializer,
        responses=MarkedFigureSerializer(many=True),
    )
    def post(self, request: Request, code: str) -> Response:
        """Declare figures of an own offering; another value begins unverified."""
        by = actor_of(request)
        offering = get_object_or_404(Offering.objects.owned_by(by), code=code)
        sent = FiguresRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        figures.declare(by=by, offering=offering, values=sent.validated_data, at=timezone.now())
        return _answer(offering)


class FigureVerify(generics.GenericAPIView[Figure]):
    """An officer's look at a figure."""

    policy = Permission.PROVIDER_VERIFY
    queryset = Figure.objects.none()
    serializer_class = MarkedFigureSerializer

    @extend_schema(
        operation_id="figures_verify",
        request=EvidenceSerializer,
        responses={200: MarkedFigureSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """Confirm the declared value with evidence; 409 when another one was declared since."""
        figure = get_object_or_404(Figure.objects.visible_to(None), code=code)
        sent = EvidenceSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        evidence = sent.validated_data["evidence"]
        figures.verify(by=actor_of(request), figure=figure, evidence=evidence, at=timezone.now())
        rows = marks.standing(Figure.objects.filter(pk=figure.pk))
        return Response(MarkedFigureSerializer(rows.get()).data)


def _answer(offering: Offering) -> Response:
    rows = marks.standing(Figure.objects.filter(offering=offering))
    return Response(MarkedFigureSerializer(rows, many=True).data)
