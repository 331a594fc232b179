"""Forms of the audit. They check shape; the actions decide."""

from vouchers.audit.forms.claims import (
    AccountForm,
    AuditFilter,
    ClaimFilter,
    DecisionForm,
    InvoiceForm,
    MonthForm,
    RefusalForm,
    ResultsForm,
    SettlementFilter,
)

__all__ = [
    "AccountForm",
    "AuditFilter",
    "ClaimFilter",
    "DecisionForm",
    "InvoiceForm",
    "MonthForm",
    "RefusalForm",
    "ResultsForm",
    "SettlementFilter",
]
