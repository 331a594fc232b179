"""The public pre-check."""

from typing import Any

import pytest

from tests.factories import grants, plans
from tests.factories.accounts import NOW
from vouchers.grants.actions import prechecks
from vouchers.grants.models import Scheme

pytestmark = pytest.mark.django_db


def ask(scheme: Scheme, **values: Any) -> prechecks.Precheck:
    given: dict[str, Any] = {"kind": "compute", "planned_spend_fen": 10_000_000, **values}
    return prechecks.answer(scheme=scheme, answers=prechecks.Answers(**given), at=NOW)


def test_yes_with_the_amount() -> None:
    found = ask(grants.scheme())

    assert (found.offer.assessment.verdict, found.offer.assessment.amount_fen) == ("yes", 3_000_000)


def test_no_with_the_reason_and_what_else() -> None:
    small, other = grants.scheme(rules=plans.BEIJING), grants.scheme()

    found = ask(
        small, industry="3484", employees=5000, revenue_fen=10**12, assets_fen=None, region="621002"
    )

    assert found.size == "large"
    assert found.offer.assessment.refusals == ("size_not_eligible",)
    assert [offer.scheme for offer in found.others] == [other]


@pytest.mark.parametrize(
    ("answers", "size"),
    [
        ({"industry": "3484", "employees": 40, "revenue_fen": 1_200_000_000}, "small"),
        ({"industry": "3484", "employees": 40}, None),
        ({"industry": None}, None),
        ({"industry": "9999"}, None),
    ],
)
def test_perhaps_while_the_size_is_not_known(answers: dict[str, Any], size: str | None) -> None:
    found = ask(grants.scheme(rules=plans.BEIJING), **answers)

    assert found.size == size
    assert found.offer.assessment.verdict == ("yes" if size else "perhaps")


def test_two_queries_however_many_schemes(django_assert_num_queries: Any) -> None:
    chosen = grants.scheme()
    for count in (1, 2):
        grants.scheme()
        with django_assert_num_queries(2):
            assert len(ask(chosen).others) == count
