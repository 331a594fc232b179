"""Forms and filters of usage, bills and funds: they check shape and never write."""

import unicodedata
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, OrganizationKind
from common.codes import normalize_code
from common.form_fields import YuanField
from providers.models import Meter
from vouchers.billing.actions import funds
from vouchers.billing.models import Bill, BillStatus, UsageRollup

MAX_FILE_BYTES = 4_000_000


class BillFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Bills by state and month."""

    status = django_filters.ChoiceFilter(
        label=_("State"), choices=BillStatus.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(
        label=_("From month"),
        field_name="month",
        lookup_expr="gte",
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        input_formats=["%Y-%m", "%Y-%m-%d"],
    )
    until = django_filters.DateFilter(
        label=_("To month"),
        field_name="month",
        lookup_expr="lte",
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        input_formats=["%Y-%m", "%Y-%m-%d"],
    )

    class Meta:
        model = Bill
        fields: tuple[str, ...] = ()


class UsageFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Usage by subscription, meter and days."""

    subscription = django_filters.CharFilter(
        label=_("Subscription"),
        field_name="subscription__code",
        max_length=16,
        method="of_subscription",
    )
    meter = django_filters.ChoiceFilter(
        label=_("Meter"), choices=Meter.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(
        label=_("From day"),
        field_name="day",
        lookup_expr="gte",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = django_filters.DateFilter(
        label=_("To day"),
        field_name="day",
        lookup_expr="lte",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = UsageRollup
        fields: tuple[str, ...] = ()

    def of_subscription(self, queryset: Any, name: str, value: str) -> Any:
        """Match the code as people type it."""
        return queryset.filter(**{name: normalize_code(value)})


class DepositForm(forms.Form):
    """A payment that the bank received for an enterprise."""

    enterprise = forms.CharField(
        label=_("Enterprise"),
        max_length=40,
        help_text=_(
            "Its unified social credit code, or its number here, for example OR-7KQ4-M2XD."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    amount = YuanField(
        label=_("Amount received (yuan)"),
        minimum_fen=1,
        help_text=_("At most two decimals, for example 1234.56."),
    )
    reference = forms.CharField(
        label=_("Serial number of the receipt"),
        max_length=funds.MAX_REFERENCE,
        help_text=_("As on the bank statement. One receipt can be recorded only once."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_enterprise(self) -> Organization:
        """Find the enterprise that the officer means."""
        code = normalize_code(self.cleaned_data["enterprise"])
        firms = Organization.objects.filter(kind=OrganizationKind.ENTERPRISE)
        found = firms.filter(uscc=code).first() or firms.filter(code=code).first()
        if found is None:
            raise ValidationError(_("No enterprise has this code. Compare it with the receipt."))
        return found

    def clean_reference(self) -> str:
        """Half-width, without blanks around."""
        return unicodedata.normalize("NFKC", self.cleaned_data["reference"]).strip()


class BudgetForm(forms.Form):
    """What the enterprise means to spend in a month."""

    amount = YuanField(
        label=_("Monthly budget (yuan)"),
        required=False,
        minimum_fen=1,
        help_text=_("At most two decimals. Leave it empty if you want no budget."),
    )


class StatementFileForm(forms.Form):
    """A provider's own figures of a month."""

    file = forms.FileField(
        label=_("Statement as CSV or XLSX"),
        max_length=200,
        help_text=_(
            "Columns subscription, meter, day, quantity: one row a day, whole base units, at most"
            " 50,000 rows."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,.xlsx"}),
    )


class UploadForm(forms.Form):
    """A CSV or XLSX file of usage."""

    file = forms.FileField(
        label=_("CSV or XLSX file"),
        help_text=_("At most 5,000 rows and 4 MB; CSV in UTF-8 or GB18030."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,.xlsx"}),
    )

    def clean_file(self) -> bytes:
        """The content; a file beyond the limit is not read."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_FILE_BYTES:
            raise ValidationError(_("The file is larger than 4 MB. Split it and upload the parts."))
        return bytes(upload.read())
