"""Who does what in the demonstration: states of applications, and who orders which scenario."""

from vouchers.grants.models import ApplicationStatus, VoucherKind

HERO = 38
"""The firm whose first month is the real trace of requests."""

SIGN_IN_FIRMS = frozenset({1, 9, 10, 29, HERO})
"""Firms whose people get a password."""

STATES: dict[int, ApplicationStatus] = {
    9: ApplicationStatus.DRAFT,
    10: ApplicationStatus.PREPARED,
    13: ApplicationStatus.SUBMITTED,
    12: ApplicationStatus.SUBMITTED,
    14: ApplicationStatus.FIRST_PASSED,
    34: ApplicationStatus.SUPPLEMENT,
    18: ApplicationStatus.APPROVED,
    24: ApplicationStatus.NOTICED,
    29: ApplicationStatus.REJECTED,
    31: ApplicationStatus.WITHDRAWN,
}
"""Firms whose application does not end with a voucher, by number."""

PLANNED_YUAN = (24_000, 36_000, 48_000, 60_000, 90_000)
"""Planned spends of a year, dealt out by the firm's number."""

EXTRA: dict[int, VoucherKind] = {
    21: VoucherKind.NETWORK,
    22: VoucherKind.NETWORK,
    20: VoucherKind.STORAGE,
    1: VoucherKind.STORAGE,
}
"""Firms that also get a storage or network voucher."""

ORDERS: dict[int, tuple[str, int, str]] = {
    1: ("visual-inspection", 160_000, "轴承外观缺陷识别，替代人工目检"),
    2: ("predictive-maintenance", 120, "熔炼与造型设备异常预警"),
    3: ("research-design", 300, "井口配件图纸说明和工艺文件起草"),
    4: ("visual-inspection", 90_000, "羊绒织物疵点识别"),
    5: ("research-design", 180, "定制家具方案和下料说明"),
    6: ("production-planning", 900, "果汁灌装线排产"),
    7: ("predictive-maintenance", 200, "综采支架维修预测"),
    8: ("visual-inspection", 70_000, "饮片杂质与霉变识别"),
    11: ("crop-monitoring", 40_000, "林区病虫害照片识别"),
    15: ("load-forecast", 6_000, "电站与用户用能预测"),
    16: ("drawing-check", 4_000, "施工图与专项方案审查"),
    17: ("drawing-check", 1_500, "装修图纸审查"),
    19: ("customer-service", 20_000, "香包网店咨询应答"),
    20: ("cold-chain", 3_000, "苹果冷链到货温度追溯"),
    21: ("smart-warehousing", 60_000, "货站出入库识别"),
    22: ("smart-warehousing", 110_000, "立体库入位与复核"),
    25: ("catering-purchasing", 60, "门店备货与排班"),
    26: ("software-assistant", 30, "代码生成与测试"),
    27: ("software-assistant", 12, "标注平台研发"),
    30: ("contract-review", 5_000, "劳务与派遣合同审阅"),
    32: ("literature-review", 900, "检测标准与文献研读"),
    33: ("literature-review", 1_400, "设计规范检索与研读"),
    36: ("short-video", 900, "文旅短视频脚本与分镜"),
    37: ("research-design", 700, "智能装备方案设计"),
    38: ("customer-service", 30_000, "企业服务热线智能应答"),
    39: ("software-assistant", 16, "代码生成与评审"),
    40: ("contract-review", 9_000, "采购合同审阅与比对"),
}
"""Firm -> (scenario, monthly volume in the scenario's unit, purpose)."""
