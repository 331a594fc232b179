"""How things stand, on the first page of each kind of organization."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.billing import figures as billing
from vouchers.grants.shown import figures

pytestmark = pytest.mark.django_db


def test_enterprise_sees_what_its_usable_vouchers_and_its_money_can_pay(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    holder = accounts.preparer()
    grants.voucher(holder.own(), face_fen=120_000)
    grants.voucher(holder.own(), face_fen=30_000)
    grants.voucher(accounts.organization(), face_fen=999_900)
    grants.funds(holder.own(), 5_000)

    with django_assert_num_queries(1):
        [vouchers] = figures.voucher_money(holder, NOW)
    with django_assert_num_queries(2):
        [money] = billing.own_money(holder, NOW)

    assert vouchers.value == "¥1,500.00"
    assert "2" in str(vouchers.note)
    assert money.value == "¥50.00"


def test_bureau_sees_the_budget_of_its_own_open_schemes() -> None:
    officer = accounts.officer(None, Role.SCHEME_OFFICER)
    grants.scheme(officer.own(), budget_fen=123_400)
    grants.scheme(budget_fen=999_900)

    [left] = figures.budget_left(officer, NOW)

    assert left.exact == "¥1,234.00"
    assert figures.voucher_money(officer, NOW) == []


def test_first_page_shows_the_figures(client: Client) -> None:
    holder = accounts.preparer()
    grants.voucher(holder.own(), face_fen=120_000)
    client.force_login(holder.user)

    html = client.get("/").content.decode()

    assert "券可用余额" in html
    assert "¥1,200.00" in html
