"""The rows of the demonstration's supply: eight providers, their sites and 25 offerings."""

from marketplace.demo.supply import (
    CALL,
    CARD_HOUR,
    CORE_HOUR,
    GB_MONTH,
    IMAGE,
    MBPS_MONTH,
    Goods,
    Site,
    Supplier,
    per,
    tokens,
)

DEEPSEEK = "https://api-docs.deepseek.com/quick_start/pricing"
QWEN = "https://www.alibabacloud.com/help/en/model-studio/models"
ZHIPU = "https://docs.z.ai/guides/overview/pricing"
KIMI = "https://platform.moonshot.ai/docs/guide/kimi-k2-5-quickstart"
DOUBAO = "https://www.volcengine.com/docs/82379/1544106"

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
MODELS = Supplier(
    "models",
    "东数智模型服务有限公司",
    "621002",
    "方以恒",
    "B1.B2-20240520",
    (
        Site(
            "edge_data_center",
            "庆阳集群推理中心",
            "621002",
            4200,
            {"cards": 512, "card_model": "昇腾 910B", "cores": 32_768, "storage_gb": 2_000_000},
        ),
    ),
    (
        Goods(
            "deepseek",
            "platform",
            "通用对话模型 Token(深度求索)",
            "问答、写作、客服",
            tokens("0.28", "0.42", DEEPSEEK),
            model_name="deepseek-chat",
        ),
        Goods(
            "qwen-plus",
            "platform",
            "通用模型 Token(千问)",
            "文档理解与抽取",
            tokens("0.4", "1.2", QWEN),
            model_name="qwen-plus",
        ),
        Goods(
            "glm",
            "platform",
            "推理模型 Token(智谱)",
            "分析、规划、代码",
            tokens("0.6", "2.2", ZHIPU),
            model_name="glm-4.6",
            has_domestic_chip=True,
        ),
        Goods(
            "kimi",
            "platform",
            "长文本模型 Token(月之暗面)",
            "合同与长文档",
            tokens("0.6", "3.0", KIMI),
            model_name="kimi-k2.5",
        ),
        Goods(
            "doubao-lite",
            "platform",
            "轻量模型 Token(豆包)",
            "高频短请求",
            tokens("0.115", "0.388126", DOUBAO),
            model_name="doubao-seed-2-1-lite",
        ),
    ),
)
INDUSTRY = Supplier(
    "industry",
    "塬上工业软件有限公司",
    "621002",
    "陆铮",
    "B2-20240930",
    (),
    (
        Goods(
            "inspect",
            "application",
            "外观质检应用",
            "拍照即判,缺陷留痕",
            per(IMAGE, "0.012"),
            facility=None,
        ),
        Goods(
            "maintain",
            "application",
            "设备预测性维护应用",
            "振动与温度异常提前预警",
            per(CALL, "0.006"),
            facility=None,
        ),
        Goods(
            "plan",
            "application",
            "排产与供应链应用",
            "订单、物料、产能一张表",
            per(CALL, "0.05"),
            facility=None,
        ),
    ),
)
OFFICE = Supplier(
    "office",
    "陇上企业应用有限公司",
    "621002",
    "苗可欣",
    "B2-20241011",
    (),
    (
        Goods(
            "contract",
            "application",
            "合同与单据助手",
            "抽取要点、比对条款",
            per(CALL, "0.03"),
            facility=None,
        ),
        Goods(
            "service",
            "application",
            "智能客服应用",
            "常见问题自动答,转人工有记录",
            per(CALL, "0.01"),
            facility=None,
        ),
        Goods(
            "report",
            "application",
            "经营报表助手",
            "一句话查经营数据",
            per(CALL, "0.02"),
            facility=None,
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
