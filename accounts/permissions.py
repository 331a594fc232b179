"""One enumeration of permissions; roles are data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Role


class Permission(models.TextChoices):
    """Everything a person or key may be allowed to do, named noun.verb."""

    ORGANIZATION_VIEW = "organization.view", _("See the own organization")
    ORGANIZATION_MANAGE = "organization.manage", _("Manage members and API keys")
    SCHEME_MANAGE = "scheme.manage", _("Write and publish schemes")
    APPLICATION_PREPARE = "application.prepare", _("Prepare applications")
    APPLICATION_SUBMIT = "application.submit", _("Submit applications")
    APPLICATION_REVIEW = "application.review", _("Review applications")
    VOUCHER_ISSUE = "voucher.issue", _("Publish notices and issue vouchers")
    DECISION_COUNTERSIGN = (
        "decision.countersign",
        _("Work on many at once and countersign what a colleague proposed"),
    )
    WALLET_VIEW = "wallet.view", _("See vouchers and funds")
    FUNDS_RECORD = "funds.record", _("Record received payments")
    PROVIDER_MANAGE = "provider.manage", _("Register facilities, offerings and prices")
    PROVIDER_VERIFY = "provider.verify", _("Verify providers")
    BUNDLE_PUBLISH = "bundle.publish", _("Publish bundles")
    NEED_MANAGE = "need.manage", _("State needs and see matches")
    ORDER_PLACE = "order.place", _("Place orders")
    ORDER_VIEW = "order.view", _("See orders")
    USAGE_REPORT = "usage.report", _("Report usage")
    USAGE_VIEW = "usage.view", _("See usage and bills")
    BUDGET_SET = "budget.set", _("Set the monthly budget")
    BILL_CONFIRM = "bill.confirm", _("Confirm or dispute bills")
    PERIOD_CLOSE = "period.close", _("Close a billing period")
    CLAIM_SUBMIT = "claim.submit", _("Submit redemption claims")
    CLAIM_VIEW = "claim.view", _("See the own claims")
    CLAIM_AUDIT = "claim.audit", _("Audit claims")
    DISPUTE_VIEW = "dispute.view", _("See disputes about bills")
    CASE_ANSWER = "case.answer", _("Answer in cases about the own organization")
    ROOM_GRANT = "room.grant", _("Let auditors into the auditor's room")
    SETTLEMENT_PREPARE = "settlement.prepare", _("Prepare and pay settlements")
    SETTLEMENT_SIGN = "settlement.sign", _("Sign settlements")
    SETTLEMENT_VIEW = "settlement.view", _("See settlements")
    BOARD_VIEW = "board.view", _("See the operation board of the region")
    OPERATIONS_VIEW = "operations.view", _("See invariants and background work")


P = Permission

PERMISSIONS_BY_ROLE: dict[str, frozenset[Permission]] = {
    Role.PREPARER: frozenset(
        {
            P.ORGANIZATION_VIEW,
            P.APPLICATION_PREPARE,
            P.WALLET_VIEW,
            P.NEED_MANAGE,
            P.ORDER_VIEW,
            P.USAGE_VIEW,
            P.CASE_ANSWER,
            P.DISPUTE_VIEW,
        }
    ),
    Role.SIGNATORY: frozenset(
        {
            P.ORGANIZATION_VIEW,
            P.ORGANIZATION_MANAGE,
            P.APPLICATION_SUBMIT,
            P.WALLET_VIEW,
            P.NEED_MANAGE,
            P.ORDER_VIEW,
            P.ORDER_PLACE,
            P.USAGE_VIEW,
            P.BILL_CONFIRM,
            P.CLAIM_SUBMIT,
            P.CLAIM_VIEW,
            P.SETTLEMENT_VIEW,
            P.BUDGET_SET,
            P.CASE_ANSWER,
            P.DISPUTE_VIEW,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            P.ORGANIZATION_VIEW,
            P.ORGANIZATION_MANAGE,
            P.PROVIDER_MANAGE,
            P.BUNDLE_PUBLISH,
            P.ORDER_VIEW,
            P.USAGE_REPORT,
            P.USAGE_VIEW,
        }
    ),
    Role.PROVIDER_FINANCE: frozenset(
        {
            P.ORGANIZATION_VIEW,
            P.ORDER_VIEW,
            P.USAGE_VIEW,
            P.CLAIM_SUBMIT,
            P.CLAIM_VIEW,
            P.SETTLEMENT_VIEW,
            P.CASE_ANSWER,
            P.DISPUTE_VIEW,
        }
    ),
    Role.SCHEME_OFFICER: frozenset(
        {
            P.ORGANIZATION_VIEW,
            P.ORGANIZATION_MANAGE,
            P.SCHEME_MANAGE,
            P.PROVIDER_VERIFY,
            P.VOUCHER_ISSUE,
            P.DECISION_COUNTERSIGN,
            P.BOARD_VIEW,
            P.ROOM_GRANT,
        }
    ),
    Role.REVIEWER: frozenset(
        {P.ORGANIZATION_VIEW, P.APPLICATION_REVIEW, P.DECISION_COUNTERSIGN, P.BOARD_VIEW}
    ),
    Role.AUDITOR: frozenset(
        {
            P.ORGANIZATION_VIEW,
            P.CLAIM_AUDIT,
            P.DISPUTE_VIEW,
            P.SETTLEMENT_VIEW,
            P.OPERATIONS_VIEW,
            P.BOARD_VIEW,
        }
    ),
    Role.SETTLEMENT_OFFICER: frozenset(
        {
            P.ORGANIZATION_VIEW,
            P.FUNDS_RECORD,
            P.PERIOD_CLOSE,
            P.SETTLEMENT_PREPARE,
            P.SETTLEMENT_SIGN,
            P.SETTLEMENT_VIEW,
            P.OPERATIONS_VIEW,
            P.BOARD_VIEW,
        }
    ),
    Role.VIEWER: frozenset({P.ORGANIZATION_VIEW}),
}
"""What each role may do. Nobody may do everything, and no role both prepares and decides."""

ROLES_BY_KIND: dict[str, frozenset[str]] = {
    "enterprise": frozenset({Role.PREPARER, Role.SIGNATORY, Role.VIEWER}),
    "provider": frozenset({Role.OPERATOR, Role.PROVIDER_FINANCE, Role.VIEWER}),
    "bureau": frozenset(
        {Role.SCHEME_OFFICER, Role.REVIEWER, Role.AUDITOR, Role.SETTLEMENT_OFFICER, Role.VIEWER}
    ),
}
"""Roles that exist in each kind of organization."""
