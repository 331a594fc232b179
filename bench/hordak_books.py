"""`python -m bench.hordak_books DATABASE_URL`: transfers per second of django-hordak, printed as a number.

A process with settings of its own: hordak is no app of the product. Its tables lie in a schema of their own in the
benchmarks' database, made by its own migrations.
"""

import random
import sys

import django
import psycopg
from django.conf import settings
from django.core.management import call_command

from bench.bench_hordak import OWNERS, PROVIDERS
from config import env

SCHEMA = "hordak"


def main() -> None:
    """Make the books, transfer, print."""
    address = sys.argv[1]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
    database = {**env.database(address), "CONN_MAX_AGE": None}
    database["OPTIONS"] = {"options": f"-c search_path={SCHEMA} -c synchronous_commit=on"}
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DEFAULT_CURRENCY="CNY",
        HORDAK_INTERNAL_CURRENCY="CNY",
        HORDAK_CURRENCIES=["CNY"],
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    sys.stdout.write(f"{_per_second()}\n")


def _per_second() -> float:
    """Each transfer takes one fen of a random owner for one of a few providers."""
    from hordak.models import Account, AccountType
    from moneyed import Money

    from bench import clients

    def opened(kind: str, count: int) -> list[Account]:
        made = [
            Account.objects.create(name=f"{kind} {number}", type=kind, currencies=["CNY"])
            for number in range(count)
        ]
        return list(Account.objects.filter(pk__in=[each.pk for each in made]))

    owners, providers = opened(AccountType.asset, OWNERS), opened(AccountType.liability, PROVIDERS)
    chances = [random.Random(number) for number in range(clients.CLIENTS)]
    fen = Money("0.01", "CNY")

    def transfer(client: int, turn: int) -> int:
        chance = chances[client]
        chance.choice(owners).transfer_to(chance.choice(providers), fen)
        return 1

    return clients.per_second(transfer)


if __name__ == "__main__":
    main()
