"""A bill as rows of FOCUS 1.2: required columns, allowed values, nulls, sums to the fen."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.periods import next_month, start_of_day
from vouchers.billing.rules import focus
from vouchers.billing.rules.focus_columns import COLUMNS, CUSTOM, METERS, SERVICES, UNITS

MANDATORY = (
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "ServiceSubcategory",
)  # fmt: skip
"""Columns of the specification that are never null; BillingAccountName, ChargeClass,
PricingQuantity and PricingUnit must be there and may be."""
OF_USAGE = (
    "ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "ListUnitPrice", "PricingCategory",
    "PricingQuantity", "PricingUnit", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId",
)  # fmt: skip
"""Null unless the row is usage, and then never."""
DECIMALS = re.compile(r"-?[0-9]+\.[0-9]+")
MOMENT = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")
UNIT = re.compile(
    r"([0-9]+ )?(Tokens|Calls|Images|GB|B)"
    r"|(Card|Core|GB|MB|Mbps)-(Hours|Months|Seconds)"
)
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
OCTOBER = date(2026, 10, 1)


def line(meter: str = "input_tokens", fen: int = 1_988, **values: object) -> focus.Priced:
    """Ten million input tokens at 1.988 yuan."""
    made = focus.Priced(
        meter=meter,
        is_minimum=False,
        is_correction=False,
        quantity=10_000_000,
        amount_fen=fen,
        price_yuan=Decimal("1.988"),
        per_units=1_000_000,
        context_from=0,
        volume_from=0,
        starts=start_of_day(OCTOBER),
        ends=start_of_day(next_month(OCTOBER)),
        local_words="输入 Token",
    )
    return replace(made, **values)  # type: ignore[arg-type]


def bill(*lines: focus.Priced, **values: object) -> focus.BillFacts:
    made = focus.BillFacts(
        code="BL-2222-2222",
        enterprise="OR-2222-2222",
        enterprise_name="庆阳某某科技有限公司",
        provider="PV-2222-2222",
        provider_name="庆阳云算科技有限公司",
        subscription="SB-2222-2222",
        offering="OF-2222-2222",
        offering_name="大模型推理服务",
        layer="platform",
        region="621002",
        region_name="Xifeng, Qingyang, Gansu",
        starts=start_of_day(OCTOBER),
        ends=start_of_day(next_month(OCTOBER)),
        lines=lines,
        credits=(),
    )
    return replace(made, **values)  # type: ignore[arg-type]


def total(rows: list[focus.Row], column: str = "BilledCost") -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def test_usage_row_is_spelled_as_the_specification_has_it() -> None:
    [row] = focus.rows_of(bill(line(context_from=256_000, volume_from=5_000_000)))

    expected = {
        "BilledCost": "19.88",
        "EffectiveCost": "19.88",
        "ListCost": "19.88",
        "ContractedCost": "19.88",
        "ListUnitPrice": "1.988",
        "ContractedUnitPrice": "1.988",
        "PricingQuantity": "10.0",
        "PricingUnit": "1000000 Tokens",
        "ConsumedQuantity": "10000000.0",
        "ConsumedUnit": "Tokens",
        "BillingCurrency": "CNY",
        "BillingPeriodStart": "2026-09-30T16:00:00Z",
        "BillingPeriodEnd": "2026-10-31T16:00:00Z",
        "ChargePeriodStart": "2026-09-30T16:00:00Z",
        "ChargePeriodEnd": "2026-10-31T16:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ChargeFrequency": "Usage-Based",
        "PricingCategory": "Standard",
        "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI",
        "SkuId": "OF-2222-2222/input_tokens",
        "SkuPriceId": "OF-2222-2222/input_tokens/256000/5000000",
        "x_ServiceName": "大模型推理服务",
    }
    assert {name: row[name] for name in expected} == expected
    assert json.loads(row["SkuPriceDetails"]) == {
        "Meter": "input_tokens",
        "RequestsLongerThan": "256000 Tokens",
        "MonthlyVolumeBeyond": "5000000 Tokens",
    }


def test_bill_of_every_kind_of_charge_adds_up_to_what_the_enterprise_owes() -> None:
    """19.88 usage, 0.12 to the least charge, 3.00 taken back of May, 2.00 brought: 15.00.

    A voucher pays 4.50 of it.
    """
    rows = list(
        focus.rows_of(
            bill(
                line(),
                line(fen=12, quantity=0, is_minimum=True),
                line(fen=-300, quantity=-1_509_054, is_correction=True),
                line(fen=0, quantity=0),
                credits=[focus.Credited("SC-2222-2222", "VC-2222-2222", 450, "算力券")],
                credit_in_fen=200,
            )
        )
    )

    assert [(row["ChargeCategory"], row["ChargeClass"], row["BilledCost"]) for row in rows] == [
        ("Usage", "", "19.88"),
        ("Adjustment", "", "0.12"),
        ("Usage", "Correction", "-3.00"),
        ("Adjustment", "Correction", "-2.00"),
        ("Credit", "", "-4.50"),
    ]
    assert total(rows) == total(rows, "EffectiveCost") == Decimal("10.50")
    assert rows[-1]["x_VoucherId"] == "VC-2222-2222"


quantities = st.integers(1, 10**15)
prices = st.decimals(0, 10_000, places=10)
lines = st.builds(
    line,
    meter=st.sampled_from(sorted(METERS)),
    fen=st.integers(0, 10**12),
    quantity=quantities,
    price_yuan=prices,
    per_units=st.sampled_from([1, 7, 1_000, 3_600, 1_000_000, 2_592_000_000]),
    is_minimum=st.booleans(),
    is_correction=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(
    found=st.lists(lines, max_size=5),
    layer=st.sampled_from(sorted(SERVICES)),
    vouchers=st.lists(st.integers(1, 10**10), max_size=3),
    credit_fen=st.integers(0, 10**6),
    out_fen=st.integers(0, 10**6),
)
def test_rows_of_any_bill_keep_the_rules_of_the_columns(
    found: list[focus.Priced], layer: str, vouchers: list[int], credit_fen: int, out_fen: int
) -> None:
    rows = list(
        focus.rows_of(
            bill(
                *found,
                layer=layer,
                credits=[focus.Credited("SC-2222-2222", "", fen) for fen in vouchers],
                credit_in_fen=credit_fen,
                credit_out_fen=out_fen,
            )
        )
    )

    charged = sum(each.amount_fen for each in found) - credit_fen + out_fen - sum(vouchers)
    assert total(rows) * 100 == charged
    for row in rows:
        _hold(row)


def _hold(row: focus.Row) -> None:
    assert set(row) == {*COLUMNS, *CUSTOM}
    assert all(row[name] for name in MANDATORY)
    assert all(row[name].isascii() for name in COLUMNS)
    assert row["ChargeCategory"] in {"Usage", "Credit", "Adjustment"}
    assert row["ChargeClass"] in {"", "Correction"}
    assert row["ChargeFrequency"] in {"One-Time", "Recurring", "Usage-Based"}
    assert row["BillingCurrency"] == row["PricingCurrency"] == "CNY"
    assert row["ProviderName"] == row["PublisherName"] == row["InvoiceIssuerName"]
    assert (row["ServiceCategory"], row["ServiceSubcategory"], row["ServiceName"]) in set(
        SERVICES.values()
    )
    is_usage = row["ChargeCategory"] == "Usage"
    assert all(bool(row[name]) == is_usage for name in OF_USAGE)
    assert row["PricingCategory"] == ("Standard" if is_usage else "")
    for name in COLUMNS:
        if name.endswith(("Start", "End")):
            assert MOMENT.fullmatch(row[name])
        if name.endswith(("Cost", "UnitPrice")) or name in {"PricingQuantity", "ConsumedQuantity"}:
            assert not row[name] or DECIMALS.fullmatch(row[name]), name
        if name in {"PricingUnit", "ConsumedUnit"}:
            assert not row[name] or UNIT.fullmatch(row[name]), name
    assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
    if is_usage:
        listed = Decimal(row["ListCost"])
        product = Decimal(row["PricingQuantity"]) * Decimal(row["ListUnitPrice"])
        assert abs(product - listed) <= Decimal("1e-9") * max(abs(listed), Decimal(1))
        assert row["ListCost"] == row["ContractedCost"]
    else:
        assert len({row[name] for name in COSTS}) == 1


@pytest.mark.parametrize("meter", sorted(UNITS))
def test_each_meter_has_units_of_the_specification(meter: str) -> None:
    pricing, consumed = UNITS[meter]

    assert UNIT.fullmatch(pricing)
    assert UNIT.fullmatch(consumed)


def test_card_time_is_priced_by_the_hour() -> None:
    """90 minutes of one card at 18.50 an hour are 27.75."""
    [row] = focus.rows_of(
        bill(
            line(
                "card_seconds", 2_775, quantity=5_400, price_yuan=Decimal("18.5"), per_units=3_600
            ),
            layer="compute",
        )
    )

    assert (row["PricingQuantity"], row["PricingUnit"], row["ListUnitPrice"]) == (
        "1.5",
        "Card-Hours",
        "18.5",
    )
    assert (row["ListCost"], row["BilledCost"]) == ("27.75", "27.75")


def test_columns_are_those_of_the_version_each_once() -> None:
    assert len(COLUMNS) == len(set(COLUMNS)) == 57
    assert list(COLUMNS) == sorted(COLUMNS)
    assert all(name.startswith("x_") for name in CUSTOM)
