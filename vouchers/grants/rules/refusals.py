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
    "cap_reached": Words(
        "可申领额度已用完。额度恢复后可再次申领，也可查看其他项目。",
        "The limit is used up. Apply again when it is renewed, or see the other schemes.",
    ),
    "already_claimed": Words(
        "同一合同、项目或内容只能申领一次。",
        "The same contract, project or content can be claimed only once.",
    ),
    "not_eligible": Words(
        "未满足该项目的一项条件。请查看条件说明或其他项目。",
        "One condition of the scheme is not met. See the condition, or the other schemes.",
    ),
    "applicant_not_eligible": Words(
        "申请主体类型不在支持范围内。请查看其他项目。",
        "This kind of applicant is not supported. See the other schemes.",
    ),
    "title_missing": Words(
        "未取得该项目要求的认定。取得后可再次申领。",
        "A title that the scheme asks for is missing. Apply again when it is awarded.",
    ),
    "age_not_eligible": Words(
        "成立年限不符合要求。请查看其他项目。",
        "The age of the enterprise does not fit. See the other schemes.",
    ),
    "spend_too_small": Words(
        "实际支出未达到门槛。达到门槛后可再次申领。",
        "The spend has not reached the threshold. Apply again when it has.",
    ),
    "contract_dates": Words(
        "合同签订日期或期限不符合要求。请核对合同。",
        "The dates or the length of the contract do not fit. Check the contract.",
    ),
    "content_not_eligible": Words(
        "所购内容不在支持范围内。请查看项目支持的内容。",
        "What was bought is not supported. See what the scheme supports.",
    ),
    "provider_not_eligible": Words(
        "供给方不符合要求。请选择符合条件的供给方。",
        "The provider does not qualify. Choose one that does.",
    ),
    "product_not_listed": Words(
        "所购产品未上架。请从产品清单中选择。",
        "The product is not on the list. Choose one from the list.",
    ),
    "chip_not_eligible": Words(
        "算力芯片来源不符合要求。请选择符合条件的算力。",
        "The origin of the chips does not fit. Choose computing that qualifies.",
    ),
    "model_not_filed": Words(
        "模型尚未备案。完成备案后可再次申领。",
        "The model is not filed. Apply again when it is.",
    ),
    "capacity_too_small": Words(
        "算力规模未达到要求。达到后可再次申领。",
        "The capacity has not reached what is asked. Apply again when it has.",
    ),
    "target_not_reached": Words(
        "目标尚未完成。完成后可再次申请兑现。",
        "The target has not been reached. Apply again when it has.",
    ),
    "not_selected": Words(
        "评审名次未进入支持范围。请留意下一轮申报。",
        "The rank in the competition was not among those supported. See the next round.",
    ),
    "years_used_up": Words(
        "连续获支持的年数已满。",
        "The number of years in a row is used up.",
    ),
    "supported_elsewhere": Words(
        "同一内容已获其他财政支持，不得重复享受。",
        "The same content is already supported elsewhere and cannot be supported twice.",
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
