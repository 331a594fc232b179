"""What an enterprise means to spend in a month, and how far it has come."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization
from accounts.permissions import Permission
from common.errors import DomainError
from common.money import MAX_FEN
from common.periods import local_day, month_start
from vouchers.billing.actions import spending
from vouchers.billing.models import Bill, MonthlyBudget
from vouchers.billing.rules import alerts


class InvalidBudget(DomainError):
    """Not an amount that a month can have as its budget."""

    code = "invalid_budget"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How an enterprise's own money goes in the running month, in fen.

    `hours_left` is None while nothing is spent; without a budget `budget_fen` and `percent` are.
    """

    month: date
    spent_fen: int
    budget_fen: int | None
    percent: int | None
    hours_left: int | None


@transaction.atomic
def choose(*, by: Actor, amount_fen: int | None, at: datetime) -> MonthlyBudget:
    """Set the monthly budget of the enterprise acted for, from this month on; None takes it away.

    The same amount again changes nothing; another one arms the alerts anew. Locks the enterprise.
    """
    by.require(Permission.BUDGET_SET)
    firm = Organization.objects.select_for_update(no_key=True).get(pk=by.own().pk)
    if amount_fen is not None and not 0 < amount_fen <= MAX_FEN:
        said = _("The budget must be above zero. Leave it empty if you want none.")
        raise InvalidBudget(said, errors={"amount": said})
    latest = _latest(firm)
    if latest is not None and latest.amount_fen == amount_fen:
        return latest
    trail.record(by=by, at=at, verb="budget.set", subject=firm, data={"amount_fen": amount_fen})
    return MonthlyBudget.objects.create(
        enterprise=firm, amount_fen=amount_fen, set_at=at, set_by=by.user
    )


def outlook(*, enterprise: Organization, at: datetime) -> Outlook:
    """The running month's spending, the budget, and how long own money lasts. Three queries."""
    month = month_start(local_day(at))
    bills = Bill.objects.filter(enterprise=enterprise, month=month)
    found = bills.aggregate(fen=Sum(F("own_fen") + F("receivable_fen")))
    spent_fen = int(found["fen"] or 0)
    latest = _latest(enterprise)
    budget_fen = latest.amount_fen if latest else None
    pots = spending.funds(at=at, enterprise=enterprise.pk)
    return Outlook(
        month=month,
        spent_fen=spent_fen,
        budget_fen=budget_fen,
        percent=alerts.percent_used(spent_fen=spent_fen, budget_fen=budget_fen)
        if budget_fen
        else None,
        hours_left=alerts.hours_left(pots[0].pot) if pots else None,
    )


def _latest(enterprise: Organization) -> MonthlyBudget | None:
    return MonthlyBudget.objects.filter(enterprise=enterprise).order_by("-pk").first()
