"""Trials on the wire."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api_fields import CodeField, QuantityField
from marketplace.trials.actions import trials
from marketplace.trials.models import Trial, TrialTerms

QUANTITIES = {"type": "array", "items": {"type": "object"}}


def quantities(units: dict[str, int]) -> list[dict[str, Any]]:
    """Base units by meter as the API writes them."""
    field = QuantityField(unit_source="meter")
    return [field.to_representation((amount, meter)) for meter, amount in sorted(units.items())]


class TrialSerializer(serializers.ModelSerializer[Trial]):
    """A trial; `subscription` is the code that usage is reported against, at no cost."""

    enterprise = serializers.CharField(source="enterprise.name")
    offering = serializers.CharField(source="offering.code")
    name = serializers.CharField(source="offering.name")
    subscription = serializers.CharField(source="subscription.code")
    cap = serializers.SerializerMethodField()
    used = serializers.SerializerMethodField()

    class Meta:
        model = Trial
        fields: ClassVar = [
            "code",
            "status",
            "reason",
            "enterprise",
            "offering",
            "name",
            "subscription",
            "cap",
            "used",
            "taken_at",
            "ends_at",
            "ended_at",
        ]
        read_only_fields = fields

    @extend_schema_field(QUANTITIES)
    def get_cap(self, trial: Trial) -> list[dict[str, Any]]:
        """What is free of each meter."""
        return quantities(trial.units)

    @extend_schema_field(QUANTITIES)
    def get_used(self, trial: Trial) -> list[dict[str, Any]]:
        """What was metered so far."""
        known = self.context.get("used") or trials.used_of(trials=[trial])
        return quantities({meter: known[trial.pk].get(meter, 0) for meter in trial.units})


class TrialTermsSerializer(serializers.ModelSerializer[TrialTerms]):
    """What firms may try."""

    offering = serializers.CharField(source="offering.code")
    cap = serializers.SerializerMethodField()

    class Meta:
        model = TrialTerms
        fields: ClassVar = ["offering", "status", "days", "cap", "stated_at"]
        read_only_fields = fields

    @extend_schema_field(QUANTITIES)
    def get_cap(self, terms: TrialTerms) -> list[dict[str, Any]]:
        """What is free of each meter."""
        return quantities(terms.units)


class NewTermsSerializer(serializers.Serializer[object]):
    """Days, and base units by meter for every meter that has a price today."""

    days = serializers.IntegerField(min_value=1, max_value=90)
    units = serializers.DictField(child=serializers.IntegerField(min_value=1), allow_empty=False)


class TurningSerializer(serializers.Serializer[object]):
    """What the trial becomes."""

    need = CodeField(prefix="ND")
    bundle = CodeField(prefix="BN")
