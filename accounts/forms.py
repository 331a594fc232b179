"""Forms of people, organizations, members and keys: they check shape and never write."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import choices, topics, wording
from accounts.access import Actor
from accounts.actions import keys, notifications
from accounts.models import Language, OrganizationKind, Role
from accounts.permissions import ROLES_BY_KIND, Permission
from accounts.rules import identity, industries, regions, uscc
from common import periods
from common.form_fields import WanYuanField

MOST_EMPLOYEES = 10_000_000


class ProfileForm(forms.Form):
    """What is true about a company today."""

    name = forms.CharField(
        label=_("Name of the organization"),
        max_length=100,
        help_text=_("As on the business license."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    legal_person = forms.CharField(label=_("Legal representative"), max_length=50)
    region = forms.ChoiceField(label=_("Place of registration"), choices=choices.regions)
    industry = forms.CharField(
        label=_("Industry code"),
        max_length=12,
        help_text=_("GB/T 4754-2017, two to four digits; typing shows suggestions."),
        widget=forms.TextInput(attrs={"list": "industries", "autocomplete": "off"}),
    )
    employees = forms.IntegerField(
        label=_("Employees at the end of last year"),
        min_value=0,
        validators=[MaxValueValidator(MOST_EMPLOYEES)],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    revenue_fen = WanYuanField(label=_("Revenue of last year (10,000 yuan)"))
    assets_fen = WanYuanField(
        label=_("Total assets at the end of last year (10,000 yuan)"),
        required=False,
        help_text=_(
            "Needed in construction, real estate development, leasing and business services."
        ),
    )

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        """Enterprises are sized, so they state industry and figures; others may."""
        super().__init__(*args, **options)
        for name in ("industry", "employees", "revenue_fen"):
            self.fields[name].required = kind == OrganizationKind.ENTERPRISE

    def clean_region(self) -> str:
        """A place of this edition."""
        try:
            return regions.normalize(self.cleaned_data["region"])
        except regions.InvalidRegion as error:
            raise ValidationError(str(wording.REGION[error.reason]), code=error.reason) from error

    def clean_industry(self) -> str:
        """An industry of this edition, in digits."""
        text = self.cleaned_data["industry"]
        try:
            return industries.normalize(text) if text else ""
        except industries.InvalidIndustry as error:
            raise ValidationError(str(wording.INDUSTRY[error.reason]), code=error.reason) from error


class RegistrationForm(ProfileForm):
    """A new organization, and what the registering person does there."""

    kind = forms.ChoiceField(
        label=_("What do you register?"),
        choices=[
            (OrganizationKind.ENTERPRISE.value, _("An enterprise that uses computing")),
            (
                OrganizationKind.PROVIDER.value,
                _("A provider of computing (may leave out industry and figures)"),
            ),
        ],
        widget=forms.RadioSelect,
        initial=OrganizationKind.ENTERPRISE,
    )
    uscc = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        help_text=_("18 characters, on the business license."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = (
        "kind", "uscc", "name", "legal_person", "region", "industry", "employees", "revenue_fen",
        "assets_fen",
    )  # fmt: skip

    def __init__(self, data: Any = None, **options: Any) -> None:
        kind = (data or {}).get("kind", OrganizationKind.ENTERPRISE.value)
        super().__init__(data, kind=kind, **options)

    def clean_uscc(self) -> str:
        """The code in its one spelling."""
        try:
            return uscc.normalize(self.cleaned_data["uscc"])
        except uscc.InvalidUscc as error:
            raise ValidationError(str(wording.USCC[error.reason]), code=error.reason) from error

    def clean(self) -> dict[str, Any]:
        """Whoever registers becomes the one who may manage the organization."""
        data: dict[str, Any] = super().clean() or {}
        is_enterprise = data.get("kind") == OrganizationKind.ENTERPRISE
        data["role"] = Role.SIGNATORY if is_enterprise else Role.OPERATOR
        return data


class MemberForm(forms.Form):
    """A person to add, and the role; a bureau must know the human behind the account."""

    email = forms.EmailField(
        label=_("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        label=_("Full name"),
        max_length=50,
        help_text=_("As on the identity card."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    identity_number = forms.CharField(
        label=_("Resident identity number"),
        max_length=24,
        help_text=_("Shows that two officers are two people. Only a digest is kept."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        held = ROLES_BY_KIND[kind]
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in Role if role in held
        ]
        if kind != OrganizationKind.BUREAU:
            del self.fields["identity_number"]

    def clean_identity_number(self) -> str:
        """A number with a right check digit; it goes no further than `person_key`."""
        try:
            return identity.normalize(self.cleaned_data["identity_number"])
        except identity.InvalidIdentityNumber as error:
            raise ValidationError(str(wording.IDENTITY_NUMBER), code="identity_number") from error

    def person_key(self) -> str:
        """The keyed digest of the identity number; empty where none is asked."""
        number = self.cleaned_data.get("identity_number", "")
        return identity.person_key(number, settings.SECRET_KEY) if number else ""


class KeyForm(forms.Form):
    """Name, permissions and life of a new key."""

    name = forms.CharField(
        label=_("Name of the key"),
        max_length=50,
        help_text=_("Say which system uses it, for example “metering of hall 2”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What the key may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose as little as possible."),
    )
    expires_on = forms.DateField(
        label=_("Last day"),
        help_text=_("At most a year from now."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    is_signed = forms.BooleanField(
        label=_("Requests must be signed"),
        required=False,
        help_text=_("The key's secret then never travels, and no request can be changed or kept."),
    )

    def __init__(self, *args: Any, permissions: frozenset[str], **options: Any) -> None:
        super().__init__(*args, **options)
        allowed = permissions - keys.NOT_FOR_KEYS
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (each.value, each.label) for each in Permission if each in allowed
        ]
        today = periods.local_day(timezone.now())
        self.fields["expires_on"].initial = today + timedelta(days=90)

    def expires_at(self) -> datetime:
        """The first moment after the last day."""
        return periods.end_of_day(self.cleaned_data["expires_on"])


class NotificationSettingsForm(forms.Form):
    """In which language a person is written to, and about what also by mail."""

    language = forms.ChoiceField(
        label=_("Language of messages"), choices=Language.choices, widget=forms.RadioSelect
    )
    mailed = forms.MultipleChoiceField(
        label=_("Also send me a mail about"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whatever you choose, every message is kept here under the bell."),
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        read = topics.of_reader(actor.permissions)
        free = [topic for topic in read if not topic.must_mail]
        muted = notifications.muted_by(person=actor.user)
        options["initial"] = {
            "language": actor.user.language,
            "mailed": [topic.code for topic in free if topic.code not in muted],
        }
        super().__init__(*args, **options)
        self.always = [topic.label for topic in read if topic.must_mail]
        if not free:
            del self.fields["mailed"]
            return
        field = self.fields["mailed"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(topic.code, topic.label) for topic in free]

    def chosen(self) -> dict[str, Any]:
        """The choice, as the action takes it."""
        return {"mailed": [], **self.cleaned_data}
