"""Samples: a list is frozen, a seed nobody knew draws from it, officers say what they found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states, stored_files
from common.codes import new_code
from common.errors import Conflict, DomainError
from common.models import StoredFile
from vouchers.audit.actions import redemptions
from vouchers.audit.models import Claim, FlagStatus, RiskFlag, Sample, SampleItem, SampleStatus
from vouchers.audit.models import SampleStratum as StratumRow
from vouchers.audit.rules import sampling
from vouchers.audit.rules.risks import scan
from vouchers.audit.rules.risks.flags import Flag
from vouchers.audit.rules.sampling import Item, Plan
from vouchers.billing.models import Bill
from vouchers.grants.models import Scheme, Voucher
from vouchers.ledger.actions import seals

TRANSITIONS: states.Transitions = {
    SampleStatus.FROZEN: frozenset({SampleStatus.DRAWN}),
    SampleStatus.DRAWN: frozenset({SampleStatus.DONE}),
}
COUNTED = (FlagStatus.OPEN, FlagStatus.CONFIRMED)
"""A dismissed flag gives no points, and neither does one that is not seen any more."""

BATCH = 2_000


class NothingToDraw(DomainError):
    """No redemption of those months stands on a claim that was handed in."""

    code = "nothing_to_draw"


class PlanInvalid(DomainError):
    """The plan asks for what cannot be drawn."""

    code = "plan_invalid"


class SeedUnknown(Conflict):
    """No block was sealed since the list was frozen."""

    code = "seed_unknown"


class ListChanged(Conflict):
    """The stored list is not the one whose digest was recorded."""

    code = "list_changed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to draw: sizes, bounds of the bands (fen), providers with strata of their own."""

    random_size: int
    risk_size: int
    bounds_fen: tuple[int, ...] = ()
    named_providers: int = 3
    least_each: int = 2

    def plan(self, seed: str) -> Plan:
        """With a seed."""
        return Plan(
            seed, self.random_size, self.risk_size, self.bounds_fen, self.named_providers,
            self.least_each,
        )  # fmt: skip


def items(*, scheme: Scheme, first: date, last: date) -> list[Item]:
    """The list: what the scheme's vouchers paid, or paid back, of bills of those months, as far as it is claimed.

    A bill of a locked month, which a later month's claim carries, is in the list of its own month. Points are those
    of the flags that stand. Three queries.
    """
    handed_in = set(
        Claim.objects.filter(
            scheme=scheme, month__gte=first, submitted_at__isnull=False
        ).values_list("pk", flat=True)
    )
    weights: dict[tuple[int, int], list[Flag]] = defaultdict(list)
    flags = RiskFlag.objects.filter(
        voucher__scheme=scheme, bill__month__range=(first, last), status__in=COUNTED
    )
    for bill, voucher, rule, weight in flags.values_list("bill_id", "voucher_id", "rule", "weight"):
        weights[bill, voucher].append(Flag(rule, 0, "", weight))
    return [
        Item(row.code, row.provider, row.paid_fen, int(scan.points(weights[row.bill_id, row.voucher_id])))
        for row in redemptions.read(first=first, last=last, scheme_id=scheme.pk)
        if row.claim_id in handed_in
    ]  # fmt: skip


@transaction.atomic
def freeze(
    *, by: Actor, scheme: Scheme, first: date, last: date, wanted: Wanted, at: datetime
) -> Sample:
    """Freeze the list and the plan; the seed is not known yet.

    Raises Forbidden, NothingToDraw, PlanInvalid; Scheme.DoesNotExist for another bureau's.
    """
    by.require(Permission.CLAIM_AUDIT)
    own = Scheme.objects.get(pk=scheme.pk, bureau=by.own())
    found = items(scheme=own, first=first, last=last)
    if not found:
        raise NothingToDraw(
            _("No claim over these months was handed in. Choose other months or another scheme.")
        )
    try:
        sampling.draw(found, wanted.plan("any"))
    except sampling.SampleInvalid as error:
        words = _("Such a sample cannot be drawn. Check the sizes; bounds have to rise.")
        raise PlanInvalid(words) from error
    code = new_code("SM")
    frame = _stored(by, code, sampling.frame_bytes(found), at)
    made = Sample.objects.create(
        code=code,
        scheme=own,
        first_month=first,
        last_month=last,
        random_size=wanted.random_size,
        risk_size=wanted.risk_size,
        bounds_fen=list(wanted.bounds_fen),
        named_providers=wanted.named_providers,
        least_each=wanted.least_each,
        frame=frame,
        frame_sha256=frame.sha256,
        population=len(found),
        population_fen=sum(item.amount_fen for item in found),
        frozen_at=at,
        frozen_by=by.user,
    )
    trail.record(by=by, at=at, verb="freeze", subject=made, data={"frame_sha256": frame.sha256})
    return made


