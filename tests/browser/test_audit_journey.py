"""In a real browser: claims triaged, a case from flag to second signature, the room, debts; plain and by keyboard."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.access import Actor
from accounts.models import Role
from common.periods import local_day
from tests.browser.axe import grave_findings
from tests.browser.capture import sign_in
from tests.browser.chromium import context
from tests.factories import accounts, audit, grants
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.factories.cases import Desk
from vouchers.audit.actions import budget_days, debts, risk_scans, rooms, samples, write_offs
from vouchers.audit.models import Case, Claim, ClaimStatus, Recovery, RiskFlag, RoomView

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"
PICTURES = os.environ.get("PICTURES", "")
"""A folder: then every page that axe looks at is also pictured."""
TRIAGED = int(os.environ.get("TRIAGED", "6"))
"""Claims in the queue that is worked through; 200 by hand."""
MOST_ACTIONS = 3
ONCE = {
    "account", "burn-downs", "cases", "closed-case", "conclude", "dues", "inquiries", "item",
    "risks", "sample", "samples",
}  # fmt: skip
"""Pages built of the same parts as others: looked at in Chinese alone, for the time it takes."""
SIZES = ((1280, 900), (390, 844))


def page_of(
    chromium: Browser,
    served: str,
    actor: Actor,
    *,
    javascript: bool = True,
    language: str = "zh-hans",
) -> Page:
    visitor = context(chromium, base_url=served, javascript=javascript, language=language)
    sign_in(visitor, actor.user.email, PASSWORD)
    return visitor.new_page()


def confirmed(page: Page, path: str) -> Any:
    """Open a page; give the password once more where it is asked for."""
    answer = page.goto(path)
    if page.url.partition("?")[0].endswith("/reauthenticate/"):
        page.fill("main input[name=password]", PASSWORD)
        with page.expect_navigation() as opened:
            page.click("main form button.btn-primary")
        answer = opened.value
    return answer


class Counted:
    """Clicks and checked boxes of a person on a page."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def click(self, selector: str) -> None:
        self.actions += 1
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def check(self, selector: str) -> None:
        self.actions += 1
        self.page.locator(selector).first.check()


def test_queue_of_claims_is_triaged_with_at_most_three_actions_each(
    chromium: Browser, served: str
) -> None:
    city = City(scheme=grants.scheme(budget_fen=30_000_000 * (TRIAGED + 1)))
    city.submitted()
    for _number in range(TRIAGED - 1):
        audit.other_provider(city).submitted(1_000)
    person = Counted(page_of(chromium, served, city.auditor))
    spent = []

    person.page.goto("/audits/")
    person.click("main tbody th a")
    for number in range(TRIAGED):
        before = person.actions
        if number % 5 == 0:  # one in five is returned, with the usual words
            person.check("input[name=phrases]")
            person.click("button[name=outcome][value=return]")
        else:
            person.click("button[name=outcome][value=pass]")
        spent.append(person.actions - before)

    assert max(spent) <= MOST_ACTIONS
    assert person.actions <= 1 + 2 * TRIAGED
    assert not Claim.objects.filter(status=ClaimStatus.SUBMITTED).exists()
    assert Claim.objects.filter(status=ClaimStatus.RETURNED).count() == -(-TRIAGED // 5)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_case_from_flag_over_the_providers_answer_to_two_signatures(
    chromium: Browser, served: str, javascript: bool
) -> None:
    city = City()
    city.submitted()
    risk_scans.scan(at=NOW)
    desk = Desk(city=city)
    flag = RiskFlag.objects.order_by("pk")[0]
    first = page_of(chromium, served, desk.first, javascript=javascript)
    second = page_of(chromium, served, desk.second, javascript=javascript)
    provider = page_of(chromium, served, desk.provider, javascript=javascript)

    first.goto(f"/risks/{flag.code}/")
    first.click(f"a[href='/cases/new/?flag={flag.code}']")
    first.fill("[name=question]", "九月用量与合同不符")
    first.click("main form button[type=submit]")
    case = Case.objects.get()
    first.click(f"form[action='/cases/{case.code}/take/'] button")
    asking = first.locator(f"form[action='/cases/{case.code}/ask/']")
    asking.locator("[name=party]").select_option(city.provider.organization.code)
    asking.locator("[name=text]").fill("请说明九月用量。")
    asking.locator("[name=until]").fill(str(local_day(timezone.now()) + timedelta(days=9)))
    asking.locator("button").click()

    provider.goto("/inquiries/")
    provider.click(f"a[href='/inquiries/{case.code}/']")
    assert "请说明九月用量。" in provider.inner_text("main")
    provider.fill("[name=text]", "计量无误，合同另有补充条款。")
    provider.click(f"form[action='/inquiries/{case.code}/answer/'] button")
    assert "计量无误" in provider.inner_text("main")

    first.goto(f"/cases/{case.code}/conclude/")
    first.check("input[name=outcome][value=nothing]")
    first.fill("[name=text]", "说明属实。")
    first.click("main form button[type=submit]")
    for page in (first, second):
        confirmed(page, f"/cases/{case.code}/sign/")
        page.click("main form button.btn-primary")
    case.refresh_from_db()
    assert case.status == "closed"
    provider.goto(f"/inquiries/{case.code}/")
    assert "说明属实。" in provider.inner_text("main")


