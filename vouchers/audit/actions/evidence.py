"""Reads what stands behind a claim: bills, metered usage, rates, shares, transfers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import BigIntegerField, Count, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from accounts.access import Actor
from accounts.models import Event
from providers.models import Meter
from vouchers.audit.actions import prefilling
from vouchers.audit.models import Claim, ClaimLine, ClaimStatus, InvoiceMatch, Refund
from vouchers.audit.rules.masking import masked
from vouchers.billing.actions.metering import statements
from vouchers.billing.models import Bill, BillLine, Charge, Payer, UsageRollup
from vouchers.grants.models import Scheme

MOST_TRANSFERS = 50
"""Transfers of one bill that a page shows; the sum is over all of them."""


@dataclass(frozen=True, slots=True)
class Claimable:
    """A month with voucher payments of confirmed bills that are on no claim."""

    month: date
    bills: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DayUsage:
    """Metered usage of one civil day, in base units of the meter."""

    day: date
    meter: Meter
    quantity: int
    events: int


@dataclass(frozen=True, slots=True)
class Share:
    """What one voucher paid of a bill, and the exact share it is entitled to pay."""

    code: str
    numerator: int
    denominator: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One ledger transfer on the claim."""

    id: UUID
    at: datetime
    voucher: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything behind one bill of a claim."""

    bill: Bill
    usage: list[DayUsage]
    totals: dict[Meter, int]
    lines: list[BillLine]
    shares: list[Share]
    movements: list[Movement]
    movement_count: int


def claimable(*, by: Actor) -> list[Claimable]:
    """The own months that wait for pre-filling, oldest first. Two queries."""
    own = Charge.objects.filter(bill__provider__organization=by.own())
    sums: dict[date, tuple[int, int]] = {}
    for each in prefilling.waiting(own):
        bills, fen = sums.get(each.target, (0, 0))
        sums[each.target] = bills + each.bills, fen + each.amount_fen
    return [Claimable(month, *found) for month, found in sorted(sums.items())]


def bills_of(claim: Claim) -> QuerySet[Bill]:
    """The claim's bills with `claimed_fen`, `frozen_fen`, `payment_count` and meter lines, by number.

    What a dispute took off the claim is frozen and not claimed.
    """
    if claim.enterprise_id:
        return _paid_back(claim)
    own = Q(claim_lines__claim=claim, claim_lines__withdrawal__isnull=True)
    frozen = Q(claim_lines__claim=claim, claim_lines__withdrawal__isnull=False)
    return (
        Bill.objects.filter(pk__in=claim.lines.values("bill"))
        .annotate(
            claimed_fen=Sum("claim_lines__amount_fen", filter=own),
            frozen_fen=Sum("claim_lines__amount_fen", filter=frozen),
            payment_count=Count("claim_lines", filter=own),
        )
        .select_related("enterprise", "subscription__offering")
        .prefetch_related("lines")
        .order_by("code", "pk")
    )


def _paid_back(claim: Claim) -> QuerySet[Bill]:
    """The bills of which an enterprise asks something back; no dispute takes any of them off."""
    return (
        Bill.objects.filter(refunds__claim=claim)
        .annotate(
            claimed_fen=Sum("refunds__amount_fen"),
            frozen_fen=Value(None, output_field=BigIntegerField()),
            payment_count=Count("refunds"),
        )
        .select_related("enterprise", "subscription__offering")
        .prefetch_related("lines")
        .order_by("code", "pk")
    )


def voucher_codes(claim: Claim, bills: Sequence[Bill], *, mask: bool) -> dict[int, list[str]]:
    """Codes of the vouchers behind each bill, masked for providers. One query."""
    paid = Charge.objects.filter(bill__in=bills, transfer__claim_line__claim=claim)
    back = Refund.objects.filter(bill__in=bills, claim=claim)
    found_rows = back if claim.enterprise_id else paid
    rows = (
        found_rows.values_list("bill_id", "voucher__code")
        .order_by("bill_id", "voucher__code")
        .distinct()
    )
    found: dict[int, list[str]] = defaultdict(list)
    for bill_id, code in rows:
        found[bill_id].append(masked(code) if mask else code)
    return dict(found)


def of_bill(claim: Claim, bill: Bill) -> Evidence:
    """What stands behind one bill of the claim. Four queries."""
    rollups = (
        UsageRollup.objects.filter(subscription=bill.subscription_id)
        .in_month(bill.month)
        .order_by("day", "meter", "context_from", "pk")
    )
    usage = [DayUsage(row.day, Meter(row.meter), row.quantity, row.events) for row in rollups]
    totals: dict[Meter, int] = defaultdict(int)
    for row in usage:
        totals[row.meter] += row.quantity
    paid = Charge.objects.standing().filter(
        bill=bill, payer=Payer.VOUCHER, voucher__scheme=claim.scheme_id
    )
    back = Refund.objects.filter(bill=bill, claim=claim)
    shares = (
        (back if claim.enterprise_id else paid)
        .values_list("voucher__code", "voucher__share_numerator", "voucher__share_denominator")
        .annotate(paid=Sum("amount_fen"))
        .order_by("voucher__code")
    )
    lines = ClaimLine.objects.filter(claim=claim, bill=bill).order_by("transfer__at", "pk")
    shown = lines.values_list(
        "transfer_id",
        "transfer__at",
        Coalesce("transfer__charge__voucher__code", "transfer__refund__voucher__code"),
        "amount_fen",
    )[: MOST_TRANSFERS + 1]
    movements = [Movement(*row) for row in shown]
    more = len(movements) > MOST_TRANSFERS
    return Evidence(
        bill=bill,
        usage=usage,
        totals=dict(totals),
        lines=list(bill.lines.select_related("rate").order_by("-origin", "meter", "pk")),
        shares=[Share(*row) for row in shares],
        movements=movements[:MOST_TRANSFERS],
        movement_count=lines.count() if more else len(movements),
    )


def sides_of(claim: Claim) -> list[statements.Side]:
    """Statement, meter and gateway of what the claim claims, day by day. Two queries, and one for each gateway."""
    bills = Bill.objects.filter(pk__in=claim.lines.standing().values("bill"))
    contracts = bills.values_list("subscription", flat=True)
    return statements.compare(subscription_ids=contracts, month=claim.month)


def invoice_matches(claim: Claim) -> list[InvoiceMatch]:
    """What looked wrong about the claim's present invoice. One query."""
    rows = claim.invoice_matches.filter(invoice_number=claim.invoice_number)
    return list(
        rows.select_related("other__scheme", "other__provider__organization").order_by("pk")
    )


def history(subject: str, code: str) -> list[Event]:
    """Who did what to a claim or settlement, oldest first. One query."""
    rows = Event.objects.filter(subject=subject, subject_code=code)
    return list(
        rows.select_related("by", "by_key__created_by", "organization").order_by("at", "pk")
    )


def schemes_ready(*, by: Actor) -> QuerySet[Scheme]:
    """The bureau's schemes with passed claims: `ready_count` and `ready_fen`."""
    passed = Q(claims__status=ClaimStatus.PASSED)
    waiting = Claim.objects.filter(scheme=OuterRef("pk"), status=ClaimStatus.PASSED)
    return (
        Scheme.objects.filter(Exists(waiting), bureau=by.own())
        .annotate(
            ready_count=Count("claims", filter=passed),
            ready_fen=Sum("claims__amount_fen", filter=passed),
        )
        .order_by("code", "pk")
    )
