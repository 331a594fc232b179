"""Ratings and real costs on the wire."""

from typing import Any, ClassVar

from rest_framework import serializers

from common.api_fields import MoneyField, QuantityField, StrictBooleanField
from marketplace.experience.actions.ratings import LONGEST
from marketplace.experience.models import Rating, RatingAnswer


class NewRatingSerializer(serializers.Serializer[object]):
    """A rating, or another version of it."""

    stars = serializers.IntegerField(min_value=1, max_value=5)
    is_outcome_reached = StrictBooleanField()
    words = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)


class NewAnswerSerializer(serializers.Serializer[object]):
    """The publisher's one answer."""

    words = serializers.CharField(max_length=LONGEST)


class RatingSerializer(serializers.ModelSerializer[Rating]):
    """One version of an order's rating and the days of the use it rests on."""

    class Meta:
        model = Rating
        fields: ClassVar = [
            "number",
            "stars",
            "is_outcome_reached",
            "words",
            "first_used_on",
            "last_used_on",
            "stated_at",
        ]
        read_only_fields = fields


class RatingAnswerSerializer(serializers.ModelSerializer[RatingAnswer]):
    """The publisher's answer and the version it answers."""

    rating = serializers.IntegerField(source="rating.number")

    class Meta:
        model = RatingAnswer
        fields: ClassVar = ["rating", "words", "answered_at"]
        read_only_fields = fields


class UnitCostSerializer(serializers.Serializer[Any]):
    """A meter's use: billed before vouchers, and what it would have cost as promised."""

    used = QuantityField(source="units", unit_source="meter")
    billed = MoneyField(source="billed_fen")
    promised = MoneyField(source="promised_fen")


class AfterUseSerializer(serializers.Serializer[Any]):
    """An order's metered use, rating versions from the newest, answer and, for the buyer, costs."""

    order = serializers.CharField()
    first_used_on = serializers.DateField(allow_null=True)
    last_used_on = serializers.DateField(allow_null=True)
    can_be_rated = serializers.BooleanField()
    ratings = RatingSerializer(many=True)
    answer = RatingAnswerSerializer(allow_null=True)
    costs = UnitCostSerializer(many=True)


class VoiceSerializer(serializers.Serializer[Any]):
    """A rating as strangers read it."""

    stars = serializers.IntegerField()
    is_outcome_reached = serializers.BooleanField()
    words = serializers.CharField()
    answer = serializers.CharField()


class EchoSerializer(serializers.Serializer[Any]):
    """What firms say of a bundle; figures are null and voices empty for fewer than three firms."""

    is_shown = serializers.BooleanField()
    firms = serializers.IntegerField(allow_null=True)
    mean = serializers.CharField(allow_null=True)
    reached = serializers.IntegerField(allow_null=True)
    voices = VoiceSerializer(many=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Keep small numbers back."""
        shown = super().to_representation(instance)
        if not shown["is_shown"]:
            shown |= {"firms": None, "mean": None, "reached": None, "voices": []}
        return shown
