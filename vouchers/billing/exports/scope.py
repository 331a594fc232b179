"""Whose bills a statement is about, and what its reader may see of them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from accounts.access import Actor
from accounts.models import OrganizationKind
from vouchers.billing.models import Bill, Charge
from vouchers.billing.models.bills import BillQuerySet
from vouchers.grants.models import Voucher


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a file is made: the codes of vouchers are for their holder and their issuer."""

    actor: Actor

    def voucher_code(self, voucher: Voucher) -> str:
        """The voucher's code, or nothing for whoever must not see it."""
        own = self.actor.own().pk
        return voucher.code if own in (voucher.enterprise_id, voucher.scheme.bureau_id) else ""


def bills_of(actor: Actor, month: date | None = None) -> BillQuerySet:
    """Bills of the actor's own contracts, or those its schemes paid a part of, with all parts.

    A month's come by enterprise, provider and number; a constant number of queries.
    """
    if actor.is_kind(OrganizationKind.BUREAU):
        paid = Charge.objects.filter(bill=OuterRef("pk"), voucher__scheme__bureau=actor.own())
        rows = Bill.objects.filter(Exists(paid))
    else:
        rows = Bill.objects.visible_to(actor)
    if month is not None:
        rows = rows.filter(month=month)
    whole = rows.with_names().with_parts().select_related("subscription__offering__facility")
    return whole.order_by("month", "enterprise__name", "provider__organization__name", "pk")
