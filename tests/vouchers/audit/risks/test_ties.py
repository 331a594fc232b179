"""Related parties within two hops."""

import pytest

from tests.vouchers.audit.risks.books import book, flagged, flags, party, redemption
from vouchers.audit.rules.risks.facts import Party


def related(*parties: Party) -> list[str]:
    return flagged("related_parties", book([redemption("R1")], parties=parties))


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("legal_person", "legal_person"),
        ("legal_person", "shareholder"),
        ("shareholder", "shareholder"),
        ("phone", "phone"),
        ("address", "address"),
        ("account", "account"),
        ("ip", "ip"),
    ],
)
def test_direct_tie_is_flagged(kind: str, other: str) -> None:
    assert related(party("E1", ties=((kind, "x"),)), party("S1", ties=((other, "x"),))) == ["R1"]


def test_ties_of_different_kinds_do_not_meet() -> None:
    assert related(party("E1", ties=(("phone", "x"),)), party("S1", ties=(("ip", "x"),))) == []


def test_provider_that_holds_shares_of_the_firm_is_tied() -> None:
    assert related(party("E1", ties=(("shareholder", "S1"),)), party("S1")) == ["R1"]


def test_two_hops_are_flagged_with_their_path_and_three_are_not() -> None:
    firm = party("E1", ties=(("phone", "p"),))
    third = party("T1", ties=(("phone", "p"), ("account", "a")))
    fourth = party("T2", ties=(("account", "a"), ("ip", "i")))
    near, far = party("S1", ties=(("account", "a"),)), party("S1", ties=(("ip", "i"),))

    found = flags("related_parties", book([redemption("R1")], parties=[firm, third, near]))

    assert found[0].values == {"hops": 2, "ties": "phone, account"}
    assert [(one.kind, one.code) for one in found[0].evidence] == [
        ("party", "E1"),
        ("party", "S1"),
        ("party", "T1"),
        ("tie", "phone:p"),
        ("tie", "account:a"),
    ]
    assert related(firm, third, fourth, far) == []


@pytest.mark.parametrize(("others", "found"), [(4, ["R1"]), (5, [])])
def test_what_many_share_says_nothing(others: int, found: list[str]) -> None:
    shared = (("phone", "bookkeeper"),)
    crowd = [party(f"E{n + 10}", ties=shared) for n in range(others)]

    assert related(party("E1", ties=shared), party("S1", ties=shared), *crowd) == found
