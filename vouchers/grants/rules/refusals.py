"""The closed list of reasons for which an application may be refused."""

from vouchers.grants.rules.wording import Words

AUTOMATIC = {
    "outside_window": Words(
        "不在申领期内。请留意该项目公布的申领时间。",
        "The scheme takes no applications on this day. See its dates.",
    ),
    "kind_not_offered": Words(
        "该项目不发放此类券。请选择项目列出的券种。",
        "The scheme does not issue this kind of voucher. Choose a kind that it lists.",
    ),
    "size_not_eligible": Words(
        "企业规模不在支持范围内。请查看其他项目。",
        "The size of the enterprise is not among those supported. See the other schemes.",
    ),
    "section_not_eligible": Words(
        "所属行业不在支持范围内。请查看其他项目。",
        "The industry is not among those supported. See the other schemes.",
    ),
    "region_not_eligible": Words(
        "注册地不在支持区域内。请查看所在地的项目。",
        "The place of registration is outside the supported region. See the schemes of your place.",
    ),
    "below_minimum": Words(
        "按计划支出算出的额度低于最低申领额度。提高计划支出后可再次申领。",
        "The amount worked out is below the least amount. Apply again with a larger planned spend.",
    ),
    "firm_year_cap_reached": Words(
        "本年度可申领额度已用完。下一年度可再次申领。",
        "The yearly limit of this enterprise is used up. Apply again next year.",
    ),
    "budget_exhausted": Words(
        "该项目预算已发放完毕。请查看其他项目。",
        "The scheme's budget is used up. See the other schemes.",
    ),
}
"""Reasons that the assessment finds by itself."""

BY_PERSON = {
    "evidence_missing": Words(
        "说明不完整，无法核实用途。请补充后重新申领。",
        "The statement is incomplete and the purpose cannot be verified. Complete it and apply again.",
    ),
    "evidence_contradicts": Words(
        "申请内容与核实情况不一致。请更正后重新申领。",
        "The application differs from what was verified. Correct it and apply again.",
    ),
    "purpose_not_eligible": Words(
        "用途不在支持范围内。请查看项目支持的用途。",
        "The purpose is not supported. See what the scheme supports.",
    ),
    "related_party": Words(
        "申请企业与供给方存在关联关系，不予支持。",
        "The enterprise and the provider are related parties, which the scheme excludes.",
    ),
    "same_contract_subsidized": Words(
        "同一合同已获得其他财政补贴，不得重复享受。",
        "The same contract is already subsidized and cannot be subsidized twice.",
    ),
    "bad_record": Words(
        "企业存在失信或违规记录。请先完成信用修复。",
        "The enterprise has a record of breaches. Have the record repaired first.",
    ),
}
"""Reasons that only a person may find."""

BY_TIME = {
    "supplement_overdue": Words(
        "未在补正期限内提交补正材料。可在申领期内重新申领。",
        "What was asked for was not handed in by the last day. Apply again while the scheme is open.",
    ),
}
"""Reasons that come about by themselves when a last day has passed."""

REFUSALS: dict[str, Words] = {**AUTOMATIC, **BY_PERSON, **BY_TIME}


def words_of(code: str) -> Words:
    """The sentence of a code; KeyError for a code outside the list."""
    return REFUSALS[code]
