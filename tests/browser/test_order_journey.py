"""In a real browser: from a plain need to a running order, by keyboard alone and without JavaScript."""

import pytest
from playwright.sync_api import Browser, Locator, Page

from accounts.access import Actor
from marketplace.models import Order, Scenario
from providers.models import Subscription
from tests.browser.capture import sign_in
from tests.browser.chromium import context
from tests.factories import accounts, grants, marketplace
from tests.factories.clearing import calls_bundle

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"
MOST_SCREENS = 8
MOST_TABS = 120


class Walk:
    """A person with a keyboard: every page reached is one screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.screens = ["/needs/new/"]
        page.goto(self.screens[0])

    def tab_to(self, target: Locator) -> None:
        """Press Tab until the focus is there; what cannot be reached by Tab fails the test."""
        wanted = target.first.element_handle()
        for _press in range(MOST_TABS):
            if self.page.evaluate("element => element === document.activeElement", wanted):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by keyboard on {self.page.url}")

    def enter(self, target: Locator) -> None:
        """Go there, press Enter, and be on the next screen."""
        self.tab_to(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.screens.append(self.page.url)

    def write(self, name: str, text: str) -> None:
        self.tab_to(self.page.locator(f"main [name={name}]"))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def check(self) -> None:
        """Nothing grave is found, and the page is no wider than its window."""
        width = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, self.page.url


def offer() -> tuple[Actor, Scenario]:
    """A scenario with one bundle at one fen a call, and a signatory with a voucher."""
    scene = marketplace.scenario(coefficients={"calls": 1})
    calls_bundle(scene, operated_by="provider")
    by = accounts.signatory()
    grants.voucher(by.own())
    return by, scene


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1280), ("en", 390)])
def test_from_a_plain_need_to_a_running_order(
    chromium: Browser, served: str, language: str, width: int
) -> None:
    by, scene = offer()
    visitor = context(chromium, base_url=served, width=width, language=language, javascript=False)
    sign_in(visitor, by.user.email, PASSWORD)
    walk = Walk(visitor.new_page())
    page = walk.page

    walk.enter(page.locator(f"main a[href*='/needs/new/{scene.slug}/']"))
    walk.write("monthly_volume", "10,000")
    walk.write("monthly_budget", "1,000")
    walk.enter(page.locator("main form button.btn-primary"))
    walk.check()
    walk.enter(page.locator("main a.btn-primary[href*='/order/']"))
    walk.check()
    walk.enter(page.locator("main form button.btn-primary"))
    walk.check()
    walk.enter(page.locator("main form[action$='/reserve/'] button"))
    walk.check()
    walk.write("own_number", "A-7")
    walk.tab_to(page.locator("main [name=agreed]"))
    page.keyboard.press("Space")
    walk.enter(page.locator("main form button.btn-primary"))
    walk.check()

    order = Order.objects.get()
    assert page.url.endswith(f"/orders/{order.code}/")
    assert (order.status, order.own_number, order.monthly_price_fen) == ("active", "A-7", 10_000)
    assert Subscription.objects.filter(reference=order.code, status="active").count() == 1
    assert len(walk.screens) <= MOST_SCREENS
    visitor.close()
