"""The compute bank: hours put in, taken elsewhere, given back, written off; never more out than in."""

import itertools
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.access import Actor
from accounts.actions import actors
from accounts.models import Membership, Role
from common.errors import DomainError, Forbidden
from common.states import WrongState
from providers.actions import bank_deposits, bank_draws, idle_windows, rates
from providers.actions.bank_deposits import Balance
from providers.actions.bank_invariants import I12
from providers.models import BankDeposit, BankDraw, BankEntry, IdleWindow, Meter, Offering
from providers.rules import banking
from providers.rules.banking import Lot, Pairing
from tests.factories import accounts, bank, providers
from tests.factories import usage as metered
from tests.factories.accounts import NOW
from tests.factories.bank import HOUR, NOVEMBER
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering import usage
from vouchers.billing.models import Bill

pytestmark = pytest.mark.django_db
_references = itertools.count(1)


@pytest.fixture
def here() -> Offering:
    return bank.exchange()


@pytest.fixture
def there() -> Offering:
    return bank.exchange()


@pytest.fixture
def saver() -> Actor:
    return bank.firm()


def draw(by: Actor, offering: Offering, seconds: int, at: datetime = NOW) -> BankDraw:
    return bank_draws.draw(
        by=by,
        offering=offering,
        month=NOVEMBER,
        card_seconds=seconds,
        reference=f"draw {next(_references)}",
        at=at,
    )


def broken() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(I12)
        return list(cursor.fetchall())


def balance(actor: Actor, at: datetime = NOW) -> Balance:
    return bank_deposits.balance(enterprise=actor.own(), at=at)


def test_deposit_counts_once_the_keeper_approves(here: Offering, saver: Actor) -> None:
    made = bank.propose(saver, here, 100 * HOUR)
    assert balance(saver) == Balance(waiting=100 * HOUR)

    bank_deposits.approve(by=bank.keeper(here), deposit=made, at=NOW)

    assert balance(saver) == Balance(deposited=100 * HOUR, left=100 * HOUR)
    assert BankDeposit.objects.get().expires_on == date(2027, 10, 31)
    assert broken() == []


def test_draw_takes_hours_of_others_elsewhere(
    here: Offering, there: Offering, saver: Actor
) -> None:
    other = bank.firm()
    bank.deposit(saver, here, 100 * HOUR)
    theirs = bank.deposit(other, there, 60 * HOUR)

    made = draw(saver, there, 25 * HOUR)

    assert balance(saver) == Balance(100 * HOUR, left=75 * HOUR, drawn=25 * HOUR)
    assert balance(other) == Balance(60 * HOUR, left=60 * HOUR)
    theirs.refresh_from_db()
    assert theirs.free_seconds == 35 * HOUR
    contract = made.subscription
    assert (contract.enterprise, contract.offering) == (saver.own(), there)
    assert contract.starts_at.isoformat() == "2026-11-01T00:00:00+08:00"
    assert contract.ends_at is not None
    assert contract.ends_at.isoformat() == "2026-12-01T00:00:00+08:00"
    assert broken() == []


def test_draw_uses_what_expires_first(here: Offering, there: Offering, saver: Actor) -> None:
    late = bank.deposit(saver, here, 10 * HOUR)
    early = bank.deposit(saver, here, 10 * HOUR)
    BankDeposit.objects.filter(pk=early.pk).update(expires_on=date(2027, 1, 31))
    bank.deposit(bank.firm(), there, 100 * HOUR)

    draw(saver, there, 12 * HOUR)

    spent = [BankDeposit.objects.get(pk=each.pk).spent_seconds for each in (early, late)]
    assert spent == [10 * HOUR, 2 * HOUR]


def test_draw_is_never_more_than_is_there(here: Offering, there: Offering, saver: Actor) -> None:
    bank.deposit(saver, here, 50 * HOUR)
    bank.deposit(bank.firm(), there, 40 * HOUR)

    with pytest.raises(bank_draws.InsufficientHours) as poor:
        draw(saver, there, 50 * HOUR + 1)
    with pytest.raises(bank_draws.NothingDeposited) as taken:
        draw(saver, there, 40 * HOUR + 1)

    assert (poor.value.left_seconds, taken.value.free_seconds) == (50 * HOUR, 40 * HOUR)
    assert draw(saver, there, 40 * HOUR)


