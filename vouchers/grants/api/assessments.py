"""How the API spells an assessment, live or as stored with a decision."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api_fields import MoneyField
from vouchers.grants import wording
from vouchers.grants.rules.answers import Assessment, CapLine, RuleCheck
from vouchers.grants.rules.refusals import REFUSALS


class CheckSerializer(serializers.Serializer[RuleCheck]):
    """One rule, the value it saw, and its outcome, in the language of the request."""

    rule = serializers.CharField()
    title = serializers.SerializerMethodField()
    saw = serializers.SerializerMethodField()
    outcome = serializers.ChoiceField(choices=["pass", "fail", "person"])
    words = serializers.SerializerMethodField()
    source = serializers.CharField()  # type: ignore[assignment]
    article = serializers.CharField()
    refusal = serializers.ChoiceField(choices=["", *REFUSALS])

    def get_title(self, check: RuleCheck) -> str:
        """What the rule is called."""
        return wording.said(check.title)

    def get_saw(self, check: RuleCheck) -> str:
        """The value."""
        return wording.said(check.saw)

    def get_words(self, check: RuleCheck) -> str:
        """The rule in words."""
        return wording.said(check.words)


class CapSerializer(serializers.Serializer[Any]):
    """One limit on the amount."""

    name = serializers.CharField()
    title = serializers.SerializerMethodField()
    limit = MoneyField(source="limit_fen")
    used = MoneyField(source="used_fen")
    left = MoneyField(source="left_fen")

    def get_title(self, cap: CapLine) -> str:
        """What the limit is called."""
        return wording.said(cap.title)


class AssessmentSerializer(serializers.Serializer[Assessment]):
    """Every rule, then the amount and how it came about. `rate` and `share` are exact fractions."""

    verdict = serializers.ChoiceField(choices=["yes", "no", "perhaps"])
    checks = CheckSerializer(many=True)
    base = MoneyField(source="base_fen", allow_null=True)
    rate = serializers.CharField()
    share = serializers.CharField()
    minimum = MoneyField(source="minimum_fen")
    caps = serializers.SerializerMethodField()
    binding_cap = serializers.CharField()
    rounding = serializers.CharField()
    amount = MoneyField(source="amount_fen")
    refusals = serializers.ListField(child=serializers.ChoiceField(choices=list(REFUSALS)))

    @extend_schema_field(CapSerializer(many=True))
    def get_caps(self, found: Assessment) -> Any:
        """The limits on the amount; those that count decisions are among the rules."""
        return CapSerializer([cap for cap in found.caps if not cap.is_count], many=True).data
