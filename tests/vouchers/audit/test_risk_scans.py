"""Scans: what the models say reaches the rules, and flags are kept, dismissed and repeated honestly."""

from datetime import date, timedelta
from io import BytesIO, StringIO
from typing import Any

import psycopg
import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import Membership, Organization, Role
from common import jobs
from common.models import JobStatus, StoredFile
from providers.models import Meter, Rate
from tests.factories import accounts, audit, billing
from tests.factories.accounts import NOW
from tests.factories.audit import City
from tests.factories.refunds import Payback
from tests.vouchers.audit.test_pages import signed_in, url
from vouchers.audit.actions import (
    books,
    claims,
    folds,
    prefilling,
    refund_answers,
    risk_flags,
    risk_scans,
)
from vouchers.audit.actions.relations import Related
from vouchers.audit.models import BillHours, Claim, FlagStatus, RiskFlag, RiskScan
from vouchers.audit.rules.risks import policy
from vouchers.billing.models import Bill, BillStatus
from vouchers.grants.models import Application, Evidence, EvidenceKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    made = City()
    name(made.provider.organization, "赵六")
    name(made.voucher.enterprise, "钱七")
    return made


def name(organization: Organization, legal_person: str) -> None:
    Organization.objects.filter(pk=organization.pk).update(legal_person=legal_person)


def tied(city: City) -> None:
    """Firm and provider have one legal person."""
    name(city.provider.organization, "孙八")
    name(city.voucher.enterprise, "孙八")


def open_rules() -> list[str]:
    rows = RiskFlag.objects.filter(status=FlagStatus.OPEN)
    return sorted(rows.values_list("rule", flat=True))


def test_book_says_what_the_models_say(city: City) -> None:
    bill = city.bill(3_000)
    [claim] = prefilling.prefill(by=city.finance, month=billing.MONTH, at=NOW)
    claims.submit(
        by=city.finance, claim=claim, invoice_number="24312000000012345678", invoice_fen=3_000,
        invoice_file=audit.invoice(), at=NOW,
    )  # fmt: skip
    claims.pass_claim(by=city.auditor, claim=claim, at=NOW + timedelta(seconds=90))
    folds.fold_hours(first=billing.MONTH, at=NOW)

    filled = books.fill(policy=policy.shipped(), at=NOW)

    [one] = filled.book.redemptions
    assert one.code == f"{bill.code}/{city.voucher.code}"
    assert (one.amount_fen, one.voucher_fen, one.listed_fen) == (10_000, 3_000, 10_000)
    assert (one.starts_on, len(one.by_day)) == (date(2026, 9, 3), 15)
    assert one.by_day[0] + one.by_day[14] == sum(one.by_day) == one.quantity
    assert one.by_hour[12] == one.quantity == sum(one.by_hour)
    rate = Rate.objects.get(offering=bill.subscription.offering, meter=Meter.INPUT_TOKENS)
    assert one.list_fen * rate.per_units == rate.price_yuan * 100 * one.list_units
    assert (one.invoice_number, one.claim) == ("24312000000012345678", claim.code)
    assert (one.officer, one.review_seconds) == (city.auditor.user.code, 90)
    voucher = filled.book.vouchers[one.voucher]
    assert (voucher.firm, voucher.face_fen) == (one.firm, 30_000_000)
    assert filled.book.offerings[one.offering].provider == one.provider
    assert filled.book.parties[one.firm].insured_people == 40


def test_book_says_what_was_paid_back(city: City) -> None:
    """30 of 100 yuan that the firm paid itself: seen once the provider confirmed, decided 90 seconds after that."""
    payback = Payback(city)
    sent = payback.sent(10_000)
    line = sent.refunds.get()
    supplier = city.provider.organization.code
    before = books.fill(policy=policy.shipped(), at=NOW).book
    confirmed = NOW + timedelta(days=3)
    refund_answers.confirm(by=city.finance, claim=sent, at=confirmed)
    claims.pass_claim(by=city.auditor, claim=sent, at=confirmed + timedelta(seconds=90))
    assert folds.fold_hours(first=billing.MONTH, at=NOW) == 1

    book = books.fill(policy=policy.shipped(), at=NOW).book

    [one] = book.redemptions
    assert before.redemptions == ()
    assert (one.code, one.bill) == (f"{line.bill.code}/{payback.voucher.code}", line.bill.code)
    assert one.is_refund
    assert (one.amount_fen, one.voucher_fen, one.listed_fen) == (10_000, 3_000, 10_000)
    assert one.at == NOW, "when the firm paid, not when it was paid back"
    assert one.by_hour[12] == one.quantity > 0
    assert (one.claim, one.officer, one.review_seconds) == (sent.code, city.auditor.user.code, 90)
    assert before.parties[supplier].other_income_fen == 10_000
    assert book.parties[supplier].other_income_fen == 0


