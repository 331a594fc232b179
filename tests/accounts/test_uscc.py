"""Unified social credit codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import uscc

KNOWN = ("91110108551385082Q", "91440300708461136T", "911100007109310534")
"""Codes of three large companies, as printed in their annual reports."""

bodies = st.builds(
    lambda head, place, tail: head + place + tail,
    st.text(uscc.ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(uscc.ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize("code", KNOWN)
def test_known_code_is_accepted(code: str) -> None:
    assert uscc.normalize(code) == code


@pytest.mark.parametrize(
    "typed",
    [
        "91110108551385082q",
        "９１１１０１０８５５１３８５０８２Ｑ",
        " 9111 0108 5513 8508 2Q ",
        "91110108-551385082-Q",
    ],
)
def test_other_spelling_is_normalized(typed: str) -> None:
    assert uscc.normalize(typed) == "91110108551385082Q"


@given(bodies)
def test_check_symbol_makes_any_body_valid(body: str) -> None:
    code = body + uscc.check_symbol(body)

    assert uscc.normalize(code) == code


@given(bodies, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_one_wrong_symbol_is_refused(body: str, place: int, symbol: str) -> None:
    code = body + uscc.check_symbol(body)
    wrong = code[:place] + symbol + code[place + 1 :]

    if wrong == code:
        assert uscc.normalize(wrong) == code
    else:
        with pytest.raises(uscc.InvalidUscc):
            uscc.normalize(wrong)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("9.1E+17", "spreadsheet"),
        ("9.11101085513851E+17", "spreadsheet"),
        ("９．１ｅ＋１７", "spreadsheet"),
        ("9111010855138508", "length"),
        ("91110108551385082QQ", "length"),
        ("9111010855138508IQ", "symbols"),
        ("9111010855138508OQ", "symbols"),
        ("91110108551385082é", "symbols"),
        ("91A10108551385082Q", "place"),
        ("91110108551385082R", "check"),
    ],
)
def test_refusal_names_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(uscc.InvalidUscc) as caught:
        uscc.normalize(typed)

    assert caught.value.reason == reason
