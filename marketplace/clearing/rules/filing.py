"""A round's input in a file: canonical JSON that anybody can clear again.

Keys are sorted and nothing is left out, so equal input has equal bytes. Money in fen, values in points.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.matching.rules.rounds import BadRound, Floors, Need, Pair, Round, Share, assemble


def content_of(
    *,
    needs: Sequence[Need],
    places: Mapping[str, int],
    budgets_fen: Mapping[str, int],
    floors: Floors,
    seed: int,
) -> bytes:
    """The input as canonical JSON."""
    told = {
        "needs": [_need(need) for need in sorted(needs, key=lambda need: need.code)],
        "places": dict(places),
        "budgets_fen": dict(budgets_fen),
        "floors": {
            "sections": floors.sections,
            "shares": {share.group: share.percent for share in floors.shares},
        },
        "seed": seed,
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def read(content: bytes | str) -> Round:
    """The round of a file. Raises BadRound, also for what is no such file."""
    try:
        told = json.loads(content)
        needs = [
            Need(
                str(each["code"]),
                str(each["section"]),
                _whole(each["received"]),
                tuple(_pair(pair) for pair in each["pairs"]),
                frozenset(each.get("groups", ())),
            )
            for each in told["needs"]
        ]
        shares = told.get("floors", {}).get("shares", {})
        floors = Floors(
            _whole(told.get("floors", {}).get("sections", 0)),
            tuple(Share(group, _whole(shares[group])) for group in sorted(shares)),
        )
        places = {code: _whole(number) for code, number in told["places"].items()}
        budgets = {code: _whole(fen) for code, fen in told["budgets_fen"].items()}
        seed = _whole(told.get("seed", 0))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BadRound):
            raise
        raise BadRound("unreadable", str(error)) from error
    return assemble(needs=needs, places=places, budgets_fen=budgets, floors=floors, seed=seed)


def _need(need: Need) -> dict[str, Any]:
    return {
        "code": need.code,
        "section": need.section,
        "received": need.received,
        "groups": sorted(need.groups),
        "pairs": [
            {
                "offering": pair.offering,
                "value": pair.value,
                "scheme": pair.scheme,
                "subsidy_fen": pair.subsidy_fen,
            }
            for pair in sorted(need.pairs, key=lambda pair: pair.offering)
        ],
    }


def _pair(told: Mapping[str, Any]) -> Pair:
    return Pair(
        str(told["offering"]),
        _whole(told["value"]),
        str(told.get("scheme", "")),
        _whole(told.get("subsidy_fen", 0)),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
        raise BadRound("not_a_whole_number", str(value))
    return value
