"""A credit consequence: nothing is approved or issued for the firm until it ends by itself."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import Organization
from common.periods import ZONE
from tests.factories import accounts
from tests.factories.accounts import NOW
from vouchers.grants.actions import issuing, queue, reviews, suspensions
from vouchers.grants.models import Application, Suspension, Voucher

from . import people

pytestmark = pytest.mark.django_db

ENDS = NOW + timedelta(days=5)


def suspend(cast: people.Cast, bureau: Organization | None = None) -> Suspension:
    return suspensions.impose(
        by=cast.officer, bureau=bureau or cast.scheme.bureau, organization=cast.enterprise,
        reference=f"CS-{Suspension.objects.count()}", reason="提供虚假材料", ends_at=ENDS, at=NOW,
    )  # fmt: skip


def passing(cast: people.Cast, application: Application, at: datetime) -> None:
    seen = queue.of(application=application)
    queue.claim(by=cast.first, application=application, version=seen.version, at=at)
    reviews.decide(by=cast.first, application=application, stage="first", outcome="pass", at=at)


def test_suspended_firm_is_not_approved_until_the_moment_it_ends() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    suspend(cast)

    for at in (NOW, ENDS - timedelta(microseconds=1)):
        with pytest.raises(suspensions.Suspended) as refused, transaction.atomic():
            passing(cast, asked, at)
    asked.refresh_from_db()
    held = asked.status
    passing(cast, asked, ENDS)

    asked.refresh_from_db()
    assert refused.value.code == "credit_suspended"
    assert cast.enterprise.name in str(refused.value)
    assert (held, asked.status) == ("submitted", "first_passed")


def test_suspended_firm_may_be_refused() -> None:
    cast = people.cast()
    asked = people.claimed(cast.first, people.submitted(cast))
    suspend(cast)

    reviews.decide(
        by=cast.first, application=asked, stage="first", outcome="refuse",
        reason="evidence_missing", at=NOW,
    )  # fmt: skip

    asked.refresh_from_db()
    assert asked.status == "rejected"


def test_approved_voucher_is_not_issued_while_the_suspension_runs() -> None:
    cast = people.cast()
    asked = people.noticed(cast)
    suspensions.impose(
        by=cast.officer, bureau=cast.scheme.bureau, organization=cast.enterprise, reference="CS-1",
        reason="提供虚假材料", ends_at=datetime(2026, 11, 1, tzinfo=ZONE), at=NOW,
    )  # fmt: skip

    with pytest.raises(suspensions.Suspended):
        issuing.issue(by=cast.officer, application=asked, at=people.AFTER_NOTICE)
    assert not Voucher.objects.exists()
    issuing.issue(by=cast.officer, application=asked, at=datetime(2026, 11, 1, tzinfo=ZONE))

    assert Voucher.objects.count() == 1


def test_another_bureaus_suspension_holds_nothing_here() -> None:
    cast = people.cast()
    asked = people.submitted(cast)
    suspend(cast, accounts.bureau())

    passing(cast, asked, NOW)

    asked.refresh_from_db()
    assert asked.status == "first_passed"
    assert suspensions.of_applicant(application=asked, at=NOW) == []
    assert len(suspensions.against(organization=cast.enterprise, at=NOW)) == 1


def test_suspension_cannot_be_changed() -> None:
    suspend(people.cast())

    with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
        Suspension.objects.update(ends_at=NOW + timedelta(days=1))
