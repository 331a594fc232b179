"""A dull clearing round: a bureau, two firms, one bundle, one scheme."""

from datetime import timedelta
from typing import Any

from accounts.access import Actor
from accounts.models import Organization, Role
from marketplace.clearing.actions import clearings, signing, solving
from marketplace.clearing.models import ClearingRound
from marketplace.models import Bundle, Need, Scenario
from providers.models import Layer, Meter
from tests.factories import accounts, marketplace, providers
from tests.factories.accounts import NOW

LATER = NOW + timedelta(hours=1)


def calls_bundle(scene: Scenario, price_yuan: str = "0.01", **values: Any) -> Bundle:
    """A bundle of one application that costs that much a call."""
    owner = providers.provider()
    sold = providers.offering(owner, layer=Layer.APPLICATION, facility=providers.facility(owner))
    providers.rate(sold, Meter.CALLS, price_yuan, 1)
    return marketplace.bundle(owner, [sold], [scene], **values)


class Town:
    """A bureau with its officers, a scenario, and as many firms with a need as asked for."""

    def __init__(self, firms: int = 2, **firm: Any) -> None:
        self.bureau: Organization = accounts.bureau()
        self.officer: Actor = accounts.officer(self.bureau)
        self.second: Actor = accounts.officer(self.bureau, Role.REVIEWER)
        self.scene = marketplace.scenario(coefficients={"calls": 1}, sections="")
        self.bundle = calls_bundle(self.scene)
        self.needs: list[Need] = [
            marketplace.need(
                accounts.organization(**firm),
                self.scene,
                created_at=NOW - timedelta(minutes=60 - number),
            )
            for number in range(firms)
        ]

    def prepared(self, **values: Any) -> ClearingRound:
        """A round without floors."""
        defaults: dict[str, Any] = {
            "name": "第一轮",
            "section_floor": 0,
            "micro_percent": 0,
            "manufacturing_percent": 0,
            "term_months": 12,
            "offer_days": 14,
            "seed": 1,
            "budgets_fen": {},
        }
        return clearings.create(by=self.officer, at=NOW, **{**defaults, **values})

    def solved(self, **values: Any) -> ClearingRound:
        """A round with its plan."""
        made = clearings.start(by=self.officer, clearing=self.prepared(**values), at=NOW)
        assert made.job is not None
        done = solving.carry_out(code=made.job.code, at=LATER)
        assert done is not None
        done.refresh_from_db()
        return done

    def signed_once(self, **values: Any) -> ClearingRound:
        """A plan with its first signature."""
        found = self.solved(**values)
        shown = found.plan_sha256
        return signing.sign(by=self.officer, clearing=found, plan_sha256=shown, at=LATER)

    def applied(self, **values: Any) -> ClearingRound:
        """A plan with both signatures; the firms have their offers."""
        found = self.signed_once(**values)
        shown = found.plan_sha256
        return signing.sign(by=self.second, clearing=found, plan_sha256=shown, at=LATER)
