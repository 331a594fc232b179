"""A pool's settlement split over its contributors: no fen lost, signed, each sees its own part."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organization, Role
from common.errors import Forbidden
from providers.actions import pools
from providers.models import Facility, PoolShare, PoolSplit, Subscription
from tests.factories import accounts, audit, providers
from tests.factories.accounts import NOW
from tests.vouchers.ledger import sql
from vouchers.audit.actions import payment_results, settlements, split_sheets, splits
from vouchers.audit.actions.invariants import QUERIES
from vouchers.audit.models import PaymentShare, Settlement
from vouchers.audit.rules import splits as rules


@st.composite
def shares(draw: st.DrawFn) -> list[tuple[int, int]]:
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), max_size=20)))
    edges = [0, *cuts, 1_000_000]
    return [(n, late - early) for n, (early, late) in enumerate(pairwise(edges))]


@given(st.integers(0, 10**15), shares())
def test_split_loses_no_fen_and_is_within_a_fen_of_the_share(
    amount: int, parts: list[tuple[int, int]]
) -> None:
    found = rules.split(amount, parts)

    assert sum(found.values()) == amount
    for who, millionths in parts:
        assert abs(found[who] - Fraction(amount * millionths, 1_000_000)) <= 1
        assert found[who] >= 0


@given(st.lists(st.integers(1, 10**13), min_size=1, max_size=12), st.fractions(0, 1))
def test_deduction_is_borne_in_proportion_to_the_fen(parts: list[int], share: Fraction) -> None:
    deducted = int(sum(parts) * share)

    taken = rules.share_out(deducted, parts)

    assert sum(taken) == deducted
    assert sum(part - off for part, off in zip(parts, taken, strict=True)) == sum(parts) - deducted
    for part, off in zip(parts, taken, strict=True):
        assert 0 <= off <= part
        assert abs(off - Fraction(deducted * part, sum(parts))) <= 1


def test_split_by_hand() -> None:
    assert rules.split(100, [(1, 333_333), (2, 333_333), (3, 333_334)]) == {1: 33, 2: 34, 3: 33}
    assert rules.split(1, [(1, 500_000), (2, 500_000)]) == {1: 1, 2: 0}
    with pytest.raises(ValueError, match="add up"):
        rules.split(1, [(1, 999_999)])


@pytest.fixture
def city() -> audit.City:
    return audit.City()


@pytest.fixture
def pool(city: audit.City) -> Facility:
    spec = {"contributors": 3, "cards": 8}
    return providers.facility(city.provider, kind="sme_pool", spec=spec)


def contribute(pool: Facility, parts: list[int], month: date = date(2026, 9, 1)) -> PoolSplit:
    """A version of shares that began in a month that is over by now."""
    version = PoolSplit.objects.create(
        facility=pool, number=1, effective=DateRange(month, None), stated_at=NOW,
        stated_by=accounts.user(),
    )  # fmt: skip
    PoolShare.objects.bulk_create(
        PoolShare(split=version, organization=accounts.organization(), parts=each) for each in parts
    )
    return version


def settle(city: audit.City, pool: Facility, voucher_fen: int = 10_000) -> Settlement:
    city.passed(voucher_fen)
    offering = Subscription.objects.get().offering
    offering.facility = pool
    offering.save(update_fields=["facility"])
    return settlements.create(by=city.officer, scheme=city.scheme, at=NOW)


@pytest.mark.django_db
def test_settlement_of_a_pool_is_split_by_its_shares(city: audit.City, pool: Facility) -> None:
    version = contribute(pool, [333_333, 333_333, 333_334])

    batch = settle(city, pool)

    rows = PaymentShare.objects.order_by("organization_id")
    assert list(rows.values_list("amount_fen", flat=True)) == [3333, 3334, 3333]
    assert {row.split_id for row in rows} == {version.pk}
    assert batch.payments.get().amount_fen == 10_000
    assert sql.rows(QUERIES["I8"]) == []
    for signer in (city.officer, city.second):
        settlements.sign(by=signer, settlement=batch, content_sha256=batch.content_sha256, at=NOW)
    batch.refresh_from_db()
    payment_results.pay(by=city.officer, settlement=batch, at=NOW)
    assert sql.rows(QUERIES["I8"]) == []
    assert sql.rows(QUERIES["I11"]) == []
    lines = split_sheets.build(by=city.officer, settlement=batch).decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["record", "share", "share", "share", "total"]
    assert [line.split(",")[9] for line in lines[1:]] == ["33.33", "33.34", "33.33", "100.00"]


@pytest.mark.django_db
def test_what_no_pool_earned_stays_with_the_seller(city: audit.City, pool: Facility) -> None:
    contribute(pool, [500_000, 500_000], month=date(2026, 10, 1))  # after the bills' month

    settle(city, pool)

    assert not PaymentShare.objects.exists()


@pytest.mark.django_db
def test_the_signed_hash_covers_the_shares(city: audit.City, pool: Facility) -> None:
    contribute(pool, [500_000, 500_000])
    batch = settle(city, pool)
    sql.tamper("UPDATE vouchers_paymentshare SET amount_fen = amount_fen + 1")

    with pytest.raises(settlements.WrongContent):
        settlements.sign(
            by=city.officer, settlement=batch, content_sha256=batch.content_sha256, at=NOW
        )
    assert [row[2] for row in sql.rows(QUERIES["I8"])] == [
        "is not the sum of its contributors' shares"
    ]


@pytest.mark.django_db
def test_a_contributor_sees_its_own_part_alone(city: audit.City, pool: Facility) -> None:
    version = contribute(pool, [250_000, 750_000])
    settle(city, pool)
    first, second = (
        Organization.objects.get(pk=pk)
        for pk in version.shares.order_by("parts").values_list("organization", flat=True)
    )

    assert [row.amount_fen for row in splits.shown_to(accounts.signatory(first))] == [2_500]
    assert [row.amount_fen for row in splits.shown_to(accounts.signatory(second))] == [7_500]
    assert not splits.shown_to(accounts.signatory()).exists()


@pytest.mark.django_db
def test_set_shares_makes_versions_that_follow_on_each_other(pool: Facility) -> None:
    operator = accounts.member(pool.provider.organization, Role.OPERATOR)
    codes = [accounts.organization().code for _number in range(3)]
    first = pools.set_shares(
        by=operator,
        facility=pool,
        parts={codes[0]: 400_000, codes[1]: 600_000},
        month=date(2026, 10, 1),
        at=NOW,
    )
    second = pools.set_shares(
        by=operator,
        facility=pool,
        parts={codes[0]: 1, codes[2]: 999_999},
        month=date(2026, 12, 1),
        at=NOW,
    )

    first.refresh_from_db()
    assert first.effective == DateRange(date(2026, 10, 1), date(2026, 12, 1))
    assert (second.number, second.effective.upper) == (2, None)
    for month in (date(2026, 9, 1), date(2026, 10, 1), date(2026, 12, 1)):
        with pytest.raises(pools.SplitBegan):
            pools.set_shares(
                by=operator, facility=pool, parts={codes[0]: 1, codes[1]: 999_999}, month=month,
                at=NOW,
            )  # fmt: skip


@pytest.mark.django_db
def test_set_shares_that_are_not_one_are_refused(pool: Facility) -> None:
    operator = accounts.member(pool.provider.organization, Role.OPERATOR)
    codes = [accounts.organization().code for _number in range(2)]
    values = {"by": operator, "facility": pool, "month": date(2026, 11, 1), "at": NOW}
    for parts in ([500_000, 499_999], [1_000_000], [0, 1_000_000], [-1, 1_000_001], []):
        with pytest.raises(pools.SharesNotWhole):
            pools.set_shares(parts=dict(zip(codes, parts, strict=False)), **values)  # type: ignore[arg-type]
    with pytest.raises(pools.UnknownContributor):
        pools.set_shares(parts={codes[0]: 500_000, "OR-X": 500_000}, **values)  # type: ignore[arg-type]
    both = dict.fromkeys(codes, 500_000)
    center, foreign = providers.facility(pool.provider), providers.facility(kind="sme_pool")
    with pytest.raises(pools.NotAPool):
        pools.set_shares(parts=both, **{**values, "facility": center})  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        pools.set_shares(parts=both, **{**values, "facility": foreign})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_shares_that_are_not_one_are_refused_by_the_database(pool: Facility) -> None:
    def break_it() -> None:
        contribute(pool, [500_000, 499_999])
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="add up to one"), transaction.atomic():
        break_it()

    contribute(pool, [500_000, 500_000])
    with pytest.raises(DatabaseError), transaction.atomic():
        PoolShare.objects.update(parts=1)
