"""Accessibility check of one page with axe-core from the front-end packages."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def grave_findings(page: Page) -> list[str]:
    """List serious and critical findings as `rule: help (target)`; empty means clean.

    The script is run through the debugger, so the content security policy stays on.
    """
    if page.evaluate("typeof window.axe") == "undefined":  # a page looked at twice has it
        page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{finding['id']}: {finding['help']} ({node['target'][0]}) {node.get('failureSummary', '')}"
        for finding in result["violations"]
        if finding["impact"] in GRAVE
        for node in finding["nodes"]
    ]
