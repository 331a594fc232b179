"""Providers' statements of a month's usage, held against rollups and against what a gateway saw."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common.errors import DomainError, Forbidden
from common.periods import month_start, next_month
from providers.models import Meter, Provider, Subscription
from vouchers.billing.models import StatedUsage, UsageStatement
from vouchers.billing.rules import reconciling as rules
from vouchers.billing.rules.events import BadBatch, BadSheet, TooMany

MAX_FILE_BYTES = 8_000_000
SIDES = """
WITH stated AS (
    SELECT u.subscription_id, u.meter, u.day, u.quantity::numeric
    FROM vouchers_statedusage u
    WHERE u.subscription_id = ANY(%(subscriptions)s) AND u.day >= %(first)s AND u.day < %(end)s
      AND u.statement_id IN (
        SELECT DISTINCT ON (s.provider_id) s.id FROM vouchers_usagestatement s
        WHERE s.month = %(first)s ORDER BY s.provider_id, s.number DESC)
), metered AS (
    SELECT r.subscription_id, r.meter, r.day, sum(r.quantity) AS quantity
    FROM vouchers_usagerollup r
    WHERE r.subscription_id = ANY(%(subscriptions)s) AND r.day >= %(first)s AND r.day < %(end)s
    GROUP BY 1, 2, 3
)
SELECT subscription_id, meter, day, s.quantity, coalesce(m.quantity, 0)
FROM stated s FULL JOIN metered m USING (subscription_id, meter, day)
ORDER BY subscription_id, meter, day
"""
Figures = Mapping[tuple[int, str, date], int]
"""By subscription, meter and day, in base units."""
Source = Callable[[Sequence[int], date, date], Figures]

_sources: list[Source] = []


class StatementRefused(DomainError):
    """The file is no statement, or rows of it are not taken; `rows` names them."""

    code = "statement_refused"

    def __init__(self, message: Any, rows: Sequence[rules.BadRow] = ()) -> None:
        super().__init__(message, errors={"file": message})
        self.rows = list(rows)


@dataclass(frozen=True, slots=True)
class Side:
    """One day's figures side by side; None where a source has none."""

    subscription_id: int
    meter: Meter
    day: date
    stated: int | None
    metered: int
    edge: int | None
    finding: rules.Finding

    @property
    def agrees(self) -> bool:
        """Equal, or within the tolerance."""
        return self.finding in {rules.Finding.EQUAL, rules.Finding.WITHIN}

    @property
    def difference(self) -> int:
        """What is stated beyond what was metered."""
        return (self.stated or 0) - self.metered


def register_source(source: Source) -> None:
    """A gateway that counts usage itself says here what it saw: (subscriptions, first day, end) → figures."""
    _sources.append(source)


@transaction.atomic
def state(
    *, by: Actor, month: date, name: str, content: bytes, at: datetime, is_trial: bool = False
) -> UsageStatement:
    """Take a statement of the own subscriptions; all rows or none. A trial answers the same and keeps nothing.

    The same file again changes nothing. Locks the provider. Raises StatementRefused with the rows that are not
    taken, Forbidden.
    """
    by.require(Permission.USAGE_REPORT)
    provider = Provider.objects.select_for_update(no_key=True).filter(organization=by.own()).first()
    if provider is None:
        raise Forbidden(_("Only a provider states usage."))
    first = month_start(month)
    known = dict(Subscription.objects.filter(offering__provider=provider).values_list("code", "pk"))
    good = _checked(content, known, first)
    digest = hashlib.sha256(content).hexdigest()
    mine = UsageStatement.objects.filter(provider=provider, month=first)
    last = mine.order_by("-number").first()
    if last is not None and last.file_sha256 == digest:
        return last
    made = UsageStatement(
        provider=provider,
        month=first,
        number=(mine.aggregate(last=Max("number"))["last"] or 0) + 1,
        file_name=name[-200:],
        file_sha256=digest,
        rows=len(good),
        stated_at=at,
        stated_by=by.user,
    )
    if is_trial:
        return made
    made.save(force_insert=True)
    _write(made, good, known)
    data = {"month": f"{first:%Y-%m}", "rows": len(good), "sha256": digest}
    trail.record(by=by, at=at, verb="usage_stated", subject=provider, data=data)
    return made


def of_provider(*, by: Actor, month: date) -> list[Side]:
    """The month of all own subscriptions side by side. Two queries, and one for each gateway."""
    by.require(Permission.USAGE_REPORT)
    own = Subscription.objects.filter(offering__provider__organization=by.own())
    return compare(subscription_ids=own.values_list("pk", flat=True), month=month)


def compare(*, subscription_ids: Iterable[int], month: date) -> list[Side]:
    """The subscriptions' month side by side, by subscription, meter and day. One query, and one for each gateway."""
    first = month_start(month)
    asked, end = sorted(set(subscription_ids)), next_month(first)
    edges: dict[tuple[int, str, date], int] = {}
    for source in _sources:
        edges.update(source(asked, first, end))
    with connection.cursor() as cursor:
        cursor.execute(SIDES, {"subscriptions": asked, "first": first, "end": end})
        rows = cursor.fetchall()
    found = []
    for subscription, meter, day, stated, metered in rows:
        said = None if stated is None else int(stated)
        edge = edges.get((subscription, meter, day))
        verdict = rules.judge(said, int(metered), edge)
        found.append(Side(subscription, Meter(meter), day, said, int(metered), edge, verdict))
    return found


def _read(content: bytes) -> list[rules.Stated | rules.BadRow]:
    if len(content) > MAX_FILE_BYTES:
        raise StatementRefused(_("The file is larger than 8 MB. State the usage in one row a day."))
    try:
        return rules.read(content)
    except TooMany as error:
        raise StatementRefused(_("The file has more than 50,000 rows.")) from error
    except (BadBatch, BadSheet) as error:
        words = _("This is no statement. The first row must be subscription,meter,day,quantity.")
        raise StatementRefused(words) from error


def _checked(content: bytes, known: Mapping[str, int], month: date) -> list[rules.Stated]:
    """The rows, when all of them can be taken; else StatementRefused names the others."""
    stated = _read(content)
    good = [row for row in stated if isinstance(row, rules.Stated)]
    bad = [row for row in stated if isinstance(row, rules.BadRow)]
    bad += [row for each in good if (row := _fault(each, known, month)) is not None]
    if bad or not good:
        words = _("Nothing was taken: the file has rows that cannot be read, or none. Mend them.")
        raise StatementRefused(words, sorted(bad, key=lambda row: row.number))
    return good


def _write(made: UsageStatement, good: list[rules.Stated], known: Mapping[str, int]) -> None:
    StatedUsage.objects.bulk_create(
        (
            StatedUsage(
                statement=made, subscription_id=known[row.subscription], meter=row.meter,
                day=row.day, quantity=row.quantity,
            )
            for row in good
        ),
        batch_size=5_000,
    )  # fmt: skip


def _fault(row: rules.Stated, known: Mapping[str, int], month: date) -> rules.BadRow | None:
    shown = f"{row.subscription} {row.meter} {row.day} {row.quantity}"
    if row.subscription not in known:
        return rules.BadRow(row.number, rules.Fault.SUBSCRIPTION, shown)
    if row.meter not in Meter.values:
        return rules.BadRow(row.number, rules.Fault.METER, shown)
    if month_start(row.day) != month:
        return rules.BadRow(row.number, rules.Fault.DAY, shown)
    return None
