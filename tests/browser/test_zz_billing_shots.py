import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from common.periods import local_day, month_start
from tests.browser.capture import Route, capture
from tests.factories import accounts, grants, providers
from tests.factories import usage as metered
from vouchers.billing.actions import bills, funds, periods, rating, usage
from vouchers.billing.models import Bill


@pytest.mark.django_db(transaction=True)
def test_shots(live_server):
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    now = timezone.now()
    firm = accounts.organization(name="庆阳精工机械有限公司")
    own = providers.token_offering()
    sub = providers.subscription(firm, own)
    gpu = providers.offering(own.provider, name="A800 训推算力", layer="compute")
    providers.rate(gpu, "card_seconds", "9.90", 3600)
    sub2 = providers.subscription(firm, gpu)
    plan = grants.scheme(rules=metered.RULES, name="庆阳市“东数西算”算力券")
    grants.voucher(firm, plan, 1_000, expires_at=now + timedelta(days=30))
    grants.voucher(firm, plan, 500_000, expires_at=now + timedelta(days=90))
    boss = accounts.signatory(firm)
    ops = metered.operator(own.provider)
    bank = metered.settlement_officer()
    funds.deposit(
        by=bank,
        enterprise=firm,
        amount_fen=300_000,
        reference="20261101-00017",
        at=now - timedelta(days=40),
    )
    for d in range(1, 45):
        t = now - timedelta(days=d)
        ev = [
            metered.report(
                sub,
                t,
                quantities={
                    "input_tokens": 300_000 + d * 37_000,
                    "output_tokens": 90_000 + d * 5_000,
                },
            ),
            metered.report(sub2, t, quantities={"card_seconds": 3600 * (d % 7)}),
        ]
        usage.ingest(by=ops, events=ev, at=t + timedelta(minutes=1))
        rating.tick(at=t + timedelta(minutes=2))
    bad = (
        "event_id,time,subscription,meter,quantity\n"
         f"a1,{now:%Y-%m-%d} 00:00:00,{sub.code},input_tokens,5\n"
         f"a2,{now:%Y-%m-%d} 00:00:00,{sub.code},input_tokens,9.1E+17\n"
         f"a3,{now:%Y-%m-%d} 00:00:00,SB-2222-2222,input_tokens,5\n"
         f"a1,{now:%Y-%m-%d} 00:00:00,{sub.code},input_tokens,6\n"
    )
    batch = usage.upload(by=ops, content=bad.encode(), at=now)
    last = month_start(local_day(now) - timedelta(days=25))
    prev = month_start(last - timedelta(days=1))

    ms = sorted(set(Bill.objects.values_list("month", flat=True)))
    periods.close(by=bank, month=ms[0], at=now)
    bl = list(Bill.objects.filter(month=ms[0]).order_by("pk"))
    open_ = Bill.objects.filter(month=ms[-1]).first()
    if len(bl) > 1:
        bills.dispute(by=boss, bill=bl[1], reason="10月15日的卡时与我方日志不符,请核对。", at=now)
    poor = accounts.organization(name="西峰农机合作社")
    ps = providers.subscription(poor, own)
    metered.use(ps, now - timedelta(hours=1), at=now, input_tokens=30_000_000)
    rating.tick(at=now)
    poorboss = accounts.signatory(poor)
    pb = Bill.objects.get(enterprise=poor)
    empty = accounts.signatory()
    R = [
        Route("home", "/", "boss"),
        Route("usage", "/usage/", "boss"),
        Route("bills", "/bills/", "boss"),
        Route("bill", f"/bills/{bl[0].code}/", "boss"),
        Route("bill-open", f"/bills/{open_.code}/", "boss"),
        Route("bill-disputed", f"/bills/{bl[-1].code}/", "boss"),
        Route("bill-confirm", f"/bills/{bl[0].code}/confirm/", "boss"),
        Route("bill-dispute", f"/bills/{bl[0].code}/dispute/", "boss"),
        Route("funds", "/funds/", "boss"),
        Route("bill-owing", f"/bills/{pb.code}/", "poor"),
        Route("funds-owing", "/funds/", "poor"),
        Route("home", "/", "poor"),
        Route("usage-empty", "/usage/", "empty"),
        Route("bills-empty", "/bills/", "empty"),
        Route("funds-empty", "/funds/", "empty"),
        Route("log", "/usage/batches/", "ops"),
        Route("batch", f"/usage/batches/{batch.code}/", "ops"),
        Route("upload", "/usage/upload/", "ops"),
        Route("bills", "/bills/", "ops"),
        Route("bill", f"/bills/{bl[0].code}/", "ops"),
        Route("usage", "/usage/", "ops"),
        Route("home", "/", "bank"),
        Route("deposit", "/deposits/new/", "bank"),
        Route("periods", "/periods/", "bank"),
        Route(
            "close",
            f"/periods/{ms[-2]:%Y-%m}/close/" if len(ms) > 2 else f"/periods/{ms[-1]:%Y-%m}/close/",
            "bank",
        ),
    ]
    pw = "correct horse battery"
    shots = capture(
        live_server.url,
        R,
        Path("/tmp/shots_bill"),
        {
            n: (a.user.email, pw)
            for n, a in dict(boss=boss, ops=ops, bank=bank, poor=poorboss, empty=empty).items()
        },
        widths=(1280, 390),
        languages=("zh-hans", "en"),
    )
    for s in shots:
        if s.faults:
            print(s.file, s.faults)
