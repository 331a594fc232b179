"""API of the scheme designer: check a text, rehearse it, try a case, save a draft."""

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
from common.money import yuan_text
from vouchers.grants.actions import designs, rehearsals
from vouchers.grants.models import Scheme
from vouchers.grants.shown import rulebook

from .schemes import SchemeSerializer, answer

MOST_TEXT = 200_000


class DesignTextSerializer(serializers.Serializer[Any]):
    """The text of a scheme (YAML), as docs/schemes.md describes it."""

    text = serializers.CharField(max_length=MOST_TEXT, trim_whitespace=False)


class DesignCheckSerializer(DesignTextSerializer):
    """The text; with `rehearse` the dry run on past decisions, with `case` the answer to one case."""

    rehearse = serializers.BooleanField(default=False)
    case = serializers.DictField(required=False)


class DesignDraftSerializer(DesignTextSerializer):
    """The text, and what it leaves to the bureau."""

    budget = MoneyField(source="budget_fen", minimum_fen=1, required=False)
    opens_on = serializers.DateField(required=False)
    closes_on = serializers.DateField(required=False)

    def as_asked(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.validated_data
        fen, opens, closes = (given.get(name) for name in ("budget_fen", "opens_on", "closes_on"))
        stated = {
            "budget": yuan_text(fen) if fen else None,
            "opens": str(opens) if opens else None,
            "closes": str(closes) if closes else None,
        }
        return {"text": given["text"], "stated": stated}


class LineFaultSerializer(serializers.Serializer[designs.LineFault]):
    """One fault with its line in the text."""

    line = serializers.IntegerField()
    path = serializers.CharField()
    words = serializers.CharField()


class ChangeSerializer(serializers.Serializer[rehearsals.Change]):
    """One past decision that would come out otherwise."""

    application = serializers.CharField()
    version = serializers.IntegerField()
    before = MoneyField(source="before_fen")
    after = MoneyField(source="after_fen")
    why = serializers.CharField()


class RehearsalSerializer(serializers.Serializer[rehearsals.Rehearsal]):
    """How many past decisions were looked at, and those that would change. Nothing was changed."""

    seen = serializers.IntegerField()
    changed = serializers.IntegerField()
    changes = ChangeSerializer(many=True)


class DesignSerializer(serializers.Serializer[designs.Design]):
    """What a text would be. `answer` is the whole record that a decision on the case would keep."""

    can_stand = serializers.SerializerMethodField()
    is_complete = serializers.SerializerMethodField()
    faults = LineFaultSerializer(many=True)
    missing = serializers.SerializerMethodField()
    rehearsal = RehearsalSerializer(allow_null=True)
    case_faults = serializers.ListField(child=serializers.CharField())
    answer = serializers.DictField(source="record", allow_null=True)

    def get_can_stand(self, design: designs.Design) -> bool:
        """Whether the text has no faults."""
        return design.rules is not None

    def get_is_complete(self, design: designs.Design) -> bool:
        """Whether such a scheme could be published."""
        return design.rules is not None and design.rules.is_complete

    def get_missing(self, design: designs.Design) -> list[str]:
        """Figures that the sources do not give."""
        return rulebook.missing_of(design.rules) if design.rules else []


class DesignCheckView(APIView):
    """Looking at a text."""

    policy: ClassVar[Policy] = Permission.SCHEME_MANAGE

    @extend_schema(
        operation_id="api-scheme-check", request=DesignCheckSerializer, responses=DesignSerializer
    )
    def post(self, request: Request) -> Response:
        """Check a text by line; on request rehearse it on past decisions, or try one case. Writes nothing."""
        asked = DesignCheckSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        found = designs.look(
            by=actor_of(request),
            text=given["text"],
            with_rehearsal=given["rehearse"],
            case=given.get("case"),
        )
        return Response(DesignSerializer(found).data)


class DesignDraftView(APIView):
    """Saving a text."""

    policy: ClassVar[Policy] = Permission.SCHEME_MANAGE

    @extend_schema(
        operation_id="api-scheme-draft",
        request=DesignDraftSerializer,
        responses={201: SchemeSerializer},
    )
    def post(self, request: Request) -> Response:
        """Save a text as the draft of the next version; another officer publishes it."""
        asked = DesignDraftSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = designs.save(by=actor_of(request), at=timezone.now(), **asked.as_asked())
        return Response(answer(made), status=201)


class DesignTextView(APIView):
    """The text of a scheme of the own bureau."""

    policy: ClassVar[Policy] = Permission.SCHEME_MANAGE

    @extend_schema(operation_id="api-scheme-text", responses=DesignTextSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read the text from which the next version is written."""
        scheme = get_object_or_404(Scheme.objects.filter(bureau=actor_of(request).own()), code=code)
        return Response({"text": designs.text_of(scheme)})
