"""Registration of providers: who may submit and who may decide."""

from dataclasses import replace
from datetime import date

import pytest

from accounts.access import Actor
from accounts.models import Event, Membership, OrganizationKind, Role
from common.errors import Forbidden
from common.states import WrongState
from providers.actions import registrations
from providers.models import Provider, ProviderStatus
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db


def operator() -> Actor:
    return accounts.member(accounts.organization(OrganizationKind.PROVIDER), Role.OPERATOR)


def submit(by: Actor, **values: object) -> Provider:
    fields = {
        "contact": "王五 0934-8888888",
        "license_number": "B1-20260001",
        "license_expires_on": date(2028, 1, 1),
        **values,
    }
    return registrations.submit(by=by, at=NOW, **fields)  # type: ignore[arg-type]


def test_submit_waits_for_bureau() -> None:
    by = operator()

    provider = submit(by)

    assert provider.status == ProviderStatus.SUBMITTED
    assert provider.submitted_by == by.user
    assert Event.objects.filter(verb="provider.submitted", subject_code=provider.code).count() == 1


def test_submit_twice_refused_and_unchanged() -> None:
    by = operator()
    submit(by)

    with pytest.raises(WrongState):
        submit(by, contact="another")

    assert Provider.objects.get(organization=by.organization).contact == "王五 0934-8888888"


def test_submit_by_enterprise_forbidden() -> None:
    with pytest.raises(Forbidden):
        submit(accounts.signatory())


def test_submit_by_enterprise_even_with_permission_forbidden() -> None:
    signatory = accounts.signatory()
    widened = replace(signatory, permissions=frozenset({"provider.manage"}))

    with pytest.raises(registrations.NotAProvider):
        submit(widened)


def test_submit_expired_license_refused() -> None:
    with pytest.raises(registrations.LicenseExpired) as refusal:
        submit(operator(), license_expires_on=date(2026, 10, 11))

    assert "license_expires_on" in refusal.value.errors
    assert not Provider.objects.exists()


def test_verify_opens_the_shelf() -> None:
    provider = submit(operator())
    officer = accounts.officer()

    verified = registrations.verify(by=officer, provider=provider, at=NOW)

    assert verified.status == ProviderStatus.VERIFIED
    assert verified.decided_by == officer.user


def test_verify_twice_refused() -> None:
    provider = submit(operator())
    registrations.verify(by=accounts.officer(), provider=provider, at=NOW)

    with pytest.raises(WrongState):
        registrations.verify(by=accounts.officer(), provider=provider, at=NOW)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR, Role.VIEWER])
def test_verify_by_other_roles_forbidden(role: str) -> None:
    provider = submit(operator())

    with pytest.raises(Forbidden):
        registrations.verify(by=accounts.officer(None, role), provider=provider, at=NOW)


def test_verify_by_provider_itself_forbidden() -> None:
    by = operator()
    provider = submit(by)

    with pytest.raises(Forbidden):
        registrations.verify(by=by, provider=provider, at=NOW)


def test_verify_by_same_human_under_another_account_forbidden() -> None:
    by = operator()
    provider = submit(by)
    officer = accounts.officer()
    for person in (by.user, officer.user):
        person.person_key = "same-human"
        person.save()

    with pytest.raises(registrations.OwnRegistration):
        registrations.verify(by=officer, provider=provider, at=NOW)


def test_verify_by_former_member_allowed() -> None:
    by = operator()
    provider = submit(by)
    officer = accounts.officer()
    Membership.objects.create(
        user=officer.user,
        organization=provider.organization,
        role=Role.VIEWER,
        created_at=NOW,
        ended_at=NOW,
        ended_by=by.user,
    )

    assert registrations.verify(by=officer, provider=provider, at=NOW).status == "verified"


def test_refuse_without_reason_refused() -> None:
    provider = submit(operator())

    with pytest.raises(registrations.ReasonMissing):
        registrations.refuse(by=accounts.officer(), provider=provider, remark="  ", at=NOW)


def test_refuse_then_submit_again() -> None:
    by = operator()
    provider = submit(by)
    registrations.refuse(by=accounts.officer(), provider=provider, remark="许可证号有误", at=NOW)

    again = submit(by, license_number="B1-20260002")

    assert again.pk == provider.pk
    assert again.status == ProviderStatus.SUBMITTED
    assert (again.decided_at, again.decided_by, again.remark) == (None, None, "")


def test_providers_visible_to_three_people() -> None:
    provider = providers.provider()
    owner = accounts.member(provider.organization, Role.OPERATOR)
    colleague = accounts.member(provider.organization, Role.VIEWER)
    stranger = operator()

    assert list(Provider.objects.visible_to(owner)) == [provider]
    assert list(Provider.objects.visible_to(colleague)) == [provider]
    assert list(Provider.objects.visible_to(stranger)) == []
    assert list(Provider.objects.visible_to(accounts.officer())) == [provider]
