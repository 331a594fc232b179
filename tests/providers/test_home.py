"""What waits for officers and for providers."""

import pytest

from accounts.models import OrganizationKind, Role
from providers import home, onboarding
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def test_officer_sees_how_many_wait() -> None:
    for _number in range(2):
        providers.provider(status="submitted", decided_at=None, decided_by=None)
    providers.provider()

    [task] = home.waiting_registrations(accounts.officer(), NOW)

    assert task.count == 2
    assert home.waiting_registrations(accounts.officer(None, Role.AUDITOR), NOW) == []


def test_provider_sees_what_is_missing() -> None:
    newcomer = accounts.member(accounts.organization(OrganizationKind.PROVIDER), Role.OPERATOR)

    [task] = home.missing_steps(newcomer, NOW)

    assert task.count == 6
    assert home.missing_steps(accounts.signatory(), NOW) == []


def test_nothing_missing_once_listed_priced_and_declared() -> None:
    supplier = providers.provider()
    offering = providers.token_offering(supplier, facility=providers.facility(supplier))
    providers.capacity(offering)
    operator = accounts.member(supplier.organization, Role.OPERATOR)

    [task] = home.missing_steps(operator, NOW)

    assert task.count == 0


def test_refused_registration_is_urgent_and_says_why() -> None:
    supplier = providers.provider(status="refused", remark="许可证号有误")
    operator = accounts.member(supplier.organization, Role.OPERATOR)

    [task] = home.missing_steps(operator, NOW)

    assert (task.tone, task.hint) == ("bad", "许可证号有误")
    first = onboarding.tasks_of(onboarding.progress_of(operator))[0]
    assert first.tone == "bad"
