"""Forms of people, organizations, members and keys."""

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions import people
from accounts.models import User


class SignUpForm(SignupForm):  # type: ignore[misc]
    """Mail address, name and password of a new person."""

    name = forms.CharField(label=_("Name"), max_length=50, help_text=_("As on your identity card."))
    field_order = ("email", "name", "password1", "password2")

    def save(self, request: HttpRequest) -> User:
        """Make the account; allauth signs the person in afterwards."""
        data: dict[str, Any] = self.cleaned_data
        return people.sign_up(
            email=data["email"], password=data["password1"], name=data["name"], at=timezone.now()
        )
