"""Certificates and their verification: right numbers tell what a counterpart may know, others tell nothing."""

import hmac
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import segno
import time_machine
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pypdf import PdfReader

from accounts.models import Role
from tests.factories import accounts, grants
from tests.factories.accounts import NOW
from vouchers.grants.actions import verification
from vouchers.grants.models import Voucher
from vouchers.grants.shown import certificates

from .web import api, page

pytestmark = pytest.mark.django_db
UNKNOWN = "VC-2222-2222"


def verify(code: str, number: str) -> verification.Verification:
    return verification.verify(code=code, number=number, at=NOW)


def test_right_numbers_tell_what_a_counterpart_may_know() -> None:
    voucher = grants.voucher(face_fen=300_000)

    found = verify(voucher.code.lower(), f" {verification.number_of(voucher.code).lower()} ")

    assert (found.is_known, found.is_usable, found.status) == (True, True, "active")
    assert (found.enterprise, found.face_fen) == (voucher.enterprise.name, 300_000)


@pytest.mark.parametrize(
    ("values", "usable"),
    [
        ({}, True),
        ({"status": "frozen"}, False),
        ({"expires_at": NOW}, False),
        ({"issued_at": NOW, "expires_at": NOW + timedelta(seconds=1)}, True),
    ],
)
def test_usable_means_active_and_inside_its_days(values: dict[str, Any], *, usable: bool) -> None:
    voucher = grants.voucher(**values)

    assert verify(voucher.code, verification.number_of(voucher.code)).is_usable is usable


def wrong(voucher: Voucher) -> list[tuple[str, str]]:
    other = grants.voucher(voucher.enterprise, voucher.scheme)
    return [
        (voucher.code, ""),
        (voucher.code, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"),
        (voucher.code, verification.number_of(other.code)),
        (voucher.code, verification.number_of(voucher.code)[:-1]),
        (UNKNOWN, verification.number_of(UNKNOWN)),
        (UNKNOWN, "x"),
        ("' OR 1=1 --", "' OR 1=1 --"),
        ("VC-" + "9" * 190, "9" * 190),
    ]


def test_everything_else_gets_one_answer() -> None:
    assert {verify(*pair) for pair in wrong(grants.voucher())} == {verification.Verification()}


def test_every_question_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    voucher = grants.voucher()
    questions = [(voucher.code, verification.number_of(voucher.code)), *wrong(voucher)]
    digests = 0
    digest = hmac.digest

    def counted(*args: Any) -> bytes:
        nonlocal digests
        digests += 1
        return digest(*args)

    monkeypatch.setattr(hmac, "digest", counted)
    seen: dict[tuple[str, ...], int] = {}
    for code, number in questions * 20:
        before = digests
        with CaptureQueriesContext(connection) as captured:
            verify(code, number)
        bare = [query["sql"].partition("WHERE")[0] for query in captured.captured_queries]
        work = (*bare, f"digests {digests - before}")
        seen[work] = seen.get(work, 0) + 1

    [(work, times)] = seen.items()
    assert (len(work), times) == (2, 20 * len(questions))


def test_numbers_do_not_repeat_and_look_like_the_printed_ones() -> None:
    numbers = {verification.number_of(f"VC-{serial:04d}-AAAA") for serial in range(500)}

    assert len(numbers) == 500
    assert all(len(number) == 29 and number.count("-") == 5 for number in numbers)


def test_old_certificates_stay_valid_when_the_key_changes() -> None:
    voucher = grants.voucher()
    with override_settings(VERIFICATION_KEYS=["old"]):
        printed = verification.number_of(voucher.code)

    with override_settings(VERIFICATION_KEYS=["new", "old"]):
        assert verify(voucher.code, printed).is_known
        assert verification.number_of(voucher.code) != printed
    with override_settings(VERIFICATION_KEYS=["new"]):
        assert not verify(voucher.code, printed).is_known


def test_address_of_the_printed_code_shows_the_voucher() -> None:
    voucher = grants.voucher()
    address = urlsplit(verification.address_of(voucher.code))

    with time_machine.travel(NOW, tick=False):
        answer = page().get(f"{address.path}?{address.query}")

    shown = answer.content.decode()
    assert set(parse_qs(address.query)) == {"code", "number"}
    assert "This voucher is valid" in shown
    assert voucher.enterprise.name in shown
    assert "¥3,000.00" in shown
    assert answer["X-Robots-Tag"] == "noindex"


def test_page_and_api_refuse_the_thirty_first_question_of_a_minute() -> None:
    ask = {"code": UNKNOWN, "number": "x"}
    with time_machine.travel(NOW, tick=False):
        statuses = [page().post("/voucher-verification/", ask).status_code for _ in range(31)]
        refused = api().post("/api/v1/voucher-verifications/", ask)
        elsewhere = page().post("/voucher-verification/", ask, REMOTE_ADDR="192.0.2.7")

    assert statuses == [200] * 30 + [429]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert int(refused["Retry-After"]) == 60
    assert elsewhere.status_code == 200


def test_certificate_says_what_the_voucher_is() -> None:
    voucher = Voucher.objects.select_related("scheme__bureau", "enterprise").get(
        pk=grants.voucher(face_fen=300_000).pk
    )
    with translation.override("zh-hans"):
        content = certificates.of_voucher(voucher)
        again = certificates.of_voucher(voucher)

    text = PdfReader(BytesIO(content)).pages[0].extract_text()
    for part in (
        voucher.code, verification.number_of(voucher.code), voucher.enterprise.name, "¥3,000.00",
        "30%", voucher.scheme.bureau.name, "不得转让", "有效期至", voucher.last_day.isoformat(),
    ):  # fmt: skip
        assert part in text
    assert content == again
    assert len(segno.make_qr(verification.address_of(voucher.code), error="m").matrix) <= 57


def test_holder_and_bureau_get_it_others_do_not() -> None:
    voucher = grants.voucher()
    holder, officer = (
        accounts.signatory(voucher.enterprise),
        accounts.officer(voucher.scheme.bureau),
    )

    own = page(holder).get(f"/wallet/{voucher.code}/certificate/")
    of_bureau = page(officer).get(f"/vouchers/{voucher.code}/certificate/")
    by_api = api(holder).get(f"/api/v1/vouchers/{voucher.code}/certificate/")
    viewer = accounts.member(voucher.enterprise, Role.VIEWER)

    assert own["Content-Type"] == of_bureau["Content-Type"] == by_api["Content-Type"]
    assert own["Content-Disposition"] == f'attachment; filename="{voucher.code}.pdf"'
    assert own.content.startswith(b"%PDF-")
    assert page(accounts.signatory()).get(f"/wallet/{voucher.code}/certificate/").status_code == 404
    assert api(viewer).get(f"/api/v1/vouchers/{voucher.code}/certificate/").status_code == 403
