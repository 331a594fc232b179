"""Fold facts into the board's small table: set-based, idempotent, equal to folding from scratch."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, DecimalField, ExpressionWrapper, F, Min, Q, Sum
from django.db.models.functions import Cast, Round

from accounts.models import Organization, OrganizationKind
from common.periods import add_months, local_day
from marketplace.board.models import Figure, KpiSnapshot, Recognition
from marketplace.orders.models import Order, OrderStatus
from providers.models import Capacity, FacilityKind
from vouchers.billing.models import Bill, BillLine, Charge
from vouchers.grants.models import Application, Voucher

RETAINED_AFTER = (3, 6)
"""Months."""

TASK = "marketplace.board.fold"

LOCK = 7_318_042
"""Advisory lock: one fold at a time."""

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Cell:
    """What a sum is about; `step` is a number of days, or which of several sums."""

    figure: str
    region: str = ""
    section: str = ""
    size: str = ""
    key: str = ""
    step: int = 0


Sums = Iterator[tuple[Cell, int]]
FIRM = ("enterprise__region", "enterprise__section", "enterprise__size")


@transaction.atomic
def fold(*, at: datetime) -> int:
    """Bring the table to what the facts say at this moment; returns how many rows changed.

    Reads bills, not usage events. One fold at a time; a second one finds nothing to change.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    wanted = _sums(at)
    fields = ("figure", "region", "section", "size", "key", "step")
    known = {
        Cell(*(getattr(row, name) for name in fields)): row for row in KpiSnapshot.objects.all()
    }
    gone = [row.pk for cell, row in known.items() if cell not in wanted]
    KpiSnapshot.objects.filter(pk__in=gone).delete()
    changed = []
    for cell, row in known.items():
        if cell in wanted and row.value != wanted[cell]:
            row.value = wanted[cell]
            changed.append(row)
    KpiSnapshot.objects.bulk_update(changed, ["value"], batch_size=BATCH)
    fresh = [
        KpiSnapshot(**{name: getattr(cell, name) for name in fields}, value=value)
        for cell, value in wanted.items()
        if cell not in known
    ]
    KpiSnapshot.objects.bulk_create(fresh, batch_size=BATCH)
    return len(gone) + len(changed) + len(fresh)


def _sums(at: datetime) -> Mapping[Cell, int]:
    found: Counter[Cell] = Counter()
    for source in SOURCES:
        for cell, value in source(at):
            found[cell] += value
    return {cell: value for cell, value in found.items() if value}


def _enterprises(at: datetime) -> Sums:
    """Registered firms: key registered; those with an order: key served."""
    rows = Organization.objects.filter(kind=OrganizationKind.ENTERPRISE)
    served = Q(pk__in=Order.objects.values("enterprise"))
    for key, chosen in (("registered", rows), ("served", rows.filter(served))):
        for region, section, size, count in chosen.values_list(
            "region", "section", "size"
        ).annotate(count=Count("pk")):
            yield Cell(Figure.SERVED, region, section, size, key), count


def _funnel(at: datetime) -> Sums:
    """Firms by the furthest steps; each step counts a firm once."""
    paid = Charge.objects.standing().filter(voucher__isnull=False)
    months = paid.values("bill__enterprise").annotate(months=Count("bill__month", distinct=True))
    steps = {
        "1_started": Application.objects.values("enterprise"),
        "2_submitted": Application.objects.filter(submitted_at__isnull=False).values("enterprise"),
        "3_issued": Voucher.objects.values("enterprise"),
        "4_used": paid.values("bill__enterprise"),
        "5_second_month": months.filter(months__gte=2).values("bill__enterprise"),
    }
    for key, firms in steps.items():
        rows = Organization.objects.filter(pk__in=firms).values_list("region", "section", "size")
        for region, section, size, count in rows.annotate(count=Count("pk")):
            yield Cell(Figure.FUNNEL, region, section, size, key), count


def _days(at: datetime) -> Sums:
    """How many applications took so many civil days: step is the days."""
    rows = Application.objects.values_list(
        *FIRM, "created_at", "submitted_at", "voucher__issued_at"
    ).annotate(used_at=Min("voucher__charges__at"))
    for region, section, size, created, submitted, issued, used in rows:
        moments = (
            ("submit", created, submitted),
            ("issue", submitted, issued),
            ("use", issued, used),
        )
        for key, start, end in moments:
            if start is not None and end is not None:
                days = max(0, (local_day(end) - local_day(start)).days)
                yield Cell(Figure.DAYS, region, section, size, key, days), 1


