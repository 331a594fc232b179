"""A settlement pays what two different people signed, once."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.access import Actor
from accounts.actions import actors, keys
from accounts.models import Event, Membership, Organization, Role
from common.errors import Forbidden
from common.periods import local_day, start_of_day
from common.states import WrongState
from tests.factories import accounts, audit
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.factories.seals import block
from vouchers.audit.actions import (
    batching,
    contents,
    payment_files,
    payment_results,
    relations,
    settlements,
)
from vouchers.audit.models import ClaimStatus, PaymentStatus, Settlement, SettlementStatus
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.kinds import AccountKind
from vouchers.ledger.models import Transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return City()


def balance(kind: AccountKind, key: str) -> int:
    return ledger_accounts.balance_fen(account=ledger_accounts.get_or_open(kind=kind, key=key))


def tamper(sql: str, *values: Any) -> None:
    """Change rows as the owner of the database could, with triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET session_replication_role = origin")


def sign(by: Actor, batch: Settlement, shown: str | None = None) -> Settlement:
    return settlements.sign(
        by=by, settlement=batch, content_sha256=shown or batch.content_sha256, at=NOW
    )


def test_create_batches_passed_claims_with_one_payment_for_each_provider(city: City) -> None:
    other = audit.other_provider(city)
    claims = [city.passed(3_000), city.passed(600), other.passed(900)]
    waiting = other.submitted(1_200)

    batch = settlements.create(by=city.officer, scheme=city.scheme, at=NOW)

    assert (batch.status, batch.total_fen) == (SettlementStatus.DRAFT, 4_500)
    assert set(batch.claims.values_list("pk", "status")) == {
        (claim.pk, ClaimStatus.SETTLING) for claim in claims
    }
    assert dict(batch.payments.values_list("provider", "amount_fen")) == {
        city.provider.pk: 3_600,
        other.provider.pk: 900,
    }
    assert batch.content_sha256 == contents.sha256(batch)
    waiting.refresh_from_db()
    assert waiting.status == ClaimStatus.SUBMITTED


def test_create_without_passed_claims_is_refused(city: City) -> None:
    city.submitted()

    with pytest.raises(settlements.NothingToSettle):
        settlements.create(by=city.officer, scheme=city.scheme, at=NOW)

    assert not Settlement.objects.exists()


def test_create_refuses_another_preview(city: City) -> None:
    city.passed()
    shown = batching.of(scheme=city.scheme, at=NOW).sha256
    city.passed()

    with pytest.raises(settlements.WrongContent):
        settlements.create(by=city.officer, scheme=city.scheme, at=NOW, preview_sha256=shown)

    now = batching.of(scheme=city.scheme, at=NOW).sha256
    assert (
        settlements.create(
            by=city.officer, scheme=city.scheme, at=NOW, preview_sha256=now
        ).total_fen
        == 6_000
    )


def test_create_is_for_settlement_officers_of_the_bureau(city: City) -> None:
    city.passed()
    elsewhere = accounts.member(accounts.bureau(), Role.SETTLEMENT_OFFICER)

    for actor in (city.auditor, city.finance, elsewhere):
        with pytest.raises(Forbidden):
            settlements.create(by=actor, scheme=city.scheme, at=NOW)


def test_two_people_sign(city: City) -> None:
    batch = city.settlement()

    once = sign(city.officer, batch)
    twice = sign(city.second, batch)

    assert (once.status, twice.status) == (SettlementStatus.SIGNED_ONCE, SettlementStatus.SIGNED)
    signed = batch.signatures.order_by("position").values_list("position", "signed_by")
    assert list(signed) == [(1, city.officer.user.pk), (2, city.second.user.pk)]


def test_the_same_person_signs_once(city: City) -> None:
    batch = city.settlement()
    sign(city.officer, batch)

    with pytest.raises(settlements.SamePerson):
        sign(city.officer, batch)

    batch.refresh_from_db()
    assert batch.status == SettlementStatus.SIGNED_ONCE