def test_confirmed_refund_asks_for_a_scan_that_flags_it(city: City) -> None:
    payback = Payback(city)
    name(payback.firm, "孙八")
    name(city.provider.organization, "孙八")
    sent = payback.sent(10_000)
    assert risk_scans.scan_new(at=NOW) is None

    refund_answers.confirm(by=city.finance, claim=sent, at=NOW)

    made = risk_scans.scan_new(at=NOW)
    assert made is not None
    assert (made.redemptions, open_rules()) == (1, ["related_parties"])
    page = signed_in(city.auditor).get(url("risk_list")).content.decode()
    assert "¥30.00" in page


def test_book_leaves_out_running_bills_and_undone_payments(city: City) -> None:
    city.bill(3_000, status=BillStatus.OPEN)

    assert books.fill(policy=policy.shipped(), at=NOW).book.redemptions == ()


def test_book_takes_ties_from_answers_contacts_and_people(city: City) -> None:
    firm = city.voucher.enterprise
    Application.objects.filter(enterprise=firm).update(
        answers={
            "contact_phone": "139-0934-8888",
            "office_address": "西峰区 长庆大道1号",
            "bank_account": "6222 0000 1111",
            "shareholders": [{"name": "李九"}],
            "established_on": "2026-01-02",
        }
    )
    city.provider.contact = "王经理 １３９０９３４８８８８"
    city.provider.save(update_fields=["contact"])
    human = accounts.member(firm, Role.PREPARER, person_key="a" * 64)
    accounts.member(city.provider.organization, Role.OPERATOR, person_key="a" * 64)

    parties = books.fill(policy=policy.shipped(), at=NOW).book.parties

    ours, theirs = parties[firm.code], parties[city.provider.organization.code]
    assert {
        ("phone", "13909348888"),
        ("address", "西峰区长庆大道1号"),
        ("account", "622200001111"),
        ("shareholder", "李九"),
        ("shareholder", firm.uscc),
        ("legal_person", "钱七"),
    } <= set(ours.ties)
    assert ours.founded_on == date(2026, 1, 2)
    assert {("phone", "13909348888"), ("account", f"user {'a' * 16}")} <= set(theirs.ties)
    assert human.user.person_key[:16] in {value.split()[-1] for _kind, value in ours.ties}


def test_book_costs_as_many_queries_for_many_as_for_one(city: City) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            books.fill(policy=policy.shipped(), at=NOW)
        return len(seen)

    city.bill(3_000)
    once = cost()
    other = audit.other_provider(city)
    other.bill(6_000)
    other.bill(9_000)

    assert cost() == once


def test_hours_are_folded_once_and_stay(city: City) -> None:
    bill = city.bill(3_000)

    assert folds.fold_hours(first=billing.MONTH, at=NOW) == 1
    assert folds.fold_hours(first=billing.MONTH, at=NOW) == 0

    assert BillHours.objects.get(bill=bill).quantities[12] > 0


def test_scan_finds_once_and_repeating_it_changes_nothing(city: City) -> None:
    tied(city)
    bill = city.bill(3_000)

    first = risk_scans.scan(at=NOW)
    second = risk_scans.scan(at=NOW + timedelta(hours=1))

    [flag] = RiskFlag.objects.filter(rule="related_parties")
    assert (flag.bill_id, flag.voucher_id) == (bill.pk, city.voucher.pk)
    assert ["tie", "person:孙八"] in flag.evidence
    assert (first.redemptions, first.flagged["related_parties"]) == (1, 1)
    assert (second.new_flags, second.gone_flags) == (0, 0)
    assert second.flagged == first.flagged


def test_flag_refuses_nothing(city: City) -> None:
    tied(city)
    claim = city.submitted()
    risk_scans.scan(at=NOW)
    [flag, *_] = RiskFlag.objects.filter(rule="related_parties")
    risk_flags.confirm(by=city.auditor, flag=flag, reason="同一法定代表人", at=NOW)

    claims.pass_claim(by=city.auditor, claim=claim, at=NOW)

    assert Claim.objects.get().status == "passed"