def test_draw_at_the_own_machines_is_no_draw(here: Offering, saver: Actor) -> None:
    bank.deposit(saver, here, 50 * HOUR)
    bank.deposit(bank.firm(), here, 50 * HOUR)

    with pytest.raises(bank_draws.InsufficientHours) as refusal:
        draw(saver, here, 1)

    assert refusal.value.left_seconds == 0


def test_hours_of_another_enterprise_cannot_be_drawn(
    here: Offering, there: Offering, saver: Actor
) -> None:
    bank.deposit(bank.firm(), here, 50 * HOUR)
    bank.deposit(bank.firm(), there, 50 * HOUR)

    with pytest.raises(bank_draws.InsufficientHours):
        draw(saver, there, 1)
    supplier = accounts.member(here.provider.organization, Role.OPERATOR)
    with pytest.raises(Forbidden):
        draw(supplier, there, 1)


def test_same_reference_is_one_effect(here: Offering, there: Offering, saver: Actor) -> None:
    bank.deposit(saver, here, 50 * HOUR)
    bank.deposit(bank.firm(), there, 50 * HOUR)
    values = {"by": saver, "offering": there, "month": NOVEMBER, "reference": "once", "at": NOW}

    first = bank_draws.draw(card_seconds=HOUR, **values)  # type: ignore[arg-type]
    again = bank_draws.draw(card_seconds=HOUR, **values)  # type: ignore[arg-type]

    assert first == again
    assert balance(saver).drawn == HOUR
    with pytest.raises(bank_deposits.ReferenceDiffers):
        bank_draws.draw(card_seconds=2 * HOUR, **values)  # type: ignore[arg-type]
    proposed = bank_deposits.propose(card_seconds=HOUR, **values)  # type: ignore[arg-type]
    assert proposed == bank_deposits.propose(card_seconds=HOUR, **values)  # type: ignore[arg-type]


def test_release_gives_back_until_it_begins(here: Offering, there: Offering, saver: Actor) -> None:
    bank.deposit(saver, here, 50 * HOUR)
    theirs = bank.deposit(bank.firm(), there, 50 * HOUR)
    made = draw(saver, there, 20 * HOUR)
    midnight = datetime(2026, 10, 31, 16, tzinfo=UTC)

    with pytest.raises(bank_draws.DrawBegan):
        bank_draws.release(by=saver, draw=made, at=midnight)
    for _time in range(2):
        bank_draws.release(by=saver, draw=made, at=midnight - timedelta(seconds=1))

    theirs.refresh_from_db()
    assert balance(saver) == Balance(50 * HOUR, left=50 * HOUR)
    assert (theirs.given_seconds, made.entries.count()) == (0, 2)
    made.refresh_from_db()
    assert made.subscription.status == "ended"
    assert broken() == []


def test_expire_writes_off_what_was_not_drawn(
    here: Offering, there: Offering, saver: Actor
) -> None:
    bank.deposit(saver, here, 50 * HOUR)
    bank.deposit(bank.firm(), there, 20 * HOUR)
    draw(saver, there, 20 * HOUR)
    last = datetime(2027, 10, 31, 15, 59, tzinfo=UTC)

    assert bank_deposits.expire(at=last) == 0
    after = last + timedelta(minutes=1)
    gone = Balance(50 * HOUR, left=0, drawn=20 * HOUR, expired=30 * HOUR)
    assert balance(saver, after) == gone
    assert bank_deposits.expire(at=after) == 2
    assert bank_deposits.expire(at=after) == 0

    assert balance(saver, after) == gone
    assert broken() == []
    assert bank_draws.finish_due(at=after) == 1
    assert bank_draws.finish_due(at=after) == 0


