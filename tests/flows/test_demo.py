"""The demonstration: the city as promised, and one life on a trace against an independent calculation."""

import csv
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from accounts.models import Organization, User
from marketplace.demo.plot import ORDERS
from marketplace.demo.sign_ins import SIGN_INS
from marketplace.models import Bundle, ClearingRound, Order, RoundOffer
from providers.models import Offering, Provider
from vouchers.audit.actions import invariants
from vouchers.audit.models import Claim, ClaimStatus, Dispute, Recovery, Refund, Settlement
from vouchers.billing.models import Bill, UsageEvent
from vouchers.grants.models import Application, ApplicationStatus, Scheme, Voucher, VoucherKind

TODAY = date(2026, 11, 23)


def _half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def _write(path: Path, rows: list[tuple[str, int, int]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["TIMESTAMP", "ContextTokens", "GeneratedTokens"])
        writer.writerows(rows)


def _requests(count: int, apart: timedelta) -> Iterator[tuple[str, int, int]]:
    draw = random.Random(count)
    for number in range(count):
        at = datetime(2023, 11, 16, 18, 15, 46, 680590, tzinfo=UTC) + number * apart
        yield f"{at:%Y-%m-%d %H:%M:%S.%f}0", draw.randint(0, 9_000), draw.randint(0, 2_000)


def _play(tmp_path: Path, rows: list[tuple[str, int, int]]) -> dict[str, Any]:
    trace, report = tmp_path / "trace.csv", tmp_path / "out.json"
    _write(trace, rows)
    call_command("seed_demo", trace=trace, report=report, today=TODAY, stdout=StringIO())
    figures: dict[str, Any] = json.loads(report.read_text())
    return figures


@pytest.mark.django_db
def test_trace_figures_equal_an_independent_calculation(tmp_path: Path) -> None:
    rows = list(_requests(6_000, timedelta(seconds=1)))

    figures = _play(tmp_path, rows)

    tokens_in, tokens_out = sum(row[1] for row in rows), sum(row[2] for row in rows)
    bill = _half_up(Fraction(tokens_in) * Fraction(figures["input_price_per_million_yuan"]) / 10**4)
    bill += _half_up(
        Fraction(tokens_out) * Fraction(figures["output_price_per_million_yuan"]) / 10**4
    )
    voucher = min(figures["face_fen"], _half_up(bill * Fraction(figures["subsidy_rate"])))
    assert (figures["input_tokens"], figures["output_tokens"]) == (tokens_in, tokens_out)
    assert figures["accepted"] == len(rows)
    assert figures["events_sent"] == figures["accepted"] + figures["duplicates"]
    assert (figures["bill_fen"], figures["voucher_fen"]) == (bill, voucher)
    assert figures["own_fen"] == bill - voucher
    assert figures["claim_fen"] == figures["settled_fen"] == voucher
    assert all(figures["invariants"].values())


@pytest.mark.django_db
def test_trace_over_months_is_billed_month_by_month(tmp_path: Path) -> None:
    figures = _play(tmp_path, list(_requests(60, timedelta(hours=23))))

    assert len(figures["months"]) == 2
    assert sum(month["bill_fen"] for month in figures["months"]) == figures["bill_fen"]
    assert figures["settled_fen"] == figures["voucher_fen"]
    assert all(figures["invariants"].values())


@pytest.mark.django_db
def test_second_play_does_not_meet_the_first(tmp_path: Path) -> None:
    rows = list(_requests(50, timedelta(seconds=1)))

    first, second = _play(tmp_path, rows), _play(tmp_path, rows)

    assert first.pop("months") != second.pop("months")
    assert first == second


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["", "A,B\n1,2\n", "TIMESTAMP,ContextTokens,GeneratedTokens\nx,1,-2\n"]
)
def test_bad_trace_is_refused_and_leaves_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)

    with pytest.raises(CommandError):
        call_command("seed_demo", trace=path)

    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_city_is_as_promised() -> None:
    call_command("seed_demo", today=TODAY, stdout=StringIO())

    firms = Organization.objects.filter(kind="enterprise")
    assert firms.count() == 40
    assert firms.values("section").distinct().count() >= 12
    assert Provider.objects.filter(status="verified").count() == 8
    assert Offering.objects.listed().count() == 27
    assert Bundle.objects.filter(status="published").count() == 12
    assert Scheme.objects.filter(status="published").count() == 4
    assert set(Application.objects.values_list("status", flat=True)) == set(
        ApplicationStatus.values
    )
    assert set(Voucher.objects.values_list("kind", flat=True)) == set(VoucherKind.values)
    assert Bill.objects.values("month").distinct().count() == 4
    assert set(Claim.objects.values_list("status", flat=True)) >= {
        ClaimStatus.PAID,
        ClaimStatus.SETTLING,
        ClaimStatus.RETURNED,
        ClaimStatus.SUBMITTED,
        ClaimStatus.CONFIRMING,
    }
    assert set(Dispute.objects.values_list("status", flat=True)) == {"open", "decided"}
    assert Refund.objects.filter(claim__status=ClaimStatus.PAID).exists()
    debt = Recovery.objects.get()
    assert (debt.due_fen, debt.repayments.count()) == (debt.amount_fen, 1)
    assert set(Settlement.objects.values_list("status", flat=True)) == {"paid", "signed_once"}
    assert Order.objects.count() == len(ORDERS)
    cleared = ClearingRound.objects.get()
    assert (cleared.status, cleared.signatures.count()) == ("applied", 2)
    assert RoundOffer.objects.filter(outcome__round=cleared, status="open").count() >= 3
    assert UsageEvent.objects.count() > 19_366
    assert [result.name for result in invariants.check(at=datetime.now(UTC)) if result.rows] == []
    assert all(authenticate(email=email, password=word) for _role, email, word in SIGN_INS)
    assert sum(user.has_usable_password() for user in User.objects.all()) == 32
    with pytest.raises(CommandError):
        call_command("seed_demo", today=TODAY)
