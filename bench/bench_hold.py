"""Holds placed in a second through the action: one by one by eight clients, and in batches."""

import random
from datetime import timedelta

from bench import clients
from bench.figures import Figure, Limits
from tests.factories import ledger
from tests.factories.accounts import NOW
from vouchers.ledger.actions import accounts, holds, transfers
from vouchers.ledger.kinds import AccountKind

VOUCHERS, PROVIDERS = 1_000, 10
FACE_FEN = 10**12
BATCH = 500
END = NOW + timedelta(days=36_500)


def measure(limits: Limits) -> list[Figure]:
    """Each hold takes one fen of a random voucher, for one of a few providers."""
    vouchers, payables = _accounts()
    chances = [random.Random(number) for number in range(clients.CLIENTS)]

    def entry(client: int, name: str) -> transfers.Entry:
        return transfers.Entry(
            id=transfers.derive_id("bench", name),
            debit=chances[client].choice(vouchers),
            credit=chances[client].choice(payables),
            amount_fen=1,
            reason="bench",
            reference=name,
        )

    def single(client: int, turn: int) -> int:
        holds.place(entry=entry(client, f"single/{client}/{turn}"), expires_at=END, at=NOW)
        return 1

    def batch(client: int, turn: int) -> int:
        entries = [entry(client, f"batch/{client}/{turn}/{number}") for number in range(BATCH)]
        answers = holds.place_each(entries=entries, expires_at=END, at=NOW)
        return sum(answer.outcome == transfers.Outcome.WRITTEN for answer in answers)

    return [
        limits.against_tpcb(
            name="hold_single", value=clients.per_second(single), unit="holds/s", goal=0.5
        ),
        limits.against_tpcb(
            name="hold_batch", value=clients.per_second(batch, clients=2), unit="holds/s", goal=5
        ),
    ]


def _accounts() -> tuple[list[int], list[int]]:
    treasury = accounts.get_or_open(kind=AccountKind.TREASURY, key="bench-hold")
    vouchers = [ledger.account() for _ in range(VOUCHERS)]
    transfers.post_sets(
        sets=[[ledger.entry(treasury, each, FACE_FEN)] for each in vouchers], at=NOW
    )
    return [each.pk for each in vouchers], [ledger.payable().pk for _ in range(PROVIDERS)]
