"""Letters from templates: a closed list of places, checked when a template is saved, and standing texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vouchers.grants.rules.wording import Words

PLACES: Mapping[str, Words] = {
    "enterprise": Words("企业名称", "name of the enterprise"),
    "application": Words("申领编号", "number of the application"),
    "scheme": Words("券项目名称", "name of the scheme"),
    "bureau": Words("主管部门名称", "name of the bureau"),
    "date": Words("发函日期", "date of the letter"),
    "until": Words("办理期限", "day by which it is done"),
    "reason": Words("理由", "reason"),
    "remark": Words("审核意见", "remark of the officer"),
    "amount": Words("核定额度", "amount granted"),
    "voucher": Words("券编号", "number of the voucher"),
    "valid_until": Words("有效期至", "last day of validity"),
    "left": Words("券内余额", "what is left on the voucher"),
    "appeal": Words("救济途径", "how to object and appeal"),
    "case": Words("核查编号", "number of the case"),
    "subject": Words("核查事项", "what the case is about"),
}
"""Every place that a template may hold, and what stands there."""

ALWAYS = frozenset({"enterprise", "application", "scheme", "bureau", "date"})
IN_CASES = frozenset({"enterprise", "case", "subject", "bureau", "date"})
"""What a letter of a case knows in their place: a case need not have an application."""
CASE_KINDS = frozenset({"case_asked", "case_closed", "case_recover"})
FURTHER: Mapping[str, frozenset[str]] = {
    "accepted": frozenset({"until"}),
    "supplement": frozenset({"until", "remark"}),
    "refused": frozenset({"reason", "remark", "appeal"}),
    "approved": frozenset({"amount", "remark"}),
    "issued": frozenset({"amount", "voucher", "valid_until"}),
    "frozen": frozenset({"voucher", "reason", "left", "appeal"}),
    "unfrozen": frozenset({"voucher", "reason", "left"}),
    "revoked": frozenset({"voucher", "reason", "left", "appeal"}),
    "extended": frozenset({"voucher", "reason", "valid_until"}),
    "case_asked": frozenset({"until", "remark"}),
    "case_closed": frozenset({"remark", "until"}),
    "case_recover": frozenset({"remark", "amount", "left", "until", "appeal"}),
}
"""What each kind of letter knows besides the places of all letters."""

NEEDED: Mapping[str, frozenset[str]] = {
    "supplement": frozenset({"until", "remark"}),
    "refused": frozenset({"reason", "appeal"}),
    "frozen": frozenset({"voucher", "reason"}),
    "revoked": frozenset({"voucher", "reason", "appeal"}),
    "case_asked": frozenset({"until", "remark"}),
    "case_recover": frozenset({"remark", "amount", "appeal"}),
}
"""What a letter must not leave out: a refusal says why and how to appeal (行政许可法第三十八条)."""

APPEAL = Words(
    "如不服本决定，可以自收到本通知之日起六十日内依法申请行政复议，或者自收到之日起六个月内依法向人民法院提起行政诉讼"
    "（行政复议法第二十条、行政诉讼法第四十六条）。也可以先通过本平台向本机关提出异议。",
    "If you disagree with this decision, you may apply for administrative reconsideration within sixty days of "
    "receiving it, or bring an action before the people's court within six months (Administrative Reconsideration "
    "Law, Article 20; Administrative Litigation Law, Article 46). You may also first object to this bureau here.",
)

_PLACE = re.compile(r"\{([a-z_]+)\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Template:
    """Subject and body in both languages."""

    subject: Words
    body: Words


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text: `unknown`, `not_here`, `missing` (with the place) or `braces`."""

    code: str
    place: str = ""


def always(kind: str) -> frozenset[str]:
    """The places that every letter of that kind may hold."""
    return IN_CASES if kind in CASE_KINDS else ALWAYS


def places_of(kind: str) -> list[str]:
    """The places that a letter of that kind may hold, in the order of the list."""
    known = always(kind) | FURTHER[kind]
    return [name for name in PLACES if name in known]


