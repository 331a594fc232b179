"""Samples over the models: one draw by three ways, findings, and what they say about all."""

import json
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from tests.factories import audit, billing
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.factories.refunds import Payback
from tests.vouchers.audit.test_period_locks import locked
from vouchers.audit import audit_sample
from vouchers.audit.actions import sample_findings, samples
from vouchers.audit.models import (
    DrawKind,
    ItemFinding,
    Sample,
    SampleItem,
    SampleStatus,
)
from vouchers.audit.rules import sampling
from vouchers.audit.rules.estimates import Counted, estimate
from vouchers.billing.models import ClosedPeriod
from vouchers.grants.models import Scheme

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def city() -> City:
    """Two providers with a claim over three bills each: six redemptions."""
    made = City()
    for town in (made, audit.other_provider(made)):
        town.bill(2_000)
        town.bill(40_000)
        town.submitted(6_000)
    return made


def drawn(city: City, size: int = 4, risk_size: int = 0) -> Sample:
    made = audit.sample(city, size, risk_size)
    audit.sealed(LATER)
    return samples.draw(by=city.auditor, sample=made, at=LATER)


def look(city: City, sample: Sample, position: int, **values: Any) -> SampleItem:
    given = {"is_wrong": False, **values}
    return sample_findings.find(
        by=city.auditor, sample=sample, position=position, at=LATER, **given
    )


def test_refunds_stand_in_the_frame_of_their_month_and_scheme(city: City, tmp_path: Path) -> None:
    """Also a bill of a locked month, whose claim is the next month's; a refund not confirmed is not drawn."""
    payback = Payback(city)
    first = payback.passed(10_000)
    ClosedPeriod.objects.create(month=billing.MONTH, closed_at=NOW, closed_by=city.officer.user)
    locked(city)
    later = payback.confirmed(20_000)
    Payback(city).sent(10_000)
    Payback().confirmed(10_000)  # another scheme's

    sample = drawn(city, size=20)

    lines = [each.refunds.select_related("bill").get() for each in (first, later)]
    assert [each.claim.month.month for each in lines] == [9, 10]
    told = {item.code: item.amount_fen for item in sampling.read_frame(bytes(sample.frame.content))}
    assert len(told) == 8
    for line, fen in zip(lines, (3_000, 6_000), strict=True):
        assert told[f"{line.bill.code}/{payback.voucher.code}"] == fen
        assert sample.items.filter(bill=line.bill, voucher=payback.voucher).exists()
    export = tmp_path / "export"
    export.write_bytes(samples.export(sample=sample))
    script = subprocess.run(
        [sys.executable, audit_sample.__file__, export], capture_output=True, check=True
    )
    assert script.stdout == samples.redraw(sample=sample, seed=sample.seed).as_bytes()


def test_three_ways_give_one_draw(city: City, tmp_path: Path) -> None:
    sample = drawn(city, size=3)

    out = StringIO()
    call_command(
        "audit_sample", sample.code, "--seed", sample.seed, "--export", str(tmp_path / "export"),
        stdout=out,
    )  # fmt: skip
    by_product = samples.redraw(sample=sample, seed=sample.seed).as_bytes()
    script = subprocess.run(
        [sys.executable, audit_sample.__file__, tmp_path / "export"],
        capture_output=True,
        check=True,
    )

    assert out.getvalue().encode() == by_product == script.stdout
    stored = sample.items.order_by("position").values_list("bill__code", "voucher__code", "draw")
    told = [json.loads(line) for line in by_product.splitlines()]
    assert [(f"{bill}/{voucher}", draw) for bill, voucher, draw in stored] == [
        (row["code"], row["draw"]) for row in told if "code" in row
    ]


def test_seed_is_the_first_block_sealed_after_the_freezing(city: City) -> None:
    audit.sealed(NOW - timedelta(minutes=1))
    sample = audit.sample(city)
    with pytest.raises(samples.SeedUnknown):
        samples.draw(by=city.auditor, sample=sample, at=LATER)
    with pytest.raises(CommandError, match="not known yet"):
        call_command("audit_sample", sample.code, stdout=StringIO())

    block = audit.sealed(LATER)
    made = samples.draw(by=city.auditor, sample=sample, at=LATER + timedelta(minutes=5))

    assert (made.seed, made.seed_block) == (block.hash, block.number)


def test_list_has_what_was_claimed_and_cannot_be_changed(city: City) -> None:
    city.bill(9_000)

    sample = audit.sample(city)

    assert (sample.population, sample.population_fen) == (6, 96_000)
    assert sample.frame.sha256 == sample.frame_sha256
    for change in ({"frame_sha256": "0" * 64}, {"random_size": 1}, {"population": 1}):
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            Sample.objects.update(**change)


def test_changed_list_is_noticed(city: City) -> None:
    sample = drawn(city)
    sample.frame.content = bytes(sample.frame.content).replace(b"2000", b"9999")
    sample.frame.save()

    with pytest.raises(samples.ListChanged):
        samples.redraw(sample=Sample.objects.get(), seed=sample.seed)


def test_estimate_comes_when_the_random_draw_was_looked_at(city: City) -> None:
    sample = drawn(city, size=5)
    random = list(sample.items.filter(draw=DrawKind.RANDOM).order_by("position"))
    first, *rest = random
    look(city, sample, first.position, is_wrong=True, wrong_fen=1, remark="与合同不符")
    assert sample_findings.estimate(sample=sample) is None

    for item in rest:
        look(city, sample, item.position)

    told = sample_findings.estimate(sample=sample)
    strata = {each.name: each for each in sample.strata.all()}
    by_hand = estimate(
        [
            Counted(each.population, each.drawn, int(name == first.stratum))
            for name, each in sorted(strata.items())
        ]
    )
    assert told == by_hand
    sample.refresh_from_db()
    assert sample.status == SampleStatus.DONE
    progress = sample_findings.progress(sample=sample)
    assert (progress.wrong, progress.wrong_fen, progress.is_counted) == (1, 1, True)


def test_wrong_item_needs_reason_and_amount(city: City) -> None:
    sample = drawn(city)
    item = sample.items.get(position=1)

    for values in (
        {"wrong_fen": 5, "remark": ""},
        {"wrong_fen": 0, "remark": "x"},
        {"wrong_fen": item.amount_fen + 1, "remark": "x"},
    ):
        with pytest.raises(sample_findings.FindingInvalid):
            look(city, sample, 1, is_wrong=True, **values)
    look(city, sample, 1, is_wrong=True, wrong_fen=item.amount_fen, remark="重复开票")
    look(city, sample, 1)

    item.refresh_from_db()
    assert (item.finding, item.wrong_fen) == (ItemFinding.RIGHT, 0)


def test_list_of_another_bureaus_scheme_is_refused(city: City) -> None:
    sample = audit.sample(city)
    stranger = City()

    with pytest.raises(Scheme.DoesNotExist):
        samples.freeze(
            by=stranger.auditor, scheme=city.scheme, first=sample.first_month,
            last=sample.last_month, wanted=samples.Wanted(1, 0), at=NOW,
        )  # fmt: skip
    assert list(Sample.objects.visible_to(stranger.auditor)) == []
