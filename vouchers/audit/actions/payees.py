"""Bank accounts of who is paid: stated by a person of the organization, used from the next batch on."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common.errors import DomainError, Forbidden
from providers.models import Provider
from vouchers.audit.models import PayeeAccount

_NUMBER = re.compile(r"[0-9]{8,32}")


class AccountRefused(DomainError):
    """Bank or number cannot be an account; `errors` names the field."""

    code = "account_refused"


def of(organization: Organization) -> PayeeAccount | None:
    """The account that the next payment goes to."""
    return PayeeAccount.objects.filter(organization=organization).newest().first()


def has_account(*, by: Actor) -> bool:
    """Tell whether the own organization stated where it is paid."""
    return PayeeAccount.objects.filter(organization=by.own()).exists()


def of_each(organizations: Iterable[int]) -> dict[int, PayeeAccount]:
    """The newest account of each organization that stated one, by its primary key. One query."""
    rows = PayeeAccount.objects.filter(organization__in=organizations).newest()
    return {account.organization_id: account for account in rows}


@transaction.atomic
def state(*, by: Actor, bank_name: str, account_number: str, at: datetime) -> PayeeAccount:
    """State where the own organization is paid; spaces, hyphens and full-width digits are understood.

    The same account again changes nothing. A key may not do this. Raises AccountRefused, Forbidden.
    """
    by.require(Permission.CLAIM_SUBMIT)
    if by.key is not None:
        raise Forbidden(_("A bank account is stated by a person, not with an API key. Sign in."))
    own = Organization.objects.select_for_update(no_key=True).get(pk=by.own().pk)
    if own.kind == OrganizationKind.PROVIDER and not Provider.objects.filter(organization=own):
        raise Forbidden(_("Only a provider is paid. Complete your registration first."))
    bank = " ".join(unicodedata.normalize("NFKC", bank_name).split())
    number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", account_number))
    errors = faults(bank, number)
    if errors:
        raise AccountRefused(_("The bank account is not complete. See the fields."), errors=errors)
    known = of(own)
    if known is not None and (known.bank_name, known.account_number) == (bank, number):
        return known
    stated = PayeeAccount.objects.create(
        organization=own,
        bank_name=bank,
        account_number=number,
        stated_at=at,
        stated_by=by.user,
    )
    data = {"bank_name": bank, "account_ending": number[-4:]}
    trail.record(by=by, at=at, verb="state_account", subject=own, data=data)
    return stated


def faults(bank_name: str, account_number: str) -> dict[str, str | Promise]:
    """What is wrong with a bank and a number, by field."""
    errors: dict[str, str | Promise] = {}
    if not 0 < len(bank_name) <= 60 or not bank_name.isprintable():
        errors["bank_name"] = _("Enter the bank and its branch, at most 60 characters.")
    if not _NUMBER.fullmatch(account_number):
        errors["account_number"] = _("Enter the account number: 8 to 32 digits.")
    return errors
