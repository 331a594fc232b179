"""Matches: answer a need by the engine and keep the answer with its reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import DomainError, Forbidden
from common.periods import add_months, local_day, month_start
from marketplace.matching.actions import answers, compositions, telling
from marketplace.matching.actions.answers import LEFT_OUT, Beyond, Found, Held
from marketplace.matching.models import Match, Need
from marketplace.matching.rules.compose_pricing import Price
from marketplace.matching.rules.scoring import STANDARD, in_proportion

INSERT = """
INSERT INTO marketplace_match
    (need_id, bundle_id, rank, score, price_fen, voucher_fen, own_fen, units, reasons, computed_at)
SELECT %s, bundle, rank, score, price, voucher, own, units, reasons, %s
FROM json_to_recordset(%s::json) AS found(number integer, bundle bigint, rank smallint,
    score integer, price bigint, voucher bigint, own bigint, units jsonb, reasons jsonb)
ORDER BY number RETURNING id
"""


class VolumeTooLarge(DomainError):
    """The volume comes to more units or money than anybody could mean."""

    code = "volume_too_large"

    def __init__(self) -> None:
        words = _("This volume is too large. Check the number of digits.")
        super().__init__(words, errors={"monthly_volume": words})


class InvalidWeights(DomainError):
    """Weights are whole numbers from 0 to 100, not all zero."""

    code = "invalid_weights"

    def __init__(self) -> None:
        super().__init__(_("Enter whole numbers from 0 to 100 and at least one above zero."))


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
    if hasattr(locked, "order"):
        return list(locked.matches.shown())
    found = write(need=locked, at=at)
    trail.record(by=by, at=at, verb="need.matched", subject=locked)
    return found


@transaction.atomic
def weigh(*, by: Actor, need: Need, weights: Mapping[str, int], at: datetime) -> list[Match]:
    """Rank a need's chains by other weights, in any proportion: they are brought to a hundred.

    Locks the need; one that is ordered stays as it was. Raises Forbidden, InvalidWeights,
    VolumeTooLarge.
    """
    by.require(Permission.NEED_MANAGE)
    if by.own().pk != need.enterprise_id:
        raise Forbidden(_("You can match the needs of your own organization only."))
    locked = lock(need=need)
    try:
        locked.weights = asdict(in_proportion(weights))
    except ValueError as error:
        raise InvalidWeights from error
    if hasattr(locked, "order"):
        return list(locked.matches.shown())
    locked.save(update_fields=["weights"])
    found = write(need=locked, at=at)
    trail.record(by=by, at=at, verb="need.weighed", subject=locked, data=locked.weights)
    return found


def lock(*, need: Need) -> Need:
    """The need as it is now, locked; with scenario, enterprise and order. Inside a transaction."""
    return (
        Need.objects.select_for_update(of=("self",))
        .select_related("scenario", "enterprise", "order")
        .get(pk=need.pk)
    )


def write(*, need: Need, at: datetime, is_exact: bool = False) -> list[Match]:
    """Replace the answer of a locked need, asked for by an action; in the order shown. Raises VolumeTooLarge.

    Chains that the platform composed get a bundle of their own, one for each chain and its terms.
    """
    found, told = answer(need=need, at=at, is_exact=is_exact)
    compositions.keep(found)
    Match.objects.filter(need=need).delete()
    _insert(need, found, at)
    need.advice = told
    need.save(update_fields=["advice"])
    return found


def _insert(need: Need, found: Sequence[Match], at: datetime) -> None:
    """Write the matches as one value: as columns of texts the driver would spell each reason letter by letter."""
    rows = [
        {
            "number": number, "bundle": row.bundle_id, "rank": row.rank, "score": row.score, "price": row.price_fen,
            "voucher": row.voucher_fen, "own": row.own_fen, "units": row.units, "reasons": row.reasons,
        }
        for number, row in enumerate(found)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [need.pk, at, msgspec.json.encode(rows).decode()])
        for row, (pk,) in zip(found, cursor.fetchall(), strict=True):
            row.pk = pk


def answer(
    *, need: Need, at: datetime, is_exact: bool = False
) -> tuple[list[Match], dict[str, Any]]:
    """The matches of a need that may be unsaved, and what to relax; nothing is written.

    Ranked ones first, then what is left out. A composed bundle may be unsaved. Raises
    VolumeTooLarge.
    """
    try:
        weights = in_proportion(need.weights) if need.weights else STANDARD
        found = answers.find(need=need, weights=weights, at=at, is_exact=is_exact)
    except Beyond as error:
        raise VolumeTooLarge from error
    ranked = [
        _match(need, found, held, rank, at) for rank, held in enumerate(found.ranked, start=1)
    ]
    excluded = [_match(need, found, held, None, at) for held in found.excluded[:LEFT_OUT]]
    return [*ranked, *excluded], telling.advice(found)


def outlook(*, need: Need, match: Match, at: datetime) -> list[tuple[date, Price]]:
    """What a match costs a year ahead at the need's volume, month by month, by today's prices.

    Reads only; the chain may be one that no longer fits. Raises VolumeTooLarge.
    """
    try:
        months = answers.months(need=need, offerings=list(match.units), at=at)
    except Beyond as error:
        raise VolumeTooLarge from error
    first = month_start(local_day(at))
    return [(add_months(first, number), price) for number, price in enumerate(months)]


def _match(need: Need, found: Found, held: Held, rank: int | None, at: datetime) -> Match:
    lines = found.priced.lines(held.rows)
    bundle = found.stock.bundles.get(held.bundle) or compositions.draft(found.stock, held.rows)
    return Match(
        need=need,
        bundle=bundle,
        rank=rank,
        score=held.score,
        price_fen=held.price.price_fen,
        voucher_fen=held.price.voucher_fen,
        own_fen=held.price.own_fen,
        units={
            sold.offering.code: {meter: units for meter, (units, _) in by_meter.items()}
            for sold, by_meter in lines
        },
        reasons=telling.reasons(held, lines),
        computed_at=at,
    )
