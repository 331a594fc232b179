"""A made-up city at scale: rows written by INSERT … SELECT, one real firm as their pattern."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from common.codes import new_codes
from tests.factories import grants, providers
from tests.factories import usage as metered
from vouchers.grants.models import Voucher
from vouchers.ledger.columns import joined, unnested

DAY = date(2026, 10, 5)


@dataclass(frozen=True, slots=True)
class City:
    """Subscriptions by primary key."""

    subscriptions: list[int]


def city(*, orders: int, vouchers: int, face_fen: int = 10**8) -> City:
    """So many firms with one subscription, prepaid money and their part of the vouchers each.

    One offering of two meters, one scheme that pays 30 percent.
    """
    offering = providers.token_offering()
    plan = grants.scheme(rules=metered.RULES, budget_fen=10**15)
    pattern = grants.voucher(plan=plan, face_fen=face_fen)
    contract = providers.subscription(pattern.enterprise, offering)
    firms = _copies("accounts_organization", pattern.enterprise_id, "EN", orders, uscc="given.code")
    contracts = _copies(
        "providers_subscription",
        contract.pk,
        "SB",
        orders,
        enterprise_id=firms,
        reference="given.code",
    )
    _vouchers(pattern, firms, vouchers, plan.code)
    _money("bank", "bench", "enterprise_funds", _codes("accounts_organization", firms), 10**9)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return City(contracts)


def use(made: City, quantity: int = 1_000_000) -> None:
    """Usage of two meters on every subscription, rolled up and not billed yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO vouchers_usagerollup AS stored
                (subscription_id, month, meter, context_from, day, quantity, events)
            SELECT id, date_trunc('month', %(day)s::date), meter, 0, %(day)s, %(quantity)s, 1
            FROM {unnested(id="bigint")}
            CROSS JOIN (VALUES ('input_tokens'), ('output_tokens')) AS used(meter)
            ON CONFLICT (subscription_id, month, meter, context_from, day) DO UPDATE
            SET quantity = stored.quantity + excluded.quantity, events = stored.events + 1""",
            {"id": joined(made.subscriptions), "day": DAY, "quantity": quantity},
        )
        cursor.execute(
            f"""INSERT INTO vouchers_unbilledusage (subscription_id, month)
            SELECT id, date_trunc('month', %(day)s::date) FROM {unnested(id="bigint")}""",
            {"id": joined(made.subscriptions), "day": DAY},
        )


def _vouchers(pattern: Voucher, firms: list[int], count: int, scheme: str) -> None:
    owners = [firms[number % len(firms)] for number in range(count)]
    applications = _copies(
        "vouchers_application", pattern.application_id, "AP", count, enterprise_id=owners
    )
    codes = _unused("vouchers_voucher", "VC", count)
    _money("scheme_budget", scheme, "voucher", codes, pattern.face_fen)
    accounts = _account_ids("voucher", codes)
    _copies(
        "vouchers_voucher",
        pattern.pk,
        codes,
        count,
        enterprise_id=owners,
        application_id=applications,
        account_id=accounts,
    )


def _copies(
    table: str, pk: int, codes: str | list[str], count: int, **changed: list[int] | str
) -> list[int]:
    """Copies of a row with codes of their own; a column's new values as keys or as SQL."""
    own = _unused(table, codes, count) if isinstance(codes, str) else codes
    given: dict[str, str | int] = {"code": joined(own), "pk": pk}
    columns = {"code": "text"}
    replaced = {"code": "given.code"}
    for name, values in changed.items():
        if isinstance(values, str):
            replaced[name] = values
        else:
            given[name], columns[name] = joined(values), "bigint"
            replaced[name] = f"given.{name}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = %s AND column_name <> 'id'",
            [table],
        )
        names = [name for (name,) in cursor.fetchall()]
        source = ", ".join(replaced.get(name, f"old.{name}") for name in names)
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {source}"
            f" FROM {table} old, {unnested(**columns)} WHERE old.id = %(pk)s RETURNING id",
            given,
        )
        return [row[0] for row in cursor.fetchall()]


def _unused(table: str, prefix: str, count: int) -> list[str]:
    """Codes that no row of the table has, nor another of them; among a million by chance some meet."""
    found: set[str] = set()
    while len(found) < count:
        made = {"code": joined(new_codes(prefix, count - len(found)))}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT code FROM {unnested(code='text')}"
                f" WHERE NOT EXISTS (SELECT FROM {table} old WHERE old.code = given.code)",
                made,
            )
            found.update(code for (code,) in cursor.fetchall())
    return list(found)


def _money(from_kind: str, from_key: str, kind: str, keys: list[str], fen: int) -> None:
    """Open accounts with that much on each, moved from one other account."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO vouchers_account (kind, key, is_guarded, debits_pending_fen,
                debits_posted_fen, credits_pending_fen, credits_posted_fen)
            SELECT %(kind)s, key, true, 0, 0, 0, %(fen)s FROM {unnested(key="text")}
            """,
            {"kind": kind, "key": joined(keys), "fen": fen},
        )
        cursor.execute(
            """INSERT INTO vouchers_account (kind, key, is_guarded, debits_pending_fen,
                debits_posted_fen, credits_pending_fen, credits_posted_fen)
            VALUES (%s, %s, %s, 0, 0, 0, 0) ON CONFLICT DO NOTHING""",
            [from_kind, from_key, from_kind == "scheme_budget"],
        )
        cursor.execute(
            f"""INSERT INTO vouchers_transfer
                (id, kind, debit_account_id, credit_account_id, amount_fen, reason, reference, at)
            SELECT gen_random_uuid(), 'single', f.id, a.id, %(fen)s, 'bench', a.key, now()
            FROM {unnested(key="text")}
            JOIN vouchers_account a ON a.kind = %(kind)s AND a.key = given.key
            JOIN vouchers_account f ON f.kind = %(from_kind)s AND f.key = %(from_key)s
            """,
            {
                "key": joined(keys),
                "fen": fen,
                "kind": kind,
                "from_kind": from_kind,
                "from_key": from_key,
            },
        )
        cursor.execute(
            """UPDATE vouchers_account SET debits_posted_fen = debits_posted_fen + %s
            WHERE kind = %s AND key = %s AND is_guarded""",
            [fen * len(keys), from_kind, from_key],
        )


def _account_ids(kind: str, keys: list[str]) -> list[int]:
    return _in_order("vouchers_account", "key", keys, f"kind = '{kind}'")


def _in_order(table: str, column: str, keys: list[str], where: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, id FROM {table} WHERE {where}"
            f" AND {column} = ANY(string_to_array(%s, chr(31)))",
            [joined(keys)],
        )
        found = dict(cursor.fetchall())
    return [found[key] for key in keys]


def _codes(table: str, pks: list[int]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT code FROM {table} WHERE id = ANY(%s)", [pks])
        return [row[0] for row in cursor.fetchall()]
