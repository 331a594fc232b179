"""`python -m bench [name ...]`: measure the limits, then every bench_<name>.py (or those named).

Each such module has `measure(limits: Limits) -> list[Figure]`. They share a migrated, empty
database on a server of their own with durable commits.
"""

import importlib
import os
import sys
from pathlib import Path

import django
from django.core.management import call_command

from bench import figures, limits
from bench.figures import Figure, Limits
from config.local import servers


def names(wanted: list[str]) -> list[str]:
    """Benchmarks to run."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("bench_*.py"))
    return [name for name in found if not wanted or name.removeprefix("bench_") in wanted]


def limit_figures(found: Limits) -> list[Figure]:
    """The limit itself, so that a reader of the results can judge the machine."""
    return [
        found.against_tpcb(name="tpcb", value=found.tpcb_per_second, unit="transactions/s", goal=1)
    ]


def show(name: str, measured: list[Figure]) -> None:
    """Print figures for a person and write them for a machine."""
    for figure in measured:
        verdict = "met" if figure.met else "MISSED"
        sys.stdout.write(
            f"{name:24} {figure.name:32} {figure.value:>14,.1f} {figure.unit:18}"
            f" {figure.ratio:8.3f} of {figure.against} (goal {figure.goal:g}: {verdict})\n"
        )
    sys.stdout.flush()
    figures.write(name, measured)


def main() -> int:
    """Run; exit code 1 when a goal was missed."""
    with servers.borrowed(servers.bench()) as group:
        group.postgres.recreate_database("bench_puhui")
        os.environ |= {**group.addresses, "DATABASE_URL": group.postgres.url("bench_puhui")}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        django.setup()
        call_command("migrate", verbosity=0, interactive=False)
        found = limits.measure(group.postgres, os.environ["DATABASE_URL"])
        show("limits", limit_figures(found))
        missed = False
        for name in names(sys.argv[1:]):
            measured = importlib.import_module(f"bench.{name}").measure(found)
            show(name.removeprefix("bench_"), measured)
            missed |= not all(figure.met for figure in measured)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
