"""Form fields of amounts, as people write them; inside there are only integer fen."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.money import MAX_FEN, InvalidAmount, parse_yuan, yuan_text

FEN_PER_WAN_YUAN = 1_000_000
_WAN = re.compile(r"(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,6})?")


class YuanField(forms.CharField):
    """Yuan with at most two decimals; cleans to fen, or None when empty and not required."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, minimum_fen: int = 0, **options: Any) -> None:
        super().__init__(**{"max_length": 30, **options})
        self.minimum_fen = minimum_fen

    def prepare_value(self, value: Any) -> Any:
        """Show fen as yuan; what was typed stays as typed."""
        return yuan_text(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Read the text as fen."""
        text = super().clean(value)
        if text == "":
            return None
        try:
            fen = parse_yuan(text)
        except InvalidAmount as error:
            raise ValidationError(str(error), code=error.code) from error
        if fen < self.minimum_fen:
            raise ValidationError(
                _("Enter at least %(minimum)s yuan."),
                code="minimum",
                params={"minimum": yuan_text(self.minimum_fen)},
            )
        return fen


class WanYuanField(forms.CharField):
    """Units of 10,000 yuan (万元), at most six decimals; cleans to exact fen, or None."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 30, **options})

    def prepare_value(self, value: Any) -> Any:
        """Show fen in units of ten thousand yuan; what was typed stays as typed."""
        if not isinstance(value, int):
            return value
        text = format(Decimal(value) / FEN_PER_WAN_YUAN, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text

    def clean(self, value: Any) -> Any:
        """Read the text as fen."""
        text = super().clean(value)
        if text == "":
            return None
        normal = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace(" ", "")
        if not _WAN.fullmatch(normal):
            raise ValidationError(
                _("Enter an amount in units of 10,000 yuan, for example 1250 or 83.5."),
                code="invalid_amount",
            )
        fen = int(Decimal(normal) * FEN_PER_WAN_YUAN)
        if fen > MAX_FEN:
            raise ValidationError(_("The amount is too large. Check the number of digits."))
        return fen
