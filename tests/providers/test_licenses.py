"""Licenses: verified with dates, looked at again, reminded of; an expired one stops new orders only."""

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Membership, Notification, Role
from common import attachments
from common.errors import Forbidden
from common.periods import local_day
from common.states import WrongState
from providers.actions import licenses, registrations, subscriptions
from providers.models import License, LicenseStatus, Provider, Subscription
from providers.rules import licensing
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

pytestmark = pytest.mark.django_db
TODAY = local_day(NOW)


@pytest.fixture
def supplier() -> Provider:
    return providers.provider()


@pytest.fixture
def operator(supplier: Provider) -> Actor:
    return accounts.member(supplier.organization, Role.OPERATOR)


@pytest.fixture
def officer() -> Actor:
    return accounts.officer()


def hand_in(by: Actor, last_day: date, kind: str = "idc", number: str = "B1-1") -> License:
    return licenses.submit(by=by, kind=kind, number=number, expires_on=last_day, at=NOW)


def verified(by: Actor, officer: Actor, last_day: date, kind: str = "idc") -> License:
    made = hand_in(by, last_day, kind, f"{kind}-{last_day}")
    return licenses.verify(by=officer, license=made, at=NOW)


def order(supplier: Provider, at: datetime = NOW) -> Subscription:
    buyer = accounts.signatory()
    return subscriptions.start(
        by=buyer,
        enterprise=buyer.own(),
        offering=providers.token_offering(supplier),
        reference=f"OD-{buyer.own().code}",
        units_per_month={},
        at=at,
    )


def test_verified_license_is_looked_at_again_after_a_year_or_at_its_end(
    operator: Actor, officer: Actor
) -> None:
    long = verified(operator, officer, date(2030, 1, 1))
    short = verified(operator, officer, date(2027, 1, 1), "cdn")

    assert long.check_due_on == TODAY + timedelta(days=365)
    assert short.check_due_on == date(2027, 1, 1)


def test_new_orders_stop_when_any_kind_has_expired_and_running_ones_go_on(
    supplier: Provider, operator: Actor, officer: Actor
) -> None:
    verified(operator, officer, date(2030, 1, 1))
    verified(operator, officer, TODAY + timedelta(days=1), "cdn")
    running = order(supplier, NOW + timedelta(days=1))

    with pytest.raises(subscriptions.LicenseLapsed) as refusal:
        order(supplier, NOW + timedelta(days=2))
    running.refresh_from_db()
    verified(operator, officer, date(2031, 1, 1), "cdn")

    assert refusal.value.code == "provider_license_expired"
    assert running.status == "active"
    assert order(supplier, NOW + timedelta(days=2)).status == "active"


def test_license_waiting_or_refused_counts_for_nothing(
    supplier: Provider, operator: Actor, officer: Actor
) -> None:
    before = supplier.license_expires_on
    made = hand_in(operator, TODAY + timedelta(days=3))

    licenses.refuse(by=officer, license=made, remark="扫描件不清晰", at=NOW)

    supplier.refresh_from_db()
    assert supplier.license_expires_on == before
    with pytest.raises(WrongState):
        licenses.verify(by=officer, license=made, at=NOW)


def test_refused_at_a_later_look_it_counts_no_more(
    supplier: Provider, operator: Actor, officer: Actor
) -> None:
    verified(operator, officer, date(2030, 1, 1))
    short = verified(operator, officer, date(2027, 1, 1), "cdn")

    licenses.refuse(by=officer, license=short, remark="已注销", at=NOW)

    supplier.refresh_from_db()
    assert supplier.license_expires_on == date(2030, 1, 1)


def test_expired_and_repeated_license_refused(operator: Actor) -> None:
    with pytest.raises(registrations.LicenseExpired) as refusal:
        hand_in(operator, TODAY - timedelta(days=1))
    hand_in(operator, TODAY)

    assert set(refusal.value.errors) == {"expires_on"}
    with pytest.raises(licenses.LicenseKnown):
        hand_in(operator, TODAY)
    with pytest.raises(licenses.InvalidLicense):
        hand_in(operator, TODAY, kind="driving")


