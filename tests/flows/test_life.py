"""One voucher's whole life through HTTP, for enterprise, provider and bureau."""

import json
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import time_machine

from accounts.models import Role
from accounts.rules import uscc
from marketplace.catalog.actions import scenarios
from marketplace.demo import cast, paperwork, programs
from tests.factories import accounts
from tests.flows.desk import Desk, refusal, yuan
from vouchers.audit.actions import invariants
from vouchers.audit.models import Claim

START = datetime(2026, 8, 3, 1, 0, tzinfo=UTC)
EVENTS = 40


def _at(days: int) -> time_machine.travel:
    return time_machine.travel(START + timedelta(days=days), tick=False)


def _bureau() -> dict[str, Desk]:
    team = cast.found_bureau(
        slug="life",
        name="北京市经济和信息化局",
        region="110000",
        serial=1,
        staff=(
            (Role.SCHEME_OFFICER, "甲一"),
            (Role.REVIEWER, "甲二"),
            (Role.REVIEWER, "甲三"),
            (Role.AUDITOR, "甲四"),
            (Role.SETTLEMENT_OFFICER, "甲五"),
            (Role.SETTLEMENT_OFFICER, "甲六"),
            (Role.SCHEME_OFFICER, "甲七"),
        ),
        at=START,
    )
    return {role: Desk(actor.user) for role, actor in team.actors.items()}


def _organization(kind: str, role: str, second: str, **values: Any) -> tuple[Desk, Desk, str]:
    """Register through the API; a colleague joins. Returns both desks and the code."""
    first, other = accounts.user(), accounts.user()
    body = {"kind": kind, "role": role, "legal_person": "张三", "region": "110105", **values}
    body["uscc"] = values["uscc"] + uscc.check_symbol(values["uscc"])
    desk = Desk(first)
    code = desk.post("organizations/", body)["code"]
    desk.post("members/", {"email": other.email, "name": other.name, "role": second})
    return desk, Desk(other), code


def _provider(bureau: dict[str, Desk], serial: int) -> tuple[Desk, Desk]:
    operator, finance, _code = _organization(
        "provider",
        Role.OPERATOR,
        Role.PROVIDER_FINANCE,
        name=f"北京供给{serial}有限公司",
        uscc=f"91110105MA000{serial:04d}",
    )
    mine = operator.post(
        "providers/",
        {
            "contact": "王五 010-00000000",
            "license_number": f"B1-2026{serial:04d}",
            "license_expires_on": "2031-12-31",
        },
    )
    bureau[Role.SCHEME_OFFICER].post(f"providers/{mine['code']}/verify/")
    return operator, finance


def _offering(operator: Desk, layer: str, prices: dict[str, tuple[str, int]], name: str) -> str:
    facility = operator.post(
        "facilities/",
        {
            "kind": "edge_data_center",
            "name": f"{name}机房",
            "region": "110105",
            "latency": {"value": 900, "unit": "microseconds"},
            "spec": {"cards": 64, "cores": 2048, "storage_gb": 1000},
        },
    )
    code: str = operator.post(
        "offerings/", {"facility": facility["code"], "layer": layer, "name": name}
    )["code"]
    for meter, (amount, units) in prices.items():
        operator.post(
            f"offerings/{code}/prices/",
            {
                "price": yuan(amount),
                "per": {"value": units, "unit": meter},
                "from_day": "2026-08-03",
                "source": "合同价目",
            },
        )
        for month in ("2026-08-01", "2026-09-01"):
            operator.post(
                f"offerings/{code}/capacities/",
                {"month": month, "total": {"value": 100_000_000, "unit": meter}},
            )
    operator.post(f"offerings/{code}/publish/")
    return code


def _events(subscription: str) -> list[dict[str, Any]]:
    return [
        {
            "specversion": "1.0",
            "type": "cn.puhui.usage.v1",
            "source": "urn:meter:1",
            "id": f"e-{number}",
            "time": (START + timedelta(days=7, minutes=number)).isoformat(),
            "subject": subscription,
            "data": {"input_tokens": 100_001 + number, "output_tokens": 33_333},
        }
        for number in range(EVENTS)
    ]


