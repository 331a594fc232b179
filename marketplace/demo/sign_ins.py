"""One sign-in per role, printed after the demonstration is loaded."""

PASSWORD = "Puhui-2026-demo"  # noqa: S105 - printed for everybody who starts the demonstration
DOMAIN = "demo.example"

_PEOPLE = (
    ("enterprise: preparer 经办人", "preparer@firm01"),
    ("enterprise: signatory 授权人", "signatory@firm01"),
    ("enterprise with the real trace", "signatory@firm38"),
    ("provider: operations 运维", "operator@models"),
    ("provider: finance 财务", "finance@models"),
    ("bureau: scheme officer 项目管理", "scheme_officer@qingyang"),
    ("bureau: first reviewer 初审", "reviewer@qingyang"),
    ("bureau: second reviewer 复审", "reviewer2@qingyang"),
    ("bureau: auditor 核验", "auditor@qingyang"),
    ("bureau: settlement, first signer", "settlement_officer@qingyang"),
    ("bureau: settlement, second signer", "settlement_officer2@qingyang"),
)

SIGN_INS: tuple[tuple[str, str, str], ...] = tuple(
    (role, f"{address}.{DOMAIN}", PASSWORD) for role, address in _PEOPLE
)
"""(role, mail address, password)."""
