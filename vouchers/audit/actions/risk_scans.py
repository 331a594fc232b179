"""Holds the risk rules against the book and keeps what they point at. A scan decides nothing."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import User
from accounts.permissions import Permission
from common import jobs
from common.codes import new_codes
from common.errors import Conflict
from common.models import Job
from vouchers.audit.actions import books, folds
from vouchers.audit.actions.redemptions import Redeemed
from vouchers.audit.models import Claim, FlagStatus, Refund, RiskFlag, RiskScan
from vouchers.audit.rules.risks import policy as policies
from vouchers.audit.rules.risks import scan as rules
from vouchers.audit.rules.risks.flags import Flag
from vouchers.audit.rules.risks.policy import Policy
from vouchers.billing.models import Bill

KIND = "risk_scan"
TASK = "vouchers.audit.run_risk_scan"
PATIENCE = timedelta(seconds=30)
LOCK = 0x215C
"""Advisory lock of the session: one scan at a time, else an older one could undo a newer one."""

BATCH = 2_000
Progress = Callable[[str, int], None]
Key = tuple[int, int, str]


class ScanRunning(Conflict):
    """Another scan is under way; it sees the same."""

    code = "scan_running"


@transaction.atomic
def start(*, by: Actor, at: datetime) -> Job:
    """Start a scan that a worker carries out; a second click gets the one under way."""
    by.require(Permission.CLAIM_AUDIT)
    running = jobs.unfinished(kind=KIND, owner_id=by.user.pk, since=at - timedelta(hours=1))
    if running is not None:
        return running
    job = jobs.start(kind=KIND, owner_id=by.user.pk, total_count=len(rules.FINDERS) + 1, at=at)
    jobs.ring(task=TASK, job=job)
    return job


def carry_out(*, code: str, at: datetime) -> Job | None:
    """Take up one started scan, with progress; None when somebody else has it or it is done."""
    job = jobs.take(kind=KIND, code=code)
    if job is None:
        return None
    done = Counter[str]()

    def progress(_rule: str, _flags: int) -> None:
        done["rules"] += 1
        jobs.advance(job=job, done_count=done["rules"])

    try:
        found = scan(person=User.objects.get(pk=job.owner_id), at=at, progress=progress)
    except Exception as error:
        jobs.fail(job=job, reason=f"{type(error).__name__}: {error}", at=at)
        raise
    counts = {"redemptions": found.redemptions, "new_flags": found.new_flags}
    jobs.finish(job=job, result=counts, at=at)
    return job


def left_behind(*, at: datetime) -> list[str]:
    """Codes of scans that were started and not taken up in time."""
    return jobs.waiting(kind=KIND, before=at - PATIENCE)


def scan_new(*, at: datetime) -> RiskScan | None:
    """The tick: scan when something came since the last scan read, else do nothing.

    The rules hold what is new against the whole book, for a pattern needs something to be held
    against; but only what was not known is written. None also while another scan runs.
    """
    if not is_due():
        return None
    try:
        return scan(at=at)
    except ScanRunning:
        return None


def is_due() -> bool:
    """Whether since the last scan bills were closed, claims moved, refunds were confirmed, or the policy changed."""
    last = RiskScan.objects.order_by("-scanned_at", "-pk").first()
    if last is None or last.policy_sha256 != _policy_sha256():
        paid = Bill.objects.filter(closed_at__isnull=False, voucher_fen__gt=0)
        return paid.exists() or Refund.objects.posted().exists()
    since = last.seen_until
    moved = Q(submitted_at__gte=since) | Q(audited_at__gte=since)
    return (
        Bill.objects.filter(closed_at__gte=since, voucher_fen__gt=0).exists()
        or Claim.objects.filter(moved).exists()
        or Refund.objects.filter(transfer__at__gte=since).exists()
    )


def scan(*, person: User | None = None, at: datetime, progress: Progress | None = None) -> RiskScan:
    """Scan the whole book and keep what is new. Repeating it changes nothing.

    Flags known as open stay; dismissed ones stay away as long as the rule sees the same; open ones
    that are not seen any more go. Takes an advisory lock for its time and no row lock before it
    writes. Raises ScanRunning.
    """
    started = time.perf_counter()
    with _alone():
        policy = policies.shipped()
        first, _last = books.window(at)
        folds.fold_hours(first=first, at=at)
        folds.hash_pictures()
        filled = books.fill(policy=policy, at=at)
        if progress:
            progress("book", len(filled.rows))
        flags = rules.scan(filled.book, policy, progress=progress)
        plan = _plan(flags, filled.rows, _known(first))
        return _keep(plan, flags, filled.rows, policy, person, at, started)


@dataclass(frozen=True, slots=True)
class _Known:
    """A flag that is stored."""

    pk: int
    key: Key
    fingerprint: str
    status: str


@dataclass(slots=True)
class _Plan:
    """What a scan changes: flags to write, to open again, and to let go."""

    new: list[Flag] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


def _known(first: datetime | object) -> list[_Known]:
    rows = RiskFlag.objects.filter(bill__month__gte=first).values_list(
        "pk", "bill_id", "voucher_id", "rule", "fingerprint", "status"
    )
    return [
        _Known(pk, (bill, voucher, rule), fingerprint, status)
        for pk, bill, voucher, rule, fingerprint, status in rows.iterator()
    ]


def _plan(flags: Sequence[Flag], rows: Mapping[str, Redeemed], known: Sequence[_Known]) -> _Plan:
    plan = _Plan()
    by_fingerprint = {each.fingerprint: each for each in known}
    confirmed = {each.key for each in known if each.status == FlagStatus.CONFIRMED}
    seen: set[int] = set()
    for flag in flags:
        stored = by_fingerprint.get(flag.fingerprint)
        if stored is not None:
            seen.add(stored.pk)
            if stored.status == FlagStatus.GONE:
                plan.back.append(stored.pk)
        elif _key(flag, rows) not in confirmed:
            plan.new.append(flag)
    plan.gone = [
        each.pk for each in known if each.status == FlagStatus.OPEN and each.pk not in seen
    ]
    return plan


@transaction.atomic
def _keep(
    plan: _Plan,
    flags: Sequence[Flag],
    rows: Mapping[str, Redeemed],
    policy: Policy,
    person: User | None,
    at: datetime,
    started: float,
) -> RiskScan:
    gone = RiskFlag.objects.filter(pk__in=plan.gone, status=FlagStatus.OPEN)
    gone_flags = gone.update(status=FlagStatus.GONE)
    back = RiskFlag.objects.filter(pk__in=plan.back, status=FlagStatus.GONE)
    back_flags = back.update(status=FlagStatus.OPEN)
    made = RiskScan.objects.create(
        policy_version=policy.version,
        policy_sha256=_policy_sha256(),
        seen_until=at,
        scanned_at=at,
        person=person,
        redemptions=len(rows),
        flagged=dict(sorted(Counter(flag.rule for flag in flags).items())),
        new_flags=len(plan.new) + back_flags,
        gone_flags=gone_flags,
        duration_ms=int((time.perf_counter() - started) * 1000),
    )
    codes = new_codes("RF", len(plan.new))
    written = (
        _row(code, flag, rows[flag.subject], policy, made, at)
        for code, flag in zip(codes, plan.new, strict=True)
    )
    RiskFlag.objects.bulk_create(written, batch_size=BATCH)
    return made


def _row(
    code: str, flag: Flag, row: Redeemed, policy: Policy, made: RiskScan, at: datetime
) -> RiskFlag:
    return RiskFlag(
        code=code,
        bill_id=row.bill_id,
        voucher_id=row.voucher_id,
        scan=made,
        rule=flag.rule,
        version=flag.version,
        weight=flag.weight,
        is_lead=policy.rules[flag.rule].lead,
        values=dict(flag.values),
        evidence=[[each.kind, each.code] for each in flag.evidence],
        fingerprint=flag.fingerprint,
        found_at=at,
    )


def _key(flag: Flag, rows: Mapping[str, Redeemed]) -> Key:
    row = rows[flag.subject]
    return row.bill_id, row.voucher_id, flag.rule


def _policy_sha256() -> str:
    return hashlib.sha256(policies.SHIPPED.read_bytes()).hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise ScanRunning(_("A scan is under way. Wait for it: it sees the same."))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
