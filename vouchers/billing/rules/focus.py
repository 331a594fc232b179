"""A bill as rows of FOCUS 1.2: its lines, its credits, and what the vouchers paid of it.

Lines and adjustments add up to the bill's total; with the vouchers' credits all rows add up to what
the enterprise itself owes, to the fen. ListCost and ContractedCost are price times quantity before
the one rounding, as the specification has it; BilledCost is what the bill says.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from providers.rules.units import sold_unit
from vouchers.billing.rules import focus_columns as words

PLACES = Decimal(1).scaleb(-12)
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Priced:
    """A line of a bill: base units at one price, from `starts` until before `ends`."""

    meter: str
    is_minimum: bool
    is_correction: bool
    quantity: int
    amount_fen: int
    price_yuan: Decimal
    per_units: int
    context_from: int
    volume_from: int
    starts: datetime
    ends: datetime
    local_words: str = ""


@dataclass(frozen=True, slots=True)
class Credited:
    """What vouchers of one scheme paid; `voucher` is empty for whoever must not see its code."""

    scheme: str
    voucher: str
    amount_fen: int
    local_words: str = ""


@dataclass(frozen=True, slots=True)
class BillFacts:
    """One bill. Codes are ASCII; names in local script go to columns of our own."""

    code: str
    enterprise: str
    enterprise_name: str
    provider: str
    provider_name: str
    subscription: str
    offering: str
    offering_name: str
    layer: str
    region: str
    region_name: str
    starts: datetime
    ends: datetime
    lines: Sequence[Priced]
    credits: Sequence[Credited]
    credit_in_fen: int = 0
    credit_out_fen: int = 0
    corrected_fen: int = 0


def rows_of(bill: BillFacts) -> Iterator[Row]:
    """Every charge of the bill; a null is an empty text, and each row has every column."""
    for line in bill.lines:
        if line.is_minimum:
            yield _adjustment(
                bill,
                line.amount_fen,
                f"Least charge of the month: {words.METERS[line.meter]}",
                line.local_words,
                is_correction=line.is_correction,
            )
        elif line.quantity or line.amount_fen:
            yield _usage(bill, line)
    if bill.credit_in_fen:
        said = "Credit brought forward from the month before"
        yield _adjustment(bill, -bill.credit_in_fen, said, is_correction=True)
    if bill.credit_out_fen:
        said = "Credit carried forward to the next month"
        yield _adjustment(bill, bill.credit_out_fen, said, is_correction=True)
    if bill.corrected_fen:
        said = "Taken off after a dispute"
        yield _adjustment(bill, -bill.corrected_fen, said, is_correction=True)
    for credit in bill.credits:
        yield (
            _common(bill)
            | _costs(-credit.amount_fen)
            | {
                "ChargeCategory": "Credit",
                "ChargeFrequency": "One-Time",
                "ChargeDescription": f"Paid by vouchers of scheme {credit.scheme}",
                "x_ChargeDescription": credit.local_words,
                "x_VoucherId": credit.voucher,
            }
        )


def _usage(bill: BillFacts, line: Priced) -> Row:
    pricing_unit, consumed_unit = words.UNITS[line.meter]
    sold = sold_unit(line.meter).base_units
    quantity = _divided(line.quantity, sold)
    price = _WIDE.divide(_WIDE.multiply(line.price_yuan, Decimal(sold)), Decimal(line.per_units))
    price = _WIDE.quantize(price, PLACES)
    listed = _number(_WIDE.quantize(_WIDE.multiply(quantity, price), PLACES))
    sku = f"{bill.offering}/{line.meter}"
    name = words.METERS[line.meter]
    return _common(bill) | _costs(line.amount_fen) | {
        "ChargeCategory": "Usage",
        "ChargeClass": "Correction" if line.is_correction else "",
        "ChargeFrequency": "Usage-Based",
        "ChargeDescription": f"{name}: {_number(quantity)} at CNY {_number(price)} ({pricing_unit})",
        "ChargePeriodStart": _moment(line.starts),
        "ChargePeriodEnd": _moment(line.ends),
        "ConsumedQuantity": _number(Decimal(line.quantity)),
        "ConsumedUnit": consumed_unit,
        "ContractedCost": listed,
        "ContractedUnitPrice": _number(price),
        "ListCost": listed,
        "ListUnitPrice": _number(price),
        "PricingCategory": "Standard",
        "PricingCurrencyContractedUnitPrice": _number(price),
        "PricingCurrencyListUnitPrice": _number(price),
        "PricingQuantity": _number(quantity),
        "PricingUnit": pricing_unit,
        "SkuId": sku,
        "SkuMeter": name,
        "SkuPriceId": f"{sku}/{line.context_from}/{line.volume_from}",
        "SkuPriceDetails": _details(line),
        "x_ChargeDescription": line.local_words,
    }  # fmt: skip


def _details(line: Priced) -> str:
    """Which tier of the price list it is, as a JSON object of texts."""
    found = {"Meter": line.meter}
    if line.context_from:
        found["RequestsLongerThan"] = f"{line.context_from} Tokens"
    if line.volume_from:
        found["MonthlyVolumeBeyond"] = f"{line.volume_from} {words.UNITS[line.meter][1]}"
    return json.dumps(found)


def _adjustment(
    bill: BillFacts, amount_fen: int, said: str, local: str = "", *, is_correction: bool
) -> Row:
    return _common(bill) | _costs(amount_fen) | {
        "ChargeCategory": "Adjustment",
        "ChargeClass": "Correction" if is_correction else "",
        "ChargeFrequency": "One-Time",
        "ChargeDescription": said,
        "x_ChargeDescription": local or said,
    }  # fmt: skip


def _common(bill: BillFacts) -> Row:
    """What all rows of a bill share; the charge period is the bill's unless a line says more."""
    category, subcategory, service = words.SERVICES[bill.layer]
    seller = f"Provider {bill.provider}"
    starts, ends = _moment(bill.starts), _moment(bill.ends)
    return dict.fromkeys((*words.COLUMNS, *words.CUSTOM), "") | {
        "BillingAccountId": bill.enterprise,
        "BillingAccountName": f"Enterprise {bill.enterprise}",
        "BillingAccountType": "Enterprise",
        "BillingCurrency": "CNY",
        "BillingPeriodStart": starts,
        "BillingPeriodEnd": ends,
        "ChargePeriodStart": starts,
        "ChargePeriodEnd": ends,
        "InvoiceId": bill.code,
        "InvoiceIssuerName": seller,
        "PricingCurrency": "CNY",
        "ProviderName": seller,
        "PublisherName": seller,
        "RegionId": bill.region,
        "RegionName": bill.region_name if bill.region else "",
        "ResourceId": bill.subscription,
        "ResourceName": f"Subscription {bill.subscription}",
        "ResourceType": service,
        "ServiceCategory": category,
        "ServiceName": service,
        "ServiceSubcategory": subcategory,
        "SubAccountId": bill.subscription,
        "SubAccountName": f"Subscription {bill.subscription}",
        "SubAccountType": "Subscription",
        "x_BillingAccountName": bill.enterprise_name,
        "x_ProviderName": bill.provider_name,
        "x_ServiceName": bill.offering_name,
    }


def _costs(fen: int) -> Row:
    """The same amount in every column of costs: what has no unit price is what was billed."""
    amount = f"{Decimal(fen).scaleb(-2):.2f}"
    names = (
        "BilledCost",
        "EffectiveCost",
        "ListCost",
        "ContractedCost",
        "PricingCurrencyEffectiveCost",
    )
    return dict.fromkeys(names, amount)


def _divided(units: int, by: int) -> Decimal:
    return _WIDE.quantize(_WIDE.divide(Decimal(units), Decimal(by)), PLACES)


def _number(value: Decimal) -> str:
    """Plain decimal with a point, so that readers see a decimal and not an integer."""
    text = f"{value:f}"
    if "." not in text:
        return f"{text}.0"
    trimmed = text.rstrip("0")
    return f"{trimmed}0" if trimmed.endswith(".") else trimmed


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