def _half_up(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _voucher(
    bureau: dict[str, Desk], preparer: Desk, signatory: Desk, provider: str
) -> dict[str, Any]:
    """Scheme published, application through both reviews, voucher issued."""
    program = programs.beijing([provider])
    officer = bureau[Role.SCHEME_OFFICER]
    scheme = officer.post(
        "schemes/",
        {
            "slug": program.slug,
            "name": program.name,
            "name_en": program.name_en,
            "voucher_kinds": ["compute"],
            "region": "110000",
            "rules": program.rules,
            "budget": yuan("100000.00"),
            "opens_on": "2026-08-01",
            "closes_on": "2027-07-31",
            "source": program.source,
        },
    )
    bureau[f"{Role.SCHEME_OFFICER}2"].post(f"schemes/{scheme['code']}/publish/")
    application = preparer.post(
        "applications/",
        {
            "scheme": scheme["code"],
            "kind": "compute",
            "planned_spend": yuan("1000.00"),
            "purpose": "企业服务热线智能应答",
            "answers": {"contract_state": "planned"},
        },
    )
    path = f"applications/{application['code']}"
    preparer.post(f"{path}/prepare/")
    assert refusal(preparer.send(f"{path}/submit/"))[0] == 403
    signatory.post(f"{path}/submit/")
    first, second = bureau[Role.REVIEWER], bureau[f"{Role.REVIEWER}2"]
    assert refusal(first.send(f"{path}/reviews/", {"stage": "first", "outcome": "pass"})) == (
        409,
        "not_claimed",
    )
    version = first.post(f"{path}/claim/", {"version": 0})["version"]
    first.post(f"{path}/reviews/", {"stage": "first", "outcome": "pass"})
    again = first.send(f"{path}/reviews/", {"stage": "second", "outcome": "pass"})
    assert refusal(again) == (403, "same_reviewer")
    seen = second.get(f"{path}/claim/")["version"]
    assert seen > version
    second.post(f"{path}/claim/", {"version": seen})
    second.post(f"{path}/reviews/", {"stage": "second", "outcome": "pass"})
    issued: dict[str, Any] = officer.post(f"{path}/voucher/", key="issue-once")
    assert officer.post(f"{path}/voucher/", key="issue-once") == issued
    assert issued["face"] == yuan("300.00")
    return issued


@pytest.mark.django_db
def test_voucher_lives_from_scheme_to_payment_through_http() -> None:
    with _at(0):
        scenarios.load()
        bureau = _bureau()
        makers, clerk = _provider(bureau, 1)
        sellers, _finance = _provider(bureau, 2)
        provider = makers.get("organization/")["code"]
        codes = [
            _offering(makers, "compute", {"card_seconds": ("5.20", 3600)}, "卡时"),
            _offering(
                makers,
                "platform",
                {"input_tokens": ("1.988", 10**6), "output_tokens": ("2.982", 10**6)},
                "对话模型",
            ),
            _offering(sellers, "application", {"calls": ("0.01", 1)}, "客服应用"),
        ]
        bundle = sellers.post(
            "bundles/",
            {
                "name": "智能客服套餐",
                "summary": "常见问题自动答",
                "offerings": codes,
                "scenarios": ["customer-service"],
                "start_cost": yuan("0.00"),
                "notice_days": 15,
                "days_to_first_use": 2,
                "operated_by": "provider",
            },
        )
        sellers.post(f"bundles/{bundle['code']}/publish/")
        signatory, preparer, enterprise = _organization(
            "enterprise",
            Role.SIGNATORY,
            Role.PREPARER,
            name="北京知行企业服务有限公司",
            uscc="91110105MA0009999",
            industry="7299",
            employees=45,
            revenue=yuan("19000000.00"),
            assets=yuan("50000000.00"),
        )
        assert signatory.get("organization/")["size"] == "small"
        listed = bureau[Role.SCHEME_OFFICER].get("providers/")["results"]
        code = next(row["code"] for row in listed if row["name"] == "北京供给1有限公司")
        assert provider
        voucher = _voucher(bureau, preparer, signatory, code)

    with _at(1):
        cashier = bureau[Role.SETTLEMENT_OFFICER]
        deposit = {"enterprise": enterprise, "amount": yuan("500.00"), "reference": "BANK-1"}
        cashier.post("deposits/", deposit)
        need = signatory.post(
            "needs/",
            {
                "scenario": "customer-service",
                "monthly_volume": 1_000,
                "monthly_budget": yuan("2000.00"),
            },
        )
        matches = signatory.post(f"needs/{need['code']}/matches/")
        assert [row["rank"] for row in matches] == [1]
        assert Decimal(matches[0]["voucher"]["amount"]) > 0
        body = {"need": need["code"], "bundle": bundle["code"]}
        order = signatory.post("orders/", body)
        assert signatory.post("orders/", body)["code"] == order["code"]

    with _at(8):
        subscriptions = makers.get("subscriptions/")["results"]
        subject = next(row["code"] for row in subscriptions if row["offering"] == codes[1])
        token = makers.post(
            "keys/",
            {
                "name": "meter",
                "scopes": ["usage.report"],
                "expires_at": (START + timedelta(days=90)).isoformat(),
            },
        )["token"]
        meter = Desk(token=token)
        events = _events(subject)
        sent = meter.post("usage/", events, kind="application/cloudevents-batch+json")
        assert (sent["accepted"], sent["duplicates"]) == (EVENTS, 0)
        bad = {**events[0], "data": {"input_tokens": 1}}
        mixed = json.dumps(
            [events[1], bad, {**events[2], "id": "e-new", "subject": "SB-2222-2222"}]
        )
        sent = meter.post("usage/", mixed, kind="application/cloudevents-batch+json")
        outcomes = [row["outcome"] for row in sent["events"]]
        assert outcomes == ["duplicate", "conflict", "rejected"]

    with _at(31):
        cashier.post("periods/2026-08/close/")
        (bill,) = [
            row for row in signatory.get("bills/")["results"] if row["total"]["amount"] != "0.00"
        ]
        tokens_in = sum(event["data"]["input_tokens"] for event in events)
        expected = _half_up(Decimal(tokens_in) * Decimal("1.988") / 10**4)
        expected += _half_up(Decimal(33_333 * EVENTS) * Decimal("2.982") / 10**4)
        share = _half_up(Decimal(expected) * Decimal("0.3"))
        assert Decimal(bill["total"]["amount"]) * 100 == expected
        assert Decimal(bill["voucher"]["amount"]) * 100 == share
        for each in signatory.get("bills/")["results"]:
            signatory.post(f"bills/{each['code']}/confirm/")

    with _at(35):
        account = {"bank_name": "北京银行", "account_number": "6222 0209 0300 1483 077"}
        assert clerk.post("payee-account/", account)["account_number"] == "6222020903001483077"
        (draft,) = clerk.post("claims/prefill/", {"month": "2026-08"})
        assert Decimal(draft["amount"]["amount"]) * 100 == share
        number = "26110000000000000001"
        clerk.upload(
            f"claims/{draft['code']}/submit/",
            {
                "invoice_number": number,
                "invoice_amount": draft["amount"]["amount"],
                "invoice_file": paperwork.invoice_file(
                    Claim.objects.get(code=draft["code"]), number
                ),
            },
        )
        bureau[Role.AUDITOR].post(f"audits/{draft['code']}/pass/", {"finding": ""})
        batch = cashier.post("settlements/", {"scheme": voucher["scheme"]})
        sign = f"settlements/{batch['code']}/sign/"
        seen = {"content_sha256": batch["content_sha256"]}
        cashier.post(sign, seen)
        assert refusal(cashier.send(sign, seen))[1] in {"same_person", "wrong_state"}
        bureau[f"{Role.SETTLEMENT_OFFICER}2"].post(sign, seen)
        paid = cashier.post(f"settlements/{batch['code']}/pay/")
        assert paid["status"] == "paid"
        assert Decimal(paid["total"]["amount"]) * 100 == share
        wallet = signatory.get("wallet/")
        for path in (
            "/wallet/",
            f"/wallet/{voucher['code']}/",
            "/usage/",
            f"/bills/{bill['code']}/",
        ):
            assert "¥" in signatory.page(path) or path == "/usage/"
        broken = [
            result.name for result in invariants.check(at=START + timedelta(days=35)) if result.rows
        ]

    assert broken == []
    assert wallet
