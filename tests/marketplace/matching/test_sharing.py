"""Sharing a need: an address nobody can guess, which says nothing about the firm."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event, Role
from common.errors import Forbidden
from marketplace.matching.actions import matches, sharing
from marketplace.models import Need
from tests.factories import accounts, grants, marketplace
from tests.factories.accounts import NOW
from tests.marketplace.matching.test_pages import matched, shop, signed_in

pytestmark = pytest.mark.django_db


def address(need: Need) -> str:
    return reverse("marketplace:need_shared", args=[need.share_token])


def shared(**values: object) -> Need:
    """A firm's need that two bundles answer, with its address."""
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene)
    shop(scene, "0.02")
    return sharing.share(by=by, need=matched(by, scene, **values), at=NOW)


def main_of(need: Need) -> str:
    """What the page says, without the frame around it."""
    page = Client().get(address(need)).content.decode()
    return page.split("<main")[1].split("</main>")[0]


def test_addresses_are_long_and_never_the_same() -> None:
    by = accounts.preparer()
    found = {
        sharing.share(by=by, need=marketplace.need(by.own()), at=NOW).share_token
        for _each in range(20)
    }

    assert len(found) == 20
    assert min(len(token) for token in found) >= 32


def test_sharing_again_keeps_the_address_and_is_recorded_once() -> None:
    need = shared()
    by = accounts.preparer(need.enterprise)

    again = sharing.share(by=by, need=need, at=NOW)

    assert again.share_token == need.share_token
    assert Event.objects.filter(verb="need.shared", subject_code=need.code).count() == 1


def test_two_needs_cannot_have_one_address() -> None:
    need, other = shared(), marketplace.need()

    with pytest.raises(IntegrityError, match="marketplace_need_shared_once"), transaction.atomic():
        Need.objects.filter(pk=other.pk).update(share_token=need.share_token)


def test_the_page_needs_no_sign_in_and_tells_nothing_about_the_firm() -> None:
    need = shared(monthly_budget_fen=123_456_700)
    grants.voucher(need.enterprise)
    by = accounts.preparer(need.enterprise)
    matches.compute(by=by, need=need, at=NOW)

    answer = Client().get(address(need))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "10,000" in page
    assert all(row.bundle.name in page for row in need.matches.all())
    firm = need.enterprise
    for secret in (firm.name, firm.code, firm.uscc, need.code, "1,234,567", by.user.name):
        assert secret not in page
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex")


def test_the_page_shows_list_prices_whatever_vouchers_the_firm_has() -> None:
    need = shared()
    plain = main_of(need)
    grants.voucher(need.enterprise)
    matches.compute(by=accounts.preparer(need.enterprise), need=need, at=NOW)

    assert need.matches.filter(voucher_fen__gt=0).exists()
    assert main_of(need) == plain


def test_a_withdrawn_address_is_not_found_and_the_next_is_another() -> None:
    need = shared()
    by, old = accounts.preparer(need.enterprise), address(need)

    sharing.withdraw(by=by, need=need, at=NOW)

    assert Client().get(old).status_code == 404
    assert Event.objects.filter(verb="need.withdrawn", subject_code=need.code).count() == 1
    again = sharing.share(by=by, need=need, at=NOW)
    assert address(again) != old
    assert Client().get(old).status_code == 404
    assert Client().get(address(again)).status_code == 200


def test_needs_that_are_not_shared_have_no_address() -> None:
    need = marketplace.need()

    assert Client().get("/needs/shared/x/").status_code == 404
    assert not Need.objects.shared("").filter(pk=need.pk).exists()


def test_a_stranger_finds_nothing_to_share_or_withdraw() -> None:
    need = shared()
    client = signed_in(accounts.preparer())
    route = reverse("marketplace:need_share", args=[need.code])

    answers = [client.post(route), client.post(route, {"withdraw": "1"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Client().get(address(need)).status_code == 200
    with pytest.raises(Forbidden):
        sharing.withdraw(by=accounts.preparer(), need=need, at=NOW)


def test_a_viewer_of_the_firm_cannot_share() -> None:
    need = shared()
    viewer = accounts.member(need.enterprise, Role.VIEWER)

    with pytest.raises(Forbidden):
        sharing.share(by=viewer, need=need, at=NOW)


def test_a_colleague_shares_and_withdraws_on_the_page() -> None:
    by, scene = accounts.preparer(), marketplace.scenario(coefficients={"calls": 1})
    shop(scene)
    need, client = matched(by, scene), signed_in(by)
    route = reverse("marketplace:need_share", args=[need.code])

    made = client.post(route, follow=True).content.decode()

    need.refresh_from_db()
    assert address(need) in made
    assert address(need) not in client.post(route, {"withdraw": "1"}, follow=True).content.decode()


def test_the_page_takes_the_same_queries_for_one_bundle_and_for_three() -> None:
    by, counts = accounts.preparer(), []
    for number in (1, 3):
        scene = marketplace.scenario(coefficients={"calls": 1})
        for _each in range(number):
            shop(scene)
        need = sharing.share(by=by, need=matched(by, scene), at=NOW)
        Client().get(address(need))
        with CaptureQueriesContext(connection) as queries:
            Client().get(address(need))
        counts.append(len(queries))

    assert counts[0] == counts[1]