def faults(text: str, kind: str, *, whole: bool) -> list[Fault]:
    """What is wrong with a subject or, when `whole`, with a body, which must hold what is needed."""
    found: list[Fault] = []
    used = _PLACE.findall(text)
    for name in dict.fromkeys(used):
        if name not in PLACES:
            found.append(Fault("unknown", name))
        elif name not in always(kind) | FURTHER[kind]:
            found.append(Fault("not_here", name))
    rest = _PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        found.append(Fault("braces"))
    if whole:
        needed = NEEDED.get(kind, frozenset())
        found += [Fault("missing", name) for name in PLACES if name in needed - set(used)]
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled once: what stands in a value is never read as a place."""
    return _PLACE.sub(lambda match: values[match[1]], text)


def _letter(subject_zh: str, subject_en: str, body_zh: str, body_en: str) -> Template:
    opening = Words("{enterprise}：\n\n", "To {enterprise}\n\n")
    closing = Words("\n\n{bureau}\n{date}", "\n\n{bureau}\n{date}")
    return Template(
        Words(subject_zh, subject_en),
        Words(opening.zh + body_zh + closing.zh, opening.en + body_en + closing.en),
    )


STANDING: Mapping[str, Template] = {
    "accepted": _letter(
        "受理通知书（{application}）",
        "Your application {application} was accepted",
        "你单位申领“{scheme}”的材料（编号{application}）已于{date}受理，初审将于{until}前完成。"
        "办理进度可随时在本平台的申领页面查看。",
        "Your application {application} to the scheme “{scheme}” was accepted on {date}. The first review will be "
        "done by {until}. You can follow it at any time on the page of the application.",
    ),
    "supplement": _letter(
        "补正通知书（{application}）",
        "Please supplement your application {application}",
        "你单位申领“{scheme}”的材料（编号{application}）需要补正，请于{until}前在本平台逐项补正：\n\n{remark}\n\n"
        "补正所用时间不计入办理期限。",
        "Your application {application} to the scheme “{scheme}” needs a supplement. Please answer each remark here "
        "by {until}:\n\n{remark}\n\nThe time you take does not count towards ours.",
    ),
    "refused": _letter(
        "不予通过通知书（{application}）",
        "Your application {application} was not approved",
        "你单位申领“{scheme}”（编号{application}）未获通过。理由：{reason}\n{remark}\n\n{appeal}",
        "Your application {application} to the scheme “{scheme}” was not approved. Reason: {reason}\n{remark}\n\n"
        "{appeal}",
    ),
    "approved": _letter(
        "审核通过通知书（{application}）",
        "Your application {application} was approved",
        "你单位申领“{scheme}”（编号{application}）已通过审核，核定额度{amount}。项目需要公示的，公示结束后发放。",
        "Your application {application} to the scheme “{scheme}” was approved. Amount granted: {amount}. Where the "
        "scheme has a public notice, the voucher is issued when the notice has ended.",
    ),
    "issued": _letter(
        "券发放通知书（{voucher}）",
        "Your voucher {voucher} was issued",
        "“{scheme}”的券{voucher}已发放，额度{amount}，有效期至{valid_until}。请在卡包中查看和使用；"
        "券仅限本单位使用，不得转让、赠与、出售或出借。",
        "Your voucher {voucher} of the scheme “{scheme}” was issued. Amount: {amount}, valid until {valid_until}. "
        "You find it in your wallet. It is for your own use and cannot be transferred, given, sold or lent.",
    ),
    "frozen": _letter(
        "券冻结通知书（{voucher}）",
        "Your voucher {voucher} was frozen",
        "“{scheme}”的券{voucher}自{date}起冻结，冻结期间不能抵扣。余额{left}。理由：{reason}\n\n{appeal}",
        "Your voucher {voucher} of the scheme “{scheme}” was frozen on {date} and pays nothing until it is unfrozen. "
        "Left on it: {left}. Reason: {reason}\n\n{appeal}",
    ),
    "unfrozen": _letter(
        "券解冻通知书（{voucher}）",
        "Your voucher {voucher} was unfrozen",
        "“{scheme}”的券{voucher}自{date}起解冻，可以继续抵扣。余额{left}。说明：{reason}",
        "Your voucher {voucher} of the scheme “{scheme}” was unfrozen on {date} and pays again. Left on it: {left}. "
        "Reason: {reason}",
    ),
    "revoked": _letter(
        "券收回通知书（{voucher}）",
        "Your voucher {voucher} was revoked",
        "“{scheme}”的券{voucher}自{date}起收回，余额{left}退回项目预算。理由：{reason}\n\n{appeal}",
        "Your voucher {voucher} of the scheme “{scheme}” was revoked on {date}. What was left, {left}, returned to "
        "the budget. Reason: {reason}\n\n{appeal}",
    ),
    "extended": _letter(
        "券延期通知书（{voucher}）",
        "Your voucher {voucher} was extended",
        "“{scheme}”的券{voucher}已延期一次，有效期至{valid_until}。说明：{reason}",
        "Your voucher {voucher} of the scheme “{scheme}” was extended once and is valid until {valid_until}. "
        "Reason: {reason}",
    ),
    "case_asked": _letter(
        "核查询问函（{case}）",
        "Please make a statement in case {case}",
        "我局正在核查以下事项（编号{case}）：{subject}。请于{until}前在本平台书面说明并提交证明材料：\n\n{remark}\n\n"
        "逾期未说明的，我局将依据已有材料作出结论。",
        "We are looking into the following (case {case}): {subject}. Please make a statement here by {until} and "
        "add what proves it:\n\n{remark}\n\nWithout a statement by then we conclude on what we have.",
    ),
    "case_closed": _letter(
        "核查结论通知书（{case}）",
        "Case {case} is closed",
        "关于以下事项的核查（编号{case}）已于{date}结束：{subject}。结论：\n\n{remark}",
        "The case {case} about the following was closed on {date}: {subject}. Conclusion:\n\n{remark}",
    ),
    "case_recover": _letter(
        "财政资金追回决定书（{case}）",
        "Public money is recovered in case {case}",
        "关于以下事项的核查（编号{case}）已于{date}结束：{subject}。结论：\n\n{remark}\n\n决定追回财政资金{amount}，"
        "其中须由你单位缴回{left}。\n\n{appeal}",
        "The case {case} about the following was closed on {date}: {subject}. Conclusion:\n\n{remark}\n\nPublic "
        "money recovered: {amount}, of which you have to pay back {left}.\n\n{appeal}",
    ),
}
"""What is written when the bureau has no words of its own."""
