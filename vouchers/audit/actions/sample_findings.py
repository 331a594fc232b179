"""What officers find in the items of a sample, and what that says about all."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.permissions import Permission
from common import states
from common.errors import DomainError
from common.periods import start_of_day
from vouchers.audit.actions import relations
from vouchers.audit.actions.samples import TRANSITIONS
from vouchers.audit.models import DrawKind, ItemFinding, Sample, SampleItem, SampleStatus
from vouchers.audit.rules import estimates
from vouchers.audit.rules.estimates import Counted, Estimate

EXPECTED = Fraction(1, 20)
MARGINS = (Fraction(1, 100), Fraction(2, 100), Fraction(5, 100))


class FindingInvalid(DomainError):
    """A wrong item needs the reason and an amount of at most what was paid."""

    code = "finding_invalid"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the look has come: items by draw, and what was found. Amounts in fen."""

    total: int
    looked_at: int
    wrong: int
    wrong_fen: int
    random_left: int

    @property
    def is_counted(self) -> bool:
        """Whether all of the random draw was looked at, so that it may be counted."""
        return self.random_left == 0


@dataclass(frozen=True, slots=True)
class Size:
    """How many to draw for a margin around the share of wrong ones, 19 times of 20."""

    margin: Fraction
    size: int

    @property
    def percent(self) -> int:
        """The margin in percent."""
        return int(self.margin * 100)


@transaction.atomic
def find(
    *,
    by: Actor,
    sample: Sample,
    position: int,
    is_wrong: bool,
    wrong_fen: int = 0,
    remark: str = "",
    at: datetime,
) -> SampleItem:
    """Say what was found in one item; said again it replaces the former until all were looked at.

    The last one closes the sample. Locks the sample. Raises FindingInvalid, Forbidden, Related,
    WrongState; SampleItem.DoesNotExist.
    """  # fmt: skip
    by.require(Permission.CLAIM_AUDIT)
    rows = Sample.objects.visible_to(by).select_for_update(of=("self",))
    locked = rows.get(pk=sample.pk)
    states.require(locked, to=SampleStatus.DONE, transitions=TRANSITIONS)
    item = locked.items.select_related("bill__provider").get(position=position)
    relations.require_unrelated(
        user=by.user,
        organization_ids={item.bill.provider.organization_id, item.bill.enterprise_id},
        people=[],
        since=start_of_day(item.bill.month),
    )
    said = remark.strip()
    if is_wrong:
        _require_sense(item, wrong_fen, said)
    item.finding = ItemFinding.WRONG if is_wrong else ItemFinding.RIGHT
    item.wrong_fen = wrong_fen if is_wrong else 0
    item.remark, item.looked_at, item.looked_by = said, at, by.user
    item.save(update_fields=["finding", "wrong_fen", "remark", "looked_at", "looked_by"])
    data = {"position": position, "finding": item.finding, "wrong_fen": item.wrong_fen}
    trail.record(by=by, at=at, verb="find", subject=locked, data=data)
    if not locked.items.filter(finding=ItemFinding.WAITING).exists():
        states.move(locked, to=SampleStatus.DONE, transitions=TRANSITIONS)
    return item


def progress(*, sample: Sample) -> Progress:
    """How far the look has come. One query."""
    rows = list(sample.items.values_list("finding", "draw", "wrong_fen"))
    looked = [row for row in rows if row[0] != ItemFinding.WAITING]
    return Progress(
        total=len(rows),
        looked_at=len(looked),
        wrong=sum(finding == ItemFinding.WRONG for finding, _draw, _fen in rows),
        wrong_fen=sum(fen for _finding, _draw, fen in rows),
        random_left=sum(
            finding == ItemFinding.WAITING and draw == DrawKind.RANDOM for finding, draw, _f in rows
        ),
    )


def estimate(*, sample: Sample) -> Estimate | None:
    """What the random draw says about all; None until all of it was looked at. Two queries."""
    rows = sample.items.filter(draw=DrawKind.RANDOM).values_list("stratum", "finding")
    found = list(rows)
    if not found or any(finding == ItemFinding.WAITING for _stratum, finding in found):
        return None
    wrong = Counter(stratum for stratum, finding in found if finding == ItemFinding.WRONG)
    strata = sample.strata.order_by("name")
    if any(each.drawn == 0 for each in strata):
        return None
    return estimates.estimate(
        [Counted(each.population, each.drawn, wrong[each.name]) for each in strata]
    )


def sizes(*, population: int) -> list[Size]:
    """Sizes for usual margins where one in twenty is expected to be wrong."""
    return [
        Size(margin, estimates.size_for_margin(population, EXPECTED, margin)) for margin in MARGINS
    ]


def size_to_find(*, population: int) -> int:
    """How many to draw so that, if one in a hundred is wrong, one turns up 19 times of 20."""
    return estimates.size_to_find(population, max(population // 100, 1))


def _require_sense(item: SampleItem, wrong_fen: int, said: str) -> None:
    if not said:
        words = _("Say what is wrong.")
        raise FindingInvalid(words, errors={"remark": words})
    if not 0 < wrong_fen <= item.amount_fen:
        words = _("Enter how much is wrong: more than nothing, at most what the voucher paid.")
        raise FindingInvalid(words, errors={"wrong_amount": words})
