"""The rows of the demonstration's supply: sites and what they sell; all eight suppliers."""

from marketplace.demo.software import INDUSTRY, MODELS, OFFICE, QWEN, ZHIPU
from marketplace.demo.supply import (
    CALL,
    CARD_HOUR,
    CORE_HOUR,
    GB_MONTH,
    MBPS_MONTH,
    Goods,
    Site,
    Supplier,
    per,
    tokens,
)

EDGE = Supplier(
    "edge",
    "西峰边缘算力有限公司",
    "621002",
    "唐岳",
    "B1.B2-20240617",
    (
        Site(
            "edge_data_center",
            "西峰开发区边缘数据中心",
            "621002",
            900,
            {"cards": 64, "card_model": "昇腾 910B", "cores": 4096, "storage_gb": 500_000},
        ),
    ),
    (
        Goods(
            "edge-card",
            "compute",
            "边缘推理卡时(国产)",
            "园区内推理,时延一毫秒以内",
            per(CARD_HOUR, "5.20"),
            has_domestic_chip=True,
        ),
        Goods("edge-core", "compute", "边缘通用核时", "数据预处理和小模型", per(CORE_HOUR, "0.12")),
        Goods("edge-store", "storage", "边缘热存储", "设备数据就近保存", per(GB_MONTH, "0.35")),
    ),
)
POOL = Supplier(
    "pool",
    "陇东云谷算力运营有限公司",
    "621002",
    "温启航",
    "B1.B2-20240702",
    (
        Site(
            "sme_pool",
            "陇东中小企业专属算力池",
            "621002",
            2600,
            {
                "contributors": 6,
                "reserved_percent": 60,
                "cards": 256,
                "cores": 16_384,
                "storage_gb": 1_000_000,
            },
        ),
    ),
    (
        Goods(
            "pool-card",
            "compute",
            "中小企业池卡时",
            "多家合建、统一售卖的训练与微调卡时",
            per(CARD_HOUR, "6.80"),
        ),
        Goods("pool-core", "compute", "中小企业池核时", "夜间批处理更经济", per(CORE_HOUR, "0.08")),
        Goods(
            "pool-tokens",
            "platform",
            "池内轻量模型 Token",
            "文本分类、摘要等轻任务",
            tokens("0.05", "0.2", QWEN),
            model_name="qwen-turbo",
        ),
    ),
)
APPLIANCE = Supplier(
    "appliance",
    "庆阳训推一体机服务有限公司",
    "621002",
    "祁连生",
    "B1-20240815",
    (
        Site(
            "appliance",
            "训推一体机(进厂部署)",
            "621002",
            500,
            {"machines": 40, "machine_model": "训推一体机 8 卡", "cards_per_machine": 8},
        ),
    ),
    (
        Goods(
            "box-small",
            "compute",
            "一体机卡时(轻量型)",
            "放进车间,数据不出厂",
            per(CARD_HOUR, "4.60"),
            has_domestic_chip=True,
        ),
        Goods(
            "box-large",
            "compute",
            "一体机卡时(增强型)",
            "可本地微调行业模型",
            per(CARD_HOUR, "9.80"),
            has_domestic_chip=True,
        ),
        Goods(
            "box-tokens",
            "platform",
            "一体机本地模型 Token",
            "厂内推理服务",
            tokens("0.2", "1.1", ZHIPU),
            model_name="glm-4.5-air",
            has_domestic_chip=True,
        ),
    ),
)
STORAGE = Supplier(
    "storage",
    "庆阳先进存储有限公司",
    "621002",
    "戴立群",
    "B1-20240722",
    (
        Site(
            "storage_center",
            "庆阳先进存力中心",
            "621002",
            5200,
            {"storage_gb": 20_000_000, "copies": 3},
        ),
    ),
    (
        Goods("hot", "storage", "热存储", "在线读写", per(GB_MONTH, "0.12")),
        Goods("warm", "storage", "温存储", "月度归档与备份", per(GB_MONTH, "0.05")),
        Goods(
            "dataset",
            "dataset",
            "农产品与冷链数据集调用",
            "标注温度、品类与损耗",
            per(CALL, "0.02"),
        ),
    ),
)
NETWORK = Supplier(
    "network",
    "陇原城域网络有限公司",
    "621002",
    "牛向东",
    "A2.B1-20240603",
    (
        Site(
            "metro_network",
            "庆阳城域毫秒用算环",
            "621000",
            800,
            {"bandwidth_mbps": 100_000, "circle_ms": 1},
        ),
    ),
    (
        Goods("line-1ms", "network", "一毫秒入算专线", "城区到边缘节点", per(MBPS_MONTH, "18.00")),
        Goods(
            "line-5ms", "network", "五毫秒入算专线", "各县到数据中心集群", per(MBPS_MONTH, "9.00")
        ),
    ),
)

SUPPLIERS: tuple[Supplier, ...] = (
    EDGE,
    POOL,
    APPLIANCE,
    MODELS,
    INDUSTRY,
    OFFICE,
    STORAGE,
    NETWORK,
)
