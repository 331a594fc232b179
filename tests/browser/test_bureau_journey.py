"""In a real browser: officers claim, review, ask, work in bulk and revoke; by keyboard and without JavaScript."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.access import Actor
from accounts.models import Role
from tests.browser.axe import grave_findings
from tests.browser.capture import sign_in
from tests.browser.chromium import context
from tests.factories import accounts, grants
from tests.vouchers.grants import people
from vouchers.grants.actions import bulk_runs, desk
from vouchers.grants.models import (
    Application,
    Assignment,
    BulkRun,
    Review,
    Revocation,
    Supplement,
    Voucher,
)

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"


def _desk(
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


def _press(page: Page, selector: str) -> None:
    """Reach a control with Tab alone and press Enter on it."""
    target = page.locator(selector).first
    for _ in range(250):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def test_officer_claims_and_decides_by_keyboard_alone(chromium: Browser, served: str) -> None:
    cast = people.cast()
    asked = people.submitted(cast, at=timezone.now())
    page = _desk(chromium, served, cast.first)

    page.goto("/reviews/?view=team")
    _press(page, f"main form[action='/reviews/{asked.code}/claim/'] button")
    assert page.url.endswith(f"/reviews/{asked.code}/")
    assert Assignment.objects.get().claimed_by == cast.first.user
    radio = page.locator("input[name=outcome][value=pass]")
    for _ in range(250):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "outcome":
            break
    page.keyboard.press("Space")
    assert radio.is_checked()
    _press(page, "#decide button.btn-primary")

    assert Review.objects.get().outcome == "pass"


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_desk_from_claim_to_supplement_bulk_and_revocation(
    chromium: Browser, served: str, javascript: bool
) -> None:
    cast = people.cast()
    voucher = grants.voucher(cast.enterprise, cast.scheme, issued_at=timezone.now())
    desk.change(by=cast.officer, at=timezone.now(), bulk_limit_count=1)
    asked = [people.submitted(cast, at=timezone.now()) for _ in range(3)]
    first = _desk(chromium, served, cast.first, javascript=javascript)
    second = _desk(chromium, served, cast.second, javascript=javascript)

    first.goto(f"/reviews/{asked[0].code}/")
    first.click(f"form[action='/reviews/{asked[0].code}/claim/'] button")
    first.click(f"a[href='/reviews/{asked[0].code}/supplement/']")
    first.fill("input[name=on-purpose]", "请写明使用场景")
    first.click("main form button.btn-primary")
    assert Supplement.objects.get().remarks.get().text == "请写明使用场景"

    first.goto("/reviews/?view=team")
    for each in asked[1:]:
        first.check(f"input[name=pick][value='{each.code}']")
    first.select_option("select[name=verb]", "pass")
    first.click("#bulk button")
    assert "须第二人批准" in first.inner_text("main")
    first.click("main form button.btn-primary")
    run = BulkRun.objects.get()
    assert (run.status, run.item_count) == ("proposed", 2)
    second.goto(f"/bulk/{run.code}/")
    second.click(f"form[action='/bulk/{run.code}/approve/'] button")
    run.refresh_from_db()
    assert run.job is not None
    bulk_runs.carry_out(code=run.job.code, at=timezone.now())
    second.goto(f"/bulk/{run.code}/")
    assert "下载结果" in second.inner_text("main")
    assert Application.objects.filter(status="first_passed").count() == 2

    officer = _desk(chromium, served, cast.officer, javascript=javascript)
    officer.goto(f"/vouchers/{voucher.code}/revoke/")
    officer.fill("textarea[name=reason]", "骗取")
    officer.click("main form button[type=submit]")
    proposal = Revocation.objects.get()
    second.goto(f"/revocations/{proposal.code}/")
    second.click(f"form[action='/revocations/{proposal.code}/approve/'] button")
    assert Voucher.objects.get(pk=voucher.pk).status == "revoked"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_axe_finds_nothing_serious_on_the_desk(
    chromium: Browser, served: str, language: str
) -> None:
    cast = people.cast()
    mine = people.claimed(cast.first, people.submitted(cast, at=timezone.now()), timezone.now())
    people.submitted(cast, at=timezone.now())
    later = people.first_passed(cast, at=timezone.now())
    desk.add_usual_remarks(by=cast.first, at=timezone.now())
    reviewer = _desk(chromium, served, cast.first, language=language)
    second = _desk(chromium, served, cast.second, language=language)
    officer = _desk(
        chromium,
        served,
        accounts.officer(cast.scheme.bureau, Role.SCHEME_OFFICER),
        language=language,
    )
    visits = [
        (reviewer, "/reviews/?view=team"),
        (reviewer, f"/reviews/{mine.code}/"),
        (reviewer, f"/reviews/{mine.code}/supplement/"),
        (reviewer, f"/bulk/new/?verb=pass&pick={mine.code}"),
        (reviewer, "/remarks/"),
        (reviewer, f"/schemes/{cast.scheme.code}/round/"),
        (second, f"/reviews/{later.code}/"),
        (officer, "/desk/"),
        (officer, "/letter-templates/refused/"),
        (officer, "/issuing/?view=all"),
        (officer, "/revocations/"),
        (officer, "/schemes/design/"),
        (officer, "/notices/new/"),
    ]

    found = {}
    for page, address in visits:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        found[address] = grave_findings(page)

    assert {address: findings for address, findings in found.items() if findings} == {}
