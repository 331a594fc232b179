"""Take a picture of pages at several widths and languages, and say which spill sideways.

    python -m tests.browser.capture --base-url http://127.0.0.1:8000 [--routes routes.json]

Without routes the pages of the demonstration are found by following links. A route is
`[name, path, role]`; role is "" for a visitor, else a name in the accounts file
`{"officer": ["mail address", "password"]}`. Files are `<name>-<role>-<width>-<language>.png`.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.browser.chromium import browser, context

WIDTHS = (1280, 390)
LANGUAGES = ("zh-hans", "en")
TIMEOUT_MS = 15_000


@dataclass(frozen=True, slots=True)
class Route:
    """One page to look at, and as whom."""

    name: str
    path: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture with what was wrong with it (nothing: empty)."""

    file: Path
    faults: tuple[str, ...]


PUBLIC = (
    Route("home", "/"),
    Route("sign-in", "/accounts/login/"),
    Route("missing", "/no-page/"),
)
Accounts = Mapping[str, tuple[str, str]]


def sign_in(visitor: BrowserContext, address: str, password: str) -> None:
    """Sign in through the page, as a person would; raise when the page refuses."""
    page = visitor.new_page()
    page.goto("/accounts/login/", timeout=TIMEOUT_MS)
    page.fill("input[name=login]", address)
    page.fill("input[name=password]", password)
    with page.expect_navigation(timeout=TIMEOUT_MS):
        page.click("main form button.btn-primary")
    if "/login" in page.url:
        raise RuntimeError(f"sign-in of {address} was refused")
    page.close()


def _faults(page: Page, status: int, errors: Sequence[str]) -> tuple[str, ...]:
    spill = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    found = [f"answered {status}"] if status >= 500 else []
    found += [f"spills {spill} px sideways"] if spill > 0 else []
    return (*found, *errors)


def shoot(visitor: BrowserContext, route: Route, file: Path) -> Shot:
    """Picture one whole page; report server errors, script errors and sideways spill."""
    page = visitor.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"script: {error}"))
    page.on("console", lambda line: _note(errors, line.type, line.text))
    answer = page.goto(route.path, timeout=TIMEOUT_MS, wait_until="networkidle")
    page.screenshot(path=str(file), full_page=True)
    shot = Shot(file, _faults(page, answer.status if answer else 0, errors))
    page.close()
    return shot


def _note(errors: list[str], kind: str, text: str) -> None:
    # Chromium also logs every 4xx page that we asked for on purpose.
    if kind == "error" and "Failed to load resource" not in text:
        errors.append(f"console: {text}")


def capture(
    base_url: str,
    routes: Iterable[Route],
    folder: Path,
    accounts: Accounts,
    *,
    widths: Sequence[int] = WIDTHS,
    languages: Sequence[str] = LANGUAGES,
) -> list[Shot]:
    """Picture every route at every width in every language; one sign-in per role and window."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(routes)
    shots = []
    with browser() as chromium:
        for width in widths:
            for language in languages:
                for role in sorted({route.role for route in wanted}):
                    visitor = context(chromium, base_url=base_url, width=width, language=language)
                    if role:
                        sign_in(visitor, *accounts[role])
                    for route in (one for one in wanted if one.role == role):
                        words = [route.name, role, str(width), language]
                        file = folder / ("-".join(word for word in words if word) + ".png")
                        shots.append(shoot(visitor, route, file))
                    visitor.close()
    return shots


def _demo_accounts() -> dict[str, tuple[str, str]]:
    from marketplace.demo.sign_ins import SIGN_INS

    return {
        address.split(".")[0].replace("@", "-"): (address, word) for _, address, word in SIGN_INS
    }


def _routes(path: Path | None, base_url: str, accounts: Accounts) -> list[Route]:
    if path is None:
        from tests.browser.discover import discover

        return [*PUBLIC[1:], *discover(base_url, accounts)]
    return [Route(*row) for row in json.loads(path.read_text(encoding="utf-8"))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; exit 1 when a page has a fault."""
    parser = argparse.ArgumentParser(description="Take screenshots of pages.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--routes", type=Path, help="JSON list of [name, path, role]")
    parser.add_argument("--accounts", type=Path, help="JSON object role -> [address, password]")
    parser.add_argument("--out", type=Path, default=Path("screenshots"))
    parser.add_argument("--only", default="", help="regular expression on the names")
    given = parser.parse_args(arguments)
    accounts = (
        json.loads(given.accounts.read_text(encoding="utf-8"))
        if given.accounts
        else _demo_accounts()
    )
    found = _routes(given.routes, given.base_url, accounts)
    routes = [route for route in found if re.search(given.only, f"{route.role}/{route.name}")]
    shots = capture(given.base_url, routes, given.out, accounts)
    for shot in shots:
        sys.stdout.write(f"{shot.file}{''.join(f'  !! {fault}' for fault in shot.faults)}\n")
    return 1 if any(shot.faults for shot in shots) else 0


if __name__ == "__main__":
    raise SystemExit(main())
