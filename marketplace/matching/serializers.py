"""Needs and matches on the wire."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api_fields import CURRENCY, MoneyField, QuantityField, StrictBooleanField
from common.money import yuan_text
from marketplace.catalog.models import Scenario
from marketplace.matching import after_use, explaining, wording
from marketplace.matching.actions.needs import MAX_LATENCY_US, MAX_VOLUME
from marketplace.matching.models import Match, Need
from marketplace.matching.rules.limits import Limit
from providers.models import Layer, Meter


class NewNeedSerializer(serializers.Serializer[object]):
    """A new need. The volume counts the scenario's own unit; the budget is for the own share."""

    scenario = serializers.SlugRelatedField(slug_field="slug", queryset=Scenario.objects.all())
    monthly_volume = serializers.IntegerField(min_value=1, max_value=MAX_VOLUME)
    monthly_budget = MoneyField(minimum_fen=1)
    region = serializers.RegexField(
        r"^([0-9]{6})?$",
        required=False,
        default="",
        allow_blank=True,
        help_text=_("A place by GB/T 2260 where data may live; empty for anywhere."),
    )
    latency_us = serializers.IntegerField(
        min_value=1, max_value=MAX_LATENCY_US, required=False, allow_null=True, default=None
    )
    needs_domestic_chip = StrictBooleanField(required=False, default=False)

    def values(self) -> dict[str, Any]:
        """The need as the action takes it."""
        data: dict[str, Any] = dict(self.validated_data)
        data["monthly_budget_fen"] = data.pop("monthly_budget")
        return data


class NeedSerializer(serializers.ModelSerializer[Need]):
    """A need with its order, if any."""

    scenario = serializers.SlugRelatedField[Scenario](slug_field="slug", read_only=True)
    volume_unit = serializers.CharField(source="scenario.volume_unit")
    monthly_budget = MoneyField(source="monthly_budget_fen")
    order = serializers.SerializerMethodField()

    class Meta:
        model = Need
        fields: ClassVar = [
            "code",
            "scenario",
            "monthly_volume",
            "volume_unit",
            "monthly_budget",
            "region",
            "latency_us",
            "needs_domestic_chip",
            "order",
            "created_at",
        ]
        read_only_fields = fields

    def get_order(self, need: Need) -> str | None:
        """Code of the order placed for it."""
        return need.order.code if hasattr(need, "order") else None


class MatchLineSerializer(serializers.Serializer[dict[str, Any]]):
    """What one meter of one offering costs in a month."""

    offering = serializers.CharField()
    name = serializers.CharField()
    provider = serializers.CharField()
    layer = serializers.ChoiceField(choices=Layer.choices)
    quantity = QuantityField(source="units", unit_source="meter")
    amount = MoneyField(source="amount_fen")


class ComponentSerializer(serializers.Serializer[dict[str, Any]]):
    """Points (0 to 1,000) of one component of the score and its weight in percent."""

    name = serializers.ChoiceField(choices=[(name, name) for name in wording.COMPONENTS])
    points = serializers.IntegerField()
    weight = serializers.IntegerField()


class ExclusionSerializer(serializers.Serializer[explaining.Told]):
    """A limit the bundle breaks, and by how much, in words."""

    limit = serializers.ChoiceField(choices=[(limit.value, limit.value) for limit in Limit])
    title = serializers.CharField()
    detail = serializers.CharField()