def test_scan_that_is_no_document_refused(operator: Actor) -> None:
    with pytest.raises(attachments.FileRefused):
        licenses.submit(
            by=operator,
            kind="icp",
            number="1",
            expires_on=TODAY,
            file=SimpleUploadedFile("scan.pdf", b"MZ"),
            at=NOW,
        )

    assert not License.objects.exists()


def test_license_decided_by_a_bureaus_stranger_only(
    supplier: Provider, operator: Actor, officer: Actor
) -> None:
    made = hand_in(operator, date(2030, 1, 1))
    Membership.objects.create(
        user=officer.user,
        organization=supplier.organization,
        role=Role.VIEWER,
        created_at=NOW,
    )

    for by in (operator, accounts.signatory()):
        with pytest.raises(Forbidden):
            licenses.verify(by=by, license=made, at=NOW)
    with pytest.raises(registrations.OwnRegistration):
        licenses.verify(by=officer, license=made, at=NOW)


def test_registration_verified_verifies_its_license(officer: Actor) -> None:
    waiting = providers.provider(status="submitted", decided_at=None, decided_by=None)

    registrations.verify(by=officer, provider=waiting, at=NOW)

    made = License.objects.get()
    assert (made.status, made.number) == (LicenseStatus.VERIFIED, waiting.license_number)


def test_reminders_30_14_7_1_days_before_each_once(
    supplier: Provider, operator: Actor, officer: Actor
) -> None:
    """Last day and look fall on the same day: two reminders at each of the four thresholds."""
    last_day = TODAY + timedelta(days=40)
    verified(operator, officer, last_day)
    sent = {}
    for left in (31, 30, 29, 14, 8, 7, 1, 0):
        at = NOW + timedelta(days=40 - left)
        sent[left] = [licenses.remind_due(at=at), licenses.remind_due(at=at)]

    assert {left: found for left, found in sent.items() if found != [0, 0]} == {
        left: [2, 0] for left in (30, 14, 7, 1)
    }
    told = Notification.objects.values_list("topic", "organization_id")
    assert set(told) == {
        ("license_expiring", supplier.organization_id),
        ("license_check_due", officer.own().pk),
    }


def test_renewed_license_is_reminded_of_no_more(operator: Actor, officer: Actor) -> None:
    verified(operator, officer, TODAY + timedelta(days=10))
    verified(operator, officer, date(2030, 1, 1))

    assert licenses.remind_due(at=NOW) == 0


@pytest.mark.parametrize(
    ("left", "reached", "due"),
    [(31, (), None), (30, (), 30), (20, (), 30), (20, (30,), None), (1, (30,), 1), (-1, (), None)],
)
def test_reminder_due(left: int, reached: tuple[int, ...], due: int | None) -> None:
    last_day = TODAY + timedelta(days=left)

    assert licensing.reminder_due(last_day, TODAY, frozenset(reached)) == due


def test_pages_of_provider_and_bureau(
    supplier: Provider, operator: Actor, officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    clients = {}
    for name, person in (("own", operator), ("bureau", officer), ("else", accounts.signatory())):
        clients[name] = Client(headers={"accept-language": "en"})
        clients[name].force_login(person.user)
    values = {"kind": "cdn", "number": "B1-9", "expires_on": "2029-01-01"}
    url = reverse("providers:license_list")

    assert clients["own"].post(url, values).status_code == 302
    assert clients["own"].post(url, values).status_code == 422
    made = License.objects.get()
    desk = reverse("providers:provider_detail", args=[supplier.code])
    assert "B1-9" in clients["bureau"].get(desk).content.decode()
    verify = reverse("providers:license_verify", args=[made.code])
    assert clients["own"].post(verify).status_code == 403
    assert clients["bureau"].post(verify).status_code == 302
    page = clients["own"].get(url).content.decode()
    assert "2027-10-" in page  # looked at again a year after NOW
    assert (
        clients["else"].get(reverse("providers:license_file", args=[made.code])).status_code == 404
    )