def test_auditor_finds_the_whole_chain_by_any_number_with_the_keyboard(
    chromium: Browser, served: str
) -> None:
    city = City()
    batch = city.paid(3_000)
    auditor = accounts.member(accounts.bureau(), Role.VIEWER)
    room = rooms.grant(
        by=accounts.officer(city.scheme.bureau, Role.SCHEME_OFFICER), email=auditor.user.email,
        purpose="年度审计", last_day=local_day(timezone.now()), at=timezone.now(),
    )  # fmt: skip
    page = page_of(chromium, served, auditor)
    claim = batch.claims.get()
    bill = claim.lines.get().bill

    page.goto(f"/room/{room.code}/")
    for number in (batch.code, bill.code):
        page.focus("main [name=number]")
        page.keyboard.press("Control+A")
        page.keyboard.type(number)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        chain = page.inner_text("main")
        for station in (city.voucher.code, bill.code, claim.code, batch.code):
            assert station in chain

    assert RoomView.objects.filter(room=room, kind="chain", is_found=True).count() == 2


def _look(page: Page, path: str, name: str) -> list[str]:
    """Open a page once and look at it in each width; what is wrong with it."""
    answer = confirmed(page, path)
    found = [] if answer and answer.status < 400 else [f"{path}: {answer and answer.status}"]
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        spill = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"{path} at {width}: spills {spill} px"] if spill > 0 else []
        if PICTURES:
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"), full_page=True)
    return found + [f"{path}: {finding}" for finding in grave_findings(page)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_are_accessible_and_fit(chromium: Browser, served: str, language: str) -> None:
    desk = Desk()
    city = desk.city
    batch = city.paid(3_000)
    owed = desk.case(batch.claims.get().lines.get().bill)
    desk.signed(owed, desk.recovering(owed, 3_000))
    recovery = Recovery.objects.get()
    debts.state_account(
        by=city.officer, holder="庆阳市财政局", bank_name="甘肃银行", account_number="622202090300",
        at=NOW,
    )  # fmt: skip
    debts.record(
        by=city.officer, recovery=recovery, amount_fen=1_000, reference="B-1",
        received_on=NOW.date(), at=NOW,
    )  # fmt: skip
    proposal = write_offs.propose(
        by=city.officer, recovery=recovery, amount_fen=500, reason="破产清算", at=NOW
    )
    asked = desk.asked()
    audit.other_provider(city).submitted(1_000)
    risk_scans.scan(at=NOW)
    sample = audit.sample(city)
    audit.sealed(timezone.now())
    samples.draw(by=city.auditor, sample=sample, at=timezone.now())
    room = rooms.grant(
        by=accounts.officer(city.scheme.bureau, Role.SCHEME_OFFICER), email=city.auditor.user.email,
        purpose="年度审计", last_day=local_day(timezone.now()), at=timezone.now(),
    )  # fmt: skip
    budget_days.fold(at=timezone.now())
    flag = RiskFlag.objects.order_by("pk")[0]
    pages = {
        None: {"payments": "/payments/", "seal": "/seal/"},
        desk.first: {
            "cases": "/cases/?tab=open",
            "case": f"/cases/{asked.code}/",
            "closed-case": f"/cases/{owed.code}/",
            "conclude": f"/cases/{asked.code}/conclude/",
            "risks": "/risks/",
            "risk": f"/risks/{flag.code}/",
            "samples": "/samples/",
            "sample": f"/samples/{sample.code}/",
            "item": f"/samples/{sample.code}/items/1/",
            "burn-downs": "/burn-down/",
            "burn-down": f"/schemes/{city.scheme.code}/burn-down/",
        },
        city.auditor: {"room": f"/room/{room.code}/?number={batch.code}"},
        city.officer: {
            "debts": "/debts/",
            "debt": f"/debts/{owed.code}/",
            "account": "/debts/account/",
        },
        city.second: {"write-off": f"/write-offs/{proposal.code}/"},
        city.finance: {
            "inquiries": "/inquiries/",
            "inquiry": f"/inquiries/{asked.code}/",
            "dues": "/dues/",
            "due": f"/dues/{owed.code}/",
        },
    }
    found: list[str] = []
    for actor, paths in pages.items():
        if actor is None:
            page = context(chromium, base_url=served, language=language).new_page()
        else:
            page = page_of(chromium, served, actor, language=language)
        for name, path in paths.items():
            if language == "en" and name in ONCE:
                continue
            found += _look(page, path, f"{name}-{language}")
        page.context.close()

    assert found == []
