"""A round answers in the order of the server's time and moves nothing."""

from datetime import timedelta

import pytest

from common.errors import Forbidden
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import rounds
from vouchers.grants.models import Application, Voucher

pytestmark = pytest.mark.django_db


def test_who_came_first_gets_the_rest_of_the_budget() -> None:
    scheme = grants.scheme(rules=plans.BEIJING, budget_fen=750_000)
    late = grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=2))
    first = grants.application(plan=scheme, submitted_at=NOW)
    second = grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=1))
    third = grants.application(plan=scheme, submitted_at=NOW + timedelta(seconds=1))

    by = accounts.officer(scheme.bureau, "reviewer")
    found = rounds.assess_round(by=by, scheme=scheme, at=NOW)

    amounts = [
        Application.objects.get(pk=each.pk).assessment["amount_fen"]
        for each in (first, second, third, late)
    ]
    assert amounts == [300_000, 300_000, 150_000, 0]
    assert (found.answered, found.no) == (4, 1)
    assert not Voucher.objects.exists()
    assert {each.status for each in Application.objects.all()} == {"submitted"}


def test_another_bureau_does_not_assess() -> None:
    scheme = grants.scheme(rules=plans.BEIJING)

    with pytest.raises(Forbidden):
        rounds.assess_round(by=accounts.officer(None, "reviewer"), scheme=scheme, at=NOW)
