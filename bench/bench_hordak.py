"""The same transfers through our ledger and through django-hordak, one after the other on the same database.

Eight clients move one fen each from a random one of 300 owners to one of ten providers, one committed
transaction each. Ours derives the id, refuses what the owner cannot pay and answers a repetition; hordak's double
entry (PostgreSQL triggers and all) does neither, so the comparison favors it.
"""

import random
import subprocess
import sys

from bench import clients
from bench.figures import Figure, Limits, against
from config import env

OWNERS, PROVIDERS = 300, 10
FACE_FEN = 10**12


def measure(limits: Limits) -> list[Figure]:
    """Transfers per second of ours, as a multiple of hordak's."""
    theirs = _theirs(limits.address)
    return [
        against(
            name="transfer_hordak",
            value=_ours(),
            unit="transfers/s",
            limit_name=f"django-hordak's {theirs:,.0f}",
            limit=theirs,
            goal=1,
        )
    ]


def _theirs(address: str) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "bench.hordak_books", address],
        cwd=env.ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)


def _ours() -> float:
    from tests.factories import ledger
    from tests.factories.accounts import NOW
    from vouchers.ledger.actions import accounts, transfers
    from vouchers.ledger.kinds import AccountKind

    treasury = accounts.get_or_open(kind=AccountKind.TREASURY, key="bench-hordak")
    owners = [ledger.account() for _ in range(OWNERS)]
    transfers.post_sets(sets=[[ledger.entry(treasury, each, FACE_FEN)] for each in owners], at=NOW)
    providers = [ledger.payable().pk for _ in range(PROVIDERS)]
    chances = [random.Random(number) for number in range(clients.CLIENTS)]

    def transfer(client: int, turn: int) -> int:
        name = f"hordak/{client}/{turn}"
        entry = transfers.Entry(
            id=transfers.derive_id("bench", name),
            debit=chances[client].choice(owners).pk,
            credit=chances[client].choice(providers),
            amount_fen=1,
            reason="bench",
            reference=name,
        )
        transfers.post(entries=[entry], at=NOW)
        return 1

    return clients.per_second(transfer)