def test_the_same_human_with_two_accounts_signs_once(city: City) -> None:
    batch = city.settlement()
    one = accounts.member(city.scheme.bureau, Role.SETTLEMENT_OFFICER, person_key="k")
    two = accounts.member(city.scheme.bureau, Role.SETTLEMENT_OFFICER, person_key="k")
    sign(one, batch)

    with pytest.raises(settlements.SamePerson):
        sign(two, batch)

    assert batch.signatures.count() == 1


def test_a_role_taken_and_given_again_does_not_sign_twice(city: City) -> None:
    batch = city.settlement()
    sign(city.officer, batch)
    Membership.objects.filter(user=city.officer.user).update(
        ended_at=NOW, ended_by=city.second.user
    )
    Membership.objects.create(
        user=city.officer.user,
        organization=city.scheme.bureau,
        role=Role.SETTLEMENT_OFFICER,
        created_at=NOW,
    )

    with pytest.raises(settlements.SamePerson):
        sign(city.officer, batch)


def test_who_audited_a_contained_claim_does_not_sign(city: City) -> None:
    twin = accounts.member(city.scheme.bureau, Role.SETTLEMENT_OFFICER, person_key="k")
    city.auditor.user.person_key = "k"
    city.auditor.user.save()
    batch = city.settlement()

    with pytest.raises(settlements.SamePerson):
        sign(twin, batch)


def test_who_belongs_to_a_paid_provider_does_not_sign(city: City) -> None:
    batch = city.settlement()
    Membership.objects.create(
        user=city.second.user,
        organization=city.provider.organization,
        role=Role.VIEWER,
        created_at=NOW,
    )

    with pytest.raises(relations.Related):
        sign(city.second, batch)


def test_a_third_signature_is_refused(city: City) -> None:
    batch = city.signed()
    third = accounts.member(city.scheme.bureau, Role.SETTLEMENT_OFFICER)

    with pytest.raises(WrongState):
        sign(third, batch)


def test_other_roles_and_bureaus_do_not_sign(city: City) -> None:
    batch = city.settlement()
    elsewhere = accounts.member(accounts.bureau(), Role.SETTLEMENT_OFFICER)

    for actor in (city.auditor, city.finance, elsewhere):
        with pytest.raises(Forbidden):
            sign(actor, batch)


def test_another_hash_than_the_shown_one_is_refused(city: City) -> None:
    batch = city.settlement()

    with pytest.raises(settlements.WrongContent):
        sign(city.officer, batch, "0" * 64)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE vouchers_claimline SET amount_fen = amount_fen + 1 WHERE claim_id = %s",
        "UPDATE vouchers_claim SET amount_fen = amount_fen - 1 WHERE id = %s",
        "UPDATE vouchers_claim SET invoice_number = '99999999' WHERE id = %s",
        """UPDATE common_storedfile SET sha256 = repeat('0', 64)
           WHERE id = (SELECT invoice_file_id FROM vouchers_claim WHERE id = %s)""",
        """UPDATE vouchers_payment SET amount_fen = 1
           WHERE settlement_id = (SELECT settlement_id FROM vouchers_claim WHERE id = %s)""",
    ],
)
def test_changed_content_voids_the_signatures(city: City, sql: str) -> None:
    batch = city.settlement()
    [claim] = batch.claims.all()
    sign(city.officer, batch)

    tamper(sql, claim.pk)

    with pytest.raises(settlements.WrongContent):
        sign(city.second, batch)
    tamper("UPDATE vouchers_settlement SET status = 'signed' WHERE id = %s", batch.pk)
    for refused in (
        lambda: payment_results.pay(by=city.officer, settlement=batch, at=NOW),
        lambda: payment_files.build(Settlement.objects.get(pk=batch.pk)),
    ):
        with pytest.raises(settlements.WrongContent):
            refused()
    assert balance(AccountKind.PAID_OUT, city.scheme.code) == 0


