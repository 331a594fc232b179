"""In a real browser: a visitor objects by keyboard, officers decide, people read; axe finds nothing grave."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.actions import notifications
from accounts.models import Notification
from tests.browser.axe import grave_findings
from tests.browser.capture import sign_in
from tests.browser.chromium import context
from tests.factories import accounts, grants
from vouchers.grants.actions import notices, objections, verification
from vouchers.grants.models import Announcement, Objection

PASSWORD = "correct horse battery"
PICTURES = os.environ.get("PICTURES", "")
"""A folder: then every page that axe looks at is also pictured."""

SIZES = ((1280, 900), (390, 844))
AXE_AT = {"zh-hans": 1280, "en": 390}
"""Each page is checked in each width and in each language, not in every pair of them."""

pytestmark = pytest.mark.django_db(transaction=True)


def announced() -> Announcement:
    scheme = grants.scheme()
    rows = [grants.application(plan=scheme, status="approved", granted_fen=600_000) for _ in "ab"]
    grants.application(plan=scheme, status="approved", granted_fen=900_000)
    return notices.announce(
        by=accounts.officer(scheme.bureau),
        scheme=scheme,
        applications=[row.code for row in rows],
        text="依据《庆阳市算力券实施细则》第八条，现将拟发放名单公示如下。",
        at=timezone.now(),
    )


def objected(announcement: Announcement) -> Objection:
    return objections.raise_against(
        announcement=announcement,
        application=announcement.lines[0]["application"],
        name="周女士",
        contact="zhou@example.com",
        reason="该企业登记地址已无人办公，请核实其是否实际经营。",
        at=timezone.now(),
    )


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_visitor_objects_with_the_keyboard_alone(
    chromium: Browser, served: str, javascript: bool
) -> None:
    announcement = announced()
    page = context(chromium, base_url=served, javascript=javascript).new_page()
    page.goto(f"/notices/{announcement.code}/objection/")

    page.focus("select[name=application]")
    page.keyboard.press("ArrowDown")
    for text in ("王五", "0934-8210000", "该企业已停产半年，请核实。"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/notices/{announcement.code}/")

    made = Objection.objects.get()
    assert made.code in page.inner_text("main")
    assert (made.name, made.reason) == ("王五", "该企业已停产半年，请核实。")


def look(page: Page, path: str, name: str, language: str) -> list[str]:
    """Open a page once and look at it in each width; what is wrong with it."""
    answer = page.goto(path)
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        spill = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if PICTURES:
            page.screenshot(
                path=str(Path(PICTURES) / f"{name}-{language}-{width}.png"), full_page=True
            )
        if width == AXE_AT[language]:
            found += [f"{path} at {width}: {finding}" for finding in grave_findings(page)]
        found += [f"{path} at {width}: spills {spill} px"] if spill > 0 else []
    if answer is None or answer.status >= 400:
        found.append(f"{path}: {answer and answer.status}")
    return found


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_are_accessible_and_fit(chromium: Browser, served: str, language: str) -> None:
    announcement = announced()
    made = objected(announcement)
    scheme = announcement.scheme
    voucher = grants.voucher(plan=scheme, expires_at=timezone.now() + timedelta(days=20))
    holder, officer = accounts.signatory(voucher.enterprise), accounts.officer(scheme.bureau)
    with transaction.atomic():
        for topic in ("voucher_frozen", "voucher_expiring"):
            notifications.send(
                topic=topic, to=voucher.enterprise, key="k", url="/wallet/", at=timezone.now(),
                data={
                    "code": voucher.code, "reason": "核查用途", "until": "2026-12-01", "days": 7,
                    "available_fen": 300_000,
                },
            )  # fmt: skip
    Notification.objects.filter(topic="voucher_frozen").update(read_at=timezone.now())
    verify = f"/voucher-verification/?code={voucher.code}&number="
    pages = {
        "": {
            "notices": "/notices/",
            "notice": f"/notices/{announcement.code}/",
            "object": f"/notices/{announcement.code}/objection/",
            "verify": f"{verify}{verification.number_of(voucher.code)}",
            "verify-wrong": f"{verify}x",
        },
        holder.user.email: {
            "messages": "/accounts/notifications/",
            "mails": "/accounts/notifications/settings/",
            "voucher": f"/wallet/{voucher.code}/",
        },
        officer.user.email: {
            "objections": "/objections/",
            "objection": f"/objections/{made.code}/",
            "announce": f"/notices/new/{scheme.code}/",
            "choose": "/notices/new/",
        },
    }
    found: list[str] = []
    for email, paths in pages.items():
        visitor = context(chromium, base_url=served, language=language)
        if email:
            sign_in(visitor, email, PASSWORD)
        page = visitor.new_page()
        for name, path in paths.items():
            found += look(page, path, name, language)
        visitor.close()

    assert found == []
