"""In a real browser: an enterprise applies, officers approve and issue, the wallet shows the voucher."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from accounts.access import Actor
from accounts.models import Organization, Role
from tests.browser.axe import grave_findings
from tests.browser.capture import sign_in
from tests.browser.chromium import context
from tests.factories import accounts, grants
from vouchers.grants.models import Application, ApplicationStatus, Scheme

PASSWORD = "correct horse battery"
MAIN_BUTTON = "main form button.btn-primary"


def _rules_without_notice() -> dict[str, Any]:
    days = {"value": 0, "source": "main", "article": "1"}
    return {**grants.RULES, "notice_days": days}


def _desk(chromium: Browser, served: str, actor: Actor, *, javascript: bool) -> Page:
    visitor = context(chromium, base_url=served, javascript=javascript)
    sign_in(visitor, actor.user.email, PASSWORD)
    return visitor.new_page()


def _apply(page: Page, scheme: Scheme) -> None:
    page.goto(f"/schemes/{scheme.code}/apply/")
    page.check("input[name=kind][value=compute]")
    page.fill("input[name=planned_spend_fen]", "20,000.00")
    page.click(MAIN_BUTTON)
    page.click("main a[href$='/sections/use/']")
    page.fill("textarea[name=purpose]", "轴承外观缺陷识别，替代人工目检")
    page.click(MAIN_BUTTON)
    page.check("input[name=contract_state][value=planned]")
    page.click(MAIN_BUTTON)
    page.goto(f"{page.url.removesuffix('evidence/')}check/")
    page.click(MAIN_BUTTON)


def _review(page: Page, code: str) -> None:
    page.goto(f"/reviews/{code}/")
    page.click(f"form[action='/reviews/{code}/claim/'] button")
    page.check("input[name=outcome][value=pass]")
    page.click("#decide button.btn-primary")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_enterprise_applies_bureau_approves_wallet_shows_voucher(
    chromium: Browser, served: str, javascript: bool
) -> None:
    office: Organization = accounts.bureau()
    scheme = grants.scheme(office, rules=_rules_without_notice())
    firm = accounts.organization()
    preparer, signatory = accounts.preparer(firm), accounts.signatory(firm)
    first, second = (accounts.officer(office, Role.REVIEWER) for _ in range(2))
    officer = accounts.officer(office)

    page = _desk(chromium, served, preparer, javascript=javascript)
    _apply(page, scheme)
    application = Application.objects.get(enterprise=firm)
    assert application.status == ApplicationStatus.PREPARED
    signing = _desk(chromium, served, signatory, javascript=javascript)
    signing.goto(f"/applications/{application.code}/submit/")
    signing.check("input[name=declared]")
    signing.click(MAIN_BUTTON)
    assert application.code in signing.inner_text("main")
    for reviewer in (first, second):
        _review(_desk(chromium, served, reviewer, javascript=javascript), application.code)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.APPROVED
    issuing = _desk(chromium, served, officer, javascript=javascript)
    issuing.goto(f"/applications/{application.code}/issue/")
    issuing.click(MAIN_BUTTON)
    page.goto("/wallet/")
    text = page.inner_text("main")

    assert "¥6,000.00" in text
    assert "算力券" in text
    if javascript:
        assert grave_findings(page) == []
