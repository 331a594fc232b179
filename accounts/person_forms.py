"""Forms of one person's own account: the sign-in package's forms with the product's words."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    LoginForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SignupForm,
)
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions import people
from accounts.models import User

LABELS = {
    "login": _("Mail address"),
    "email": _("Mail address"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("The same password again"),
}
PASSWORD_HINT = _("At least 8 characters, not only digits, nothing easily guessed.")


class _OurWords:
    """Gives the fields the product's labels, and the new password one short hint."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        for name in fields.keys() & LABELS.keys():
            fields[name].label = LABELS[name]
        if "password1" in fields:
            fields["password1"].help_text = PASSWORD_HINT


class SignInForm(_OurWords, LoginForm):  # type: ignore[misc]
    """Mail address and password."""


class MailAddressForm(_OurWords, AddEmailForm):  # type: ignore[misc]
    """One more mail address of a person."""


class PasswordChangeForm(_OurWords, ChangePasswordForm):  # type: ignore[misc]
    """The present password and the new one twice."""


class PasswordResetForm(_OurWords, ResetPasswordForm):  # type: ignore[misc]
    """Where the link goes."""


class NewPasswordForm(_OurWords, ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password twice, behind the mailed link."""


class SignUpForm(_OurWords, SignupForm):  # type: ignore[misc]
    """Mail address, name and password of a new person."""

    name = forms.CharField(
        label=_("Full name"),
        max_length=50,
        help_text=_("As on your identity card."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("email", "name", "password1", "password2")

    def save(self, request: HttpRequest) -> User:
        """Make the account; allauth signs the person in afterwards."""
        data: dict[str, Any] = self.cleaned_data
        return people.sign_up(
            email=data["email"], password=data["password1"], name=data["name"], at=timezone.now()
        )
