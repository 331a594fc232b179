"""Import of a public list of model prices."""

import json
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.permissions import Permission
from common.api_fields import CodeField, StrictBooleanField
from providers.actions import model_prices
from providers.models import Facility


class ExactParser(JSONParser):
    """JSON whose numbers stay decimals as written."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Read the body."""
        try:
            return json.loads(stream.read(), parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not JSON.")) from error


class PriceImportRequestSerializer(serializers.Serializer[Any]):
    """A list as vendors publish it: dollars per million tokens, flat or in tiers by request length.

    `exchange_rate` is yuan for one dollar, as text; a dry run answers the same and keeps nothing.
    """

    rows = serializers.ListField(
        child=serializers.DictField(), max_length=model_prices.MOST_ENTRIES
    )
    exchange_rate = serializers.DecimalField(max_digits=12, decimal_places=6)
    from_day = serializers.DateField()
    facility = CodeField(prefix="FA", required=False, allow_null=True, default=None)
    dry_run = StrictBooleanField(default=False)


class ImportedRowSerializer(serializers.Serializer[Any]):
    """What became of one entry."""

    index = serializers.IntegerField()
    model = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["imported", "unchanged", "refused"])
    offering = serializers.CharField(source="offering.code", allow_null=True, default=None)
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class PriceImportAnswerSerializer(serializers.Serializer[Any]):
    """What became of each entry, in their order."""

    rows = ImportedRowSerializer(many=True)


class PriceImport(APIView):
    """Many models at once; each entry is taken or refused by itself."""

    policy = Permission.PROVIDER_MANAGE
    parser_classes = (ExactParser,)

    @extend_schema(
        operation_id="model_prices_import",
        request=PriceImportRequestSerializer,
        responses={200: PriceImportAnswerSerializer},
    )
    def post(self, request: Request) -> Response:
        """Draft offerings and price them; the same list again changes nothing."""
        sent = PriceImportRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        by, values = actor_of(request), dict(sent.validated_data)
        code = values.pop("facility")
        own = Facility.objects.visible_to(by)
        facility = get_object_or_404(own, code=code) if code else None
        answers = model_prices.import_rows(by=by, facility=facility, at=timezone.now(), **values)
        return Response(PriceImportAnswerSerializer({"rows": answers}).data)
