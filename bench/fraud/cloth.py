"""The cloth that tricks are cut from: what an honest firm would hand in, and how it is altered."""

from dataclasses import replace
from datetime import timedelta

from bench.fraud.city import City, Plan, Shop, add_firm, add_voucher
from bench.fraud.clean import Counter, Habits, habits, redemption
from vouchers.audit.rules.risks.facts import Party, Redemption

Case = list[Redemption]


def ordinary(
    city: City,
    papers: Counter,
    *,
    firm: str = "",
    provider: str = "",
    plan: Plan | None = None,
    yuan: float = 0,
    day: int = 0,
    days: int | None = None,
    shop: Shop | None = None,
    own: Habits | None = None,
) -> Redemption:
    """What an honest firm would hand in: the cloth that each trick is cut from."""
    rng = city.rng
    firm = firm or add_firm(city)
    own = own or habits(city, firm)
    yuan = yuan or min(rng.lognormvariate(7.5, 1.0), 15_000)
    voucher = add_voucher(city, firm, plan=plan, face_fen=int(yuan * rng.uniform(1.5, 4)) * 100)
    return redemption(
        city,
        papers,
        voucher=voucher,
        provider=provider or own.provider,
        own=own,
        on=voucher.issued_on + timedelta(days=day or rng.randrange(10, 80)),
        voucher_fen=int(yuan * 100),
        shop=shop,
        days=days,
    )


def metered(city: City, provider: str) -> Shop:
    """An offering of the provider whose use is counted, neither kept free nor packaged."""
    shops = [shop for shop in city.shops[provider] if not shop.reserved and not shop.package]
    if shops:
        return city.rng.choice(shops)
    shop = Shop(city.number("OF"), provider, "card_seconds", 700, 3600, False, False)
    city.shops[provider].append(shop)
    return shop


def tie(city: City, firm: str, kind: str, value: str) -> None:
    """Give a party one more tie."""
    party: Party = city.parties[firm]
    city.parties[firm] = replace(party, ties=(*party.ties, (kind, value)))


def value_of(city: City, code: str, kind: str) -> str:
    """The value of that kind which is the own one of a party; given to it when it has none."""
    for name, value in city.parties[code].ties:
        if name == kind and value.endswith(code):
            return value
    own = f"{kind}-{code}-own"
    tie(city, code, kind, own)
    return own


def used(one: Redemption, by_day: list[int]) -> Redemption:
    """The same bill over another curve; amounts follow at the list price."""
    total = sum(by_day)
    hours = list(one.by_hour)
    scaled = [hour * total // max(one.quantity, 1) for hour in hours]
    scaled[12] += total - sum(scaled)
    amount = max(1, total * one.list_fen // one.list_units)
    share = one.voucher_fen / one.amount_fen
    return replace(
        one,
        by_day=tuple(by_day),
        by_hour=tuple(scaled),
        quantity=total,
        amount_fen=amount,
        voucher_fen=max(1, min(amount, int(amount * share))),
        invoice_fen=amount,
    )


def priced(city: City, one: Redemption, amount_fen: int) -> Redemption:
    """The same bill for exactly this amount, with the use that the list price asks for it."""
    share = city.plan_of[one.voucher].share
    total = -(-amount_fen * one.list_units // one.list_fen)
    scaled = used(one, [max(1, day * total // max(one.quantity, 1)) for day in one.by_day])
    top = scaled.by_day.index(max(scaled.by_day))
    days = list(scaled.by_day)
    days[top] += total - sum(days)
    return replace(
        used(one, days),
        amount_fen=amount_fen,
        voucher_fen=max(1, int(amount_fen * share)),
        invoice_fen=amount_fen,
    )
