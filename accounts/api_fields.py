"""API fields of codes that people copy from papers."""

from typing import Any

from rest_framework import serializers

from accounts import wording
from accounts.rules import industries, regions, uscc


class UsccField(serializers.CharField):
    """A unified social credit code; answered in its one spelling."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 40, **options})

    def to_internal_value(self, data: Any) -> str:
        """Read and check the code."""
        try:
            return uscc.normalize(super().to_internal_value(data))
        except uscc.InvalidUscc as error:
            code = f"uscc_{error.reason}"
            raise serializers.ValidationError(str(wording.USCC[error.reason]), code=code) from error


class RegionField(serializers.CharField):
    """A place by GB/T 2260, six digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 12, **options})

    def to_internal_value(self, data: Any) -> str:
        """Read and check the code."""
        try:
            return regions.normalize(super().to_internal_value(data))
        except regions.InvalidRegion as error:
            words = str(wording.REGION[error.reason])
            raise serializers.ValidationError(words, code=f"region_{error.reason}") from error


class IndustryField(serializers.CharField):
    """An industry by GB/T 4754-2017: two to four digits, with or without the section letter."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 12, **options})

    def to_internal_value(self, data: Any) -> str:
        """Read and check the code."""
        text = super().to_internal_value(data)
        if text == "" and self.allow_blank:
            return ""
        try:
            return industries.normalize(text)
        except industries.InvalidIndustry as error:
            words = str(wording.INDUSTRY[error.reason])
            raise serializers.ValidationError(words, code=f"industry_{error.reason}") from error


class HeadcountField(serializers.IntegerField):
    """A number of people; a real integer, not a boolean and not a float."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 10_000_000, **options})

    def to_internal_value(self, data: Any) -> int:
        """Read the number."""
        if isinstance(data, bool | float):
            self.fail("invalid")
        return int(super().to_internal_value(data))
