"""Pre-fills claims: voucher payments of confirmed bills that no claim has yet, in sets."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.codes import new_code
from common.money import yuan_text
from common.periods import month_start, next_month
from providers.models import Provider
from vouchers.audit.actions import claims
from vouchers.audit.models import Claim, ClaimStatus, PeriodLock
from vouchers.billing.models import BillStatus, Charge, Payer

FREE = Q(
    payer=Payer.VOUCHER,
    bill__status=BillStatus.CONFIRMED,
    transfer__claim_line__isnull=True,
    transfer__reversals__isnull=True,
)
WRITE_LINES = """
INSERT INTO vouchers_claimline (transfer_id, claim_id, bill_id, amount_fen)
SELECT c.transfer_id, %(claim)s, c.bill_id, c.amount_fen
FROM vouchers_charge c
JOIN vouchers_bill b ON b.id = c.bill_id
JOIN vouchers_voucher v ON v.id = c.voucher_id
WHERE c.payer = 'voucher' AND c.undoes_id IS NULL AND b.provider_id = %(provider)s
  AND b.month = ANY(%(months)s) AND b.status = 'confirmed' AND v.scheme_id = %(scheme)s
  AND NOT EXISTS (SELECT FROM vouchers_claimline l WHERE l.transfer_id = c.transfer_id)
  AND NOT EXISTS (SELECT FROM vouchers_charge u WHERE u.undoes_id = c.transfer_id)
  AND NOT EXISTS (SELECT FROM vouchers_transfer r WHERE r.reverses_id = c.transfer_id)
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Payments of one scheme and bill month that are on no claim; `target` is the month they are claimed with."""

    scheme_id: int
    month: date
    target: date
    bills: int
    lines: int
    amount_fen: int


def waiting(charges: QuerySet[Charge]) -> list[Waiting]:
    """What of the charges waits for a claim, by scheme and month, oldest first. Two queries.

    What is left over of a locked period is claimed with the first later month that is not locked.
    """
    rows = list(
        charges.filter(FREE, undoes__isnull=True, undone_by__isnull=True)
        .values_list("voucher__scheme", "bill__month")
        .annotate(Count("bill", distinct=True), Count("pk"), Sum("amount_fen"))
        .order_by("bill__month", "voucher__scheme")
    )
    locked = locked_months({row[0] for row in rows})
    return [
        Waiting(scheme, month, target(month, locked[scheme]), bills, lines, fen)
        for scheme, month, bills, lines, fen in rows
    ]


def locked_months(scheme_ids: Iterable[int]) -> dict[int, set[date]]:
    """The locked months of each scheme. One query."""
    found: dict[int, set[date]] = defaultdict(set)
    rows = PeriodLock.objects.filter(scheme__in=set(scheme_ids))
    for scheme_id, month in rows.values_list("scheme", "month"):
        found[scheme_id].add(month)
    return found


@transaction.atomic
def prefill(*, by: Actor, month: date, at: datetime) -> list[Claim]:
    """One draft claim for each scheme that paid own confirmed bills in that month.

    Lines are the voucher payments not claimed yet, with what earlier locked periods left over; a draft takes what is
    new, submitted claims stay as they are, open and disputed bills stay out, and so do undone payments. Returns the
    month's drafts, maybe none. Locks the provider's row, so that two calls at once, or a dispute, take turns,
    then the drafts.
    """
    by.require(Permission.CLAIM_SUBMIT)
    own = claims.provider_of(by)
    provider = Provider.objects.select_for_update(no_key=True).get(pk=own.pk)
    first = month_start(month)
    drafts = {
        claim.scheme_id: claim
        for claim in Claim.objects.select_for_update()
        .filter(provider=provider, month=first, status=ClaimStatus.DRAFT)
        .order_by("pk")
    }
    parts: dict[int, list[Waiting]] = defaultdict(list)
    for each in waiting(Charge.objects.filter(bill__provider=provider, bill__month__lte=first)):
        if each.target == first:
            parts[each.scheme_id].append(each)
    for scheme_id, found in parts.items():
        draft = drafts.get(scheme_id)
        drafts[scheme_id] = _extend(by, draft, scheme_id, provider, first, found, at)
    return sorted(drafts.values(), key=lambda claim: claim.pk)


def _extend(
    by: Actor,
    draft: Claim | None,
    scheme_id: int,
    provider: Provider,
    month: date,
    found: list[Waiting],
    at: datetime,
) -> Claim:
    """Put the payments on the draft, or a new one, and raise its amount by their sum."""
    added_fen = sum(each.amount_fen for each in found)
    lines = sum(each.lines for each in found)
    if draft is None:
        draft = Claim.objects.create(
            code=new_code("CL"),
            scheme_id=scheme_id,
            provider=provider,
            month=month,
            amount_fen=added_fen,
            created_at=at,
        )
    else:
        Claim.objects.filter(pk=draft.pk).update(amount_fen=F("amount_fen") + added_fen)
        draft.amount_fen += added_fen
    given: dict[str, Any] = {
        "claim": draft.pk,
        "provider": provider.pk,
        "scheme": scheme_id,
        "months": [each.month for each in found],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE_LINES, given)
        if cursor.rowcount != lines:
            raise RuntimeError("payments moved while they were claimed")  # the provider is locked
    data = {"lines": lines, "amount": yuan_text(added_fen)}
    trail.record(by=by, at=at, verb="prefill", subject=draft, data=data)
    return draft


def target(month: date, locked: set[date]) -> date:
    """The month with which a month's lines are claimed: the first one that is not locked."""
    while month in locked:
        month = next_month(month)
    return month
