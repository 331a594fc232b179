"""Prepaid money and quotes."""

from fractions import Fraction

import pytest

from accounts.access import Actor
from accounts.models import Event, Role
from common.errors import Forbidden
from common.rounding import round_half_up
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions import funds
from vouchers.billing.actions.charging import quotes, rating
from vouchers.billing.actions.charging.quotes import QuoteLine
from vouchers.billing.models import Bill, Charge
from vouchers.ledger.actions.transfers import TransferConflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Actor:
    return metered.settlement_officer()


def test_deposit_same_receipt_twice_is_one_movement(officer: Actor) -> None:
    firm = accounts.organization()

    first, again = (
        funds.deposit(by=officer, enterprise=firm, amount_fen=1_234, reference=text, at=NOW)
        for text in ("20261012-001", " 20261012-001 ")
    )

    assert (first.id, first.is_new, again.is_new) == (again.id, True, False)
    assert funds.balance(enterprise=firm) == funds.Balance(1_234, 0)
    assert Event.objects.filter(verb="funds.deposited", subject_code=firm.code).count() == 1
    (line,) = funds.history(enterprise=firm)
    assert (line.change_fen, line.reason, line.reference) == (1_234, "deposit", "20261012-001")


@pytest.mark.parametrize("fen", [1, 1_233, 1_235])
def test_deposit_same_receipt_with_another_amount_is_a_conflict(officer: Actor, fen: int) -> None:
    firm = accounts.organization()
    funds.deposit(by=officer, enterprise=firm, amount_fen=1_234, reference="1", at=NOW)

    with pytest.raises(TransferConflict):
        funds.deposit(by=officer, enterprise=firm, amount_fen=fen, reference="1", at=NOW)

    assert funds.balance(enterprise=firm).available_fen == 1_234


@pytest.mark.parametrize(
    ("fen", "reference"), [(0, "1"), (-1, "1"), (10**15 + 1, "1"), (1, " "), (1, "x" * 61)]
)
def test_deposit_that_makes_no_sense_is_refused(officer: Actor, fen: int, reference: str) -> None:
    firm = accounts.organization()

    with pytest.raises(funds.InvalidDeposit):
        funds.deposit(by=officer, enterprise=firm, amount_fen=fen, reference=reference, at=NOW)


def test_deposit_is_for_enterprises(officer: Actor) -> None:
    with pytest.raises(funds.InvalidDeposit):
        funds.deposit(
            by=officer,
            enterprise=providers.provider().organization,
            amount_fen=1,
            reference="1",
            at=NOW,
        )


def test_deposit_needs_the_permission() -> None:
    firm = accounts.organization()

    for other in (
        accounts.signatory(firm),
        accounts.officer(None, Role.SCHEME_OFFICER),
        accounts.officer(None, Role.AUDITOR),
    ):
        with pytest.raises(Forbidden):
            funds.deposit(by=other, enterprise=firm, amount_fen=1, reference="1", at=NOW)


def test_balance_of_a_new_enterprise_is_nothing() -> None:
    assert funds.balance(enterprise=accounts.organization()) == funds.Balance(0, 0)
    assert funds.history(enterprise=accounts.organization()) == []


def test_quote_of_several_offerings_shares_one_voucher() -> None:
    firm = accounts.organization()
    grants.voucher(firm, grants.scheme(rules=metered.RULES), face_fen=100)
    lines = [
        QuoteLine(providers.token_offering(), {"input_tokens": 1_000_000, "output_tokens": 0}),
        QuoteLine(providers.token_offering(), {"output_tokens": 1_000_000}),
    ]

    found = quotes.split(enterprise=firm, lines=lines, at=NOW)

    assert [(part.price_fen, part.voucher_fen, part.own_fen) for part in found.parts] == [
        (200, 60, 140),
        (800, 40, 760),
    ]
    assert (found.price_fen, found.voucher_fen, found.own_fen) == (1_000, 100, 900)
    assert not Charge.objects.exists()


def test_quote_is_what_the_tick_books() -> None:
    contract = providers.subscription()
    firm = contract.enterprise
    grants.voucher(firm, grants.scheme(rules=metered.RULES))
    grants.funds(firm, 1_000_000)
    plan = {"input_tokens": 12_345_678, "output_tokens": 987_654}

    found = quotes.split(enterprise=firm, lines=[QuoteLine(contract.offering, plan)], at=NOW)
    metered.use(contract, quantities=plan)
    rating.tick(at=NOW)

    bill = Bill.objects.get()
    assert (bill.total_fen, bill.voucher_fen, bill.own_fen) == (
        found.price_fen,
        found.voucher_fen,
        found.own_fen,
    )
    exact = sum(
        round_half_up(Fraction(plan[meter] * fen, 1_000_000))
        for meter, fen in (("input_tokens", 200), ("output_tokens", 800))
    )
    assert found.price_fen == exact
    assert found.voucher_fen == round_half_up(Fraction(3 * exact, 10))


def test_quote_without_a_price_is_refused() -> None:
    line = QuoteLine(providers.token_offering(), {"card_seconds": 3_600})

    with pytest.raises(quotes.NotPriced):
        quotes.split(enterprise=accounts.organization(), lines=[line], at=NOW)
