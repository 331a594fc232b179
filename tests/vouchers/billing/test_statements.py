"""A provider's statement beside our meter, and beside a gateway where there is one."""

import io
from collections.abc import Iterator
from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.access import Actor
from common.errors import Forbidden
from providers.models import Subscription
from tests.factories import accounts, billing, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from vouchers.billing.actions.metering import statements
from vouchers.billing.exports import sides
from vouchers.billing.models import StatedUsage, UsageStatement
from vouchers.billing.rules.reconciling import Fault, Finding, judge

HEAD = "subscription,meter,day,quantity\n"


@pytest.mark.parametrize(
    ("stated", "reported", "edge", "found"),
    [
        (1_000, 1_000, None, Finding.EQUAL),
        (1_005, 1_000, None, Finding.WITHIN),
        (1_006, 1_000, None, Finding.STATED_MORE),
        (994, 1_000, None, Finding.STATED_LESS),
        (None, 1_000, None, Finding.ABSENT_STATED),
        (None, 0, None, Finding.EQUAL),
        (1_000, 0, None, Finding.ABSENT_METERED),
        (1_000, 1_000, 900, Finding.EDGE_DIFFERS),
        (1_000, 1_000, 1_000, Finding.EQUAL),
    ],
)
def test_findings(stated: int | None, reported: int, edge: int | None, found: Finding) -> None:
    assert judge(stated, reported, edge) == found


@pytest.fixture
def contract(db: None) -> Subscription:
    made = providers.subscription(offering=providers.token_offering())
    billing.use(made, date(2026, 9, 3), 1_000)
    billing.use(made, date(2026, 9, 4), 2_000)
    return made


def state(contract: Subscription, rows: str, by: Actor | None = None) -> UsageStatement:
    return statements.state(
        by=by or metered.operator(contract.offering.provider), month=billing.MONTH,
        name="对账单.csv", content=(HEAD + rows).encode(), at=NOW,
    )  # fmt: skip


def row(contract: Subscription, day: str, quantity: int) -> str:
    return f"{contract.code},input_tokens,{day},{quantity}\n"


def test_statement_stands_beside_the_meter(contract: Subscription) -> None:
    state(contract, row(contract, "2026-09-03", 1_000) + row(contract, "2026/9/5", 7))

    found = statements.compare(subscription_ids=[contract.pk], month=billing.MONTH)

    assert [(each.day.day, each.stated, each.metered, each.finding) for each in found] == [
        (3, 1_000, 1_000, Finding.EQUAL),
        (4, None, 2_000, Finding.ABSENT_STATED),
        (5, 7, 0, Finding.ABSENT_METERED),
    ]
    table = sides.as_csv(found).decode("utf-8-sig")
    assert len(table.splitlines()) == 4
    assert contract.code in table


def test_later_statement_counts_and_the_same_file_changes_nothing(contract: Subscription) -> None:
    first = state(contract, row(contract, "2026-09-03", 1))
    assert state(contract, row(contract, "2026-09-03", 1)) == first
    second = state(contract, row(contract, "2026-09-03", 1_000))

    [day, _other] = statements.compare(subscription_ids=[contract.pk], month=billing.MONTH)

    assert (second.number, day.stated) == (2, 1_000)


def test_bad_rows_are_named_and_nothing_is_taken(contract: Subscription) -> None:
    stranger = providers.subscription()
    rows = (
        row(contract, "2026-09-03", 1)
        + row(contract, "2026-09-03", 2)
        + row(contract, "2026-10-01", 1)
        + row(stranger, "2026-09-03", 1)
        + f"{contract.code},magic,2026-09-03,1\n{contract.code},input_tokens,2026-09-04,-1\nx\n"
    )

    with pytest.raises(statements.StatementRefused) as refused:
        state(contract, rows)

    assert [(bad.number, bad.fault) for bad in refused.value.rows] == [
        (2, Fault.TWICE),
        (3, Fault.DAY),
        (4, Fault.SUBSCRIPTION),
        (5, Fault.METER),
        (6, Fault.QUANTITY),
        (7, Fault.COLUMNS),
    ]
    assert StatedUsage.objects.count() == 0


def test_trial_keeps_nothing_and_strangers_state_nothing(contract: Subscription) -> None:
    made = statements.state(
        by=metered.operator(contract.offering.provider), month=billing.MONTH, name="x.csv",
        content=(HEAD + row(contract, "2026-09-03", 1)).encode(), at=NOW, is_trial=True,
    )  # fmt: skip

    assert (made.rows, UsageStatement.objects.count()) == (1, 0)
    with pytest.raises(Forbidden):
        state(contract, row(contract, "2026-09-03", 1), by=accounts.signatory())
    with pytest.raises(statements.StatementRefused):
        statements.state(
            by=metered.operator(contract.offering.provider), month=billing.MONTH, name="x",
            content=io.BytesIO(b"PK\x03\x04nothing").getvalue(), at=NOW,
        )  # fmt: skip


@pytest.fixture
def gateway(contract: Subscription) -> Iterator[None]:
    known = {(contract.pk, "input_tokens", date(2026, 9, 4)): 1_500}
    statements.register_source(lambda _asked, _first, _end: known)
    yield
    statements._sources.pop()


@pytest.mark.usefixtures("gateway")
def test_gateway_is_the_third_side(contract: Subscription) -> None:
    state(contract, row(contract, "2026-09-04", 2_000))

    found = statements.compare(subscription_ids=[contract.pk], month=billing.MONTH)

    assert [(each.edge, each.finding) for each in found] == [
        (None, Finding.ABSENT_STATED),
        (1_500, Finding.EDGE_DIFFERS),
    ]


def test_comparing_takes_one_query_for_any_number_of_days(
    contract: Subscription, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5, 12):
        billing.use(contract, date(2026, 9, number), 100)

    with django_assert_num_queries(1):
        found = statements.compare(subscription_ids=[contract.pk], month=billing.MONTH)

    assert len(found) == 9
