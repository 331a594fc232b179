"""People: sign up, be put out of service."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Language, User
from common.errors import Conflict, DomainError


class AddressTaken(Conflict):
    """An account with this mail address exists."""

    code = "address_taken"


class WeakPassword(DomainError):
    """The password does not meet the rules."""

    code = "weak_password"


class UnknownPerson(DomainError):
    """No account has this mail address."""

    code = "unknown_person"


@transaction.atomic
def sign_up(
    *, email: str, password: str | None, name: str, person_key: str = "", at: datetime
) -> User:
    """Make a person's account.

    Without a password the person sets one through "Forgotten password". `person_key` is equal for
    all accounts of one human (accounts.rules.identity). Raises AddressTaken, WeakPassword.
    """
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise AddressTaken(
            _("An account with this mail address exists. Sign in, or use another address."),
            errors={"email": _("This mail address has an account already.")},
        )
    user = User(email=address, name=name.strip(), person_key=person_key, language=_language())
    if password is not None:
        _check_strength(password, user)
    user.set_password(password)
    user.save()
    # Without a password the mailed link is the only way in, so whoever gets in has the address.
    proven = password is None
    EmailAddress.objects.create(user=user, email=address, primary=True, verified=proven)
    trail.record(by=Actor(user, None, frozenset()), at=at, verb="signed_up", subject=user)
    return user


@transaction.atomic
def vouch_for_address(*, email: str, at: datetime) -> User:
    """Take a person's mail address for proven without a mail, for operators at the console."""
    user = User.objects.select_for_update().get(email=email)
    EmailAddress.objects.filter(user=user, email=email).update(verified=True)
    trail.record(by=None, at=at, verb="address_confirmed", subject=user)
    return user


@transaction.atomic
def deactivate(*, email: str, at: datetime) -> User:
    """Put an account out of service: its sessions and keys die with their next request.

    For operators at the console, so nobody is recorded as the actor. Locks the user.
    Raises UnknownPerson.
    """
    user = User.objects.select_for_update().filter(email=email.strip().lower()).first()
    if user is None:
        raise UnknownPerson(_("Nobody has this mail address. Check the spelling."))
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        trail.record(by=None, at=at, verb="deactivated", subject=user)
    return user


def _language() -> str:
    """The language of the page on which the account is made."""
    return Language.ENGLISH if (get_language() or "").startswith("en") else Language.CHINESE


def _check_strength(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        words = " ".join(error.messages)
        raise WeakPassword(words, errors={"password1": words}) from error
