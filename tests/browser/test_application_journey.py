"""In a real browser: from the pre-check to the supplement; nothing typed is ever lost."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, Page

from accounts.access import Actor
from common.periods import local_day
from tests.browser.axe import grave_findings
from tests.browser.capture import sign_in
from tests.browser.chromium import context
from tests.factories import accounts, files, grants
from tests.vouchers.grants import people
from vouchers.grants.actions import applications, supplements
from vouchers.grants.models import Application

PASSWORD = "correct horse battery"
MAIN_BUTTON = "main form button.btn-primary"

pytestmark = pytest.mark.django_db(transaction=True)


def desk(chromium: Browser, served: str, actor: Actor | None, **options: object) -> Page:
    visitor = context(chromium, base_url=served, **options)  # type: ignore[arg-type]
    if actor is not None:
        sign_in(visitor, actor.user.email, PASSWORD)
    return visitor.new_page()


def draft(firm_preparer: Actor) -> Application:
    return applications.start(
        by=firm_preparer, scheme=grants.scheme(), kind="compute", planned_spend_fen=10**7,
        at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pre_check_by_keyboard_alone(chromium: Browser, served: str, language: str) -> None:
    grants.scheme()
    page = desk(chromium, served, None, language=language)
    page.goto("/precheck/kind/")

    for typed in ("", "120000", "", "", "3484", "40", "1200"):
        field = page.locator("main form :is(input:not([type=hidden]),select)").first
        field.focus()
        if typed:
            page.keyboard.type(typed)
        assert grave_findings(page) == []
        with page.expect_navigation():
            page.keyboard.press("Enter") if typed else page.locator(MAIN_BUTTON).press("Enter")

    assert page.url.endswith("/precheck/result/")
    assert "¥36,000.00" in page.inner_text("main")
    assert grave_findings(page) == []


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_draft_with_evidence_to_the_receipt(
    chromium: Browser, served: str, javascript: bool
) -> None:
    scheme = grants.scheme()
    firm = accounts.organization()
    page = desk(chromium, served, accounts.preparer(firm), javascript=javascript)
    page.goto(f"/schemes/{scheme.code}/apply/")
    page.fill("input[name=planned_spend_fen]", "20,000")
    page.click(MAIN_BUTTON)
    task_list = page.url
    page.click("main a[href$='/sections/use/']")
    page.fill("textarea[name=purpose]", "轴承外观缺陷识别")
    page.click(MAIN_BUTTON)
    page.check("input[name=contract_state][value=signed]")
    page.fill("input[name=provider]", "某算力公司")
    page.fill("input[name=contract_number]", "QY-1")
    page.fill("input[name=contract_signed_on]", "2026-01-05")
    page.click(MAIN_BUTTON)
    page.check("input[name=kind][value=contract]")
    bad = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": files.pdf(password="x")}
    page.set_input_files("input[type=file]", bad)  # type: ignore[arg-type]
    page.click(MAIN_BUTTON)
    assert "文件设有密码" in page.inner_text("main")
    good = {"name": "合同.pdf", "mimeType": "application/pdf", "buffer": files.pdf()}
    page.set_input_files("input[type=file]", good)  # type: ignore[arg-type]
    page.click(MAIN_BUTTON)
    page.goto(task_list)
    page.click("main a[href$='/check/']")
    page.click(MAIN_BUTTON)
    signing = desk(chromium, served, accounts.signatory(firm), javascript=javascript)
    signing.goto(f"{task_list}submit/")
    signing.check("input[name=declared]")
    signing.click(MAIN_BUTTON)

    assert Application.objects.get().status == "submitted"
    assert "下一环节办结期限" in signing.inner_text("main")
    with signing.expect_download() as receipt:
        signing.click("main a[href$='/receipt/']")
    assert receipt.value.suggested_filename.endswith(".pdf")


def test_saved_while_typing_without_a_click(chromium: Browser, served: str) -> None:
    preparer = accounts.preparer()
    asked = draft(preparer)
    page = desk(chromium, served, preparer)
    page.goto(f"/applications/{asked.code}/sections/use/")

    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("textarea[name=purpose]").press_sequentially("质检图片识别")
    page.wait_for_selector("#saved:has-text('保存') input[name=seen][value='2']", state="attached")

    assert Application.objects.get().purpose == "质检图片识别"
    assert grave_findings(page) == []


def test_cut_connection_loses_nothing_typed(chromium: Browser, served: str) -> None:
    preparer = accounts.preparer()
    asked = draft(preparer)
    page = desk(chromium, served, preparer)
    url = f"/applications/{asked.code}/sections/use/"
    page.goto(url)
    page.context.set_offline(True)
    page.locator("textarea[name=purpose]").press_sequentially("断网时写的说明")
    page.wait_for_selector("[data-draft-offline]:not([hidden])")
    page.context.set_offline(False)
    page.close()

    again = page.context.new_page()
    again.goto(url)

    assert again.input_value("textarea[name=purpose]") == "断网时写的说明"
    assert again.is_visible("[data-draft-restored]")
    again.click(MAIN_BUTTON)
    again.wait_for_url("**/contract/")
    assert Application.objects.get().purpose == "断网时写的说明"
    again.goto(url)
    assert not again.is_visible("[data-draft-restored]")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_ended_session_loses_nothing_typed(
    chromium: Browser, served: str, javascript: bool
) -> None:
    preparer = accounts.preparer()
    asked = draft(preparer)
    page = desk(chromium, served, preparer, javascript=javascript)
    page.goto(f"/applications/{asked.code}/sections/use/")
    Session.objects.all().delete()

    page.fill("textarea[name=purpose]", "写了很久的说明")
    page.click(MAIN_BUTTON)
    page.fill("input[name=login]", preparer.user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button.btn-primary")

    assert page.input_value("textarea[name=purpose]") == "写了很久的说明"
    page.click(MAIN_BUTTON)
    assert Application.objects.get().purpose == "写了很久的说明"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_supplement_is_answered_and_clean(chromium: Browser, served: str, language: str) -> None:
    cast = people.cast()
    at = timezone.now()
    asked = people.submitted(cast, at=at)
    supplements.ask(
        by=cast.first, application=people.claimed(cast.first, asked, at), at=at,
        remarks=[("purpose", "请写明数据"), ("evidence_contract", "缺少合同")],
        due_on=local_day(at) + timedelta(days=5),
    )  # fmt: skip
    page = desk(chromium, served, cast.signatory, language=language)
    page.goto(f"/applications/{asked.code}/")
    assert grave_findings(page) == []
    page.click("main a[href$='/supplement/']")
    page.fill("textarea[name=value-purpose]", "质检图片识别，产线图片二十万张")
    page.click(MAIN_BUTTON)
    assert grave_findings(page) == []
    assert page.input_value("textarea[name=value-purpose]").startswith("质检图片识别，")

    page.fill("textarea[name=words-evidence_contract]", "合同尚未签订")
    page.click(MAIN_BUTTON)

    page.wait_for_url(f"**/applications/{asked.code}/")
    assert Application.objects.get().status == "submitted"
