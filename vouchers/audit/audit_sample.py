#!/usr/bin/env python3
"""Repeat a draw of audit samples from its export, without the product.

    python3 audit_sample.py EXPORT                  # print the sample
    python3 audit_sample.py EXPORT --check SAMPLE   # compare: exit code 0 when equal byte for byte, else 1
    python3 audit_sample.py EXPORT --seed SEED      # what another seed would have drawn

One file, standard library only, written apart from the product's own code: both must agree. The
method is told in docs/audit.md. An export has the plan in its first line and an item in every other,
each one a JSON object: code, provider, amount_fen, points.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]
FORMAT = "puhui-sample-1"


def main(arguments: list[str]) -> int:
    """Draw again; print or compare."""
    parser = argparse.ArgumentParser(description="Repeat a draw of audit samples.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--seed")
    parser.add_argument("--check", type=Path, metavar="SAMPLE")
    asked = parser.parse_args(arguments)
    plan, *items = (json.loads(line) for line in asked.export.read_bytes().splitlines())
    if plan.pop("format", "") != FORMAT:
        sys.stderr.write(f"not an export of format {FORMAT}\n")
        return 2
    if asked.seed is not None:
        plan["seed"] = asked.seed
    sample = draw(plan, sorted(items, key=code_of))
    if asked.check is None:
        sys.stdout.buffer.write(sample)
        return 0
    return compare(sample, asked.check.read_bytes())


def compare(sample: bytes, told: bytes) -> int:
    """Say equal, or the first line that differs."""
    if sample == told:
        sys.stdout.write("equal: the sample is the draw of its seed\n")
        return 0
    mine, theirs = sample.splitlines(), told.splitlines()
    pairs = zip(mine, theirs, strict=False)
    first = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(mine), len(theirs)))
    sys.stdout.write(f"DIFFERENT from line {first + 1} on\n")
    return 1


def draw(plan: Row, items: list[Row]) -> bytes:
    """The whole sample as the product writes it."""
    places = strata(plan, items)
    inside: dict[tuple[str, int], list[Row]] = {}
    for item in items:
        inside.setdefault(places[item["code"]], []).append(item)
    keys = sorted(inside)
    counts = sizes([len(inside[key]) for key in keys], plan["random_size"], plan["least_each"])
    head = {"format": FORMAT, "frame_sha256": hashlib.sha256(written(items)).hexdigest(), **plan}
    rows, picked = [head], []
    for (provider, band), count in zip(keys, counts, strict=True):
        group = inside[provider, band]
        rows.append({"provider": provider, "band": band, "population": len(group), "drawn": count})
        picked += [(item, "random") for item in shuffled(group, plan["seed"], "random")[:count]]
    codes = {item["code"] for item, _draw in picked}
    rest = [item for item in items if item["code"] not in codes and item["points"] > 0]
    picked += [(item, "risk") for item in risky(rest, plan["risk_size"], plan["seed"])]
    for item, which in picked:
        provider, band = places[item["code"]]
        rows.append({"code": item["code"], "draw": which, "stratum": f"{provider}/{band}"})
    return written(rows)


def strata(plan: Row, items: list[Row]) -> dict[str, tuple[str, int]]:
    """Provider (or others) and how many bounds the amount has reached."""
    totals: dict[str, int] = {}
    for item in items:
        totals[item["provider"]] = totals.get(item["provider"], 0) + item["amount_fen"]
    named = sorted(totals, key=lambda one: (-totals[one], one))[: plan["named_providers"]]
    return {
        item["code"]: (
            item["provider"] if item["provider"] in named else "others",
            sum(item["amount_fen"] >= bound for bound in plan["bounds_fen"]),
        )
        for item in items
    }


def sizes(populations: list[int], wanted: int, least: int) -> list[int]:
    """The least of each, then in proportion to what is left, largest remainders first."""
    taken = [min(least, population) for population in populations]
    spare = [population - one for population, one in zip(populations, taken, strict=True)]
    more = min(wanted, sum(populations)) - sum(taken)
    if more <= 0 or sum(spare) == 0:
        return taken
    exact = [more * one for one in spare]
    given = [one // sum(spare) for one in exact]
    remainder = [one % sum(spare) for one in exact]
    for place in sorted(range(len(spare)), key=lambda n: (-remainder[n], n))[: more - sum(given)]:
        given[place] += 1
    return [one + extra for one, extra in zip(taken, given, strict=True)]


def risky(items: list[Row], wanted: int, seed: str) -> list[Row]:
    """A chance proportional to the points: sure ones first, then equal steps along the rest."""
    line = shuffled(items, seed, "risk")
    if wanted >= len(line):
        return line
    found: list[Row] = []
    while wanted > len(found):
        total, open_places = sum(one["points"] for one in line), wanted - len(found)
        sure = [one for one in line if one["points"] * open_places >= total]
        if not sure:
            break
        found += sure
        line = [one for one in line if one["points"] * open_places < total]
    steps = wanted - len(found)
    if steps == 0:
        return found
    total, walked = sum(one["points"] for one in line), 0
    mark = digest(seed, "risk", "start") % total
    for item in line:
        walked += item["points"] * steps
        if walked > mark:
            found.append(item)
            mark += total
    return found


def shuffled(items: list[Row], seed: str, which: str) -> list[Row]:
    """In order of the digest of seed, draw and code."""
    return sorted(items, key=lambda item: (digest(seed, which, item["code"]), item["code"]))


def digest(seed: str, which: str, word: str) -> int:
    """SHA-256 of the three lines as a number."""
    return int(hashlib.sha256(f"{seed}\n{which}\n{word}".encode()).hexdigest(), 16)


def code_of(item: Row) -> str:
    """What the list is ordered by."""
    return str(item["code"])


def written(rows: list[Row]) -> bytes:
    """One JSON object a line, keys in order, no spaces, UTF-8."""
    dumps = [
        json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows
    ]
    return "".join(text + "\n" for text in dumps).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
