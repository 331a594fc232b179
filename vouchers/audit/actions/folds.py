"""What a scan needs of large things, read once and kept: hours of events, hashes of pictures."""

import io
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from PIL import Image

from common.models import StoredFile
from common.periods import next_month, start_of_day
from vouchers.audit.models import BillHours, PictureHash, Refund
from vouchers.audit.models.risks import HOURS
from vouchers.audit.rules.risks.photos import BITS, HEIGHT, WIDTH, difference_hash
from vouchers.billing.models import Bill, BillStatus
from vouchers.grants.models import Evidence

MAIN_METERS = """
SELECT DISTINCT ON (offering_id) offering_id, meter FROM (
    SELECT s.offering_id, line.meter, sum(line.amount_fen) AS fen
    FROM vouchers_billline line
    JOIN vouchers_bill b ON b.id = line.bill_id
    JOIN providers_subscription s ON s.id = b.subscription_id
    GROUP BY 1, 2
) AS sold ORDER BY offering_id, fen DESC, meter
"""
"""The meter that brings an offering most money: the one its use is compared by."""

_HOUR = "extract(hour FROM e.occurred_at AT TIME ZONE 'Asia/Shanghai')"
_SUMS = ", ".join(
    f"coalesce(sum((e.quantities->>main.meter)::bigint) FILTER (WHERE {_HOUR} = {hour}), 0)::bigint"
    for hour in range(HOURS)
)
FOLD = f"""
INSERT INTO vouchers_billhours (bill_id, meter, quantities, folded_at)
SELECT b.id, main.meter, ARRAY[{_SUMS}], %(at)s
FROM vouchers_bill b
JOIN providers_subscription s ON s.id = b.subscription_id
JOIN ({MAIN_METERS}) AS main ON main.offering_id = s.offering_id
LEFT JOIN vouchers_usageevent e ON e.subscription_id = b.subscription_id AND e.month = b.month
  AND e.occurred_at >= %(starts)s AND e.occurred_at < %(ends)s
WHERE b.month = %(month)s AND b.status <> 'open'
  AND (b.voucher_fen > 0 OR EXISTS (SELECT FROM vouchers_refund r WHERE r.bill_id = b.id AND r.transfer_id IS NOT NULL))
  AND NOT EXISTS (SELECT FROM vouchers_billhours known WHERE known.bill_id = b.id)
GROUP BY b.id, main.meter
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constant text, values are parameters


@transaction.atomic
def fold_hours(*, first: date, at: datetime) -> int:
    """Sum the events of closed bills that vouchers paid or paid back from that month on by the hour of the day.

    One statement for each month that has such bills without sums, over that month's partition alone. A
    month that was archived before has nothing to sum: all its hours are zero. Returns how many bills.
    """
    back = Refund.objects.posted().filter(bill=OuterRef("pk"))
    months = (
        Bill.objects.filter(
            Q(voucher_fen__gt=0) | Exists(back), month__gte=first, hours__isnull=True
        )
        .exclude(status=BillStatus.OPEN)
        .order_by("month")
        .values_list("month", flat=True)
        .distinct()
    )
    folded = 0
    for month in list(months):
        ends = start_of_day(next_month(month))
        given = {"month": month, "starts": start_of_day(month), "ends": ends, "at": at}
        with connection.cursor() as cursor:
            cursor.execute(FOLD, given)
            folded += cursor.rowcount
    return folded


def hours(*, first: date, last: date) -> dict[int, tuple[int, ...]]:
    """The sums by hour of each bill of those months. One query."""
    rows = BillHours.objects.filter(bill__month__range=(first, last))
    return {bill: tuple(found) for bill, found in rows.values_list("bill_id", "quantities")}


def hash_pictures() -> int:
    """Hash pictures beside applications that have none; returns how many. One file in memory at a time."""
    files = StoredFile.objects.filter(
        pk__in=Evidence.objects.filter(file__content_type__startswith="image/").values("file"),
        picture_hash__isnull=True,
    )
    waiting = list(files.values_list("pk", flat=True))
    for key in waiting:
        content = StoredFile.objects.values_list("content", flat=True).get(pk=key)
        PictureHash.objects.bulk_create(
            [PictureHash(file_id=key, bits=_bits(bytes(content)))], ignore_conflicts=True
        )
    return len(waiting)


def pictures() -> dict[int, tuple[int, ...]]:
    """Hashes of the pictures beside each application, by its number. One query."""
    rows = Evidence.objects.filter(file__picture_hash__bits__isnull=False)
    found: dict[int, tuple[int, ...]] = {}
    for application, bits in rows.order_by("pk").values_list(
        "application_id", "file__picture_hash__bits"
    ):
        found[application] = (*found.get(application, ()), bits % 2**BITS)
    return found


def _bits(content: bytes) -> int | None:
    """Signed, as the column is; None for what is no picture after all."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            small = picture.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    found = difference_hash(list(small.tobytes()))
    return found - 2**BITS if found >= 2 ** (BITS - 1) else found
