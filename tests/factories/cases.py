"""Dull cases over one redemption of a city, and the officers who work on them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.access import Actor
from accounts.models import Role
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.factories.audit import City
from vouchers.audit.actions import case_entries, cases, conclusions
from vouchers.audit.models import Case, CaseConclusion, CaseOutcome


@dataclass
class Desk:
    """Two auditors who passed no claim, the firm, and the provider's finance officer of a city."""

    city: City = field(default_factory=City)
    first: Actor = field(init=False)
    second: Actor = field(init=False)
    firm: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.first = accounts.member(self.city.scheme.bureau, Role.AUDITOR)
        self.second = accounts.member(self.city.scheme.bureau, Role.AUDITOR)
        self.firm = accounts.signatory(self.city.voucher.enterprise)

    @property
    def provider(self) -> Actor:
        """Who answers for the provider."""
        return self.city.finance

    def case(self, bill: Any = None, voucher_fen: int = 3_000, voucher: Any = None) -> Case:
        """A case over one redemption, which the first auditor took."""
        looked_at = bill or self.city.bill(voucher_fen)
        made = cases.open_by_hand(
            by=self.first, subject=f"{looked_at.code}/{(voucher or self.city.voucher).code}",
            question="九月用量与合同不符", at=NOW,
        )  # fmt: skip
        return cases.take(by=self.first, case=made, version=made.version, at=NOW)

    def asked(self, party: Any = None) -> Case:
        """A case in which one party, the provider unless said otherwise, was asked."""
        made = self.case()
        case_entries.ask(
            by=self.first, case=made, party=party or self.city.provider.organization,
            text="请说明九月用量。", until=date(2026, 11, 2), at=NOW,
        )  # fmt: skip
        made.refresh_from_db()
        return made

    def concluded(self, case: Case, **values: Any) -> CaseConclusion:
        """A conclusion; without a finding unless values say otherwise."""
        draft = conclusions.Draft(
            **{"outcome": CaseOutcome.NOTHING, "text": "用量属实。", **values}
        )
        return conclusions.write(by=self.first, case=case, draft=draft, at=NOW)

    def recovering(self, case: Case, fen: int, debtor: Any = None, **values: Any) -> CaseConclusion:
        """A conclusion that takes money back; the provider owes the rest unless said otherwise."""
        return self.concluded(
            case, outcome=CaseOutcome.RECOVERY, text="用量虚报，应予追回。", recover_fen=fen,
            debtor=debtor or self.city.provider.organization, **values,
        )  # fmt: skip

    def signed(self, case: Case, conclusion: CaseConclusion, at: datetime = NOW) -> Case:
        """Signed by both auditors."""
        for signer in (self.first, self.second):
            conclusions.sign(by=signer, case=case, content_sha256=conclusion.content_sha256, at=at)
        case.refresh_from_db()
        return case
