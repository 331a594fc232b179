"""Twelve bundles: compute + platform + application, mostly of two or three providers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Package:
    """A bundle: publisher and chain by keys of marketplace.demo.suppliers; start cost in yuan."""

    publisher: str
    name: str
    summary: str
    chain: tuple[str, ...]
    scenarios: tuple[str, ...]
    start_yuan: int
    notice_days: int
    days_to_first_use: int
    operated_by: str = "provider"


PACKAGES: tuple[Package, ...] = (
    Package(
        "industry",
        "质检轻量套餐",
        "边缘卡时、通用模型与质检应用，拍照即判",
        ("edge-card", "doubao-lite", "inspect", "edge-store"),
        ("visual-inspection",),
        0,
        15,
        3,
    ),
    Package(
        "industry",
        "质检厂内套餐",
        "一体机进车间，图片不出厂",
        ("box-small", "box-tokens", "inspect"),
        ("visual-inspection",),
        3000,
        30,
        10,
    ),
    Package(
        "industry",
        "设备预测维护套餐",
        "传感数据就近分析，异常提前预警",
        ("edge-core", "qwen-plus", "maintain", "edge-store"),
        ("predictive-maintenance",),
        0,
        30,
        7,
    ),
    Package(
        "industry",
        "排产协同套餐",
        "订单、物料、产能一张表",
        ("pool-core", "glm", "plan"),
        ("production-planning", "supply-chain-platform"),
        0,
        30,
        7,
    ),
    Package(
        "industry",
        "研发设计助手套餐",
        "图纸说明、工艺文件自动起草",
        ("pool-core", "glm", "plan"),
        ("research-design", "software-assistant"),
        0,
        30,
        5,
    ),
    Package(
        "office",
        "合同单据套餐",
        "长文本模型抽取要点、比对条款",
        ("pool-core", "kimi", "contract"),
        ("contract-review", "drawing-check"),
        0,
        15,
        2,
    ),
    Package(
        "office",
        "智能客服套餐",
        "常见问题自动答，转人工有记录",
        ("pool-core", "deepseek", "service"),
        ("customer-service", "property-service"),
        0,
        15,
        2,
    ),
    Package(
        "office",
        "智能客服国产套餐",
        "国产算力、厂内模型，数据留本地",
        ("box-small", "box-tokens", "service"),
        ("customer-service",),
        2000,
        30,
        8,
    ),
    Package(
        "office",
        "文献与备货助手套餐",
        "资料研读、备货建议，一句话问",
        ("edge-core", "qwen-plus", "report"),
        ("literature-review", "catering-purchasing"),
        0,
        15,
        2,
    ),
    Package(
        "office",
        "轻量文书套餐",
        "摘要、脚本、草稿，价格最低",
        ("pool-core", "pool-tokens", "report"),
        ("short-video", "literature-review", "load-forecast"),
        0,
        7,
        1,
    ),
    Package(
        "storage",
        "冷链追溯套餐",
        "数据集、热存储与报表应用",
        ("edge-core", "pool-tokens", "report", "hot", "dataset"),
        ("cold-chain", "crop-monitoring"),
        0,
        30,
        5,
    ),
    Package(
        "network",
        "智慧仓储套餐",
        "一毫秒专线、边缘卡时与质检应用",
        ("edge-card", "deepseek", "inspect", "line-1ms"),
        ("smart-warehousing",),
        500,
        30,
        7,
    ),
)
