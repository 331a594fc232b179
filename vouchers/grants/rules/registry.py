"""The facts that every scheme may ask without declaring them. A scheme may declare further ones of its own."""

from collections.abc import Mapping
from typing import Any

from accounts.rules import industries
from vouchers.grants.rules.facts import NOTHING, Asked, Fact, FactType
from vouchers.grants.rules.wording import NAMES, Words


def _fact(
    name: str,
    type: FactType,  # noqa: A002 the word of the format
    zh: str,
    en: str,
    asked: Asked = "applicant",
    help: Words = NOTHING,  # noqa: A002 the word of the format
    choices: Mapping[str, Words] | None = None,
    fields: tuple[Fact, ...] = (),
    column: str = "",
) -> Fact:
    return Fact(
        name, type, Words(zh, en), help, asked, tuple((choices or {}).items()), fields, column
    )


SECTIONS = {
    letter: Words(f"{letter} {each.name}", f"{letter} {each.name_en}")
    for letter, each in industries.SECTIONS.items()
}
SIZES = {name: NAMES[name] for name in ("large", "medium", "small", "micro", "not_covered")}
LEGAL_FORMS = {
    "company": Words("企业法人", "company"),
    "opc": Words("一人公司（OPC）", "one-person company (OPC)"),
    "sole_trader": Words("个体工商户", "sole trader"),
    "maker": Words("创客（未注册企业）", "maker without a registered firm"),
    "university": Words("高等院校", "university"),
    "research_institute": Words("科研院所", "research institute"),
    "new_research_institute": Words("新型研发机构", "new-type research institute"),
    "public_institution": Words("事业单位", "public institution"),
    "hospital": Words("医疗机构", "hospital"),
    "social_organization": Words("社会组织", "social organization"),
    "government": Words("党政机关", "government body"),
}
AWARDS = {
    "specialized": Words("专精特新中小企业", "specialized and sophisticated SME (专精特新)"),
    "little_giant": Words("专精特新“小巨人”企业", "little giant (小巨人)"),
    "champion": Words("制造业单项冠军企业", "single-product champion (单项冠军)"),
    "innovative_sme": Words("创新型中小企业", "innovative SME"),
    "tech_sme": Words("科技型中小企业", "technology SME"),
    "high_tech": Words("高新技术企业", "high-tech enterprise"),
    "gazelle": Words("瞪羚企业", "gazelle"),
    "unicorn": Words("独角兽企业", "unicorn"),
    "chain_leader": Words("链主企业", "leader of an industrial chain"),
    "incubated": Words("省部级以上孵化器在孵企业", "incubated at provincial level or above"),
}
LICENCES = {
    "idc": Words("互联网数据中心（IDC）", "internet data center (IDC)"),
    "isp": Words("互联网接入服务（ISP）", "internet access (ISP)"),
    "cdn": Words("内容分发网络（CDN）", "content delivery (CDN)"),
    "icp": Words("信息服务（ICP）", "information services (ICP)"),
}
LEVELS = {
    "national": Words("国家级", "national"),
    "provincial": Words("省级", "provincial"),
    "city": Words("市级", "city"),
    "district": Words("区县级", "district"),
}
ORIGINS = {
    "domestic": Words("国产", "domestic"),
    "foreign": Words("非国产", "foreign"),
    "mixed": Words("混合", "mixed"),
}
ROLES = {
    "buyer": Words("需求方", "buyer"),
    "seller": Words("供给方", "seller"),
    "platform": Words("平台运营方", "platform"),
}
_SPENDING = (
    _fact("starts_on", "date", "服务开始日", "first day of the service"),
    _fact("ends_on", "date", "服务结束日", "last day of the service"),
    _fact("amount", "money", "结算金额", "amount settled"),
    _fact("number", "text", "合同或发票号码", "number of contract or invoice"),
    _fact("item", "text", "内容", "what it was for"),
)