def _cost(at: datetime) -> Sums:
    """By meter: base units (step 0), fen before vouchers (1), fen the firm pays itself (2).

    A bill's voucher part is laid on its lines by their amounts, rounded once for each sum.
    """
    own = ExpressionWrapper(
        Cast("amount_fen", DecimalField(max_digits=30, decimal_places=10))
        * (F("bill__total_fen") - F("bill__voucher_fen"))
        / F("bill__total_fen"),
        output_field=DecimalField(max_digits=30, decimal_places=10),
    )
    rows = BillLine.objects.filter(bill__total_fen__gt=0).values_list(
        *(f"bill__{name}" for name in FIRM), "meter"
    )
    sums = rows.annotate(units=Sum("quantity"), before=Sum("amount_fen"), after=Round(Sum(own)))
    for region, section, size, meter, units, before, after in sums:
        for step, value in enumerate((units, before, int(after))):
            yield Cell(Figure.COST, region, section, size, meter, step), value


def _spend(at: datetime) -> Sums:
    """Fen paid by vouchers and by the firms themselves, what is outstanding among the latter."""
    rows = Bill.objects.values_list(*FIRM).annotate(
        vouchers=Sum("voucher_fen"), own=Sum(F("own_fen") + F("receivable_fen"))
    )
    for region, section, size, vouchers, own in rows:
        yield Cell(Figure.SPEND, region, section, size, "voucher"), vouchers
        yield Cell(Figure.SPEND, region, section, size, "own"), own


def _bundles(at: datetime) -> Sums:
    """Running orders by bundle; firms that ever ordered a scenario."""
    rows = Order.objects.exclude(status=OrderStatus.ENDED).values_list(*FIRM, "bundle__code")
    for region, section, size, code, count in rows.annotate(count=Count("pk")):
        yield Cell(Figure.BUNDLES, region, section, size, code), count
    firms = Order.objects.values_list(*FIRM, "need__scenario__slug")
    for region, section, size, slug, count in firms.annotate(
        count=Count("enterprise", distinct=True)
    ):
        yield Cell(Figure.SCENARIOS, region, section, size, slug), count


def _retention(at: datetime) -> Sums:
    """Orders old enough (step 0), and those of them that still ran after so many months (1)."""
    today = local_day(at)
    for region, section, size, placed, ends in Order.objects.values_list(
        *FIRM, "placed_at", "ends_at"
    ):
        for months in RETAINED_AFTER:
            due = add_months(local_day(placed), months)
            if due <= today:
                cell = (Figure.RETENTION, region, section, size, str(months))
                yield Cell(*cell, 0), 1
                if ends is None or local_day(ends) > due:
                    yield Cell(*cell, 1), 1


def _providers(at: datetime) -> Sums:
    """Fen billed, by provider."""
    rows = Bill.objects.values_list(*FIRM, "provider__code").annotate(fen=Sum("total_fen"))
    for region, section, size, code, fen in rows:
        yield Cell(Figure.PROVIDERS, region, section, size, code), fen


def _idle(at: datetime) -> Sums:
    """Units of idle facilities declared (step 0) and reserved by orders (1), by meter."""
    rows = Capacity.objects.filter(offering__facility__kind=FacilityKind.IDLE_CAPACITY)
    sums = rows.values_list("offering__facility__region", "meter").annotate(
        total=Sum("total_units"), reserved=Sum("reserved_units")
    )
    for region, meter, total, reserved in sums:
        yield Cell(Figure.IDLE, region, key=meter, step=0), total
        yield Cell(Figure.IDLE, region, key=meter, step=1), reserved


def _recognized(at: datetime) -> Sums:
    """What bureaus recognized, by kind."""
    rows = Recognition.objects.values_list("region", "kind").annotate(count=Count("pk"))
    for region, kind, count in rows:
        yield Cell(Figure.RECOGNIZED, region, key=kind), count


SOURCES: tuple[Callable[[datetime], Sums], ...] = (
    _enterprises, _funnel, _days, _cost, _spend, _bundles, _retention, _providers, _idle,
    _recognized,
)  # fmt: skip
