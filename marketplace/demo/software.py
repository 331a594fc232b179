"""The rows of the demonstration's supply: models and applications on them."""

from marketplace.demo.supply import (
    CALL,
    IMAGE,
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
