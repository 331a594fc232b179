"""What the bureau looks into: a case in which the provider has answered, one that nobody took, an auditor let in."""

from collections.abc import Iterable
from datetime import timedelta

from accounts.models import Role
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from vouchers.audit.actions import case_entries, cases, conclusions, rooms
from vouchers.audit.models import Case, CaseOutcome, Claim, ClaimStatus, EntryKind, RiskFlag
from vouchers.grants.models import Scheme


def look_into(
    *, bureau: Team, visitors: Team, scheme: Scheme, sellers: Iterable[Team], calendar: Calendar
) -> list[Case]:
    """Open both cases and grant the pass, some days ago; what was paid in the oldest month is the subject."""
    opened = [_answered(bureau, scheme, list(sellers), calendar)]
    flag = RiskFlag.objects.visible_to(bureau[Role.AUDITOR]).order_by("-weight", "pk").first()
    if flag is not None and (flag.bill_id, flag.voucher_id) != (
        opened[0].bill_id, opened[0].voucher_id,
    ):  # fmt: skip
        made = cases.open_from_flag(
            by=bureau[Role.AUDITOR], flag=flag, question="核实该笔用量与合同约定是否一致",
            at=moment(calendar.today, 0, 50),
        )  # fmt: skip
        opened.append(made)
    rooms.grant(
        by=bureau[Role.SCHEME_OFFICER], email=visitors[Role.AUDITOR].user.email,
        purpose="算力券资金使用情况交叉审计", last_day=calendar.today + timedelta(days=30),
        at=moment(calendar.today, 0, 55),
    )  # fmt: skip
    return opened


def _answered(bureau: Team, scheme: Scheme, sellers: list[Team], calendar: Calendar) -> Case:
    """A paid redemption: a finding, a letter, the provider's answer, and the conclusion as a draft."""
    auditor, day = bureau[Role.AUDITOR], calendar.today - timedelta(days=5)
    paid = Claim.objects.filter(scheme=scheme, status=ClaimStatus.PAID).order_by("pk")[0]
    line = paid.lines.select_related("bill", "transfer__charge__voucher").order_by("pk")[0]
    voucher = line.transfer.charge.voucher
    assert voucher is not None  # noqa: S101  # a claimed line is what a voucher paid
    case = cases.open_by_hand(
        by=auditor, subject=f"{line.bill.code}/{voucher.code}",
        question="计量记录中有三个工作日的用量明显高于平日", at=moment(day, 9),
    )  # fmt: skip
    cases.take(by=auditor, case=case, version=case.version, at=moment(day, 9, 5))
    case_entries.note(
        by=auditor, case=case, kind=EntryKind.FINDING, at=moment(day, 9, 20),
        text="月中连续三日的用量约为平日的两倍，发票与账单金额一致。",
    )  # fmt: skip
    seller = next(each for each in sellers if each.organization == paid.provider.organization)
    case_entries.ask(
        by=auditor, case=case, party=seller.organization, at=moment(day, 9, 30),
        text="请说明该三日用量升高的原因，并提交调度日志。", until=calendar.today + timedelta(days=10),
    )  # fmt: skip
    case_entries.answer(
        by=seller[Role.PROVIDER_FINANCE], case=case, at=moment(day + timedelta(days=2), 15),
        text="该企业当周集中做了一次历史数据的批量处理，调度日志已留存，可随时提交。",
    )  # fmt: skip
    conclusions.write(
        by=auditor, case=case, at=moment(day + timedelta(days=3), 10),
        draft=conclusions.Draft(
            outcome=CaseOutcome.NOTHING, text="用量升高有业务原因，账单、计量与发票一致，未发现问题。"
        ),
    )  # fmt: skip
    return case
