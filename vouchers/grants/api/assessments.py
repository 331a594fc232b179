"""How the API spells an assessment, live or as stored with a decision."""

from typing import Any

from rest_framework import serializers

from common.api_fields import MoneyField
from vouchers.grants import wording
from vouchers.grants.rules.assessment import Assessment, RuleCheck
from vouchers.grants.rules.refusals import REFUSALS


class CheckSerializer(serializers.Serializer[RuleCheck]):
    """One rule, the value it saw, and its outcome, in the language of the request."""

    rule = serializers.CharField()
    saw = serializers.SerializerMethodField()
    outcome = serializers.ChoiceField(choices=["pass", "fail", "person"])
    words = serializers.SerializerMethodField()
    source = serializers.CharField()  # type: ignore[assignment]
    article = serializers.CharField()
    refusal = serializers.ChoiceField(choices=["", *REFUSALS])

    def get_saw(self, check: RuleCheck) -> str:
        """The value."""
        return wording.said(check.saw)

    def get_words(self, check: RuleCheck) -> str:
        """The rule in words."""
        return wording.said(check.words)


class CapSerializer(serializers.Serializer[Any]):
    """One limit on the amount."""

    name = serializers.CharField()
    limit = MoneyField(source="limit_fen")
    left = MoneyField(source="left_fen")


class AssessmentSerializer(serializers.Serializer[Assessment]):
    """Every rule, then the amount and how it came about. `rate` and `share` are exact fractions."""

    verdict = serializers.ChoiceField(choices=["yes", "no", "perhaps"])
    checks = CheckSerializer(many=True)
    base = MoneyField(source="base_fen")
    rate = serializers.CharField()
    share = serializers.CharField()
    minimum = MoneyField(source="minimum_fen")
    caps = CapSerializer(many=True)
    binding_cap = serializers.CharField()
    rounding = serializers.CharField()
    amount = MoneyField(source="amount_fen")
    refusals = serializers.ListField(child=serializers.ChoiceField(choices=list(REFUSALS)))
