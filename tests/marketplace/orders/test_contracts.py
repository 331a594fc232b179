"""The contract of an order: what it says, in both languages, and who may read it."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from accounts.models import Role
from common.display import money_text
from marketplace.models import Order
from marketplace.orders import contracts
from marketplace.orders.actions import orders
from providers.models import Subscription
from tests.factories import accounts
from tests.factories.accounts import NOW
from tests.marketplace.orders.test_orders import offered
from tests.marketplace.orders.test_pages import signed_in

pytestmark = pytest.mark.django_db


def placed() -> Order:
    bundle, need = offered()
    return orders.place(by=accounts.signatory(need.enterprise), need=need, bundle=bundle, at=NOW)


def text_of(order: Order, language: str) -> str:
    """The words of the paper without line breaks, as it was set by width."""
    with translation.override(language):
        content = contracts.paper(order)
    pages = PdfReader(BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_paper_says_who_what_and_for_how_much(language: str) -> None:
    order = placed()

    text = text_of(order, language)

    codes = Subscription.objects.filter(reference=order.code).values_list("code", flat=True)
    with translation.override(language):
        shares = [money_text(order.monthly_price_fen), money_text(order.monthly_own_fen)]
    for part in (order.code, order.enterprise.uscc, order.bundle.name, *codes, *shares):
        assert "".join(str(part).split()) in text


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_paper_holds_every_clause_of_its_language_alone(language: str) -> None:
    order = placed()
    is_english = language == "en"

    text = text_of(order, language)

    for clause in contracts.CLAUSES[order.contract_version]:
        wanted, other = (clause.english, clause.chinese)[:: 1 if is_english else -1]
        assert "".join((wanted % {"notice": 30}).split()) in text
        assert "".join((other % {"notice": 30}).split()) not in text


def test_an_order_keeps_the_text_it_was_placed_under(monkeypatch: pytest.MonkeyPatch) -> None:
    old = placed()
    newer = contracts.Clause("新条款。", "A new clause.")
    number = orders.CONTRACT_VERSION + 1
    monkeypatch.setitem(contracts.CLAUSES, number, (newer,))
    monkeypatch.setattr(orders, "CONTRACT_VERSION", number)

    new = placed()

    assert (old.contract_version, new.contract_version) == (number - 1, number)
    assert "新条款" not in text_of(old, "zh-hans")
    assert "新条款" in text_of(new, "zh-hans")


def test_every_version_has_each_clause_in_both_languages() -> None:
    assert orders.CONTRACT_VERSION in contracts.CLAUSES
    for clauses in contracts.CLAUSES.values():
        assert all(clause.chinese.strip() and clause.english.strip() for clause in clauses)


def test_the_same_order_gives_the_same_bytes() -> None:
    order = placed()

    assert contracts.paper(order) == contracts.paper(order)


def test_only_the_buyer_may_read_it() -> None:
    order = placed()
    route = reverse("marketplace:order_contract", args=[order.code])
    sold = Subscription.objects.filter(reference=order.code)[0].offering
    operator = accounts.member(sold.provider.organization, Role.OPERATOR)

    answer = signed_in(accounts.preparer(order.enterprise)).get(route)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert order.code in answer["Content-Disposition"]
    for stranger in (operator, accounts.signatory()):
        assert signed_in(stranger).get(route).status_code == 404
