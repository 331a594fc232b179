"""Each invariant holds on honest work, and names what was broken on purpose."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation

from tests.factories import audit
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.audit.test_settlements import tamper
from vouchers.audit.actions import invariants
from vouchers.audit.models import Claim, ClaimLine, Payment, Settlement

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    """Everything the wing can do, done honestly."""
    made = City()
    other = audit.other_provider(made)
    other.passed(900)
    made.paid(3_000)
    made.settlement(600)
    made.submitted(1_200)
    made.draft(300)
    return made


def broken() -> dict[str, list[dict[str, object]]]:
    """The invariants that do not hold, of all wings, with their rows."""
    return {one.name: one.rows for one in invariants.check(at=NOW) if not one.holds}


def without(constraint: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint} CASCADE")


def test_all_hold_after_honest_work(city: City) -> None:
    assert broken() == {}


def test_all_wings_bring_their_invariants() -> None:
    names = [one.name for one in invariants.check(at=NOW)]

    assert names == ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I10", "I11", "I12"]


def test_every_invariant_has_a_plain_title(city: City) -> None:
    with translation.override("zh-hans"):
        for result in invariants.check(at=NOW):
            assert result.title
            assert not str(result.title).startswith("I")


def test_i8_names_a_claim_that_is_not_the_sum_of_its_lines(city: City) -> None:
    claim = Claim.objects.get(status="draft")

    tamper("UPDATE vouchers_claim SET amount_fen = amount_fen + 7 WHERE id = %s", claim.pk)

    [row] = broken()["I8"]
    assert (row["id"], row["has_fen"], row["should_fen"]) == (claim.code, 307, 300)


def test_i8_names_a_line_that_differs_from_its_payment(city: City) -> None:
    line = ClaimLine.objects.filter(claim__status="draft").get()

    tamper("UPDATE vouchers_claimline SET amount_fen = 1 WHERE transfer_id = %s", line.pk)

    faults = {(row["id"], row["fault"]) for row in broken()["I8"]}
    assert (str(line.pk), "differs from its voucher payment") in faults


def test_i8_names_a_line_of_a_bill_that_is_not_confirmed(city: City) -> None:
    line = ClaimLine.objects.filter(claim__status="draft").get()

    tamper("UPDATE vouchers_bill SET status = 'closed' WHERE id = %s", line.bill_id)

    [row] = broken()["I8"]
    assert row["id"] == str(line.pk)


def test_i8_names_a_payment_that_was_claimed_twice(city: City) -> None:
    line = ClaimLine.objects.filter(claim__status="draft").get()
    without("vouchers_claimline_pkey", "vouchers_claimline")

    tamper(
        "INSERT INTO vouchers_claimline (transfer_id, claim_id, bill_id, amount_fen)"
        " SELECT transfer_id, %s, bill_id, amount_fen FROM vouchers_claimline"
        " WHERE transfer_id = %s",
        Claim.objects.get(status="submitted").pk,
        line.pk,
    )

    faults = {(row["id"], row["fault"]) for row in broken()["I8"]}
    assert (str(line.pk), "claimed more than once") in faults


def test_i8_names_a_settlement_that_is_not_the_sum_of_its_claims(city: City) -> None:
    batch = Settlement.objects.get(status="draft")

    tamper("UPDATE vouchers_settlement SET total_fen = 601 WHERE id = %s", batch.pk)

    assert {row["fault"] for row in broken()["I8"]} == {"total is not the sum of its payments"}


def test_i8_names_money_of_one_provider_paid_to_another(city: City) -> None:
    batch = Settlement.objects.get(status="paid")
    small, large = Payment.objects.filter(settlement=batch).order_by("amount_fen")

    tamper("UPDATE vouchers_payment SET amount_fen = amount_fen + 1 WHERE id = %s", small.pk)
    tamper("UPDATE vouchers_payment SET amount_fen = amount_fen - 1 WHERE id = %s", large.pk)

    faults = [str(row["fault"]) for row in broken()["I8"]]
    assert sorted(faults) == [
        *["differs from its transfers"] * 2,
        *["is not the sum of the payee's claims"] * 2,
    ]


def test_i8_names_a_payment_that_was_removed(city: City) -> None:
    batch = Settlement.objects.get(status="draft")

    tamper("DELETE FROM vouchers_payment WHERE settlement_id = %s", batch.pk)

    assert len(broken()["I8"]) == 2


def test_i11_names_a_scheme_that_settled_more_than_was_redeemed(city: City) -> None:
    batch = Settlement.objects.get(status="draft")

    tamper("UPDATE vouchers_settlement SET total_fen = 10000000 WHERE id = %s", batch.pk)

    [row] = broken()["I11"]
    assert (row["scheme"], row["redeemed_fen"], row["settled_fen"], row["paid_fen"]) == (
        city.scheme.code, 6_000, 10_003_900, 3_900,
    )  # fmt: skip


def test_i11_names_a_scheme_that_paid_more_than_was_settled(city: City) -> None:
    batch = Settlement.objects.get(status="paid")

    tamper("UPDATE vouchers_settlement SET total_fen = 1 WHERE id = %s", batch.pk)

    assert broken()["I11"][0]["paid_fen"] == 3_900


def test_i11_names_a_batch_marked_paid_without_its_transfers(city: City) -> None:
    batch = Settlement.objects.get(status="draft")
    without("vouchers_settlement_payment", "vouchers_settlement")

    tamper("UPDATE vouchers_settlement SET status = 'paid' WHERE id = %s", batch.pk)

    [row] = broken()["I11"]
    assert row["scheme"] == f"{batch.code} paid"


def test_the_command_reports_and_exits_1_when_one_breaks(city: City) -> None:
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert "I8   ok" in out.getvalue()
    claim = Claim.objects.get(status="draft")
    tamper("UPDATE vouchers_claim SET amount_fen = amount_fen + 7 WHERE id = %s", claim.pk)
    out = StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("check_ledger", stdout=out)

    assert refusal.value.returncode == 1
    assert "I8   BROKEN" in out.getvalue()
    assert claim.code in out.getvalue()


def test_the_command_answers_json(city: City) -> None:
    out = StringIO()

    call_command("check_ledger", "--json", stdout=out)

    answer = {one["name"]: one for one in json.loads(out.getvalue())}
    assert answer["I8"]["ok"] is True
    assert answer["I8"]["rows"] == []