def test_approve_stays_within_the_windows(here: Offering, saver: Actor) -> None:
    bank.deposit(saver, here, 400 * HOUR)
    above = bank.propose(bank.firm(), here, 80 * HOUR + 1)
    with pytest.raises(bank_deposits.AboveIdleHours):
        bank_deposits.approve(by=bank.keeper(here), deposit=above, at=NOW)

    bank.deposit(bank.firm(), here, 80 * HOUR)

    window = IdleWindow.objects.order_by("pk").first()
    assert window is not None
    with pytest.raises(idle_windows.WindowPromised):
        idle_windows.withdraw(by=bank.keeper(here), window=window, at=NOW)


def test_approve_counts_what_other_offerings_declare(here: Offering, saver: Actor) -> None:
    sold = providers.offering(here.provider, facility=here.facility, layer="compute")
    providers.capacity(sold, meter=Meter.CARD_SECONDS, month=NOVEMBER, total_units=400 * HOUR)

    with pytest.raises(bank_deposits.AboveIdleHours):
        bank.deposit(saver, here, 80 * HOUR + 1)


def test_who_deposits_does_not_approve(here: Offering, saver: Actor) -> None:
    made = bank.propose(saver, here, HOUR)
    Membership.objects.create(
        user=saver.user, organization=here.provider.organization, role=Role.OPERATOR, created_at=NOW
    )
    both = actors.for_member(user=saver.user, organization=here.provider.organization)

    with pytest.raises(bank_deposits.OwnDeposit):
        bank_deposits.approve(by=both, deposit=made, at=NOW)
    with pytest.raises(Forbidden):
        bank_deposits.approve(by=bank.keeper(bank.exchange()), deposit=made, at=NOW)


def test_refused_and_withdrawn_deposits_count_nothing(here: Offering, saver: Actor) -> None:
    refused, withdrawn = (bank.propose(saver, here, HOUR) for _number in range(2))
    with pytest.raises(bank_deposits.InvalidHours):
        bank_deposits.refuse(by=bank.keeper(here), deposit=refused, remark=" ", at=NOW)
    bank_deposits.refuse(by=bank.keeper(here), deposit=refused, remark="机器在维修", at=NOW)
    bank_deposits.withdraw(by=saver, deposit=withdrawn, at=NOW)

    with pytest.raises(WrongState):
        bank_deposits.approve(by=bank.keeper(here), deposit=refused, at=NOW)
    with pytest.raises(Forbidden):
        bank_deposits.withdraw(by=bank.firm(), deposit=bank.propose(saver, here, HOUR), at=NOW)
    assert balance(saver) == Balance(waiting=HOUR)


@pytest.mark.parametrize(("seconds", "month"), [(0, 11), (-1, 11), (2**53 + 1, 11), (1, 9)])
def test_impossible_hours_are_refused(
    here: Offering, saver: Actor, seconds: int, month: int
) -> None:
    with pytest.raises(bank_deposits.InvalidHours):
        bank.propose(saver, here, seconds, date(2026, month, 1))


def test_an_offering_with_a_price_takes_no_deposits(here: Offering, saver: Actor) -> None:
    here.rates.update(price_yuan="0.01")

    with pytest.raises(bank_deposits.NotAnExchange):
        bank.propose(saver, here, HOUR)


def test_price_of_an_exchange_waits_for_its_deposits(here: Offering, saver: Actor) -> None:
    bank.deposit(saver, here, HOUR)
    values = {"by": bank.keeper(here), "offering": here, "meter": "card_seconds", "at": NOW}

    with pytest.raises(rates.PriceOfExchange):
        rates.set_price(price_yuan=Decimal(1), per_units=1, from_day=date(2026, 11, 30), **values)  # type: ignore[arg-type]

    assert rates.set_price(
        price_yuan=Decimal(1),
        per_units=1,
        from_day=date(2026, 12, 1),
        **values,  # type: ignore[arg-type]
    )


def test_draw_from_an_offering_that_will_cost_is_refused(
    here: Offering, there: Offering, saver: Actor
) -> None:
    bank.deposit(saver, here, HOUR)
    bank.deposit(bank.firm(), there, HOUR)
    there.rates.update(price_yuan="0.01")

    with pytest.raises(bank_deposits.NotAnExchange):
        draw(saver, there, HOUR)


