"""A figure is worth little alone: each one names the limit it is measured against."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is value over limit; `goal` is the least ratio that is good enough."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float
    goal: float
    met: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """What this machine's PostgreSQL can do at best, and the address of the benchmarks' database."""

    tpcb_per_second: float
    address: str

    def against_tpcb(self, *, name: str, value: float, unit: str, goal: float) -> Figure:
        """Compare a rate of short money transactions with pgbench TPC-B."""
        return against(
            name=name,
            value=value,
            unit=unit,
            limit_name="pgbench TPC-B",
            limit=self.tpcb_per_second,
            goal=goal,
        )


def against(
    *, name: str, value: float, unit: str, limit_name: str, limit: float, goal: float
) -> Figure:
    """Compare a rate with a limit that was measured in the same run."""
    ratio = value / limit
    return Figure(name, round(value, 2), unit, limit_name, round(ratio, 4), goal, ratio >= goal)


def against_goal(*, name: str, value: float, unit: str, goal: float) -> Figure:
    """Compare a rate that no other machine's limit bounds with the goal itself."""
    return against(name=name, value=value, unit=unit, limit_name=f"{goal:,.0f}", limit=goal, goal=1)


def at_most(*, name: str, value: float, unit: str, goal: float) -> Figure:
    """Compare a duration with the longest that is good enough: the ratio is goal over value."""
    ratio = goal / value
    return Figure(name, round(value, 2), unit, f"at most {goal:g}", round(ratio, 4), 1, ratio >= 1)


def write(name: str, figures: Iterable[Figure]) -> Path:
    """Write one benchmark's figures as JSON; return the file."""
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{name}.json"
    text = json.dumps([asdict(figure) for figure in figures], indent=2, ensure_ascii=False)
    target.write_text(f"{text}\n", encoding="utf-8")
    return target
