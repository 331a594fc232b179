"""Forms of claims and audits. They check shape; the actions decide."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from common.form_fields import YuanField
from vouchers.audit.models import Claim, ClaimStatus, Settlement, SettlementStatus


class MonthForm(forms.Form):
    """The month to pre-fill, by any of its days."""

    month = forms.DateField()


class InvoiceForm(forms.Form):
    """The invoice that covers a claim."""

    invoice_number = forms.CharField(
        label=_("Invoice number"),
        max_length=60,
        help_text=_("As printed on the invoice, 8 to 30 digits or letters."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    invoice_amount = YuanField(
        label=_("Invoice amount (yuan)"),
        minimum_fen=1,
        help_text=_("Total with tax. It must cover at least the claim."),
    )
    invoice_seller = forms.CharField(
        label=_("Seller's code"),
        max_length=40,
        required=False,
        help_text=_("Unified social credit code of who issued it: your own organization."),
    )
    invoice_buyer = forms.CharField(
        label=_("Buyer's code"),
        max_length=40,
        required=False,
        help_text=_("Unified social credit code of whom it was issued to: the bureau."),
    )
    invoice_on = forms.DateField(
        label=_("Invoice date"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    invoice_file = forms.FileField(
        label=_("Invoice file"),
        max_length=200,
        allow_empty_file=True,
        help_text=_("PDF, OFD, PNG or JPEG, at most 10 MB, without a password."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.ofd,.png,.jpg,.jpeg"}),
    )

    def __init__(
        self, *args: Any, has_file: bool = False, is_refund: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        if is_refund:
            self.fields["invoice_seller"].help_text = _(
                "Unified social credit code of the provider."
            )
            self.fields["invoice_buyer"].help_text = _(
                "Unified social credit code of your organization."
            )
        if has_file:
            self.fields["invoice_file"].required = False
            self.fields["invoice_file"].help_text = _(
                "Leave empty to keep the file that you sent before."
            )


class ResultsForm(forms.Form):
    """The bank's answer to a payment file."""

    file = forms.FileField(
        label=_("The bank's answer"),
        max_length=200,
        allow_empty_file=True,
        help_text=_(
            "The payment file as CSV with the columns result (paid or returned), bank_serial and"
            " reason filled in, at most 5 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv"}),
    )


class LockForm(forms.Form):
    """The control totals that were shown."""

    shown_lines = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    shown_fen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AccountForm(forms.Form):
    """Where a provider is paid."""

    bank_name = forms.CharField(label=_("Bank and branch"), max_length=120)
    account_number = forms.CharField(
        label=_("Account number"),
        max_length=60,
        help_text=_("8 to 32 digits. The account's holder must be your organization itself."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


PHRASES = [
    ("parties", _("The parties on the invoice are not those of the claim.")),
    ("number", _("The invoice number or amount differs from the invoice file.")),
    ("unreadable", _("The invoice file cannot be read. Send a clear copy.")),
    ("usage", _("The metered usage does not support the claimed amount.")),
    ("rate", _("The price differs from the published price list.")),
]
"""The usual reasons of a return, in words; the auditor may add her own."""


class DecisionForm(forms.Form):
    """Pass or return, with canned words, own words or both."""

    outcome = forms.ChoiceField(
        choices=[("pass", _("Pass")), ("return", _("Return for correction"))],
        widget=forms.HiddenInput,
    )
    phrases = forms.MultipleChoiceField(
        label=_("Usual reasons for a return"),
        choices=PHRASES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    finding = forms.CharField(
        label=_("Finding in words"),
        max_length=1500,
        required=False,
        help_text=_("The provider reads it. A return needs a reason."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def words(self) -> str:
        """The finding: the chosen phrases, then the own words."""
        chosen = dict(PHRASES)
        parts = [str(chosen[key]) for key in self.cleaned_data["phrases"]]
        return "\n".join([*parts, self.cleaned_data["finding"].strip()]).strip()


class RefusalForm(forms.Form):
    """Why a provider does not confirm an enterprise's claim."""

    finding = forms.CharField(
        label=_("Why you send it back"),
        max_length=2000,
        help_text=_("The enterprise reads it and mends the claim."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ClaimFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Claims by where they stand."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=ClaimStatus.choices, empty_label=_("All")
    )

    class Meta:
        model = Claim
        fields = ("status",)


class AuditFilter(ClaimFilter):
    """The queue shows what waits unless another status is asked for."""

    status = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=[
            choice
            for choice in ClaimStatus.choices
            if choice[0] not in {ClaimStatus.DRAFT, ClaimStatus.CONFIRMING}
        ],
        empty_label=_("All"),
    )


class SettlementFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Settlements by where they stand."""

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=SettlementStatus.choices, empty_label=_("All")
    )

    class Meta:
        model = Settlement
        fields = ("status",)
