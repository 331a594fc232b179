"""A chain as the auditor's page shows it: each application with the rules applied, and what belongs together."""

from dataclasses import dataclass
from typing import Any

from common.components import Reason
from providers.models import Meter
from vouchers.audit.actions.chains import Chain
from vouchers.grants.models import Application, Review
from vouchers.grants.shown import verdicts


@dataclass(frozen=True, slots=True)
class Granted:
    """An application with its decisions and the rules that were applied, each with its article."""

    application: Application
    reviews: list[Review]
    reasons: list[Reason]


def of(chain: Chain) -> dict[str, Any]:
    """What the page needs besides the chain itself; no query."""
    vouchers = {each.pk: each.code for each in chain.vouchers}
    bills = {each.pk: each.code for each in chain.bills}
    claims = {each.pk: each.code for each in chain.claims}
    contracts = {each.subscription_id: each.subscription for each in chain.bills}
    return {
        "granted": [
            Granted(
                application,
                [each for each in chain.reviews if each.application_id == application.pk],
                verdicts.stored_reasons(application.assessment),
            )
            for application in chain.applications
        ],
        "contracts": list(contracts.values()),
        "used": [
            {
                "contract": contracts[each.subscription_id].code,
                "month": each.month,
                "meter": Meter(each.meter),
                "quantity": each.quantity,
                "events": each.events,
            }
            for each in chain.used
        ],
        "paid": [
            {
                "transfer": each.transfer_id,
                "voucher": vouchers.get(each.voucher_id, ""),
                "bill": bills.get(each.bill_id, ""),
                "claim": claims.get(each.claim_id or 0, ""),
                "amount_fen": each.amount_fen,
                "is_refund": each.is_refund,
            }
            for each in chain.paid
        ],
    }