def test_signed_rows_are_frozen_at_the_database(city: City) -> None:
    batch = city.settlement()
    sign(city.officer, batch)
    [claim] = batch.claims.all()

    for change in (
        lambda: claim.lines.update(amount_fen=1),
        lambda: claim.lines.all().delete(),
        lambda: batch.payments.update(amount_fen=1),
        lambda: batch.signatures.update(content_sha256="0" * 64),
        lambda: Settlement.objects.filter(pk=batch.pk).update(content_sha256="0" * 64),
        lambda: Settlement.objects.filter(pk=batch.pk).update(total_fen=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_key_does_not_sign(city: City) -> None:
    batch = city.settlement()
    key, _secret = keys.create(
        by=accounts.member(city.scheme.bureau, Role.SCHEME_OFFICER, Role.SETTLEMENT_OFFICER),
        name="batch",
        scopes=["settlement.sign"],
        expires_at=NOW.replace(year=2027),
        at=NOW,
    )
    with pytest.raises(Forbidden):
        sign(actors.from_key(key=key), batch)


def test_pay_moves_the_ledger_and_everything_with_it(city: City) -> None:
    other = audit.other_provider(city)
    other.passed(900)
    batch = city.signed(3_000)

    payment_results.pay(by=city.officer, settlement=batch, at=NOW)

    batch.refresh_from_db()
    assert (batch.status, batch.paid_by) == (SettlementStatus.PAID, city.officer.user)
    assert set(batch.claims.values_list("status", flat=True)) == {ClaimStatus.PAID}
    assert set(batch.payments.values_list("status", flat=True)) == {PaymentStatus.PAID}
    assert balance(AccountKind.PAID_OUT, city.scheme.code) == 3_900
    for provider in (city.provider, other.provider):
        assert balance(AccountKind.PROVIDER_PAYABLE, f"{city.scheme.code}/{provider.code}") == 0


def test_pay_twice_pays_once(city: City) -> None:
    batch = city.paid(3_000)
    before = Transfer.objects.count(), Event.objects.count()

    again = payment_results.pay(by=city.second, settlement=batch, at=NOW)

    assert again.paid_by == city.officer.user
    assert (Transfer.objects.count(), Event.objects.count()) == before


@pytest.mark.parametrize("signatures", [0, 1])
def test_pay_needs_two_signatures(city: City, signatures: int) -> None:
    batch = city.settlement()
    for signer in (city.officer, city.second)[:signatures]:
        sign(signer, batch)

    with pytest.raises(settlements.NotSigned):
        payment_results.pay(by=city.officer, settlement=batch, at=NOW)
    batch.refresh_from_db()
    with pytest.raises(settlements.NotSigned):
        payment_files.build(batch)


def test_pay_is_for_settlement_officers_of_the_bureau(city: City) -> None:
    batch = city.signed()
    elsewhere = accounts.member(accounts.bureau(), Role.SETTLEMENT_OFFICER)

    for actor in (city.auditor, city.finance, elsewhere):
        with pytest.raises(Forbidden):
            payment_results.pay(by=actor, settlement=batch, at=NOW)


def test_payment_file_has_fixed_columns_control_total_and_hash(city: City) -> None:
    company = city.provider.organization
    Organization.objects.filter(pk=company.pk).update(name="=cmd|'/c calc'!A1")
    batch = city.signed(123_456)

    content = payment_files.build(batch)

    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(rows[0]) == [
        "record", "settlement", "position", "payee_code", "payee_name", "payee_uscc",
        "payee_bank", "payee_account", "amount", "currency", "purpose", "content_sha256",
        "seal_block", "seal_hash", "result", "bank_serial", "reason",
    ]  # fmt: skip
    assert [row["record"] for row in rows] == ["payment", "total"]
    assert rows[0]["payee_name"] == "'=cmd|'/c calc'!A1"
    assert rows[0]["payee_uscc"] == company.uscc
    assert (rows[0]["amount"], rows[1]["amount"]) == ("1234.56", "1234.56")
    assert {row["content_sha256"] for row in rows} == {batch.content_sha256}


def test_payment_file_carries_the_head_of_the_day_before_the_last_signature(city: City) -> None:
    batch = city.signed()
    day = local_day(NOW)
    before = block(1, start_of_day(day) - timedelta(seconds=1))
    block(2, start_of_day(day))

    content = payment_files.build(batch)
    block(3, NOW + timedelta(days=5))

    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {(row["seal_block"], row["seal_hash"]) for row in rows} == {("1", before)}
    assert payment_files.build(batch) == content
