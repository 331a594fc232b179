"""Assessments a second on one core, for a typical scheme (Qingyang) and a rich one (Beijing 2023)."""

import time
from typing import Any

from bench.figures import Figure, Limits, against_goal
from vouchers.grants.rules import cases, files
from vouchers.grants.rules.assessment import assess

SECONDS = 2.0
GOAL = 10_000
TYPICAL: dict[str, Any] = {
    "facts": {"day": "2024-06-01", "legal_form": "company", "contract_amount": "100000"},
    "used": {"firm_year": "150000"},
    "budget_left": "50000000",
}
RICH: dict[str, Any] = {
    "facts": {
        "day": "2023-12-01", "region": "110105", "section": "I", "legal_form": "company",
        "has_sound_books": True, "clean_years": 3, "main_business_is_advanced": True,
        "provider_is_related": False, "has_other_city_support": False,
        "contract_signed_on": "2023-10-08", "contract_starts_on": "2023-11-01", "contract_ends_on": "2024-10-31",
        "contract_number": "HT-1", "contract_amount": "1500000", "excluded_amount": "200000",
    },
}  # fmt: skip


def measure(limits: Limits) -> list[Figure]:
    """The goal is set for the typical scheme; the rich one is told for comparison, at half of it."""
    return [
        against_goal(
            name="assess_rate",
            value=_rate("qingyang-2024", TYPICAL),
            unit="assessments/s",
            goal=GOAL,
        ),
        against_goal(
            name="assess_rate, nine rules and three caps",
            value=_rate("bj-2023", RICH),
            unit="assessments/s",
            goal=GOAL / 2,
        ),
    ]


def _rate(scheme: str, data: dict[str, Any]) -> float:
    rules, _file = files.read(files.shipped()[scheme].read_text(encoding="utf-8"))
    case = cases.read(rules, data)
    assert assess(rules, case).verdict == "yes"
    count, start = 0, time.process_time()  # one core's time, whatever else the machine does
    while time.process_time() - start < SECONDS:
        for _ in range(500):
            assess(rules, case)
        count += 500
    return count / (time.process_time() - start)
