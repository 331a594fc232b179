"""In a real browser: a provider under dispute adds evidence and the officer decides; an officer locks a period."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from tests.browser.test_audit_journey import page_of
from tests.factories import accounts, billing, files
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.factories.refunds import Payback
from vouchers.audit.actions import disputes
from vouchers.audit.models import Claim, ClaimStatus, Dispute, PeriodLock
from vouchers.billing.models import Bill, ClosedPeriod

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
SILENT = {"confirmed_at": None, "confirmed_by": None, "lapsed_at": NOW}


def press(page: Page, selector: str) -> None:
    """Press a button as the keyboard does."""
    page.focus(selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@BOTH
def test_provider_adds_evidence_and_the_officer_decides(
    chromium: Browser, served: str, javascript: bool
) -> None:
    """9 yuan of 100 are taken off; what the voucher paid goes back to it first."""
    city = City()
    billed = city.bill(3_000, **SILENT)
    dispute = disputes.open_dispute(
        by=accounts.signatory(city.voucher.enterprise), bill=billed, reason="停产一周，用量不符。",
        at=timezone.now(),
    )  # fmt: skip
    own = f"/disputes/{dispute.code}/"
    provider = page_of(chromium, served, city.finance, javascript=javascript)
    officer = page_of(chromium, served, city.auditor, javascript=javascript)

    officer.goto(own)
    assert officer.locator(f"form[action='{own}decide/']").count() == 0
    provider.goto("/disputes/")
    press(provider, f"a[href='{own}']")
    provider.focus("[name=text]")
    provider.keyboard.type("计量日志显示当周仍有用量。")
    provider.set_input_files(
        "[name=file]", {"name": "日志.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
    )
    press(provider, f"form[action='{own}say/'] button")
    assert "日志.pdf" in provider.inner_text("main")

    officer.goto("/disputes/")
    press(officer, f"a[href='{own}']")
    with officer.expect_download() as taken:
        officer.locator(f"a[href^='{own}entries/'], a:has-text('日志.pdf')").first.click()
    assert taken.value.suggested_filename == "日志.pdf"
    officer.focus("[name=total]")
    officer.keyboard.press("Control+A")
    officer.keyboard.type("91.00")
    officer.focus("[name=answer]")
    officer.keyboard.type("当周用量属实，扣除一日。")
    press(officer, f"form[action='{own}decide/'] button")

    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome_fen) == ("decided", 9_100)
    assert Bill.objects.get(pk=billed.pk).total_fen == 9_100
    provider.goto(own)
    assert "当周用量属实，扣除一日。" in provider.inner_text("main")
    assert Dispute.objects.count() == 1


@BOTH
def test_officer_locks_a_period_at_the_totals_shown(
    chromium: Browser, served: str, javascript: bool
) -> None:
    city = City()
    city.passed(3_000)
    ClosedPeriod.objects.create(month=billing.MONTH, closed_at=NOW, closed_by=city.officer.user)
    page = page_of(chromium, served, city.officer, javascript=javascript)

    page.goto("/settlements/")
    press(page, "a[href='/settlements/periods/']")
    press(page, f"main a[href='/settlements/periods/{city.scheme.code}/2026-09/']")
    assert "30.00" in page.inner_text("main")
    press(page, "main form button.btn-primary")

    made = PeriodLock.objects.get()
    assert (made.lines, made.amount_fen) == (1, 3_000)
    assert page.locator("main form button.btn-primary").count() == 0


@BOTH
def test_firm_claims_back_and_its_provider_confirms(
    chromium: Browser, served: str, javascript: bool
) -> None:
    """30 of the 100 yuan that the firm paid itself."""
    payback = Payback()
    payback.bill(10_000)
    firm = page_of(chromium, served, payback.owner, javascript=javascript)
    provider = page_of(chromium, served, payback.city.finance, javascript=javascript)

    firm.goto("/claims/")
    press(firm, "form[action='/claims/prefill/'] button")
    claim = Claim.objects.get()
    firm.fill("[name=invoice_number]", "24312000000012345678")
    firm.fill("[name=invoice_amount]", "30.00")
    firm.set_input_files(
        "[name=invoice_file]",
        {"name": "发票.pdf", "mimeType": "application/pdf", "buffer": files.pdf()},
    )
    press(firm, f"form[action='/claims/{claim.code}/submit/'] button.btn-primary")

    assert "发票.pdf" in firm.inner_text("main")
    provider.goto("/claims/")
    press(provider, f"main a[href='/claims/{claim.code}/']")
    press(provider, "button[name=outcome][value=confirm]")

    claim.refresh_from_db()
    assert (claim.status, claim.lines.get().amount_fen) == (ClaimStatus.SUBMITTED, 3_000)
    firm.goto("/claims/")
    assert claim.code in firm.inner_text("main")