class UseSerializer(serializers.Serializer[dict[str, Any]]):
    """What long use changed: the rank without it, and what firms found of the least proven part.

    The rank is null where it would be beyond the first twenty. Figures of fewer than three firms are
    null.
    """

    rank_without = serializers.IntegerField(source="rank_unused", allow_null=True)
    offering = serializers.CharField(source="name")
    firms = serializers.IntegerField(allow_null=True)
    stars = serializers.IntegerField(allow_null=True, help_text=_("Sum over the firms."))
    reached = serializers.IntegerField(allow_null=True)
    billed = MoneyField(source="billed_fen", allow_null=True)
    promised = MoneyField(source="promised_fen", allow_null=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Keep small numbers back."""
        shown = super().to_representation(instance)
        if instance["firms"] < after_use.LEAST_FIRMS:
            shown |= dict.fromkeys(("firms", "stars", "reached"))
        if instance["measured"] < after_use.LEAST_FIRMS:
            shown |= dict.fromkeys(("billed", "promised"))
        return shown


class MatchSerializer(serializers.ModelSerializer[Match]):
    """A bundle held against a need, for a month; price = voucher + own share."""

    bundle = serializers.CharField(source="bundle.code")
    name = serializers.CharField(source="bundle.name")
    price = MoneyField(source="price_fen")
    voucher = MoneyField(source="voucher_fen")
    own_share = MoneyField(source="own_fen")
    start_cost = MoneyField(source="bundle.start_cost_fen")
    days_to_first_use = serializers.IntegerField(source="bundle.days_to_first_use")
    notice_days = serializers.IntegerField(source="bundle.notice_days")
    latency_us = serializers.IntegerField(source="reasons.latency_us", allow_null=True)
    lines = MatchLineSerializer(source="reasons.lines", many=True)
    components = ComponentSerializer(source="reasons.components", many=True)
    lacks = serializers.ListField(
        source="reasons.lacks", child=serializers.ChoiceField(choices=Meter.choices)
    )
    exclusions = serializers.SerializerMethodField()
    use = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()

    class Meta:
        model = Match
        fields: ClassVar = [
            "bundle",
            "name",
            "rank",
            "score",
            "price",
            "voucher",
            "own_share",
            "start_cost",
            "days_to_first_use",
            "notice_days",
            "latency_us",
            "lines",
            "components",
            "lacks",
            "exclusions",
            "use",
            "why",
            "computed_at",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Match) -> dict[str, Any]:
        """Spell an answer's matches by hand: field by field takes a fifth of the time that finding them does."""
        reasons, bundle = instance.reasons, instance.bundle
        return {
            "bundle": bundle.code,
            "name": bundle.name,
            "rank": instance.rank,
            "score": instance.score,
            "price": _money(instance.price_fen),
            "voucher": _money(instance.voucher_fen),
            "own_share": _money(instance.own_fen),
            "start_cost": _money(bundle.start_cost_fen),
            "days_to_first_use": bundle.days_to_first_use,
            "notice_days": bundle.notice_days,
            "latency_us": reasons["latency_us"],
            "lines": [_line(row) for row in reasons["lines"]],
            "components": [
                {"name": row["name"], "points": row["points"], "weight": row["weight"]}
                for row in reasons["components"]
            ],
            "lacks": list(reasons["lacks"]),
            "exclusions": self.get_exclusions(instance),
            "use": self.get_use(instance),
            "why": self.get_why(instance),
            "computed_at": _MOMENT.to_representation(instance.computed_at),
        }

    @extend_schema_field(UseSerializer(allow_null=True))
    def get_use(self, match: Match) -> dict[str, Any] | None:
        """What long use changed; null for an excluded one."""
        use = match.reasons.get("use")
        return _USE.to_representation(use) if use else None

    def get_why(self, match: Match) -> str:
        """The same in words; empty for an excluded one."""
        found = after_use.moved(match)
        return f"{found.words} {found.why}" if found else ""

    @extend_schema_field(ExclusionSerializer(many=True))
    def get_exclusions(self, match: Match) -> list[dict[str, Any]]:
        """Which limits it breaks, and by how much."""
        return [
            {"limit": row.limit.value, "title": row.title, "detail": row.detail}
            for row in explaining.exclusions_of(match)
        ]


_MOMENT = serializers.DateTimeField()
_USE = UseSerializer()


def _money(fen: int) -> dict[str, str]:
    return {"amount": yuan_text(fen), "currency": CURRENCY}


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "offering": row["offering"],
        "name": row["name"],
        "provider": row["provider"],
        "layer": row["layer"],
        "quantity": {"value": row["units"], "unit": row["meter"]},
        "amount": _money(row["amount_fen"]),
    }
