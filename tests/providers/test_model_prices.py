"""Model price lists: exact yuan at a stated rate; the rest is refused in words."""

import json
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from common.periods import local_day
from providers.actions import model_prices
from providers.models import Offering, OfferingStatus, Provider, Rate
from providers.rules import model_prices as rules
from tests.factories import accounts, providers
from tests.factories.accounts import NOW

FLAT: dict[str, Any] = {
    "model": "deepseek-chat",
    "vendor": "deepseek",
    "currency": "USD",
    "input_per_million": Decimal("0.28"),
    "output_per_million": Decimal("0.42"),
    "cached_input_per_million": Decimal("0.028"),
    "source": "the vendor's page",
}
TIERED: dict[str, Any] = {
    "model": "tiered",
    "currency": "USD",
    "tiers_by_request_context": [{"input_per_million": Decimal("0.05")}],
}


@given(
    dollars=st.decimals(min_value=0, max_value=1000, places=6),
    rate=st.decimals(min_value="0.0001", max_value=100, places=4),
)
def test_conversion_is_exact(dollars: Decimal, rate: Decimal) -> None:
    entry = {**FLAT, "input_per_million": dollars}

    prices = {price.meter: price.price_yuan for price in rules.flat_prices(entry, rate)}

    assert Fraction(prices["input_tokens"]) == Fraction(dollars) * Fraction(rate)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"tiers_by_request_context": []}, "context_tiers_not_supported"),
        ({"currency": "EUR"}, "currency_not_supported"),
        ({"output_per_million": None}, "price_missing"),
        ({"input_per_million": 0.28}, "price_not_a_number"),
        ({"input_per_million": "NaN"}, "price_not_a_number"),
        ({"input_per_million": "abc"}, "price_not_a_number"),
        ({"input_per_million": True}, "price_not_a_number"),
        ({"cached_input_per_million": Decimal(-1)}, "price_negative"),
    ],
)
def test_entry_impossible_refused_with_code(values: dict[str, Any], code: str) -> None:
    with pytest.raises(rules.BadEntry) as refusal:
        rules.flat_prices({**FLAT, **values}, Decimal("7.10"))

    assert refusal.value.code == code


@pytest.fixture
def supplier(db: None) -> Provider:
    return providers.provider()


@pytest.fixture
def operator(supplier: Provider) -> Actor:
    return accounts.member(supplier.organization, Role.OPERATOR)


def import_rows(by: Actor, *rows: dict[str, Any], rate: str = "7.10") -> list[Any]:
    return model_prices.import_rows(
        by=by, rows=rows, exchange_rate=Decimal(rate), from_day=local_day(NOW), at=NOW
    )


def test_import_drafts_offering_with_exact_prices_and_source(operator: Actor) -> None:
    [answer] = import_rows(operator, FLAT)

    assert answer.outcome == "imported"
    assert answer.offering.status == OfferingStatus.DRAFT
    found = {rate.meter: rate for rate in Rate.objects.filter(offering=answer.offering)}
    assert {meter: rate.price_yuan for meter, rate in found.items()} == {
        "input_tokens": Decimal("1.988"),
        "cached_tokens": Decimal("0.1988"),
        "output_tokens": Decimal("2.982"),
    }
    assert {rate.source for rate in found.values()} == {"the vendor's page USD×7.10"}
    assert {rate.per_units for rate in found.values()} == {1_000_000}


def test_import_bad_entry_leaves_neighbors(operator: Actor) -> None:
    other = {**FLAT, "model": "other"}
    too_fine = {**FLAT, "model": "too-fine", "output_per_million": Decimal("0.00000000001")}

    answers = import_rows(operator, FLAT, TIERED, too_fine, {"currency": "USD"}, other)

    assert [(answer.outcome, answer.code) for answer in answers] == [
        ("imported", ""),
        ("refused", "context_tiers_not_supported"),
        ("refused", "price_too_fine"),
        ("refused", "model_missing"),
        ("imported", ""),
    ]
    assert all(answer.message for answer in answers if answer.code)
    assert set(Offering.objects.values_list("name", flat=True)) == {"deepseek-chat", "other"}


def test_import_again_changes_nothing(operator: Actor) -> None:
    import_rows(operator, FLAT)

    [answer] = import_rows(operator, FLAT)

    assert answer.outcome == "unchanged"
    assert (Offering.objects.count(), Rate.objects.count()) == (1, 3)


@pytest.mark.parametrize("rate", ["0", "-7.1", "NaN", "Infinity", "100000"])
def test_import_bad_exchange_rate_refused(operator: Actor, rate: str) -> None:
    with pytest.raises(model_prices.BadExchangeRate):
        import_rows(operator, FLAT, rate=rate)

    assert not Offering.objects.exists()


def test_import_by_colleague_forbidden(supplier: Provider) -> None:
    with pytest.raises(Forbidden):
        import_rows(accounts.member(supplier.organization, Role.VIEWER), FLAT)


def test_command_reports_each_entry(operator: Actor, supplier: Provider, tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    rows = [{**FLAT, "input_per_million": 0.28}, TIERED]
    file.write_text(json.dumps(rows, default=float))
    out = StringIO()

    call_command(
        "import_model_prices", file, "--usd-cny", "7.10", "--provider", supplier.code, stdout=out
    )

    lines = out.getvalue().splitlines()
    assert lines[0] == "imported deepseek-chat"
    assert lines[1].startswith("refused tiered context_tiers_not_supported: ")
    assert lines[2] == "1 imported, 0 unchanged, 1 refused"
    assert Rate.objects.get(meter="input_tokens").price_yuan == Decimal("1.988")


@pytest.mark.parametrize("rate", ["seven", "NaN", "-1"])
def test_command_bad_exchange_rate_fails(
    operator: Actor, supplier: Provider, tmp_path: Path, rate: str
) -> None:
    file = tmp_path / "prices.json"
    file.write_text("[]")

    with pytest.raises(CommandError):
        call_command("import_model_prices", file, f"--usd-cny={rate}", "--provider", supplier.code)


def test_real_list_every_entry_is_imported_exactly_or_refused_for_tiers(
    operator: Actor, shared_data: Path
) -> None:
    text = (shared_data / "model_prices.json").read_text(encoding="utf-8")
    rows = json.loads(text, parse_float=Decimal)

    answers = import_rows(operator, *rows)

    assert len(answers) == len(rows)
    for row, answer in zip(rows, answers, strict=True):
        if "tiers_by_request_context" in row:
            assert answer.code == "context_tiers_not_supported"
            continue
        assert answer.outcome == "imported", answer.message
        price = answer.offering.rates.get(meter="input_tokens").price_yuan
        assert Fraction(price) == Fraction(Decimal(row["input_per_million"])) * Fraction(71, 10)