def test_use_of_drawn_hours_costs_nothing(here: Offering, there: Offering, saver: Actor) -> None:
    bank.deposit(saver, here, HOUR)
    bank.deposit(bank.firm(), there, HOUR)
    made = draw(saver, there, HOUR)
    night = datetime(2026, 11, 1, 13, tzinfo=UTC)
    event = metered.report(made.subscription, night, quantities={"card_seconds": HOUR})
    [answer] = usage.ingest(
        by=metered.operator(there.provider), events=[event], at=night + timedelta(hours=1)
    )
    assert answer.outcome == "accepted"

    rating.tick(at=night + timedelta(hours=2))

    assert Bill.objects.get(subscription=made.subscription).total_fen == 0


def test_entries_and_deposits_cannot_be_rewritten(here: Offering, saver: Actor) -> None:
    made = bank.deposit(saver, here, HOUR)

    for change in (
        lambda: BankEntry.objects.update(card_seconds=2),
        lambda: BankEntry.objects.all().delete(),
        lambda: BankDeposit.objects.update(card_seconds=2 * HOUR),
        lambda: BankDeposit.objects.update(enterprise=bank.firm().own()),
        lambda: BankDeposit.objects.update(spent_seconds=HOUR + 1),
        lambda: BankDeposit.objects.update(given_seconds=HOUR + 1),
        lambda: BankEntry.objects.create(kind="draw", credit=made, card_seconds=1, at=NOW),
        lambda: BankEntry.objects.create(kind="deposit", credit=made, card_seconds=1, at=NOW),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change()


def test_invariant_sees_counters_that_lie(here: Offering, saver: Actor) -> None:
    made = bank.deposit(saver, here, HOUR)
    BankDeposit.objects.filter(pk=made.pk).update(spent_seconds=1)

    assert [row[0] for row in broken()] == [made.code]


def test_pair_takes_the_first_lots_first() -> None:
    found = banking.pair([Lot(1, 5), Lot(2, 10)], [Lot(8, 3), Lot(9, 20)], 9)

    assert found == [Pairing(1, 8, 3), Pairing(1, 9, 2), Pairing(2, 9, 4)]


def test_random_lives_never_take_out_more_than_was_put_in() -> None:
    """A walk over all verbs against plain sums in Python; the invariant after each hundred steps."""
    chance = random.Random(20261123)
    places = [bank.exchange() for _number in range(3)]
    keepers = {place.pk: bank.keeper(place) for place in places}
    firms = [bank.firm() for _number in range(4)]
    deposited = dict.fromkeys(range(4), 0)
    drawn = dict.fromkeys(range(4), 0)
    draws: list[tuple[int, BankDraw]] = []
    refusals = set()
    for step in range(160):
        who, place = chance.randrange(4), chance.choice(places)
        seconds = chance.choice([1, 7, 13 * HOUR, 200 * HOUR])
        verb = chance.choice(["deposit", "draw", "draw", "release"])
        try:
            if verb == "deposit":
                made = bank.propose(firms[who], place, seconds)
                bank_deposits.approve(by=keepers[place.pk], deposit=made, at=NOW)
                deposited[who] += seconds
            elif verb == "draw":
                draws.append((who, draw(firms[who], place, seconds)))
                drawn[who] += seconds
            elif draws:
                owner, taken = draws.pop(chance.randrange(len(draws)))
                bank_draws.release(by=firms[owner], draw=taken, at=NOW)
                drawn[owner] -= taken.card_seconds
        except DomainError as refusal:
            refusals.add(refusal.code)
        assert drawn[who] <= deposited[who]
        if step % 80 == 79:
            assert broken() == []
            for number, each in enumerate(firms):
                assert balance(each) == Balance(
                    deposited[number],
                    left=deposited[number] - drawn[number],
                    drawn=drawn[number],
                    waiting=balance(each).waiting,
                )
    assert sum(drawn.values()) > 0
    assert refusals == {"bank_hours_insufficient", "bank_hours_taken", "bank_above_idle_hours"}
