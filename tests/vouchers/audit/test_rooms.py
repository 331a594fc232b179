"""The auditor's room: open for a time, logged, read-only, and the whole chain behind any number."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Role
from common.errors import Forbidden
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.factories.cases import Desk
from tests.factories.refunds import Payback
from tests.vouchers.audit.test_pages import signed_in
from vouchers.audit.actions import chain_lines, chains, payment_results, rooms
from vouchers.audit.models import Claim, RoomPass, RoomView

pytestmark = pytest.mark.django_db

LAST_DAY = date(2026, 10, 20)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def auditor() -> Actor:
    """Somebody of another office."""
    return accounts.member(accounts.bureau(name="庆阳市审计局"), Role.VIEWER)


def passed(desk: Desk, who: Actor) -> RoomPass:
    granter = accounts.officer(desk.city.scheme.bureau)
    return rooms.grant(
        by=granter,
        email=who.user.email.upper(),
        purpose="2026 年专项审计",
        last_day=LAST_DAY,
        at=NOW,
    )


def look(who: Actor, room: RoomPass, number: str = "", at: object = NOW) -> object:
    return rooms.look(by=who, code=room.code, number=number, at=at)[1]  # type: ignore[arg-type]


def test_chain_is_the_same_from_every_number(desk: Desk) -> None:
    """Application, voucher, order, subscription, bill, claim, settlement and case lead to one chain."""
    batch = desk.city.paid(3_000)
    claim = batch.claims.get()
    bill = claim.lines.get().bill
    case = desk.case(bill)
    voucher, who = desk.city.voucher, auditor()
    room = passed(desk, who)
    numbers = [
        voucher.application.code, voucher.code, bill.subscription.reference,
        bill.subscription.code, bill.code, claim.code, batch.code, case.code,
    ]  # fmt: skip

    found = [look(who, room, f" {number.lower()} ") for number in numbers]

    for chain in found:
        assert isinstance(chain, chains.Chain)
        assert [each.code for each in chain.applications] == [voucher.application.code]
        assert [each.code for each in chain.vouchers] == [voucher.code]
        assert [each.code for each in chain.bills] == [bill.code]
        assert [each.code for each in chain.claims] == [claim.code]
        assert [each.code for each in chain.settlements] == [batch.code]
        assert [each.position for each in chain.signatures] == [1, 2]
        assert [each.amount_fen for each in chain.payments] == [3_000]
        assert [each.code for each in chain.cases] == [case.code]
        assert sum(each.quantity for each in chain.used) == chain.lines[0].quantity
    assert RoomView.objects.filter(room=room, is_found=True).count() == len(numbers)


def test_refund_is_a_station_of_the_chain_from_every_number(desk: Desk) -> None:
    """What a firm was paid back: 30 of the 100 yuan that it paid itself."""
    payback = Payback(desk.city)
    batch = payback.signed(10_000)
    payment_results.pay(by=desk.city.officer, settlement=batch, at=NOW)
    [refund] = payback.voucher.refunds.select_related("bill__subscription", "claim")
    bill, voucher = refund.bill, payback.voucher
    case = desk.case(bill, voucher=voucher)
    desk.signed(case, desk.recovering(case, 1_000, debtor=payback.firm))
    who = auditor()
    room = passed(desk, who)
    numbers = [
        voucher.application.code, voucher.code, bill.subscription.reference,
        bill.subscription.code, bill.code, f"{bill.code}/{voucher.code}", refund.claim.code,
        batch.code, case.code,
    ]  # fmt: skip

    found = [look(who, room, f" {number.lower()} ") for number in numbers]

    for chain in found:
        assert isinstance(chain, chains.Chain)
        assert [(each.transfer_id, each.amount_fen, each.is_refund) for each in chain.paid] == [
            (refund.transfer_id, 3_000, True)
        ]
        assert [each.code for each in chain.bills] == [bill.code]
        assert [(each.code, each.enterprise) for each in chain.claims] == [
            (refund.claim.code, payback.firm)
        ]
        assert [each.payee for each in chain.payments] == [payback.firm]
        assert [each.due_fen for each in chain.recoveries] == [1_000]
    said = [
        each for each in chain_lines.of(chains.of_case(case=case)) if each["station"] == "refund"
    ]
    assert [(each["amount_fen"], each["claim"]) for each in said] == [(3_000, refund.claim.code)]
    reader = signed_in(who)
    with time_machine.travel(NOW, tick=False):
        page = reader.get(
            reverse("vouchers:room_detail", args=[room.code]), {"number": bill.code}
        ).content.decode()
    assert "Paid back to the enterprise" in page
    assert payback.firm.name in page


def test_refund_that_its_provider_did_not_confirm_is_not_the_bureaus_business(desk: Desk) -> None:
    claim = Payback(desk.city).sent()
    who = auditor()
    room = passed(desk, who)
    bill = claim.refunds.get().bill

    assert look(who, room, claim.code) is None
    assert look(who, room, bill.code) is None


def test_what_is_not_the_bureaus_is_not_found_and_the_look_is_logged(desk: Desk) -> None:
    other = Desk()
    foreign = other.city.bill()
    who = auditor()
    room = passed(desk, who)

    for number in (foreign.code, other.city.voucher.code, "VC-2222-2222", "'; --"):
        assert look(who, room, number) is None

    views = RoomView.objects.filter(room=room).order_by("pk")
    assert list(views.values_list("kind", "is_found")) == [("chain", False)] * 4
    with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
        views.update(number="")
    with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
        RoomPass.objects.update(purpose="x")


def test_room_is_open_to_one_person_until_it_ends_or_is_revoked(desk: Desk) -> None:
    who = auditor()
    room = passed(desk, who)

    assert look(who, room, at=room.expires_at - timedelta(microseconds=1)) is None
    for stranger, at in (
        (auditor(), NOW),
        (desk.first, NOW),
        (who, room.expires_at),
        (who, NOW - timedelta(seconds=1)),
    ):
        with pytest.raises(rooms.RoomClosed):
            look(stranger, room, at=at)
    rooms.revoke(by=accounts.officer(desk.city.scheme.bureau), room=room, at=NOW)
    with pytest.raises(rooms.RoomClosed):
        look(who, room)
    assert RoomView.objects.count() == 1


def test_pass_is_granted_by_a_colleague_for_a_quarter_at_most(desk: Desk) -> None:
    granter = accounts.officer(desk.city.scheme.bureau)
    who = auditor().user.email
    for email, last_day, field in (
        ("nobody@example.com", LAST_DAY, "email"),
        (granter.user.email, LAST_DAY, "email"),
        (who, date(2026, 10, 11), "last_day"),
        (who, date(2027, 2, 1), "last_day"),
    ):
        with pytest.raises(rooms.PassInvalid) as refused:
            rooms.grant(by=granter, email=email, purpose="审计", last_day=last_day, at=NOW)
        assert field in refused.value.errors
    with pytest.raises(Forbidden):
        rooms.grant(by=desk.first, email=who, purpose="审计", last_day=LAST_DAY, at=NOW)
    with pytest.raises(RoomPass.DoesNotExist):
        rooms.revoke(by=accounts.officer(), room=passed(desk, auditor()), at=NOW)


def test_chain_costs_as_many_queries_for_many_as_for_one(desk: Desk) -> None:
    desk.city.paid(3_000)
    number = desk.city.voucher.code
    bureau = desk.city.scheme.bureau

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert chains.of(bureau=bureau, number=number) is not None
        return len(seen)

    desk.case(Claim.objects.get().lines.get().bill)
    once = cost()
    for fen in (600, 900):
        desk.city.paid(fen)
        desk.case(Claim.objects.latest("pk").lines.get().bill)

    assert cost() == once


def test_pages_of_the_room(desk: Desk) -> None:
    batch = desk.city.paid(3_000)
    granter, who = accounts.officer(desk.city.scheme.bureau), auditor()
    office, reader, stranger = (Client(headers={"Accept-Language": "en"}) for _each in range(3))
    for client, actor in ((office, granter), (reader, who), (stranger, auditor())):
        client.force_login(actor.user)

    with time_machine.travel(NOW, tick=False):
        bad = office.post(reverse("vouchers:pass_list"), {"email": "x", "purpose": "审计"})
        office.post(
            reverse("vouchers:pass_list"),
            {"email": who.user.email, "purpose": "专项审计", "last_day": "2026-10-20"},
        )
        room = RoomPass.objects.get()
        own = reverse("vouchers:room_detail", args=[room.code])
        listed = reader.get(reverse("vouchers:room_list")).content.decode()
        page = reader.get(own, {"number": batch.code}).content.decode()
        nothing = reader.get(own, {"number": "VC-2222-2222"}).content.decode()
        package = reader.get(
            reverse("vouchers:room_package", args=[room.code]), {"number": batch.code}
        )
        none = reader.get(reverse("vouchers:room_package", args=[room.code]), {"number": "x"})
        closed = stranger.get(own, {"number": batch.code})
        log = office.get(reverse("vouchers:pass_detail", args=[room.code])).content.decode()
        office.post(reverse("vouchers:pass_revoke", args=[room.code]))
        after = reader.get(own)

    assert bad.status_code == 422
    assert own in listed
    for code in (desk.city.voucher.code, batch.code, batch.claims.get().code):
        assert code in page
    assert "Nothing has this number" in nothing
    assert package["Content-Type"] == "application/zip"
    assert (none.status_code, closed.status_code, after.status_code) == (404, 404, 404)
    assert log.count(batch.code) == 2
    assert "VC-2222-2222" in log
    assert RoomView.objects.count() == 4
