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
from accounts.models import Event, Role
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
    "model": "qwen-plus",
    "currency": "USD",
    "source": "the vendor's page",
    "tiers_by_request_context": [
        {
            "input_per_million": Decimal("0.4"),
            "output_per_million": Decimal("1.2"),
            "output_cost_per_reasoning_token": Decimal(4),
            "range_tokens": [0, Decimal("256000.0")],
        },
        {
            "input_per_million": Decimal("1.2"),
            "output_per_million": Decimal("3.6"),
            "output_cost_per_reasoning_token": Decimal(12),
            "range_tokens": [Decimal("256000.0"), Decimal("1000000.0")],
        },
    ],
}


def tiered(*ranges: Any, **second: Any) -> dict[str, Any]:
    """The tiered entry with other ranges, and other prices in its second tier."""
    first, last = TIERED["tiers_by_request_context"]
    bounds = ranges or (first["range_tokens"], last["range_tokens"])
    prices = (first, {**last, **second})
    tiers = [{**tier, "range_tokens": bound} for tier, bound in zip(prices, bounds, strict=False)]
    return {**TIERED, "tiers_by_request_context": tiers}


@given(
    dollars=st.decimals(min_value=0, max_value=1000, places=6),
    rate=st.decimals(min_value="0.0001", max_value=100, places=4),
)
def test_conversion_is_exact(dollars: Decimal, rate: Decimal) -> None:
    entry = {**FLAT, "input_per_million": dollars}

    prices = {price.meter: price.price_yuan for price in rules.prices_of(entry, rate)}

    assert Fraction(prices["input_tokens"]) == Fraction(dollars) * Fraction(rate)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"tiers_by_request_context": []}, "tiers_not_understood"),
        ({"tiers_by_request_context": [1]}, "tiers_not_understood"),
        (tiered([0, 256], [257, 1000]), "tiers_not_understood"),
        (tiered([1, 256], [256, 1000]), "tiers_not_understood"),
        (tiered([0, 256], [256, 256]), "tiers_not_understood"),
        (tiered([0, Decimal("0.5")], [Decimal("0.5"), 9]), "tiers_not_understood"),
        (tiered([0], [0, 9]), "tiers_not_understood"),
        (tiered(input_per_million=None), "price_missing"),
        (tiered(output_cost_per_reasoning_token=None), "price_missing"),
        (tiered(cached_input_per_million=Decimal("0.1")), "price_missing"),
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
        rules.prices_of({**FLAT, **values}, Decimal("7.10"))

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

    gap = {**tiered([0, 256], [300, 1000]), "model": "gap"}

    answers = import_rows(operator, FLAT, gap, too_fine, {"currency": "USD"}, other)

    assert [(answer.outcome, answer.code) for answer in answers] == [
        ("imported", ""),
        ("refused", "tiers_not_understood"),
        ("refused", "price_too_fine"),
        ("refused", "model_missing"),
        ("imported", ""),
    ]
    assert all(answer.message for answer in answers if answer.code)
    assert set(Offering.objects.values_list("name", flat=True)) == {"deepseek-chat", "other"}


def test_import_prices_long_requests_in_their_tier(operator: Actor) -> None:
    [answer] = import_rows(operator, TIERED)

    found = Rate.objects.filter(offering=answer.offering).order_by("meter", "context_from")
    assert list(found.values_list("meter", "context_from", "price_yuan")) == [
        ("input_tokens", 0, Decimal("2.84")),
        ("input_tokens", 256_000, Decimal("8.52")),
        ("output_tokens", 0, Decimal("8.52")),
        ("output_tokens", 256_000, Decimal("25.56")),
        ("reasoning_tokens", 0, Decimal("28.4")),
        ("reasoning_tokens", 256_000, Decimal("85.2")),
    ]


def test_import_again_changes_nothing(operator: Actor) -> None:
    import_rows(operator, FLAT, TIERED)

    answers = import_rows(operator, FLAT, TIERED)

    assert [answer.outcome for answer in answers] == ["unchanged", "unchanged"]
    assert (Offering.objects.count(), Rate.objects.count()) == (2, 9)


def test_import_dry_run_answers_and_keeps_nothing(operator: Actor) -> None:
    bad = {**FLAT, "model": "bad", "currency": "EUR"}

    answers = model_prices.import_rows(
        by=operator,
        rows=[FLAT, bad, TIERED, FLAT],
        exchange_rate=Decimal("7.10"),
        from_day=local_day(NOW),
        dry_run=True,
        at=NOW,
    )

    outcomes = ["imported", "refused", "imported", "unchanged"]
    assert [answer.outcome for answer in answers] == outcomes
    assert {answer.offering for answer in answers} == {None}
    assert not Offering.objects.exists()
    assert not Rate.objects.exists()
    assert not Event.objects.filter(verb="rate.set").exists()


def test_import_too_many_entries_refused(operator: Actor) -> None:
    with pytest.raises(model_prices.TooManyEntries):
        import_rows(operator, *[FLAT] * 1_001)


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
    rows = [{**FLAT, "input_per_million": 0.28}, tiered([0, 256], [300, 1000])]
    file.write_text(json.dumps(rows, default=float))
    out = StringIO()

    call_command(
        "import_model_prices", file, "--usd-cny", "7.10", "--provider", supplier.code, stdout=out
    )

    lines = out.getvalue().splitlines()
    assert lines[0] == "imported deepseek-chat"
    assert lines[1].startswith("refused qwen-plus tiers_not_understood: ")
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


def test_real_list_every_entry_is_imported_exactly(operator: Actor, shared_data: Path) -> None:
    text = (shared_data / "model_prices.json").read_text(encoding="utf-8")
    rows = json.loads(text, parse_float=Decimal)

    answers = import_rows(operator, *rows)

    assert {(answer.outcome, answer.message) for answer in answers} == {("imported", "")}
    found = {
        (rate.offering.model_name, rate.meter, rate.context_from): Fraction(rate.price_yuan)
        for rate in Rate.objects.select_related("offering")
    }
    expected = {
        (row["model"], meter, int(tier.get("range_tokens", [0])[0])): Fraction(tier[name])
        * Fraction(71, 10)
        for row in rows
        for tier in row.get("tiers_by_request_context", [row])
        for name, meter in rules.METERS.items()
        if name in tier
    }
    assert found == expected
