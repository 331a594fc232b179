"""Bills as a file of FOCUS 1.2: comma-separated, UTF-8, nulls empty, numbers plain."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import override

from accounts.wording import region_name
from common.exports import cell
from common.periods import next_month, start_of_day
from vouchers.billing.exports.entries import line_words, voucher_sums
from vouchers.billing.exports.scope import Reader
from vouchers.billing.models import Bill, BillLine, LineKind
from vouchers.billing.rules import focus
from vouchers.billing.rules.focus_columns import COLUMNS, CUSTOM


def as_csv(bills: Sequence[Bill], reader: Reader) -> bytes:
    """All charges of the bills; no byte order mark, because programs read it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow((*COLUMNS, *CUSTOM))
    for bill in bills:
        for row in focus.rows_of(facts_of(bill, reader)):
            writer.writerow(
                [*(row[name] for name in COLUMNS), *(cell(row[name]) for name in CUSTOM)]
            )
    return buffer.getvalue().encode()


def facts_of(bill: Bill, reader: Reader) -> focus.BillFacts:
    """What the pure rule needs of a bill."""
    offering = bill.subscription.offering
    region = offering.facility.region if offering.facility else ""
    with override("en"):
        place = region_name(region) if region else ""
    return focus.BillFacts(
        code=bill.code,
        enterprise=bill.enterprise.code,
        enterprise_name=bill.enterprise.name,
        provider=bill.provider.code,
        provider_name=bill.provider.organization.name,
        subscription=bill.subscription.code,
        offering=offering.code,
        offering_name=offering.name,
        layer=offering.layer,
        region=region,
        region_name=place if place.isascii() else region,
        starts=start_of_day(bill.month),
        ends=start_of_day(next_month(bill.month)),
        lines=[_priced(bill, line) for line in bill.lines.all()],
        credits=[
            focus.Credited(
                voucher.scheme.code, reader.voucher_code(voucher), fen, voucher.scheme.title
            )
            for voucher, fen in voucher_sums(bill)
        ],
        credit_in_fen=bill.credit_in_fen,
        credit_out_fen=bill.credit_out_fen,
        corrected_fen=bill.corrected_fen,
    )


def _priced(bill: Bill, line: BillLine) -> focus.Priced:
    starts, ends = _days_in_force(line)
    return focus.Priced(
        meter=line.meter,
        is_minimum=line.kind == LineKind.MINIMUM,
        is_correction=line.origin != bill.month,
        quantity=line.quantity,
        amount_fen=line.amount_fen,
        price_yuan=line.rate.price_yuan,
        per_units=line.rate.per_units,
        context_from=line.rate.context_from,
        volume_from=line.rate.volume_from,
        starts=starts,
        ends=ends,
        local_words=line_words(bill.month, line),
    )


def _days_in_force(line: BillLine) -> tuple[datetime, datetime]:
    """The part of the line's month in which its price held."""
    first, end = line.origin, next_month(line.origin)
    held = line.rate.effective
    until = min(end, held.upper) if held.upper else end
    return start_of_day(max(first, held.lower)), start_of_day(until)
