"""Matches: hold every listed bundle against a need and keep the answer with its reasons."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import DomainError, Forbidden
from common.money import MAX_FEN
from common.periods import local_day
from marketplace.matching.actions import candidates
from marketplace.matching.actions.candidates import Assessed
from marketplace.matching.models import Match, Need
from marketplace.matching.rules import limits, scoring

MAX_UNITS = 2**62
"""Base units of one meter in a month; well inside a 64-bit integer."""


class VolumeTooLarge(DomainError):
    """The volume comes to more units or money than anybody could mean."""

    code = "volume_too_large"

    def __init__(self) -> None:
        words = _("This volume is too large. Check the number of digits.")
        super().__init__(words, errors={"monthly_volume": words})


@transaction.atomic
def compute(*, by: Actor, need: Need, at: datetime) -> list[Match]:
    """Match a need again with today's prices, capacity and vouchers; the former answer is replaced.

    Locks the need. Once ordered, the answer stays as it was when the order was placed. Ranked
    matches come first. Raises Forbidden for another enterprise's need, VolumeTooLarge.
    """
    by.require(Permission.NEED_MANAGE)
    if by.own().pk != need.enterprise_id:
        raise Forbidden(_("You can match the needs of your own organization only."))
    locked = lock(need=need)
    if not hasattr(locked, "order"):
        write(need=locked, at=at)
        trail.record(by=by, at=at, verb="need.matched", subject=locked)
    return list(locked.matches.shown())


def lock(*, need: Need) -> Need:
    """The need as it is now, locked; with scenario, enterprise and order. Inside a transaction."""
    return (
        Need.objects.select_for_update(of=("self",))
        .select_related("scenario", "enterprise", "order")
        .get(pk=need.pk)
    )


def write(*, need: Need, at: datetime) -> None:
    """Replace the matches of a locked need, asked for by an action. Raises VolumeTooLarge."""
    found = answer(need=need, at=at)
    Match.objects.filter(need=need).delete()
    Match.objects.bulk_create(found)


def answer(*, need: Need, at: datetime) -> list[Match]:
    """The matches of a need that may be unsaved; nothing is written. Raises VolumeTooLarge."""
    assessed = candidates.assess(need=need, at=at)
    if any(_is_beyond(row) for row in assessed):
        raise VolumeTooLarge
    terms = _terms(need, at)
    excluded = {row.bundle.code: limits.exclusions(terms, row.candidate) for row in assessed}
    fitting = [_facts(row, need) for row in assessed if not excluded[row.bundle.code]]
    ranked = {
        scored.bundle: (rank, scored) for rank, scored in enumerate(scoring.rank(fitting), start=1)
    }
    return [
        _match(need, row, excluded[row.bundle.code], ranked.get(row.bundle.code), at)
        for row in assessed
    ]


def _terms(need: Need, at: datetime) -> limits.Terms:
    return limits.Terms(
        section=need.enterprise.section,
        region=need.region,
        latency_us=need.latency_us,
        needs_domestic_chip=need.needs_domestic_chip,
        budget_fen=need.monthly_budget_fen,
        day=local_day(at),
    )


def _is_beyond(row: Assessed) -> bool:
    return row.split.price_fen > MAX_FEN or any(line.units > MAX_UNITS for line in row.lines)


def _facts(row: Assessed, need: Need) -> scoring.Facts:
    return scoring.Facts(
        bundle=row.bundle.code,
        own_fen=row.split.own_fen,
        budget_fen=need.monthly_budget_fen,
        start_cost_fen=row.bundle.start_cost_fen,
        days_to_first_use=row.bundle.days_to_first_use,
        latency_us=row.latency_us,
        served_meters=row.needed_meters - len(row.lacks),
        needed_meters=row.needed_meters,
    )


def _match(
    need: Need,
    row: Assessed,
    excluded: Sequence[limits.Exclusion],
    ranked: tuple[int, scoring.Scored] | None,
    at: datetime,
) -> Match:
    return Match(
        need=need,
        bundle=row.bundle,
        rank=ranked[0] if ranked else None,
        score=ranked[1].score if ranked else 0,
        price_fen=row.split.price_fen,
        voucher_fen=row.split.voucher_fen,
        own_fen=row.split.own_fen,
        units=_units(row),
        reasons=_reasons(row, excluded, ranked[1].components if ranked else ()),
        computed_at=at,
    )


def _units(row: Assessed) -> dict[str, dict[str, int]]:
    units: dict[str, dict[str, int]] = {part.offering: {} for part in row.candidate.parts}
    for line in row.lines:
        units[line.offering.code][line.meter] = line.units
    return units


def _reasons(
    row: Assessed,
    excluded: Sequence[limits.Exclusion],
    components: Sequence[scoring.Component],
) -> dict[str, Any]:
    """What the page tells: plain data, so that it can be told in any language later."""
    return {
        "lines": [
            {
                "offering": line.offering.code,
                "name": line.offering.name,
                "provider": line.offering.provider.organization.name,
                "layer": line.offering.layer,
                "meter": line.meter,
                "units": line.units,
                "amount_fen": line.amount_fen,
            }
            for line in row.lines
        ],
        "parts": [
            {
                "offering": item.offering.code,
                "name": item.offering.name,
                "layer": item.offering.layer,
                "provider": item.offering.provider.organization.name,
            }
            for item in row.bundle.items.all()
        ],
        "components": [asdict(component) for component in components],
        "lacks": list(row.lacks),
        "latency_us": row.latency_us,
        "exclusions": [asdict(exclusion) for exclusion in excluded],
    }
