"""The gallery of components and the public pages, in a real browser."""

import pytest
from playwright.sync_api import Browser

from tests.browser.axe import grave_findings
from tests.browser.chromium import context

PAGES = ["/_components/", "/accounts/login/", "/no-such-page/"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_grave_accessibility_finding(
    served: str, chromium: Browser, path: str, language: str
) -> None:
    page = context(chromium, base_url=served, language=language).new_page()

    page.goto(path, wait_until="networkidle")

    assert grave_findings(page) == []


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("path", PAGES)
def test_page_never_scrolls_sideways_on_a_phone(
    served: str, chromium: Browser, path: str, large: bool
) -> None:
    visitor = context(chromium, base_url=served, width=390)
    if large:
        visitor.add_cookies([{"name": "type_size", "value": "large", "url": served}])
    page = visitor.new_page()

    page.goto(path, wait_until="networkidle")

    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_chart_is_drawn_without_breaking_the_content_policy(served: str, chromium: Browser) -> None:
    page = context(chromium, base_url=served).new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto("/_components/", wait_until="networkidle")
    page.wait_for_selector("figure[data-drawn] canvas")
    page.hover("figure[data-drawn] canvas")

    assert complaints == []


def test_error_summary_takes_focus_and_leads_to_the_field(served: str, chromium: Browser) -> None:
    page = context(chromium, base_url=served).new_page()

    page.goto("/_components/", wait_until="networkidle")
    on_arrival = page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.click("[data-error-summary] a[href='#id_amount']")

    assert on_arrival
    assert page.evaluate("document.activeElement.id") == "id_amount"


def test_language_and_large_type_switch_without_javascript(served: str, chromium: Browser) -> None:
    page = context(chromium, base_url=served, javascript=False).new_page()
    page.goto("/accounts/login/")
    before = (page.locator("html").get_attribute("lang"), page.locator("h1").inner_text())

    page.click(".site-header .site-tools button[name=language]")
    page.click(".site-header .site-tools button[name=size]")

    assert before == ("zh-Hans", "登录")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("html").get_attribute("class") == "large-type"
    assert page.locator("h1").inner_text() == "Sign in"
    assert page.url.endswith("/accounts/login/")


def test_phone_menu_opens_without_javascript(served: str, chromium: Browser) -> None:
    page = context(chromium, base_url=served, width=390, javascript=False).new_page()
    page.goto("/_components/")

    page.click(".mobile-menu summary")

    assert page.locator(".mobile-panel a").first.is_visible()
