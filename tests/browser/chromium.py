"""One way to start the browser: Debian's Chromium, quiet and offline."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

EXECUTABLE = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HEIGHT = 900  # pixels
LOCALES = {"zh-hans": "zh-CN", "en": "en-US"}


def launch(playwright: Playwright) -> Browser:
    """Start a headless Chromium."""
    return playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser for the length of a block."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        try:
            yield chromium
        finally:
            chromium.close()


def context(
    chromium: Browser,
    *,
    base_url: str,
    width: int = 1280,
    language: str = "zh-hans",
    javascript: bool = True,
) -> BrowserContext:
    """A fresh visitor with a window width, a language and, on wish, no JavaScript."""
    visitor = chromium.new_context(
        base_url=base_url,
        viewport={"width": width, "height": HEIGHT},
        locale=LOCALES[language],
        timezone_id="Asia/Shanghai",
        java_script_enabled=javascript,
        reduced_motion="reduce",
    )
    visitor.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
    return visitor
