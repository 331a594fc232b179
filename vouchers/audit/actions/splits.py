"""What the contributors of pools get of a settlement: computed once, signed with it, then frozen."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import QuerySet, Sum

from accounts.access import Actor
from accounts.models import Organization
from providers.models import PoolShare, PoolSplit, Provider
from vouchers.audit.actions import contents
from vouchers.audit.models import Claim, ClaimLine, Payment, PaymentShare
from vouchers.audit.rules import listing, splits


@dataclass(frozen=True, slots=True)
class Part:
    """What an organization gets of a provider's payment; `split_id` is None for what no pool earned."""

    organization_id: int
    split_id: int | None
    amount_fen: int


class _Earned(NamedTuple):
    """Claimed fen of a provider, by version of a pool's shares."""

    provider_id: int
    seller_id: int
    split_id: int | None
    amount_fen: int


def of_claims(claims: Sequence[Claim]) -> dict[int, list[Part]]:
    """Parts by provider, for those whose pools earned something; the version is that of the bill's month.

    Three queries. The parts of a provider add up to its claims.
    """
    earned = _earned(claims)
    used = {each.split_id for each in earned if each.split_id is not None}
    shares: dict[int, list[tuple[int, int]]] = defaultdict(list)
    stated = PoolShare.objects.filter(split__in=used).order_by("organization_id")
    for row in stated.values_list("split_id", "organization_id", "parts"):
        shares[row[0]].append((row[1], row[2]))
    pooled = {each.provider_id for each in earned if each.split_id is not None}
    found: dict[int, list[Part]] = defaultdict(list)
    for each in earned:
        if each.provider_id not in pooled:
            continue
        if each.split_id is None:
            found[each.provider_id].append(Part(each.seller_id, None, each.amount_fen))
            continue
        for who, fen in splits.split(each.amount_fen, shares[each.split_id]).items():
            if fen:
                found[each.provider_id].append(Part(who, each.split_id, fen))
    return dict(found)


def less(parts: dict[int, list[Part]], deducted_fen: dict[int, int]) -> dict[int, list[Part]]:
    """The parts of payments that are less by something: each bears it in proportion, and no fen is lost."""
    found = dict(parts)
    for provider_id, fen in deducted_fen.items():
        if provider_id in parts:
            taken = splits.share_out(fen, [part.amount_fen for part in parts[provider_id]])
            left = [
                replace(part, amount_fen=part.amount_fen - off)
                for part, off in zip(parts[provider_id], taken, strict=True)
            ]
            found[provider_id] = [part for part in left if part.amount_fen]
    return found


def _earned(claims: Sequence[Claim]) -> list[_Earned]:
    """What each pool version earned of the claims, and what the rest of a provider's offerings did."""
    lines = (
        ClaimLine.objects.standing()
        .filter(claim__in=claims, claim__enterprise__isnull=True)
        .values_list(
            "claim__provider_id",
            "claim__provider__organization_id",
            "bill__subscription__offering__facility_id",
            "bill__month",
        )
        .annotate(fen=Sum("amount_fen"))
        .order_by("claim__provider_id", "bill__subscription__offering__facility_id", "bill__month")
    )
    rows = list(lines)
    versions: dict[int, list[PoolSplit]] = defaultdict(list)
    for version in PoolSplit.objects.filter(facility__in={row[2] for row in rows if row[2]}):
        versions[version.facility_id].append(version)
    sums: dict[tuple[int, int, int | None], int] = defaultdict(int)
    for provider_id, seller_id, facility_id, month, fen in rows:
        at_hand = versions.get(facility_id, ())
        pk = next((each.pk for each in at_hand if month in each.effective), None)
        sums[provider_id, seller_id, pk] += fen
    return [_Earned(*key, fen) for key, fen in sums.items()]


def write(*, payments: Sequence[Payment], parts: dict[int, list[Part]]) -> None:
    """Keep the parts of new payments, inside the transaction that makes these.

    A payment that repeats a returned one has none: those of the first one stand.
    """
    PaymentShare.objects.bulk_create(
        PaymentShare(
            payment=payment,
            split_id=part.split_id,
            organization_id=part.organization_id,
            amount_fen=part.amount_fen,
        )
        for payment in payments
        if payment.replaces_id is None
        for part in (parts.get(payment.provider_id, ()) if payment.provider_id else ())
    )


def shown_to(by: Actor) -> QuerySet[PaymentShare]:
    """The parts an organization gets of pools; a contributor sees its own and no other."""
    rows = PaymentShare.objects.filter(organization=by.own(), split__isnull=False)
    return rows.select_related(
        "payment__settlement__scheme", "payment__provider__organization", "split__facility"
    ).order_by("-payment__settlement__created_at", "-pk")


def listed(parts: dict[int, list[Part]]) -> list[listing.ListedShare]:
    """The parts as the signed content has them. Three queries for names, none without pools."""
    flat = [(pk, part) for pk, each in parts.items() for part in each]
    if not flat:
        return []
    sellers = Provider.objects.in_bulk(parts)
    wanted = {part.organization_id for _pk, part in flat}
    codes = dict(Organization.objects.filter(pk__in=wanted).values_list("pk", "code"))
    versions = PoolSplit.objects.select_related("facility").in_bulk(
        {part.split_id for _pk, part in flat if part.split_id}
    )
    return [
        listing.ListedShare(
            sellers[pk].code,
            codes[part.organization_id],
            contents.pool_name(versions[part.split_id] if part.split_id else None),
            part.amount_fen,
        )
        for pk, part in flat
    ]