def test_dismissed_flag_stays_away_until_the_rule_sees_something_else(city: City) -> None:
    tied(city)
    city.bill(3_000)
    risk_scans.scan(at=NOW)
    flag = RiskFlag.objects.get(rule="related_parties")

    risk_flags.dismiss(by=city.auditor, flag=flag, reason="同名不同人", at=NOW)
    same = risk_scans.scan(at=NOW)
    Organization.objects.filter(
        pk__in=[city.provider.organization_id, city.voucher.enterprise_id]
    ).update(legal_person="周九")
    other = risk_scans.scan(at=NOW)

    assert same.new_flags == 0
    assert other.new_flags == 1
    assert open_rules() == ["related_parties"]
    flag.refresh_from_db()
    assert (flag.status, flag.reason) == (FlagStatus.DISMISSED, "同名不同人")


def test_open_flag_goes_and_comes_back_with_what_it_saw(city: City) -> None:
    tied(city)
    city.bill(3_000)
    risk_scans.scan(at=NOW)
    name(city.provider.organization, "赵六")

    away = risk_scans.scan(at=NOW)
    assert (away.gone_flags, open_rules()) == (1, [])
    name(city.provider.organization, "孙八")
    back = risk_scans.scan(at=NOW)

    assert (back.new_flags, open_rules()) == (1, ["related_parties"])
    assert RiskFlag.objects.count() == 1


def test_confirmed_flag_is_not_asked_again(city: City) -> None:
    tied(city)
    city.bill(3_000)
    risk_scans.scan(at=NOW)
    flag = RiskFlag.objects.get(rule="related_parties")
    risk_flags.confirm(by=city.auditor, flag=flag, reason="属实", at=NOW)
    name(city.provider.organization, "周九")
    name(city.voucher.enterprise, "周九")

    again = risk_scans.scan(at=NOW)

    assert again.new_flags == 0
    [record] = risk_flags.feedback(by=city.auditor)
    assert (record.rule, record.confirmed, record.dismissed) == ("related_parties", 1, 0)


def test_decision_needs_words_and_another_person(city: City) -> None:
    tied(city)
    claim = city.submitted(300_000)
    claims.pass_claim(by=city.auditor, claim=claim, at=NOW + timedelta(seconds=5))
    risk_scans.scan(at=NOW)
    quick = RiskFlag.objects.get(rule="quick_approval")
    related = RiskFlag.objects.get(rule="related_parties")

    with pytest.raises(risk_flags.ReasonMissing):
        risk_flags.dismiss(by=city.auditor, flag=related, reason="  ", at=NOW)
    with pytest.raises(risk_flags.AboutYourself):
        risk_flags.dismiss(by=city.auditor, flag=quick, reason="看过了", at=NOW)
    cousin = accounts.member(city.scheme.bureau, Role.AUDITOR)
    Membership.objects.create(
        user=cousin.user, organization=city.provider.organization, role=Role.OPERATOR,
        created_at=NOW,
    )  # fmt: skip
    with pytest.raises(Related):
        risk_flags.dismiss(by=cousin, flag=related, reason="看过了", at=NOW)
    second = accounts.member(city.scheme.bureau, Role.AUDITOR)
    done = risk_flags.dismiss(by=second, flag=quick, reason="看过了", at=NOW, together=True)

    assert {each.rule for each in done} >= {"quick_approval", "related_parties"}
    assert open_rules() == []


def test_what_was_seen_cannot_be_changed(city: City) -> None:
    tied(city)
    city.bill(3_000)
    risk_scans.scan(at=NOW)

    changes: tuple[dict[str, Any], ...] = ({"values": {}}, {"weight": 1}, {"fingerprint": "0" * 64})
    for change in changes:
        with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
            RiskFlag.objects.update(**change)
    with pytest.raises(IntegrityError, match="vouchers_riskflag_reason"), transaction.atomic():
        RiskFlag.objects.update(status=FlagStatus.DISMISSED)


def test_photograph_of_another_firm_is_seen(city: City) -> None:
    second = City(scheme=city.scheme, provider=audit.other_provider(city).provider)
    name(second.voucher.enterprise, "吴十")
    for town, shade in ((city, 0), (second, 3)):
        town.bill(3_000)
        photo = StoredFile.objects.create(
            organization_id=town.voucher.enterprise_id, name="机房.png", content_type="image/png",
            size_bytes=1, sha256=f"{shade:064d}", content=picture(shade), created_at=NOW,
        )  # fmt: skip
        Evidence.objects.create(
            application=town.voucher.application, file=photo, kind=EvidenceKind.OTHER,
            added_at=NOW, added_by=town.voucher.application.created_by,
        )  # fmt: skip

    risk_scans.scan(at=NOW)

    assert RiskFlag.objects.filter(rule="photo_reused").count() == 2


