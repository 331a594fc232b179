"""The contract of an order: words by version, so that an order keeps those it was placed under."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import pdf
from common.display import moment_text, money_text
from marketplace.matching import cards, wording
from marketplace.orders.actions.orders import CONTRACT_VERSION
from marketplace.orders.models import Order
from providers.models import Subscription


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause in both languages; `%(notice)s` stands for the days of notice."""

    chinese: str
    english: str


CLAUSES: dict[int, tuple[Clause, ...]] = {
    CONTRACT_VERSION: (
        Clause(
            "服务商按本合同所列产品向企业提供服务；每项产品由所列服务商各自负责。",
            "The providers named deliver the offerings listed; each answers for its own.",
        ),
        Clause(
            "按实际用量和下单时公布的价目计费；所列月度金额为按预计用量测算，不构成最低消费。",
            "Actual use is billed at the published prices; the monthly figures hold at the planned"
            " volume and are no minimum.",
        ),
        Clause(
            "价格调整须提前公示，不影响公示生效前已发生的用量。",
            "A change of price is announced before it holds and never touches earlier use.",
        ),
        Clause(
            "无最低期限。企业可随时通知终止，通知期为 %(notice)d 天，期满即止，除已发生用量外不再收费。",
            "There is no minimum term. The enterprise may end it at any time with %(notice)d days of"
            " notice; nothing but use up to then is due.",
        ),
        Clause(
            "算力券按发券政策的比例、上限和有效期抵扣；券用完或到期后由企业自付。",
            "Vouchers pay by the share, caps and validity of their scheme; after that the enterprise"
            " pays itself.",
        ),
        Clause(
            "企业数据归企业所有；服务商仅为履行本合同处理，终止后按企业要求返还或删除。",
            "The enterprise's data stay its own; providers process them for this contract alone and"
            " return or delete them at its end as the enterprise asks.",
        ),
        Clause(
            "对账单有异议的，按平台公布的争议流程处理。",
            "A bill is disputed by the procedure that the platform publishes.",
        ),
    ),
}


def clauses(version: int, notice_days: int) -> list[str]:
    """The numbered clauses of a version in the reader's language."""
    is_english = (get_language() or "").startswith("en")
    return [
        (clause.english if is_english else clause.chinese) % {"notice": notice_days}
        for clause in CLAUSES[version]
    ]


def paper(order: Order) -> bytes:
    """The contract as PDF in the reader's language; the same bytes every time."""
    sheet = pdf.Document(
        _("Contract of an order"),
        language=get_language() or "zh-hans",
        subtitle=order.code,
        author=order.enterprise.name,
        footer=f"{order.code} · v{order.contract_version}",
    )
    own = [(_("Your own number"), order.own_number)] if order.own_number else []
    sheet.rows(
        [
            (_("Number"), order.code),
            *own,
            (_("Version of the text"), str(order.contract_version)),
            (_("Enterprise"), f"{order.enterprise.name} ({order.enterprise.uscc})"),
            (_("Bundle"), order.bundle.name),
            (_("What for"), wording.purpose_of(order.need)),
            (_("Ordered on"), moment_text(order.placed_at)),
            (_("Ordered by"), str(order.placed_by)),
            (_("Price before vouchers, a month"), money_text(order.monthly_price_fen)),
            (_("Paid by vouchers"), money_text(order.monthly_voucher_fen)),
            (_("Your share, a month"), money_text(order.monthly_own_fen)),
            (_("Cost to start"), money_text(order.bundle.start_cost_fen)),
            (_("Days to first use"), cards.days_text(order.bundle.days_to_first_use)),
        ]
    )
    sheet.heading(_("Offerings"))
    _offerings(sheet, order)
    sheet.heading(_("Terms"))
    for number, words in enumerate(
        clauses(order.contract_version, order.bundle.notice_days), start=1
    ):
        sheet.paragraph(f"{number}. {words}")
    return sheet.render()


def _offerings(sheet: pdf.Document, order: Order) -> None:
    sheet.table(
        [_("Offering"), _("Layer"), _("Provider"), _("Code for usage")],
        [
            [
                row.offering.name,
                row.offering.get_layer_display(),
                row.offering.provider.organization.name,
                row.code,
            ]
            for row in Subscription.objects.filter(reference=order.code)
            .select_related("offering__provider__organization")
            .order_by("pk")
        ],
        widths=[3, 1, 3, 2],
    )
