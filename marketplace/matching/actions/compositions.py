"""Bundles that the platform composed: one for each chain and the terms its parts state."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from copy import copy

from common.codes import new_code
from marketplace.catalog.models import Bundle, BundleItem, BundleStatus, OperatedBy
from marketplace.matching.actions.stock import Stock
from marketplace.matching.models import Match
from providers.models import Offering

MOST_DRAFTS = 20_000
"""Kept with a stock, which lasts until something in it changes."""


def draft(goods: Stock, rows: tuple[int, ...]) -> Bundle:
    """An unsaved bundle for a composed chain, rows from the top down; the parts' terms together.

    Costs to start add up, periods are the longest one; the firm operates it where any part asks so. Made once for a
    stock and shared: never to be saved itself, see `keep`.
    """
    known = goods.drafts.get(rows)
    if known is None:
        if len(goods.drafts) >= MOST_DRAFTS:
            goods.drafts.clear()
        known = goods.drafts[rows] = _draft(goods, rows)
    return known


def _draft(goods: Stock, rows: Sequence[int]) -> Bundle:
    chain = [goods.sold[number].offering for row in rows for number in goods.bills_of[row]]
    terms = [goods.terms[offering.pk] for offering in chain]
    is_own = any(each.operated_by == OperatedBy.ENTERPRISE for each in terms)
    bundle = Bundle(
        code=new_code("BN"),
        publisher=chain[0].provider,
        name=" + ".join(offering.name for offering in chain)[:100],
        summary=chain[0].summary,
        start_cost_fen=sum(each.start_cost_fen for each in terms),
        notice_days=max(each.notice_days for each in terms),
        days_to_first_use=max(each.days_to_first_use for each in terms),
        operated_by=OperatedBy.ENTERPRISE if is_own else OperatedBy.PROVIDER,
        status=BundleStatus.COMPOSED,
    )
    bundle.chain_key = _key(bundle, chain)
    return bundle


def keep(matches: Sequence[Match]) -> None:
    """Save the composed bundles that are new; each match gets the row that stands for its chain.

    One query where none is new.
    """
    drafted = {row.bundle.chain_key: row for row in matches if row.bundle.pk is None}
    if not drafted:
        return
    kept = _kept(drafted)
    new = {key: row for key, row in drafted.items() if key not in kept}
    if new:
        _create(list(new.values()))
        kept |= _kept(new)
        _fill(new, kept)
    for row in matches:
        if row.bundle.chain_key in kept:
            row.bundle = kept[row.bundle.chain_key]


def _kept(keys: Iterable[str]) -> dict[str, Bundle]:
    return {row.chain_key: row for row in Bundle.objects.filter(chain_key__in=list(keys))}


def _create(matches: Sequence[Match]) -> None:
    bundles = [copy(row.bundle) for row in matches]
    for bundle in bundles:
        bundle.code = new_code("BN")
    Bundle.objects.bulk_create(bundles, ignore_conflicts=True)


def _fill(new: Mapping[str, Match], kept: Mapping[str, Bundle]) -> None:
    chains = {key: [part["offering"] for part in row.reasons["parts"]] for key, row in new.items()}
    codes = {code for chain in chains.values() for code in chain}
    offerings = dict(Offering.objects.filter(code__in=codes).values_list("code", "pk"))
    BundleItem.objects.bulk_create(
        (
            BundleItem(bundle=kept[key], offering_id=offerings[code], position=position)
            for key, chain in chains.items()
            for position, code in enumerate(chain, start=1)
        ),
        ignore_conflicts=True,
    )


def _key(bundle: Bundle, chain: Sequence[Offering]) -> str:
    stated = [
        *(offering.code for offering in chain),
        str(bundle.start_cost_fen),
        str(bundle.notice_days),
        str(bundle.days_to_first_use),
        bundle.operated_by,
    ]
    return hashlib.sha256("\n".join(stated).encode()).hexdigest()
