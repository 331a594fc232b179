"""Notice and issue: budget and cap move together, or nothing happens."""

import copy
from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from common.errors import Forbidden
from common.periods import ZONE
from common.states import WrongState
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import issuing, notices
from vouchers.grants.models import Application, PublicNotice, Voucher
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Transfer

from . import people

pytestmark = pytest.mark.django_db


def test_notice_lasts_the_schemes_days_to_the_end_of_the_last() -> None:
    cast = people.cast()

    asked = people.noticed(cast)

    assert asked.status == "noticed"
    assert asked.notice.ends_at == datetime(2026, 10, 20, tzinfo=ZONE)


def test_notice_twice_is_one_notice() -> None:
    cast = people.cast()
    asked = people.noticed(cast)

    again = notices.publish(by=cast.officer, application=asked, at=NOW + timedelta(days=3))

    assert again == asked.notice
    assert PublicNotice.objects.count() == 1


def test_notice_needs_an_approved_application() -> None:
    cast = people.cast()

    with pytest.raises(WrongState):
        notices.publish(by=cast.officer, application=people.submitted(cast), at=NOW)


def test_issue_moves_budget_and_cap_and_fixes_share_and_validity() -> None:
    cast = people.cast()

    voucher = people.issued(cast)

    key = f"{cast.scheme.slug}/firm_year/{cast.enterprise.code}/2026"
    assert voucher.face_fen == 3_000_000
    assert Fraction(voucher.share_numerator, voucher.share_denominator) == Fraction(3, 10)
    assert voucher.expires_at == datetime(2027, 10, 21, tzinfo=ZONE)
    assert ledger_accounts.balances_fen(
        kind=AccountKind.SCHEME_BUDGET, keys=[cast.scheme.code]
    ) == {cast.scheme.code: 97_000_000}
    assert ledger_accounts.available_fen(kind=AccountKind.VOUCHER, key=voucher.code) == 3_000_000
    assert ledger_accounts.available_fen(kind=AccountKind.CAP, key=key) == 197_000_000
    assert Application.objects.get(pk=voucher.application_id).status == "issued"


def test_issue_twice_is_one_voucher() -> None:
    cast = people.cast()
    voucher = people.issued(cast)
    moved = Transfer.objects.count()

    again = issuing.issue(by=cast.officer, application=voucher.application, at=people.AFTER_NOTICE)

    assert again == voucher
    assert Transfer.objects.count() == moved


@pytest.mark.parametrize("days", [0, 7])
def test_issue_waits_for_the_end_of_the_notice(days: int) -> None:
    cast = people.cast()
    asked = people.noticed(cast)

    with pytest.raises(issuing.NoticeRunning):
        issuing.issue(by=cast.officer, application=asked, at=NOW + timedelta(days=days))

    assert not Voucher.objects.exists()


def test_issue_without_notice_is_refused_where_one_is_due() -> None:
    cast = people.cast()

    with pytest.raises(issuing.NoticeRunning):
        issuing.issue(by=cast.officer, application=people.approved(cast), at=people.AFTER_NOTICE)


def test_scheme_without_notice_issues_at_once() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    asked = people.approved(cast)

    with pytest.raises(notices.NoticeNotNeeded):
        notices.publish(by=cast.officer, application=asked, at=NOW)
    voucher = issuing.issue(by=cast.officer, application=asked, at=NOW)

    assert voucher.expires_at == datetime(2027, 10, 13, tzinfo=ZONE)


def test_share_may_differ_from_the_rate() -> None:
    rules = copy.deepcopy(plans.BEIJING)
    rules["share"] = {"value": "1/3", "source": "main", "article": "y"}
    cast = people.cast(grants.scheme(rules=rules))

    voucher = issuing.issue(by=cast.officer, application=people.approved(cast), at=NOW)

    assert (voucher.share_numerator, voucher.share_denominator) == (1, 3)
    assert voucher.face_fen == 3_000_000


def test_issue_on_an_empty_budget_changes_nothing() -> None:
    cast = people.cast(grants.scheme(budget_fen=4_000_000))
    waiting = people.noticed(cast)
    people.issued(people.cast(cast.scheme))

    with pytest.raises(issuing.BudgetExhausted) as refused:
        issuing.issue(by=cast.officer, application=waiting, at=people.AFTER_NOTICE)

    assert refused.value.code == "budget_exhausted"
    assert Application.objects.get(pk=waiting.pk).status == "noticed"
    assert Voucher.objects.count() == 1


def test_issue_above_the_yearly_cap_changes_nothing() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    one, other = (people.approved(cast, spend_fen=60_000_000) for _ in range(2))
    issuing.issue(by=cast.officer, application=one, at=NOW)

    with pytest.raises(issuing.CapReached):
        issuing.issue(by=cast.officer, application=other, at=NOW)

    key = f"{cast.scheme.slug}/firm_year/{cast.enterprise.code}/2026"
    assert ledger_accounts.available_fen(kind=AccountKind.CAP, key=key) == 2_000_000
    assert Voucher.objects.count() == 1


def test_assessment_sees_what_is_left_of_the_cap() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    first = people.approved(cast, spend_fen=60_000_000)
    issuing.issue(by=cast.officer, application=first, at=NOW)

    second = people.approved(cast, spend_fen=60_000_000)

    assert second.granted_fen == 2_000_000
    assert second.assessment["binding_cap"] == "firm_year"


def test_next_year_has_a_cap_of_its_own() -> None:
    cast = people.cast(grants.scheme(rules=plans.BEIJING))
    for at in (NOW, NOW + timedelta(days=120)):
        asked = people.approved(cast, spend_fen=60_000_000, at=at)
        issuing.issue(by=cast.officer, application=asked, at=at)

    assert Voucher.objects.count() == 2


def test_only_issuers_of_the_schemes_bureau_issue() -> None:
    cast = people.cast()
    asked = people.noticed(cast)

    for stranger in (cast.first, cast.signatory, accounts.officer()):
        with pytest.raises(Forbidden):
            issuing.issue(by=stranger, application=asked, at=people.AFTER_NOTICE)
        with pytest.raises(Forbidden):
            notices.publish(by=stranger, application=asked, at=NOW)
