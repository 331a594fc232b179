"""Scenarios and bundles on the wire."""

from typing import Any

from rest_framework import serializers

from common.api_fields import MoneyField
from marketplace.catalog.models import Bundle, BundleItem, OperatedBy, Scenario
from providers.models import Offering


class ScenarioSerializer(serializers.ModelSerializer[Scenario]):
    """A scenario in both languages; `coefficients` are base units for one unit of volume."""

    coefficients = serializers.DictField(child=serializers.IntegerField())
    assumptions = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))

    class Meta:
        model = Scenario
        fields = (
            "slug",
            "name",
            "name_en",
            "summary",
            "summary_en",
            "stage",
            "sections",
            "volume_unit",
            "volume_unit_en",
            "coefficients",
            "assumptions",
            "coefficients_source",
            "coefficients_source_en",
        )
        read_only_fields = fields


class BundleItemSerializer(serializers.ModelSerializer[BundleItem]):
    """One offering of the chain, from the bottom layer up."""

    offering = serializers.CharField(source="offering.code")
    name = serializers.CharField(source="offering.name")
    layer = serializers.CharField(source="offering.layer")
    provider = serializers.CharField(source="offering.provider.code")

    class Meta:
        model = BundleItem
        fields = ("position", "offering", "name", "layer", "provider")
        read_only_fields = fields


class BundleSerializer(serializers.ModelSerializer[Bundle]):
    """A bundle with its chain and what makes it light."""

    publisher = serializers.CharField(source="publisher.code")
    start_cost = MoneyField(source="start_cost_fen")
    scenarios: Any = serializers.SlugRelatedField(slug_field="slug", many=True, read_only=True)
    items = BundleItemSerializer(many=True)

    class Meta:
        model = Bundle
        fields = (
            "code",
            "publisher",
            "name",
            "summary",
            "status",
            "start_cost",
            "notice_days",
            "days_to_first_use",
            "operated_by",
            "scenarios",
            "items",
        )
        read_only_fields = fields


class BundleRequestSerializer(serializers.Serializer[Any]):
    """A new bundle; offerings by code, scenarios by slug."""

    name = serializers.CharField(max_length=100)
    summary = serializers.CharField(max_length=300)
    offerings = serializers.SlugRelatedField(
        slug_field="code", many=True, queryset=Offering.objects.listed()
    )
    scenarios = serializers.SlugRelatedField(
        slug_field="slug", many=True, queryset=Scenario.objects.all()
    )
    start_cost = MoneyField(source="start_cost_fen")
    notice_days = serializers.IntegerField(min_value=0, max_value=365)
    days_to_first_use = serializers.IntegerField(min_value=0, max_value=365)
    operated_by = serializers.ChoiceField(choices=OperatedBy.choices)