def picture(shade: int) -> bytes:
    """Blocks of gray, the same drawing a little lighter or darker."""
    out = BytesIO()
    image = Image.new("L", (90, 80))
    image.putdata(
        [(x // 10 * 37 + y // 10 * 91) % 200 + shade for y in range(80) for x in range(90)]
    )
    image.save(out, "PNG")
    return out.getvalue()


def test_tick_scans_only_when_something_came(city: City) -> None:
    assert risk_scans.scan_new(at=NOW) is None
    city.bill(3_000)

    assert risk_scans.scan_new(at=NOW + timedelta(minutes=1)) is not None
    assert risk_scans.scan_new(at=NOW + timedelta(minutes=2)) is None
    city.submitted()
    assert risk_scans.is_due() is False, "the claim was handed in before the last scan read"
    Claim.objects.update(submitted_at=NOW + timedelta(hours=1))
    assert risk_scans.scan_new(at=NOW + timedelta(hours=2)) is not None


def test_started_scan_is_carried_out_with_progress(city: City) -> None:
    tied(city)
    city.bill(3_000)
    job = risk_scans.start(by=city.auditor, at=NOW)
    assert risk_scans.start(by=city.auditor, at=NOW) == job
    assert risk_scans.left_behind(at=NOW + timedelta(minutes=1)) == [job.code]

    done = risk_scans.carry_out(code=job.code, at=NOW)

    assert done is not None
    assert (done.status, done.done_count) == (JobStatus.DONE, done.total_count)
    assert done.result == {"redemptions": 1, "new_flags": 1}
    assert risk_scans.carry_out(code=job.code, at=NOW) is None
    assert RiskScan.objects.get().person == city.auditor.user
    assert jobs.kind_of(done).result_url == "/risks/"


def test_command_tells_rule_by_rule(city: City) -> None:
    tied(city)
    city.bill(3_000)
    out = StringIO()

    call_command("risk_scan", stdout=out)

    assert "related_parties: 1" in out.getvalue()
    assert "1 redemptions" in out.getvalue()
    assert "1 new" in out.getvalue()


def test_sessions_tie_by_public_addresses_alone(city: City) -> None:
    """Two firms behind one public address are tied; a private network's address says nothing."""
    firm, supplier = city.voucher.enterprise, city.provider.organization
    for organization, address in ((firm, "221.7.1.9"), (supplier, "221.7.1.9"), (firm, "10.0.0.8")):
        person = accounts.member(organization, Role.VIEWER).user
        UserSession.objects.create(
            user=person, ip=address, session_key=f"{person.pk}", user_agent="test"
        )

    parties = books.fill(policy=policy.shipped(), at=NOW).book.parties

    assert ("ip", "221.7.1.9") in parties[firm.code].ties
    assert ("ip", "221.7.1.9") in parties[supplier.code].ties
    assert not any(value == "10.0.0.8" for _kind, value in parties[firm.code].ties)


def test_bill_above_the_list_is_flagged_and_one_at_the_list_is_not(city: City) -> None:
    """The line says 100 yuan; a bill that takes 110 for the same units is above the list."""
    fair = city.bill(3_000)
    dear = city.bill(3_000)
    Bill.objects.filter(pk=dear.pk).update(total_fen=11_000, own_fen=1_000)

    risk_scans.scan(at=NOW)

    [flag] = RiskFlag.objects.filter(rule="price_above_list")
    assert (flag.bill_id, flag.values) == (dear.pk, {"amount_fen": 11_000, "listed_fen": 10_000})
    assert flag.bill_id != fair.pk


def test_second_scan_at_the_same_moment_is_refused(city: City) -> None:
    """The lock is the session's: another session that holds it stands for a scan under way."""
    city.bill(3_000)
    settings = connection.settings_dict
    with psycopg.connect(
        dbname=settings["NAME"], host=settings["HOST"], port=settings["PORT"] or None,
        user=settings["USER"], password=settings["PASSWORD"] or None,
    ) as other:  # fmt: skip
        other.execute("SELECT pg_advisory_lock(%s)", [risk_scans.LOCK])

        with pytest.raises(risk_scans.ScanRunning):
            risk_scans.scan(at=NOW)
        assert risk_scans.scan_new(at=NOW) is None
        # Closing is not enough: the server frees a gone session's locks a moment later.
        other.execute("SELECT pg_advisory_unlock(%s)", [risk_scans.LOCK])

    assert risk_scans.scan(at=NOW).redemptions == 1