_ALL = (
    # who applies
    _fact("size", "choice", "企业规模", "Size of the enterprise", "profile", choices=SIZES),
    _fact("section", "choice", "所属行业", "Industry", "profile", choices=SECTIONS),
    _fact("region", "region", "注册地", "Place of registration", "profile"),
    _fact("industry", "text", "行业代码", "Industry code", "profile"),
    _fact("employees", "integer", "从业人员", "Employees", "profile"),
    _fact("revenue", "money", "年营业收入", "Yearly revenue", "profile"),
    _fact("assets", "money", "资产总额", "Total assets", "profile"),
    _fact("established_on", "date", "成立日期", "Day of establishment"),
    _fact("legal_form", "choice", "申请主体类型", "Kind of applicant", choices=LEGAL_FORMS),
    _fact("awards", "choices", "所获认定", "Titles awarded", choices=AWARDS),
    _fact("park", "text", "所在园区", "Park"),
    _fact("pays_local_insurance", "flag", "在本地缴纳社会保险", "Pays social insurance locally"),
    _fact("has_sound_books", "flag", "财务制度健全", "Keeps proper accounts"),
    _fact(
        "clean_years",
        "integer",
        "无失信违法记录年数",
        "Years without a breach on record",
        "officer",
    ),
    _fact("has_bad_record", "flag", "列入严重失信名单", "On a list of serious breaches", "officer"),
    _fact("passed_credit_check", "flag", "通过信用核验", "Passed the credit check", "officer"),
    _fact("rd_spend", "money", "年研发投入", "Yearly spend on research"),
    _fact("direction", "text", "申报方向", "Direction applied for"),
    _fact("role", "choice", "交易身份", "Side of the trade", choices=ROLES),
    # what is bought
    _fact("kind", "text", "券种", "Kind of voucher", column="kind"),
    _fact(
        "planned_spend",
        "money",
        "计划支出",
        "Planned spend",
        column="planned_spend_fen",
        help=Words(
            "计划用于本券支持范围内服务的含税金额",
            "What you plan to spend on supported services, with tax",
        ),
    ),
    _fact("contract_number", "text", "合同编号", "Number of the contract"),
    _fact("contract_amount", "money", "合同金额", "Amount of the contract"),
    _fact("contract_signed_on", "date", "合同签订日", "Day the contract was signed"),
    _fact("contract_starts_on", "date", "合同开始日", "First day of the contract"),
    _fact("contract_ends_on", "date", "合同结束日", "Last day of the contract"),
    _fact("executed_amount", "money", "合同实际执行金额", "Amount executed under the contract"),
    _fact("settled_amount", "money", "实际结算金额", "Amount settled"),
    _fact("settlements", "records", "结算明细", "Settlements", fields=_SPENDING),
    _fact("annual_spend", "money", "年度实际支出", "Spend of the year"),
    _fact("annual_model_fee", "money", "年度模型调用费", "Model fees of the year"),
    _fact("quarter_spend", "money", "本季度支出", "Spend of the quarter"),
    _fact("spend_3_months", "money", "连续三个月累计支出", "Spend of three months in a row"),
    _fact("order_amount", "money", "订单金额", "Amount of the order"),
    _fact("bill_amount", "money", "账单金额", "Amount of the bill"),
    _fact("card_hours", "number", "申请卡时", "Card-hours asked for"),
    _fact("chip_origin", "choice", "芯片来源", "Origin of the chips", choices=ORIGINS),
    _fact("domestic_share", "share", "国产算力占比", "Share of domestic chips"),
    _fact("service_months", "integer", "使用月数", "Months of use"),
    _fact("project", "text", "项目编号", "Project"),
    _fact("project_level", "choice", "项目级别", "Level of the project", choices=LEVELS),
    _fact("dataset", "text", "数据集编号", "Data set"),
    # from whom
    _fact("provider", "text", "供给方", "Provider"),
    _fact("provider_is_related", "flag", "与供给方存在关联关系", "Related to the provider"),
    _fact("provider_is_listed", "flag", "供给方在名单内", "Provider is on the list", "officer"),
    _fact("product_is_listed", "flag", "产品已上架", "Product is on the list", "officer"),
    _fact("provider_region", "region", "设施所在地", "Place of the facility", "system"),
    _fact(
        "provider_licences",
        "choices",
        "供给方许可",
        "Licences of the provider",
        "officer",
        choices=LICENCES,
    ),
    _fact(
        "provider_pflops",
        "number",
        "供给方算力（PFLOPS）",
        "Capacity of the provider (PFLOPS)",
        "officer",
    ),
    _fact("provider_racks", "integer", "供给方机架数", "Racks of the provider", "officer"),
    _fact(
        "provider_keeps_logs",
        "flag",
        "供给方具备计量日志",
        "Provider keeps metering logs",
        "officer",
    ),
    _fact("model_is_filed", "flag", "模型已备案", "Model is filed"),
    # what was decided elsewhere
    _fact(
        "other_support", "money", "同一内容已获其他财政支持", "Other support for the same content"
    ),
    _fact("contract_was_subsidized", "flag", "同一合同已获补贴", "Contract was already subsidized"),
    _fact("content_was_subsidized", "flag", "同一内容已获支持", "Content was already supported"),
    _fact("district_share", "share", "区级支持比例", "Share paid by the district", "officer"),
    _fact("score", "number", "评审得分", "Score of the experts", "officer"),
    _fact("rank", "integer", "评审名次", "Rank among the applicants", "officer"),
    _fact("applicants", "integer", "参评申请数", "Number ranked", "officer"),
    _fact("reached_share", "share", "目标完成比例", "Share of the target reached", "officer"),
    _fact("pflops", "number", "算力规模（PFLOPS，FP16）", "Capacity (PFLOPS, FP16)"),
    _fact(
        "funded_years_in_a_row", "integer", "已连续获支持年数", "Years funded in a row", "system"
    ),
    _fact("pool_demand", "money", "本轮核定申请总额", "Total found due in the round", "system"),
    _fact("day", "date", "办理日", "Day of the decision", "system"),
)

FACTS: Mapping[str, Fact] = {fact.name: fact for fact in _ALL}


def facts_of(rules: Any) -> tuple[Fact, ...]:
    """The facts that the rules of a scheme ask, in the order in which they ask them.

    Those with a `column` are fields of the application; of the others, `asked` says who answers.
    """
    own: tuple[Fact, ...] | None = getattr(rules, "facts", None)
    if own is not None:
        return own
    names = ["kind", "planned_spend"]
    profile = {"size": rules.sizes, "section": rules.sections, "region": rules.applicant_regions}
    names += [name for name, rule in profile.items() if rule]
    return tuple(FACTS[name] for name in names)