def _stored(by: Actor, code: str, content: bytes, at: datetime) -> StoredFile:
    return stored_files.keep(
        organization_id=by.own().pk,
        name=f"{code}.jsonl",
        content_type="application/jsonl",
        content=content,
        at=at,
    )


@transaction.atomic
def draw(*, by: Actor, sample: Sample, at: datetime) -> Sample:
    """Draw with the hash of the first block sealed after the freezing. Locks the sample.

    Raises Forbidden, ListChanged, SeedUnknown, WrongState.
    """
    by.require(Permission.CLAIM_AUDIT)
    rows = Sample.objects.visible_to(by).select_for_update(of=("self",))
    locked = rows.select_related("frame").get(pk=sample.pk)
    states.require(locked, to=SampleStatus.DRAWN, transitions=TRANSITIONS)
    block = seals.first_after(moment=locked.frozen_at)
    if block is None:
        raise SeedUnknown(
            _("The seed is the next sealed block, and none was sealed yet. Try again in a minute.")
        )
    drawn = redraw(sample=locked, seed=block.hash)
    content = drawn.as_bytes()
    states.move(
        locked,
        to=SampleStatus.DRAWN,
        transitions=TRANSITIONS,
        seed=block.hash,
        seed_block=block.number,
        sample_sha256=stored_files.sha256(content),
        drawn_at=at,
        drawn_by=by.user,
    )
    _write(locked, drawn)
    data = {"seed": block.hash, "block": block.number, "sample_sha256": locked.sample_sha256}
    trail.record(by=by, at=at, verb="draw", subject=locked, data=data)
    return locked


def redraw(*, sample: Sample, seed: str) -> sampling.Sample:
    """The draw of a seed from the stored list, as often as anybody likes. Raises ListChanged."""
    content = bytes(sample.frame.content)
    if stored_files.sha256(content) != sample.frame_sha256:
        raise ListChanged(_("The stored list is not the frozen one. Tell the operator."))
    return sampling.draw(sampling.read_frame(content), wanted_of(sample).plan(seed))


def export(*, sample: Sample) -> bytes:
    """What the stand-alone script reads: the plan with its seed, then the list."""
    frame = sampling.read_frame(bytes(sample.frame.content))
    return sampling.export(frame, wanted_of(sample).plan(sample.seed))


def wanted_of(sample: Sample) -> Wanted:
    """The stored plan."""
    return Wanted(
        sample.random_size, sample.risk_size, tuple(sample.bounds_fen), sample.named_providers,
        sample.least_each,
    )  # fmt: skip


def _write(sample: Sample, drawn: sampling.Sample) -> None:
    StratumRow.objects.bulk_create(
        StratumRow(sample=sample, name=each.name, population=each.population, drawn=each.drawn)
        for each in drawn.strata
    )
    pairs = [tuple(each.code.split(redemptions.SEPARATOR)) for each in drawn.drawn]
    bills = _numbers(Bill, [pair[0] for pair in pairs])
    vouchers = _numbers(Voucher, [pair[1] for pair in pairs])
    amounts = {
        item.code: item.amount_fen for item in sampling.read_frame(bytes(sample.frame.content))
    }
    SampleItem.objects.bulk_create(
        (
            SampleItem(
                sample=sample,
                position=position,
                bill_id=bills[bill],
                voucher_id=vouchers[voucher],
                stratum=each.stratum,
                draw=each.draw,
                amount_fen=amounts[each.code],
            )
            for position, (each, (bill, voucher)) in enumerate(
                zip(drawn.drawn, pairs, strict=True), start=1
            )
        ),
        batch_size=BATCH,
    )


def _numbers(model: type[Bill] | type[Voucher], codes: Sequence[str]) -> dict[str, int]:
    rows = model._default_manager.filter(code__in=codes)  # noqa: SLF001 - documented API
    return dict(rows.values_list("code", "pk"))
