"""Rounds on the wire."""

from typing import Any, ClassVar

from rest_framework import serializers

from common.api_fields import MoneyField
from marketplace.clearing.models import ClearingRound, RoundOutcome


class RoundSerializer(serializers.ModelSerializer[ClearingRound]):
    """A round; `figures` are those of its protocol: money in fen, values in points."""

    bureau = serializers.CharField(source="bureau.code")
    figures = serializers.DictField(child=serializers.JSONField())

    class Meta:
        model = ClearingRound
        fields: ClassVar = [
            "code",
            "name",
            "bureau",
            "status",
            "section_floor",
            "micro_percent",
            "manufacturing_percent",
            "term_months",
            "offer_days",
            "seed",
            "input_sha256",
            "plan_sha256",
            "figures",
            "refusal",
            "void_reason",
            "created_at",
            "collected_at",
            "solved_at",
            "applied_at",
            "voided_at",
        ]
        read_only_fields = fields


class OutcomeSerializer(serializers.ModelSerializer[RoundOutcome]):
    """What the plan gives one need, and what it missed."""

    need = serializers.CharField(source="need.code")
    bundle = serializers.CharField(source="bundle.code", default=None)
    scheme = serializers.CharField(source="scheme.code", default=None)
    subsidy = MoneyField(source="subsidy_fen")
    missed = serializers.ListField(child=serializers.DictField(child=serializers.JSONField()))

    class Meta:
        model = RoundOutcome
        fields: ClassVar = ["need", "outcome", "bundle", "scheme", "value", "subsidy", "missed"]
        read_only_fields = fields


class ProtocolSerializer(serializers.Serializer[Any]):
    """What everybody may read of an applied round; small counts are hidden (null)."""

    code = serializers.CharField()
    name = serializers.CharField()
    bureau = serializers.CharField(source="bureau.name")
    applied_at = serializers.DateTimeField()
    needs = serializers.IntegerField(source="figures.needs")
    served = serializers.IntegerField(source="figures.served")
    value = serializers.IntegerField(source="figures.value")
    bound = serializers.IntegerField(source="figures.bound")
    greedy = serializers.IntegerField(source="figures.greedy")
    first_come = serializers.IntegerField(source="figures.first_come")
    seed = serializers.IntegerField(source="figures.seed")
    input_sha256 = serializers.CharField()
    plan_sha256 = serializers.CharField()
