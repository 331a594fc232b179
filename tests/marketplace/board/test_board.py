"""The operation board: sums by hand, folding in pieces, hidden cells, queries, rows."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organization, Role
from marketplace.board import sheets
from marketplace.board.actions import folding, recognitions
from marketplace.board.actions.recognitions import InvalidRecognition, RecordedAlready
from marketplace.board.models import Figure, KpiSnapshot
from marketplace.board.panels import Panel
from marketplace.board.rules import spread
from marketplace.orders.actions import orders
from marketplace.orders.models import Order
from tests.factories import accounts, billing, grants, marketplace
from tests.factories.accounts import NOW
from tests.factories.clearing import calls_bundle

pytestmark = pytest.mark.django_db


def ordered(**firm: Any) -> Order:
    scene = marketplace.scenario(coefficients={"calls": 1}, sections="")
    bundle = calls_bundle(scene)
    need = marketplace.need(accounts.organization(**firm), scene)
    buyer = accounts.signatory(need.enterprise)
    return orders.place(by=buyer, need=need, bundle=bundle, at=NOW)


def panel(figure: Figure, *, prefix: str = "", is_public: bool = False) -> Panel:
    found = sheets.panels(prefix=prefix, is_public=is_public)
    return next(each for each in found if each.figure == figure)


def texts(found: Panel) -> dict[str, list[str]]:
    return {str(label): [str(cell.text) for cell in cells] for label, cells in found.rows}


def sums() -> set[tuple[Any, ...]]:
    names = ("figure", "region", "section", "size", "key", "step", "value")
    return set(KpiSnapshot.objects.values_list(*names))


def facts() -> Iterator[str]:
    """Things that happen, one after the other."""
    ordered()
    yield "order"
    billing.bill(total_fen=1_000)
    yield "bill"
    grants.voucher()
    yield "voucher"
    Order.objects.update(placed_at=NOW - timedelta(days=200))
    yield "older order"
    Organization.objects.filter(kind="enterprise").update(section="F")
    yield "changed profile"


def test_folding_after_each_fact_equals_folding_from_scratch() -> None:
    for _step in facts():
        folding.fold(at=NOW)
    in_pieces = sums()

    assert folding.fold(at=NOW) == 0
    KpiSnapshot.objects.all().delete()
    assert folding.fold(at=NOW) == len(in_pieces)
    assert sums() == in_pieces


def test_served_counts_firms_by_section_and_region() -> None:
    ordered()
    ordered()
    ordered(section="F", region="621021")
    folding.fold(at=NOW)

    found = panel(Figure.SERVED, prefix="6210")

    assert "2" in str(found.headline)
    counts = {label[0]: cells for label, cells in texts(found).items()}
    assert counts["C"] == ["2", "0", "2"]
    assert counts["F"] == ["0", "1", "1"]


def test_retention_looks_at_orders_that_are_old_enough() -> None:
    kept, ended, young = ordered(), ordered(), ordered()
    old = NOW - timedelta(days=100)
    Order.objects.filter(pk__in=[kept.pk, ended.pk]).update(placed_at=old)
    Order.objects.filter(pk=ended.pk).update(
        status="ended", noticed_at=NOW, noticed_by=ended.placed_by, ends_at=old + timedelta(days=40)
    )
    assert young.placed_at == NOW
    folding.fold(at=NOW)

    rows = list(texts(panel(Figure.RETENTION)).values())

    assert rows == [["2", "1", "50.0%"], ["0", "0", "—"]]


def test_money_is_what_the_bills_say() -> None:
    billing.bill(total_fen=1_000)
    folding.fold(at=NOW)

    told = list(texts(panel(Figure.SPEND)).values())

    bills = billing.bill(total_fen=0).__class__.objects.all()
    voucher = sum(bill.voucher_fen for bill in bills)
    own = sum(bill.own_fen + bill.receivable_fen for bill in bills)
    assert told == [[f"¥{voucher / 100:,.2f}"], [f"¥{own / 100:,.2f}"]]


def test_public_board_hides_small_counts_and_the_bureau_sees_them() -> None:
    ordered()
    folding.fold(at=NOW)

    public = Client().get("/board/served.csv").content.decode()
    desk = Client()
    desk.force_login(accounts.officer().user)
    own = desk.get("/board/desk/served.csv").content.decode()

    assert not any(part.isdigit() for line in public.splitlines()[1:] for part in line.split(","))
    assert any(part == "1" for line in own.splitlines()[1:] for part in line.split(","))


def test_board_needs_as_many_queries_for_three_orders_as_for_one() -> None:
    desk = Client()
    desk.force_login(accounts.officer(None, Role.AUDITOR).user)

    def count() -> int:
        folding.fold(at=NOW)
        desk.get("/board/desk/")
        with CaptureQueriesContext(connection) as seen:
            assert desk.get("/board/desk/").status_code == 200
        return len(seen)

    ordered()
    few = count()
    ordered()
    ordered(section="F")

    assert count() == few


def test_each_figure_leads_to_its_rows_in_the_own_region() -> None:
    near, far = ordered(), ordered(region="110108")
    desk = Client()
    desk.force_login(accounts.officer().user)

    for figure in Figure:
        assert desk.get(f"/board/desk/{figure.value}/").status_code == 200
    told = desk.get("/board/desk/bundles/").content.decode()

    assert near.code in told
    assert far.code not in told
    firm = Client()
    firm.force_login(accounts.signatory().user)
    assert firm.get("/board/desk/bundles/").status_code == 403
    assert desk.get("/board/desk/nothing/").status_code == 404


def test_recognition_is_recorded_once_in_the_own_region() -> None:
    officer = accounts.officer()
    values: dict[str, Any] = {
        "kind": "benchmark", "name": "庆阳轴承厂", "region": "621002", "document": "庆工信〔2026〕1号",
        "recognized_on": date(2026, 10, 1),
    }  # fmt: skip
    recognitions.record(by=officer, at=NOW, **values)
    folding.fold(at=NOW)

    with pytest.raises(RecordedAlready):
        recognitions.record(by=officer, at=NOW, **values)
    with pytest.raises(InvalidRecognition):
        recognitions.record(by=officer, at=NOW, **(values | {"region": "110108", "name": "x"}))
    assert [cells[0] for cells in texts(panel(Figure.RECOGNIZED)).values()] == ["0", "0", "1", "0"]


def test_median_and_concentration() -> None:
    assert spread.median({1: 1, 4: 2, 9: 1}) == 4
    assert spread.median({1: 1, 4: 1}) == 2.5
    assert spread.median({}) is None
    assert spread.herfindahl([50, 50]) == 5_000
    assert spread.herfindahl([]) is None
    assert spread.top_share([1, 2, 3, 4], 3) == Fraction(9, 10)
