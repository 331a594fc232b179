"""An exported file held against the rules of FOCUS 1.2, as the FinOps Foundation's own validator states them.

`focus_rules.json` has the rules of model 1.2.0.1 (focus-validator 2.2.1, MIT) that a program can check and that
say MUST, MUST NOT or RECOMMENDED: number, column, requirement, and the condition under which it holds, together
with that of the rule it belongs to. Columns of what this market does not have (commitments, reservations, zones,
sub-accounts, resources, tags) are left out, as the model's own criteria allow, and so is InvoiceId-C-004, which
states its condition in words only. The checks below do with the rules what the validator does.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from accounts.models import Role
from providers.models import Meter
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.vouchers.billing.test_exports import MILLION, OCTOBER
from vouchers.billing.actions.charging import rating
from vouchers.billing.exports import files
from vouchers.billing.rules.focus_columns import COLUMNS

Row = dict[str, str]
Check = list[Any]

RULES = json.loads(Path(__file__).with_name("focus_rules.json").read_text(encoding="utf-8"))
NUMBER = re.compile(r"[+-]?([0-9]*[.])?[0-9]+([eE][+-]?[0-9]+)?")
MOMENT = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z?")
TOLERANCE = Decimal("1e-9")


def number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def is_object(text: str) -> bool:
    return isinstance(json.loads(text), dict)


FORMATS: dict[str, Callable[[str], object]] = {
    "TypeString": str.isprintable,
    "FormatString": str.isascii,
    "TypeDecimal": lambda text: number(text) is not None,
    "CheckDecimalValue": lambda text: number(text) is not None,
    "FormatNumeric": NUMBER.fullmatch,
    "TypeDateTime": MOMENT.fullmatch,
    "FormatDateTime": MOMENT.fullmatch,
    "FormatCurrency": lambda text: re.fullmatch(r"[A-Z]{3}", text),
    "CheckNationalCurrency": lambda text: text == "CNY",
    "FormatKeyValue": is_object,
}
"""What each check asks of a value that is there; an empty one is null and passes."""


def holds(check: Check, row: Row, *, asked: bool = False) -> bool:
    """One check on one row, as the condition of a rule or as what it asks, which null answers."""
    name, *given = check
    if name in {"AND", "OR"}:
        answers = [holds(each, row, asked=asked) for each in given]
        return all(answers) if name == "AND" else any(answers)
    value = row[given[0]]
    if name == "CheckValue":
        return same(value, given[1]) or (asked and value == "")
    if name == "CheckNotValue":
        return not same(value, given[1])
    if name == "CheckNotSameValue":
        return value != row[given[1]]
    if name == "CheckGreaterOrEqualThanValue":
        return value == "" or (number(value) or Decimal(0)) >= given[1]
    if name == "ColumnByColumnEqualsColumnValue":
        return product_fits(*(row[column] for column in given))
    return value == "" or bool(FORMATS[name](value))


def same(value: str, wanted: object) -> bool:
    if wanted is None:
        return value == ""
    if isinstance(wanted, int):
        return number(value) == wanted
    return value == str(wanted)


def product_fits(one: str, other: str, result: str) -> bool:
    price, quantity, stated = number(one), number(other), number(result)
    if price is None or quantity is None or stated is None:
        return True
    return abs(price * quantity - stated) <= TOLERANCE * max(abs(stated), Decimal(1))


def broken(rules: list[Any], found: list[Row]) -> Iterator[str]:
    """Numbers of the rules that a row of the file breaks."""
    for name, _column, (kind, *given), condition in rules:
        rows = [row for row in found if condition is None or holds(condition, row)]
        if kind == "ColumnPresent":
            fine = all(given[0] in row for row in rows)
        elif kind == "CheckDistinctCount":
            pairs = {(row[given[0]], row[given[1]]) for row in rows}
            fine = len(pairs) == len({one for one, _other in pairs})
        else:
            fine = all(holds([kind, *given], row, asked=True) for row in rows)
        if not fine:
            yield name


@pytest.fixture
def found(db: None) -> list[Row]:
    """A month's file of two bills: tiers, free units, a least charge, a correction, two vouchers."""
    firm = accounts.organization()
    platform = providers.offering()
    providers.rate(platform, price_yuan="0")
    providers.rate(platform, price_yuan="2.0000003", volume_from=MILLION)
    providers.rate(platform, price_yuan="6", context_from=8 * MILLION)
    cards = providers.offering(layer="compute")
    providers.rate(cards, Meter.CARD_SECONDS, "18.5", 3_600, minimum_fen=10_000)
    plan = grants.scheme(rules=metered.RULES)
    for _ in range(2):
        grants.voucher(firm, plan, face_fen=500)
    tokens, hours = (providers.subscription(firm, each) for each in (platform, cards))
    metered.use(tokens, input_tokens=7_654_321)
    metered.use(hours, card_seconds=5_400)
    rating.tick(at=NOW)
    with override("en"):
        by = accounts.member(firm, Role.SIGNATORY)
        content = files.of_month(by=by, month=OCTOBER, form="focus").content.decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_every_rule_of_every_column_holds_on_an_export(found: list[Row]) -> None:
    assert {row["ChargeCategory"] for row in found} == {"Usage", "Credit", "Adjustment"}
    assert list(broken(RULES, found)) == []


def test_rules_reach_every_column_that_must_be_there() -> None:
    must = {column for name, column, *_ in RULES if re.fullmatch(r"CostAndUsage-D-\d+-M", name)}

    assert len(must) == 21
    assert must <= set(COLUMNS)
    for column in must:
        assert sum(column == each[1] for each in RULES) > 1, column


@pytest.mark.parametrize(
    ("column", "wrong", "rule"),
    [
        ("ChargeCategory", "Discount", "ChargeCategory-C-003-M"),
        ("BillingCurrency", "", "BillingCurrency-C-004-M"),
        ("BillingPeriodStart", "01.10.2026", "BillingPeriodStart-C-002-M"),
        ("ListCost", "1,000.00", "ListCost-C-002-M"),
        ("ProviderName", "庆阳", "ProviderName-C-002-M"),
        ("ServiceSubcategory", "Containers", "ServiceSubcategory-C-004-M"),
        ("ListUnitPrice", "-1", "ListUnitPrice-C-008-M"),
        ("PricingQuantity", "999.0", "ListCost-C-009-C"),
    ],
)
def test_a_wrong_value_breaks_its_rule(
    found: list[Row], column: str, wrong: str, rule: str
) -> None:
    row = next(row for row in found if row["SkuId"] and Decimal(row["ListCost"]))
    row[column] = wrong

    assert rule in set(broken(RULES, found))
