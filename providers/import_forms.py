"""Forms of files to import."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.forms import DAY, ExactField
from providers.rules import price_files, tables


class PriceImportForm(forms.Form):
    """A public list of model prices in US dollars, as a file or as text."""

    file = forms.FileField(
        label=_("Price list (JSON file)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        help_text=_("At most 1 MB. Models, prices for a million tokens, tiers by request length."),
    )
    listing = forms.CharField(
        label=_("Or its text"), required=False, strip=False, widget=forms.Textarea({"rows": 6})
    )
    exchange_rate = ExactField(
        label=_("Yuan for one US dollar"), min_value=Decimal(0), help_text=_("For example 7.10.")
    )
    from_day = forms.DateField(
        label=_("In force from"), widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )

    def clean(self) -> dict[str, Any]:
        """Read the entries; a new file counts more than the text kept from before."""
        data = dict(super().clean() or {})
        upload = data.get("file")
        text = data.get("listing", "")
        if upload is not None:
            text = upload.read(price_files.MOST_BYTES + 1).decode("utf-8-sig", "replace")
        try:
            data["rows"] = price_files.read(text)
        except price_files.Unreadable:
            self.add_error("file", _("This is not a JSON list of entries of at most 1 MB."))
        data["text"] = text
        return data

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {name: data[name] for name in ("rows", "exchange_rate", "from_day")}

    def again(self) -> "PriceImportForm":
        """The same list ready to be sent once more, so that a check needs no second upload."""
        data = self.cleaned_data
        return PriceImportForm(
            initial={
                "listing": data["text"],
                "exchange_rate": data["exchange_rate"],
                "from_day": data["from_day"],
            }
        )


class SheetImportForm(forms.Form):
    """A filled-in template."""

    file = forms.FileField(
        label=_("Table (CSV or XLSX)"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_("At most 10 MB and 5,000 rows. UTF-8 or GB18030."),
    )
    as_file = forms.BooleanField(label=_("Give me the result as a file (CSV)"), required=False)

    def content(self) -> bytes:
        """The file, read a byte beyond the largest size at most."""
        content: bytes = self.cleaned_data["file"].read(tables.MOST_BYTES + 1)
        return content
