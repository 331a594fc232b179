"""Fills the book of facts that the risk rules read, from the models: some twenty queries however large it is.

Days are read from rollups, hours from folds made when a month closed: no event is read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max

from common.periods import ZONE, add_months, local_day, month_start
from vouchers.audit.actions import folds, parties, redemptions, supplies
from vouchers.audit.actions.redemptions import Redeemed
from vouchers.audit.actions.supplies import Use
from vouchers.audit.models import Claim
from vouchers.audit.rules.risks import facts
from vouchers.audit.rules.risks.policy import Policy
from vouchers.grants.models import Scheme, Voucher

MONTHS = 24
"""So many months back a scan looks: memory follows them, not the age of the platform."""

NO_HOURS = (0,) * 24
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Papers:
    """The claim that carries a redemption: its invoice, and who decided on it how quickly."""

    code: str
    invoice_number: str
    invoice_fen: int
    officer: str
    review_seconds: int


@dataclass(frozen=True, slots=True)
class Filled:
    """A book, and the rows behind the codes of its redemptions."""

    book: facts.Book
    rows: Mapping[str, Redeemed]


def window(at: datetime) -> tuple[date, date]:
    """The first and the last month that a scan at that moment looks at."""
    last = month_start(local_day(at))
    return add_months(last, -MONTHS), last


def fill(*, policy: Policy, at: datetime) -> Filled:
    """Read everything that one scan looks at."""
    first, last = window(at)
    offerings, numbers = supplies.offerings()
    read = redemptions.read(first=first, last=last)
    rows = {row.code: row for row in read if row.offering in offerings}
    found = _Found(
        days=supplies.days(first=first, last=last),
        hours=folds.hours(first=first, last=last),
        listed=supplies.listed(first=first, last=last),
        prices=supplies.prices(first=first, last=last),
        numbers=numbers,
        papers=_papers(first),
        pictures=_pictures_of_vouchers(),
    )
    book = facts.Book(
        parties=parties.read(first=first),
        schemes=_schemes(policy),
        vouchers=_vouchers(),
        offerings=offerings,
        redemptions=tuple(found.redemption(row) for row in rows.values()),
    )
    return Filled(book, rows)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was read in sets, put together for one redemption at a time."""

    days: Mapping[tuple[int, date], Use]
    hours: Mapping[int, tuple[int, ...]]
    listed: Mapping[int, int]
    prices: Mapping[tuple[int, date], tuple[int, int]]
    numbers: Mapping[str, int]
    papers: Mapping[int, Papers]
    pictures: Mapping[str, tuple[int, ...]]

    def redemption(self, row: Redeemed) -> facts.Redemption:
        """The facts of one redemption."""
        use = self.days.get((row.subscription_id, row.month), Use(row.month, (0,)))
        price = self.prices.get((self.numbers.get(row.offering, 0), row.month), (0, 1))
        papers = self.papers.get(row.claim_id or 0, Papers("", "", 0, "", 0))
        return facts.Redemption(
            code=row.code,
            voucher=row.voucher,
            firm=row.firm,
            provider=row.provider,
            offering=row.offering,
            at=row.at.astimezone(ZONE),
            starts_on=use.starts_on,
            by_day=use.by_day,
            by_hour=self.hours.get(row.bill_id, NO_HOURS),
            quantity=sum(use.by_day),
            amount_fen=row.total_fen,
            voucher_fen=row.paid_fen,
            list_fen=price[0],
            list_units=price[1],
            invoice_number=papers.invoice_number,
            invoice_fen=papers.invoice_fen,
            officer=papers.officer,
            review_seconds=papers.review_seconds,
            photos=self.pictures.get(row.voucher, ()),
            claim=papers.code,
            listed_fen=self.listed.get(row.bill_id),
            bill=row.bill,
            is_refund=row.is_refund,
        )


def _papers(first: date) -> dict[int, Papers]:
    handed_in = Claim.objects.filter(month__gte=first, submitted_at__isnull=False)
    rows = handed_in.annotate(confirmed_at=Max("refunds__transfer__at")).values_list(
        "pk",
        "code",
        "invoice_number",
        "invoice_fen",
        "audited_by__code",
        "submitted_at",
        "audited_at",
        "confirmed_at",
    )
    return {
        pk: Papers(
            code,
            number,
            fen or 0,
            officer or "",
            _seconds(audited, submitted, confirmed),
        )
        for pk, code, number, fen, officer, submitted, audited, confirmed in rows
    }


def _seconds(
    audited: datetime | None, submitted: datetime | None, confirmed: datetime | None
) -> int:
    """How long the decision took from when the bureau had the claim: an enterprise's, once it was confirmed."""
    came = max((each for each in (submitted, confirmed) if each), default=None)
    return int((audited - came).total_seconds()) if audited and came else 0


def _vouchers() -> dict[str, facts.Voucher]:
    rows = Voucher.objects.values_list(
        "code", "scheme__code", "enterprise__code", "face_fen", "issued_at", "expires_at"
    )
    return {
        code: facts.Voucher(
            code, scheme, firm, face_fen, local_day(issued), local_day(expires - MOMENT)
        )
        for code, scheme, firm, face_fen, issued, expires in rows.iterator()
    }


def _schemes(policy: Policy) -> dict[str, facts.Scheme]:
    limit_fen = policy.rules["split_under_limit"]["limit_fen"]
    codes = Scheme.objects.values_list("code", flat=True)
    return {code: facts.Scheme(code, limit_fen) for code in codes}


def _pictures_of_vouchers() -> dict[str, tuple[int, ...]]:
    of_application = folds.pictures()
    rows = Voucher.objects.filter(application__in=of_application)
    return {
        code: of_application[application]
        for code, application in rows.values_list("code", "application_id")
    }
