"""Forms of idle windows, the compute bank, pools and latency circles."""

import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.codes import normalize_code
from common.periods import ZONE, month_start, next_month
from providers.forms import DAY, ExactField
from providers.models import WHOLE_PARTS, Facility, LatencySource, Offering, PoolSplit
from providers.rules import latency_files, windows

SECONDS_PER_HOUR = 3600
MONTHS_AHEAD = 12
ALL_CIRCLES = "0"


class WindowForm(forms.Form):
    """From when to when the machines stand idle, and on how many days in a row."""

    first_day = forms.DateField(
        label=_("First day"), widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )
    from_time = forms.TimeField(label=_("From"), widget=forms.TimeInput({"type": "time"}))
    until_time = forms.TimeField(
        label=_("Until"),
        widget=forms.TimeInput({"type": "time"}),
        help_text=_("An earlier time than the first one means the next morning."),
    )
    days = forms.IntegerField(
        label=_("On how many days in a row"),
        min_value=1,
        max_value=windows.MOST_DAYS,
        initial=1,
    )

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        until: time = data["until_time"]
        last = data["first_day"] + timedelta(days=0 if until > data["from_time"] else 1)
        return {
            "starts_at": datetime.combine(data["first_day"], data["from_time"], tzinfo=ZONE),
            "ends_at": datetime.combine(last, until, tzinfo=ZONE),
            "days": data["days"],
        }

    def add_error(self, field: str | None, error: Any) -> None:
        """Errors of the action name what it takes; the form asks in its own words."""
        names = {"starts_at": "first_day", "ends_at": "until_time"}
        super().add_error(names.get(field or "", field), error)


class BankForm(forms.Form):
    """So many card-hours of a month at one offering; `reference` makes a second click harmless."""

    offering = forms.ModelChoiceField(
        label=_("Idle machines"), queryset=Offering.objects.none(), to_field_name="code"
    )
    month = forms.ChoiceField(label=_("Month"))
    card_seconds = ExactField(
        label=_("Card-hours"),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=4,
        help_text=_("One card for one hour, for example 12 or 7.5."),
    )
    reference = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, offerings: Any, today: date, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered: Any = self.fields["offering"]
        offered.queryset = offerings
        month: Any = self.fields["month"]
        month.choices = [(each.isoformat(), f"{each:%Y-%m}") for each in _months(today)]

    def clean_card_seconds(self) -> int:
        """Hours as whole seconds."""
        seconds = Decimal(self.cleaned_data["card_seconds"]) * SECONDS_PER_HOUR
        if seconds != int(seconds):
            raise forms.ValidationError(_("Enter fewer decimals."))
        return int(seconds)

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = dict(self.cleaned_data)
        data["month"] = date.fromisoformat(data["month"])
        return data


class ReasonForm(forms.Form):
    """Why a deposit is not taken."""

    remark = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The enterprise reads exactly this."),
    )


class SharesForm(forms.Form):
    """Contributors of a pool, one a line: code and percent."""

    month = forms.ChoiceField(label=_("In force from"))
    shares = forms.CharField(
        label=_("Contributors"),
        widget=forms.Textarea({"rows": 8}),
        help_text=_(
            "One line each: code of the organization, a blank, its share in percent with at most"
            " four decimals. The shares add up to exactly 100."
        ),
    )

    def __init__(self, last: PoolSplit | None, today: date, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        months = _months(today)
        if last is not None:
            months = [each for each in months if each > max(last.effective.lower, months[0])]
        choice: Any = self.fields["month"]
        choice.choices = [(each.isoformat(), f"{each:%Y-%m}") for each in months]

    def clean_shares(self) -> dict[str, int]:
        """Codes to millionths."""
        found: dict[str, int] = {}
        for line in self.cleaned_data["shares"].splitlines():
            words = unicodedata.normalize("NFKC", line).replace(",", " ").replace("%", " ").split()
            if not words:
                continue
            parts = _parts(words[1]) if len(words) == 2 else None
            code = normalize_code(words[0])
            if parts is None or code in found:
                raise forms.ValidationError(
                    _("This line is no code with a percentage: %(line)s"), params={"line": line}
                )
            found[code] = parts
        return found

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        data = self.cleaned_data
        return {"parts": data["shares"], "month": date.fromisoformat(data["month"])}


class CircleForm(forms.Form):
    """From which district, within how many milliseconds."""

    district = forms.ChoiceField(label=_("District"))
    limit = forms.ChoiceField(
        label=_("Within"),
        choices=[(ALL_CIRCLES, _("any time")), ("1", "1 ms"), ("5", "5 ms"), ("20", "20 ms")],
        required=False,
    )

    def __init__(self, places: list[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choice: Any = self.fields["district"]
        choice.choices = places


class LatencyFileForm(forms.Form):
    """A table of latencies."""

    file = forms.FileField(
        label=_("Table (CSV)"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("At most 1 MB and 5,000 rows."),
    )

    def content(self) -> bytes:
        """What was sent, with one byte more than is taken, so that too large a file is seen."""
        return bytes(self.cleaned_data["file"].read(latency_files.MOST_BYTES + 1))


def example_of(facility: Facility | None, source: LatencySource) -> str:
    """Two rows to start from."""
    code = facility.code if facility else "FA-XXXX-XXXX"
    day = "2026-12-01"
    rows = [
        ",".join(latency_files.COLUMNS),
        f"{code},621002,0.85,{day}",
        f"{code},110000,18.5,{day}",
    ]
    return "\n".join(rows)


def _parts(text: str) -> int | None:
    """Percent as millionths; None unless that is whole."""
    try:
        parts = Decimal(text) * (WHOLE_PARTS // 100)
    except InvalidOperation:
        return None
    if not parts.is_finite() or not 0 < parts <= WHOLE_PARTS or parts != int(parts):
        return None
    return int(parts)


def _months(today: date) -> list[date]:
    found = [month_start(today)]
    while len(found) < MONTHS_AHEAD:
        found.append(next_month(found[-1]))
    return found
