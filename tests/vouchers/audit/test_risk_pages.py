"""Pages of risk flags and samples: the officer's way, what strangers see, how many queries."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor
from tests.factories import accounts, audit
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.vouchers.audit.test_pages import signed_in, url
from vouchers.audit.actions import risk_scans
from vouchers.audit.models import FlagStatus, ItemFinding, RiskFlag, Sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    """Firm and provider have one legal person's name, as all of the factories'."""
    return City()


def chinese(actor: Actor) -> Client:
    client = signed_in(actor)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    return client


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_officer_goes_from_the_list_to_a_decision(city: City) -> None:
    claim = city.submitted(30_000)
    risk_scans.scan(at=NOW)
    flag = RiskFlag.objects.get(rule="related_parties")
    officer = signed_in(city.auditor)

    listed = officer.get(url("risk_list")).content.decode()
    page = officer.get(url("risk_detail", flag.code)).content.decode()
    silent = officer.post(url("risk_decide", flag.code), {"outcome": "dismissed"})
    answer = officer.post(
        url("risk_decide", flag.code),
        {"outcome": "confirmed", "reason": "同一控制人", "together": "on"},
    )

    assert "Related parties" in listed
    assert flag.code in listed
    for proof in (
        "1 of 2 hops apart (Person or firm)",
        "<svg",
        "李四",
        claim.code,
        city.provider.organization.name,
    ):
        assert proof in page
    assert silent.status_code == 422
    assert answer["Location"] == url("risk_list")
    flag.refresh_from_db()
    assert (flag.status, flag.reason) == (FlagStatus.CONFIRMED, "同一控制人")
    again = officer.get(url("risk_list"), {"status": "confirmed", "rule": "related_parties"})
    assert flag.code in again.content.decode()
    decided = officer.get(url("risk_detail", flag.code)).content.decode()
    assert "同一控制人" in decided


def test_reason_is_said_in_the_language_of_the_page(city: City) -> None:
    city.bill(30_000)
    risk_scans.scan(at=NOW)
    flag = RiskFlag.objects.get(rule="related_parties")

    page = chinese(city.auditor).get(url("risk_detail", flag.code)).content.decode()

    assert "企业与供给方经 1 层关系相连（人员或企业）" in page


def test_neither_firm_nor_provider_learns_of_flags(city: City) -> None:
    city.bill(30_000)
    risk_scans.scan(at=NOW)
    flag = RiskFlag.objects.order_by("pk")[0]
    firm = accounts.signatory(city.voucher.enterprise)

    for actor in (city.finance, firm, city.officer):
        for name, args in (("risk_list", []), ("risk_detail", [flag.code]), ("sample_list", [])):
            assert signed_in(actor).get(url(name, *args)).status_code == 403
    assert signed_in(City().auditor).get(url("risk_detail", flag.code)).status_code == 404


def test_lists_cost_as_many_queries_for_many_as_for_one(city: City) -> None:
    city.submitted(30_000)
    risk_scans.scan(at=NOW)
    officer = signed_in(city.auditor)
    flag = RiskFlag.objects.get(rule="related_parties")
    few = queries(officer, url("risk_list")), queries(officer, url("risk_detail", flag.code))
    other = audit.other_provider(city)
    other.bill(3_000)
    other.submitted(60_000)
    risk_scans.scan(at=NOW)

    assert RiskFlag.objects.filter(rule="related_parties").count() == 3
    many = queries(officer, url("risk_list")), queries(officer, url("risk_detail", flag.code))
    assert many == few


def test_officer_draws_and_looks_at_a_sample(city: City) -> None:
    for voucher_fen in (2_000, 40_000):
        city.bill(voucher_fen)
    city.submitted(6_000)
    officer = signed_in(city.auditor)
    wanted = {"scheme": city.scheme.code, "first": "2026-09-01", "last": "2026-09-01"}
    plan = {"random_size": "2", "risk_size": "1", "bounds": "100", "named_providers": "1"}

    with time_machine.travel(NOW, tick=False):
        assert "±" in officer.get(url("sample_create"), wanted).content.decode()
        bad = officer.post(url("sample_create"), wanted | plan | {"bounds": "x"})
        officer.post(url("sample_create"), wanted | plan)
    sample = Sample.objects.get()
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        early = officer.post(url("sample_draw", sample.code))
        audit.sealed(NOW + timedelta(minutes=1))
        assert officer.post(url("sample_draw", sample.code)).status_code == 302
        for position in range(1, sample.items.count() + 1):
            page = officer.get(url("sample_item", sample.code, str(position)))
            assert "Price times quantity" in page.content.decode()
            officer.post(url("sample_item", sample.code, str(position)), {"outcome": "right"})
        done = officer.get(url("sample_detail", sample.code)).content.decode()
        export = officer.get(url("sample_export", sample.code))

    assert (bad.status_code, early.status_code) == (422, 409)
    assert set(sample.items.values_list("finding", flat=True)) == {ItemFinding.RIGHT}
    assert "Confidence interval" in done
    assert "0.0 %" in done
    assert export["Content-Disposition"].startswith("attachment")
    assert export.content.count(b"\n") == 4
    assert sample.code in officer.get(url("sample_list")).content.decode()
