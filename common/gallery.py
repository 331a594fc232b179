"""Content of the gallery of components: believable examples, for looking and for axe only.

The examples are Chinese as a reader of the demo city would meet them; they are no product text.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone

from common.components import (
    Comparison,
    ComparisonRow,
    Fact,
    Moment,
    Reason,
    Task,
    Tile,
    Verdict,
    VoucherShares,
)
from common.context import Link
from common.display import money_text, money_wan_text
from common.navigation import Identity


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="企业名称", help_text="与营业执照一致。")
    code = forms.CharField(
        label="统一社会信用代码",
        help_text="18 位，可输入全角字符。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    amount = forms.DecimalField(label="合同金额（元）", help_text="不含税，最多两位小数。")
    industry = forms.ChoiceField(
        label="所属行业",
        choices=[("C", "制造业"), ("I", "信息传输、软件和信息技术服务业")],
    )
    size = forms.ChoiceField(
        label="企业规模",
        choices=[("micro", "微型"), ("small", "小型"), ("medium", "中型")],
        widget=forms.RadioSelect,
    )
    purpose = forms.CharField(label="算力用途", required=False, widget=forms.Textarea({"rows": 3}))
    evidence = forms.FileField(label="服务合同", required=False, help_text="PDF，不超过 10 MB。")
    agreed = forms.BooleanField(label="我声明以上内容真实，同一合同未重复申领补贴。")


def _examples_form() -> ExampleForm:
    form = ExampleForm(
        {
            "name": "青阳精密模具有限公司",
            "code": "91310000MA1FL0XX3T",
            "amount": "-5",
            "industry": "C",
        }
    )
    form.is_valid()
    form.add_error("code", "校验码不符：请核对最后一位。")
    form.add_error("amount", "金额须大于 0 元。")
    return form


def _reasons() -> list[Reason]:
    return [
        Reason(
            "企业规模为中小微",
            Verdict.PASS,
            "制造业，从业人员 42 人，小型",
            "实施细则第四条",
        ),
        Reason(
            "合同金额不低于 5,000 元",
            Verdict.PASS,
            "合同金额 86,400 元",
            "实施细则第六条",
        ),
        Reason(
            "供需双方无关联关系",
            Verdict.PERSON,
            "两家企业的登记电话相同",
            "实施细则第九条",
        ),
        Reason(
            "合同签订于 2024 年 3 月 1 日之后",
            Verdict.FAIL,
            "签订于 2024-02-18",
            "实施细则第五条",
        ),
    ]


def _tasks() -> list[Task]:
    return [
        Task("企业信息", "已完成", "good", "circle-check", "#tasks"),
        Task(
            "算力服务合同",
            "待补正",
            "warn",
            "alert-triangle",
            "#tasks",
            "合同缺盖章页，3 月 12 日前补交",
        ),
        Task("发票", "进行中", "info", "pencil", "#tasks"),
        Task(
            "声明与提交",
            "尚不能开始",
            "neutral",
            "lock",
            "",
            "完成以上各项后，由法定代表人提交",
        ),
    ]


def _moments(now: datetime) -> list[Moment]:
    return [
        Moment("提交申请", "done", now - timedelta(days=9), "李梅（经办人）"),
        Moment("形式审查通过", "done", now - timedelta(days=7), "市经信局 王强"),
        Moment(
            "复审",
            "now",
            None,
            "市经信局 复审岗",
            now + timedelta(days=3),
            "须由另一位工作人员办理",
        ),
        Moment("公示 5 个工作日", "later"),
        Moment("发券", "later"),
    ]


def _comparison() -> Comparison:
    return Comparison(
        "通用大模型推理服务比较",
        ["长河智算 · 标准", "云汐 · 轻量", "磐石 · 高速"],
        [
            ComparisonRow("输入（元/百万 Token）", ["2.00", "0.80", "4.00"], best=1),
            ComparisonRow("输出（元/百万 Token）", ["8.00", "2.00", "16.00"], best=1),
            ComparisonRow("首字时延（毫秒）", ["420", "680", "210"], best=2),
            ComparisonRow("所在地", ["本市", "本省", "本市"]),
            ComparisonRow("用券后每月自付", ["¥1,260.00", "¥540.00", "¥2,730.00"], best=1),
        ],
    )


def _usage(today: date) -> list[tuple[date, int, int]]:
    return [
        (
            today - timedelta(days=back),
            820_000 + back * 37_311 % 410_000,
            96_000 + back * 9_173 % 61_000,
        )
        for back in range(13, -1, -1)
    ]


def _lists(now: datetime) -> dict[str, Any]:
    return {
        "reasons": _reasons(),
        "tasks": _tasks(),
        "moments": _moments(now),
        "comparison": _comparison(),
        "usage": _usage(timezone.localdate(now)),
        "steps": ["企业信息", "材料上传", "核对", "声明并提交"],
        "facts": [
            Fact("企业名称", "青阳精密模具有限公司", "#facts"),
            Fact("行业与规模", "制造业 · 小型（从业人员 42 人）", "#facts"),
            Fact("补贴比例", "30%，每年最高 2,000,000 元"),
        ],
        "tiles": [
            Tile(
                "可用余额",
                money_text(6_412_050),
                "2 张券，最早 5 月 31 日到期",
                url="#tiles",
            ),
            Tile(
                "本月用量",
                "318.46",
                "比上月多 12%",
                "万 Token",
                exact="3,184,600 tokens",
            ),
            Tile("待确认账单", "1", "请在 3 月 10 日前确认"),
            Tile(
                "预算余额",
                money_wan_text(1_846_200_000),
                "已发放 63%",
                exact="¥18,462,000.00",
            ),
        ],
    }


def gallery_context(request: HttpRequest) -> dict[str, Any]:
    """Everything the gallery page shows."""
    now = timezone.now()
    pages = Paginator(range(1, 187), 10)
    return {
        "identity": Identity("李梅", "青阳精密模具有限公司", "经办人"),
        "navigation": [
            Link("首页", "/", "home"),
            Link("我的申请", "#a", "file-text", "true"),
            Link("算力券", "#b", "ticket"),
            Link("找算力", "#c", "cpu"),
            Link("订单与用量", "#d", "chart-bar"),
            Link("账单", "#e", "receipt"),
            Link("企业信息", "#f", "building"),
        ],
        "footer_links": [
            Link("政策目录", "#g"),
            Link("公示公告", "#h"),
            Link("券码核验", "#i"),
        ],
        "crumbs": [("首页", "/"), ("我的申请", "#"), ("组件一览", "")],
        "now": now,
        "today": timezone.localdate(now),
        "soon": timezone.localdate(now) + timedelta(days=9),
        "form": _examples_form(),
        "shares": VoucherShares(10_000_000, 6_412_050, 387_950, 2_700_000, 500_000),
        "page_obj": pages.get_page(request.GET.get("page", 4)),
        "bills": [
            ("BL-7KQ4-M2XD", "2026-01", 1_248_000, 374_400),
            ("BL-9TR2-C8WN", "2026-02", 3_906_550, 1_171_965),
        ],
        **_lists(now),
    }
