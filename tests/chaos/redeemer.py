"""`python -m tests.chaos.redeemer FIRST END VOUCHER,… PAYABLE FOLDER`: one client that may be killed at any moment.

Redeems the numbers from FIRST to END, one transaction each: a hold, its capture and a mail. Only after the commit it
writes the number down. When the server dies it tries again with the same ids; when it dies itself, its successor
begins behind the last number written down.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import django
from django.db import DatabaseError, InterfaceError, connection, transaction

PRICE_FEN = 100


def main() -> None:
    """Work through the numbers."""
    first, end = int(sys.argv[1]), int(sys.argv[2])
    vouchers = [int(word) for word in sys.argv[3].split(",")]
    payable, folder = int(sys.argv[4]), Path(sys.argv[5])
    django.setup()
    from vouchers.ledger.actions.transfers import InsufficientFunds

    known = acknowledged(folder, first)
    with (folder / f"{first}.done").open("a", encoding="ascii") as notes:
        if known.torn:
            notes.write("\n")
        for number in range(first, end):
            if number in known.numbers:
                continue
            voucher = vouchers[number % len(vouchers)]
            try:
                until_it_works(partial(redeem, number, voucher, payable))
                word = "paid"
            except InsufficientFunds:
                word = "refused"
            notes.write(f"{number} {word}\n")
            notes.flush()


class Notes:
    """What a client wrote down: each number with its answer; a last line without its end is torn."""

    def __init__(self, text: str) -> None:
        whole, _newline, self.torn = text.rpartition("\n")
        pairs = [line.split(" ") for line in whole.splitlines()]
        self.numbers = {
            int(pair[0]): pair[1] for pair in pairs if len(pair) == 2 and pair[1] in WORDS
        }


WORDS = ("paid", "refused")


def acknowledged(folder: Path, first: int) -> Notes:
    """The notes of the client that begins at `first`."""
    path = folder / f"{first}.done"
    return Notes(path.read_text(encoding="ascii") if path.exists() else "")


def until_it_works(work: Callable[[], object]) -> None:
    """Repeat while the server is away; refusals go through."""
    while True:
        try:
            work()
            return
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.1)


@transaction.atomic
def redeem(number: int, voucher: int, payable: int) -> None:
    """One redemption with its notice; the ids come from the number."""
    from common import outbox
    from tests.factories.accounts import NOW
    from vouchers.ledger.actions import holds, transfers

    entry = transfers.Entry(
        id=transfers.derive_id("chaos", number),
        debit=voucher,
        credit=payable,
        amount_fen=PRICE_FEN,
        reason="chaos",
        reference=f"chaos-{number}",
    )
    held = holds.place(entry=entry, expires_at=NOW + timedelta(days=36_500), at=NOW)
    holds.capture(held=held, amount_fen=PRICE_FEN, at=NOW)
    mail = outbox.Mail(f"chaos-{number}", "clerk@example.com", "redeemed", str(number))
    outbox.post(mails=[mail], at=NOW)


def deliver() -> None:
    """Deliver notices for ever, as the worker's tick does; may be killed at any moment."""
    django.setup()
    from common import outbox

    while True:
        try:
            outbox.deliver_due(at=datetime.now().astimezone(), limit=50)
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.2)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    if sys.argv[1] == "deliver":
        deliver()
    else:
        main()
