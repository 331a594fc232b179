"""The burn-down: each transfer folded once, stages by hand, pages, file and API; other bureaus see nothing."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role
from tests.factories import accounts, grants, plans
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.audit.test_pages import signed_in
from vouchers.audit.actions import budget_days, burndowns
from vouchers.audit.models import BudgetDay, BudgetFold
from vouchers.audit.rules.forecasts import Reason
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.actions import holds
from vouchers.ledger.actions import transfers as moves
from vouchers.ledger.kinds import AccountKind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_server")]

LATER = NOW + timedelta(days=1)


def broken() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(budget_days.BROKEN)
        return list(cursor.fetchall())


def test_each_transfer_is_folded_once_and_a_second_fold_changes_nothing() -> None:
    city = City()
    city.bill(3_000)

    assert budget_days.fold(at=NOW) == BudgetDay.objects.count()
    before = list(BudgetDay.objects.order_by("pk").values())
    assert budget_days.fold(at=LATER) == 0

    assert list(BudgetDay.objects.order_by("pk").values()) == before
    assert BudgetFold.objects.get().folded_at == LATER
    assert broken() == []


def test_stages_of_a_scheme_by_hand() -> None:
    city = City()  # one million yuan appropriated, a voucher of 300,000 yuan
    city.paid(3_000)
    second = city.bill(2_000)
    budget_days.fold(at=NOW)
    entry = moves.Entry(
        id=moves.derive_id("test hold", second.code), debit=city.voucher.account_id,
        credit=_payable(city), amount_fen=500, reason="test", reference="x",
    )  # fmt: skip
    held = holds.place(entry=entry, expires_at=LATER + timedelta(days=1), at=NOW)
    budget_days.fold(at=LATER)

    found = burndowns.of_scheme(scheme=city.scheme, at=LATER)

    assert found.now == {
        "appropriated": 100_000_000, "issued": 30_000_000, "held": 500, "redeemed": 5_000,
        "claimed": 3_000, "settled": 3_000, "paid": 3_000,
    }  # fmt: skip
    assert found.left_fen == 70_000_000
    holds.release(held=held, at=LATER)
    budget_days.fold(at=LATER)
    assert burndowns.of_scheme(scheme=city.scheme, at=LATER).now["held"] == 0
    assert broken() == []


def _payable(city: City) -> int:
    key = f"{city.scheme.code}/{city.provider.code}"
    return ledger_accounts.get_or_open(kind=AccountKind.PROVIDER_PAYABLE, key=key).pk


def test_forecast_reads_the_folded_days() -> None:
    with time_machine.travel(NOW, tick=False):
        city = City()
        budget_days.fold(at=NOW)
        rows = BudgetDay.objects.filter(scheme=city.scheme)
        early = rows.get(day=NOW.date())

    # Issued 300,000 yuan today: no complete week yet. Four weeks later it is 10,714.28 a day.
    assert burndowns.of_scheme(scheme=city.scheme, at=NOW).to_issue.reason == Reason.TOO_YOUNG
    after = burndowns.of_scheme(scheme=city.scheme, at=NOW + timedelta(days=28)).to_issue

    assert early.issued_fen == 30_000_000
    assert (after.weeks, after.spent_fen, after.left_fen) == (4, 30_000_000, 70_000_000)
    # 70 / 30 of 28 days = 65.3, so the 66th day from November 9 on
    assert str(after.runs_out) == "2027-01-13"


def test_levels_of_government_add_up_to_the_fen() -> None:
    article = {"source": "notice", "article": "第八条"}
    rules = {
        **plans.QINGYANG,
        "documents": {**plans.QINGYANG["documents"], "notice": {"title": "通知", "version": "1"}},
        "funding": [
            {"level": "provincial", "share": "1/3", **article},
            {"level": "city", "share": "1/3", **article},
            {"level": "district", "share": "1/3", **article},
        ],
    }
    made = grants.scheme(rules=rules, budget_fen=100)
    budget_days.fold(at=NOW)

    burn = burndowns.of_scheme(scheme=made, at=NOW)

    assert [each.fen["appropriated"] for each in burn.shares] == [33, 33, 34]
    page = signed_in(accounts.officer(made.bureau, Role.AUDITOR)).get(_page(made.code))
    assert "Co-funding by level of government" in page.content.decode()
    assert "33.33%" in page.content.decode() or "1/3" in page.content.decode()


def _page(code: str) -> str:
    return reverse("vouchers:burndown_detail", args=[code])


def test_pages_file_and_api_tell_the_same() -> None:
    with time_machine.travel(NOW, tick=False):
        city = City()
        city.paid(3_000)
        budget_days.fold(at=NOW)
        reader = signed_in(city.auditor)
        code = city.scheme.code

        page = reader.get(_page(code)).content.decode()
        listed = reader.get(reverse("vouchers:burndown_list")).content.decode()
        file = reader.get(reverse("vouchers:burndown_csv", args=[code])).content.decode("utf-8-sig")
        told = reader.get(reverse("api-burn-down", args=[code])).json()

    assert "¥1,000,000.00" in page
    assert "¥700,000.00" in page
    assert _page(code) in listed
    head, *rows = file.split("\r\n")
    assert head.startswith("day,appropriated_yuan,issued_yuan,held_yuan,redeemed_yuan")
    assert rows[-2] == "2026-10-12,1000000.00,300000.00,0.00,30.00,30.00,30.00,30.00"
    assert told["now"]["paid"] == {"amount": "30.00", "currency": "CNY"}
    assert told["to_issue"]["reason"] == "too_young"


def test_another_bureau_and_a_provider_see_nothing() -> None:
    city = City()
    stranger = signed_in(accounts.officer(accounts.bureau(), Role.AUDITOR))

    assert stranger.get(_page(city.scheme.code)).status_code == 404
    assert stranger.get(reverse("api-burn-down", args=[city.scheme.code])).status_code == 404
    assert signed_in(city.finance).get(_page(city.scheme.code)).status_code == 403


def test_list_asks_as_often_for_three_schemes_as_for_one() -> None:
    city = City()
    reader = signed_in(city.auditor)
    reader.get(reverse("vouchers:burndown_list"))  # the first request reads what later ones keep
    counts = []
    for more in (0, 2):
        for _number in range(more):
            grants.scheme(city.scheme.bureau)
        budget_days.fold(at=NOW)
        with CaptureQueriesContext(connection) as seen:
            reader.get(reverse("vouchers:burndown_list"))
        counts.append(len(seen))

    assert counts[0] == counts[1]
